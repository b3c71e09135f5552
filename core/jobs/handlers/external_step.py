"""Drafts by the endpoint elsewhere: one request after the other, so that it is never flooded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import urlsplit

from core.jobs.context import JobContext
from core.outgoing.chat_endpoint import KEY_VARIABLE, ChatEndpoint, EndpointFailed
from core.training.generation import GeneratedText, Sampling, whole_sentences


def write_elsewhere(
    context: JobContext, requests: Sequence[str], sampling: Sampling, seed: int
) -> tuple[list[GeneratedText], str]:
    """One text for each request, in their order, up to the first that the endpoint fails at; and why it did, empty where it did not.

    What was written before stays: an endpoint that fails must not cost what others, and it, have written. The key comes from the
    environment and is written nowhere.
    """
    told = context.settings["endpoint"]
    endpoint = ChatEndpoint(
        told["url"], told["model"], key=os.environ.get(KEY_VARIABLE, ""), allows_private=told["allows_private"]
    )
    phase = f"Writing with {told['model']} at {urlsplit(told['url']).hostname}"
    texts = []
    try:
        for place, request in enumerate(requests):
            context.report(phase=phase, done=place, total=len(requests))
            answer = endpoint.ask(
                request,
                max_tokens=sampling.max_new_tokens,
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                seed=seed,
            )
            text = whole_sentences(answer.text) if answer.is_cut else answer.text
            texts.append(GeneratedText(text, answer.n_tokens, answer.is_cut))
    except EndpointFailed as error:
        return texts, str(error)
    finally:
        endpoint.close()
    return texts, ""
