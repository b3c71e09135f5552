"""Prompts as token ids. Loads no model, so the server does it before it asks for a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.errors import Invalid
from core.training.chat_format import Message, chat_format


def chat_prompt(folder: Path, messages: Sequence[Message]) -> tuple[int, ...]:
    """The messages as the model of a folder reads them, up to where the assistant begins. Raises Invalid, ModelMissing."""
    form = chat_format(folder)
    token = form.control_token_in(messages)
    if token is not None:
        raise Invalid(
            f"A message contains {token!r}, by which this model tells turns apart.", remedy="Leave it out of the text."
        )
    return tuple(form.tokenizer.encode(form.render(messages, for_answer=True), add_special_tokens=False).ids)


def text_prompt(folder: Path, text: str) -> tuple[int, ...]:
    """A text that is to be gone on with, as it is. Raises Invalid when it is empty, ModelMissing."""
    ids = chat_format(folder).tokenizer.encode(text).ids
    if not ids:
        raise Invalid("The prompt is empty.", remedy="Write at least a word.")
    return tuple(ids)
