"""What a model elsewhere thinks of drafts: which answers are numbers, and that a brief has all its opinions or none."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from core.jobs.handlers.opinion_step import MOST_SECONDS, Opinions, ask_elsewhere, read_opinion
from tests.core.outgoing.listening import Asked, told
from tests.core.outgoing.test_external_step import context

ASKED = {"prompt": "Write of vans.", "audience": "", "facts": [], "form": "", "min_words": 0, "max_words": 0, "must_not_say": []}  # fmt: skip


def draft(name: str, brief: str = "b", opinion: float | None = None) -> dict[str, Any]:
    return {"id": name, "brief_id": brief, "text": f"The text of {name}.", "opinion": opinion} | ASKED


def asked(server: Asked, folder: Path, *drafts: dict[str, Any]) -> Opinions:
    return ask_elsewhere(context(folder, server), drafts)


@pytest.mark.parametrize(
    ("text", "opinion"),
    [("70", 0.7), (" 0 ", 0.0), ("100%", 1.0), ("Likelihood: 62.", 0.62), ("12,5", 0.125), ("", None), ("surely", None), ("170", None),
     ("70 or 80", None)],
)  # fmt: skip
def test_one_number_is_an_opinion_and_nothing_else(text: str, opinion: float | None) -> None:
    assert read_opinion(text) == opinion


def test_the_brief_and_the_draft_are_sent_and_each_draft_is_asked_of_once(server: Asked, tmp_path: Path) -> None:
    server.answers = [(200, {}, told("80"))]
    found = asked(server, tmp_path, draft("d1"), draft("d2", opinion=0.25))
    assert found == Opinions({"d1": 0.8, "d2": 0.25}, {"d1": 0.8}, 0, "")
    ((_, _, body),) = server.requests
    assert "Write of vans." in body["messages"][0]["content"]
    assert "The text of d1." in body["messages"][0]["content"]
    assert body["temperature"] == 0.0


def test_a_brief_with_a_draft_that_was_not_answered_for_has_no_opinion_at_all(server: Asked, tmp_path: Path) -> None:
    server.answers = [
        (200, {}, told("80")),
        (400, {}, b"not allowed"),
        (200, {}, told("I like it")),
        (200, {}, told("30")),
    ]
    found = asked(server, tmp_path, draft("d1"), draft("d2"), draft("d3", "c"), draft("d4", "e"))
    assert found.by_draft == {"d4": 0.3}
    assert found.new == {"d1": 0.8, "d4": 0.3}, "what was answered is not asked again"
    assert found.n_left == 2
    assert "answered 400" in found.why


@pytest.mark.parametrize(("n", "says"), [(1, "1 of its answers was no number"), (3, "3 of its answers were no number")])
def test_a_model_that_answers_in_sentences_is_said_to(server: Asked, tmp_path: Path, n: int, says: str) -> None:
    """As the small model did behind `transformers serve`."""
    server.answers = [
        (200, {}, told("The editor is not likely to publish the draft as it is, or with a few words changed."))
    ]
    found = asked(server, tmp_path, *(draft(f"d{i}", f"b{i}") for i in range(n)))
    assert (found.by_draft, found.n_left) == ({}, n)
    assert found.why.startswith(says)
    assert "likely" not in found.why


def test_an_endpoint_that_fails_is_asked_no_more(server: Asked, tmp_path: Path) -> None:
    server.answers = [(200, {}, told("80")), (401, {}, b"wrong key")]
    found = asked(server, tmp_path, draft("d1", "b"), draft("d2", "c"), draft("d3", "e"))
    assert (found.by_draft, found.n_left, len(server.requests)) == ({"d1": 0.8}, 2, 2)
    assert "answered 401: wrong key" in found.why


def test_what_is_not_asked_in_time_is_left_for_another_job(server: Asked, tmp_path: Path) -> None:
    server.answers = [(200, {}, told("80"))]
    ticks = count(0.0, MOST_SECONDS)
    found = ask_elsewhere(
        context(tmp_path, server), [draft("d1", "b"), draft("d2", "c"), draft("d3", "e")], clock=lambda: next(ticks)
    )
    assert (found.by_draft, found.n_left, found.why) == ({"d1": 0.8}, 2, "")


def test_an_address_that_is_not_allowed_any_more_gives_no_opinion(server: Asked, tmp_path: Path) -> None:
    found = ask_elsewhere(context(tmp_path, server, allows_private=False), [draft("d1")])
    assert (found.by_draft, found.n_left, server.requests) == ({}, 1, [])
    assert "which is no public address" in found.why
