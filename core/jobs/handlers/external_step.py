"""Drafts by the endpoint elsewhere: one request after the other, so that it is never flooded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlsplit

from core.errors import Refused
from core.jobs.context import JobContext
from core.jobs.waiting import unless_cancelled
from core.outgoing.chat_endpoint import ChatEndpoint, EndpointFailed
from core.outgoing.endpoint_key import key_for
from core.training.generation import GeneratedText, Sampling, whole_sentences


def write_elsewhere(
    context: JobContext, requests: Sequence[str], sampling: Sampling, seed: int
) -> tuple[list[GeneratedText | None], str]:
    """For each request, in their order, its text, or None where there is none; and why one lacks it, empty where none does.

    An endpoint that fails is asked no more; one that will not write a text is asked for the others. Neither costs what it, and
    others, have written. The key comes from the environment and is written nowhere.
    """
    told = context.settings["endpoint"]
    endpoint = ChatEndpoint(told["url"], told["model"], key=key_for(told["url"]), allows_private=told["allows_private"])
    phase = f"Writing with {told['model']} at {urlsplit(told['url']).hostname}"
    texts: list[GeneratedText | None] = []
    why = ""
    try:
        for place, request in enumerate(requests):
            context.report(phase=phase, done=place, total=len(requests))
            try:
                ask = partial(
                    endpoint.ask, request, max_tokens=sampling.max_new_tokens, temperature=sampling.temperature, top_p=sampling.top_p,
                    seed=seed,
                )  # fmt: skip
                answer = unless_cancelled(context, ask)
            except EndpointFailed as error:
                why = str(error)
                if not error.is_of_request:
                    break
                texts.append(None)
                continue
            text = whole_sentences(answer.text) if answer.is_cut else answer.text
            texts.append(GeneratedText(text, answer.n_tokens, answer.is_cut))
    except Refused as error:
        # Its name stands for another address by now.
        why = str(error)
    finally:
        endpoint.close()
    return [*texts, *[None] * (len(requests) - len(texts))], why
