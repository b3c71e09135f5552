"""`facts: "on"` in a chat: passages of the model's project are looked up for the last message of the user and put into it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import Invalid
from core.facts.store_files import KnownFact
from core.review.requests import request_text
from core.training.chat_format import Message, chat_format
from core.workflows.looking_up import look_up
from core.workflows.serving import base_folder, model_called
from studio.running import workspace


def with_facts(model: str, messages: list[Message]) -> tuple[list[Message], list[KnownFact]]:
    """The messages with the facts in the last one of the user, worded as in drafts, and the facts.

    Raises Invalid where the model belongs to no project or nobody asks, Refused where there is no fact, NotFound, Unavailable.
    """
    found = model_called(workspace(), model)
    if not found.project:
        raise Invalid(
            f"{model!r} belongs to no project, so there are no facts to look up.", remedy="Ask a model of a project, or leave `facts` out.", param="facts"
        )  # fmt: skip
    asked = next((at for at in range(len(messages) - 1, -1, -1) if messages[at]["role"] == "user"), None)
    if asked is None:
        raise Invalid("There is no message of a user to look facts up for.", remedy="Send one.", param="messages")
    folder: Path = base_folder(workspace(), found)
    question = messages[asked]["content"]
    facts = look_up(workspace(), found.project, question, count_tokens=chat_format(folder).count_text_tokens)
    worded = request_text(question, audience="", facts=[fact.told for fact in facts])
    return [*messages[:asked], messages[asked] | {"content": worded}, *messages[asked + 1 :]], facts


def facts_shape(facts: Sequence[KnownFact]) -> list[dict[str, Any]]:
    """What an answer says of them: where each comes from, and until when it holds."""
    return [
        {
            "title": fact.title or fact.heading,
            "passage": fact.passage,
            "source": fact.source,
            "expires_on": fact.expires_on.isoformat() if fact.expires_on else None,
        }
        for fact in facts
    ]
