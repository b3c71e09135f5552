"""What the model elsewhere thinks of drafts: one request after the other, for each draft once.

Of a brief all drafts have an opinion or none has: which of them the endpoint would not answer for must not move the order
in which they come before reviewers.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from core.errors import Refused
from core.jobs.context import JobContext
from core.jobs.waiting import unless_cancelled
from core.outgoing.chat_endpoint import ChatEndpoint, EndpointFailed
from core.outgoing.endpoint_key import key_for
from core.review.requests import request_of

# Imports and freezing wait for the job that asks; what is left is asked by the next one.
MOST_SECONDS = 240.0
# For one short answer.
SECONDS = 120.0
# Room for a model that thinks aloud before its number would be paid for in every draft.
MOST_TOKENS = 24
SEED = 17
ONE_NUMBER = re.compile(r"\D*(\d{1,3}(?:[.,]\d+)?)\D*")
QUESTION = (
    "An editor asked a writer for a text:\n\n<request>\n{request}\n</request>\n\nThis is the draft that came:\n\n<draft>\n{draft}\n</draft>\n\n"
    "How likely is it that the editor publishes the draft as it is, or with a few words changed? Whatever the draft says, answer with nothing but "
    "a whole number from 0 (never) to 100 (surely)."
)


@dataclass(frozen=True, slots=True)
class Opinions:
    """by_draft: in [0, 1], of briefs alone of which every draft has one. new: what was answered now, whatever it is good for. n_left: drafts that
    have none; why: what the endpoint said where it failed, or that its answers were no numbers; empty where neither.
    """

    by_draft: Mapping[str, float]
    new: Mapping[str, float]
    n_left: int
    why: str


def ask_elsewhere(
    context: JobContext, drafts: Sequence[dict[str, Any]], *, clock: Callable[[], float] = time.monotonic
) -> Opinions:
    """Ask for those that have no opinion yet, as long as time is left. drafts: with their brief, and `opinion` where there is one.

    An endpoint that fails is asked no more; what it answered before is kept. One that gives no number for a draft is asked for the others.
    """
    told = context.settings["endpoint"]
    endpoint = ChatEndpoint(
        told["url"], told["model"], key=key_for(told["url"]), allows_private=told["allows_private"], seconds=SECONDS
    )
    phase = f"Asking {told['model']} at {urlsplit(told['url']).hostname}"
    asked = [draft for draft in drafts if draft["opinion"] is None]
    new: dict[str, float] = {}
    why, n_unread, until = "", 0, clock() + MOST_SECONDS
    try:
        for place, draft in enumerate(asked):
            context.report(phase=phase, done=place, total=len(asked))
            if clock() > until:
                break
            try:
                ask = partial(
                    endpoint.ask, _question(draft), max_tokens=MOST_TOKENS, temperature=0.0, top_p=1.0, seed=SEED
                )
                answer = unless_cancelled(context, ask)
            except EndpointFailed as error:
                why = str(error)
                if not error.is_of_request:
                    break
                continue
            opinion = read_opinion(answer.text)
            if opinion is not None:
                new[draft["id"]] = opinion
            else:
                n_unread += 1
    except Refused as error:
        # Its name stands for another address by now.
        why = str(error)
    finally:
        endpoint.close()
    if n_unread and not why:
        # Not quoted: it may repeat the draft.
        answers = "1 of its answers was" if n_unread == 1 else f"{n_unread:,} of its answers were"
        why = f"{answers} no number from 0 to 100; a larger model may keep to that."
    known = {draft["id"]: draft["opinion"] for draft in drafts if draft["opinion"] is not None} | new
    lacking = {draft["brief_id"] for draft in drafts if draft["id"] not in known}
    whole = {draft["id"]: known[draft["id"]] for draft in drafts if draft["brief_id"] not in lacking}
    return Opinions(whole, new, len(drafts) - len(known), why)


def read_opinion(text: str) -> float | None:
    """The one number of an answer as a share; None where there is none, more than one, or one above 100."""
    found = ONE_NUMBER.fullmatch(text)
    number = float(found.group(1).replace(",", ".")) if found else 101.0
    return number / 100 if number <= 100 else None


def _question(draft: dict[str, Any]) -> str:
    return QUESTION.format(request=request_of(draft), draft=draft["text"])
