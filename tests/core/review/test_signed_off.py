"""Which signed-off texts may become records."""

from __future__ import annotations

from typing import Any

from core.review.signed_off import signed_off_texts


def verdict(draft: str, decision: str = "sign_off", **other: Any) -> dict[str, Any]:
    usual = {"brief_id": "b", "system": "tuned", "final_text": "A text."}
    return usual | {"draft_id": draft, "decision": decision} | other


def test_of_two_who_sign_one_draft_off_the_newest_text_stands() -> None:
    texts, left_out = signed_off_texts([verdict("d", final_text="One."), verdict("d", final_text="Two.")], waiting=())
    assert [text["final_text"] for text in texts] == ["Two."]
    assert not left_out


def test_every_draft_that_gives_no_text_is_counted_with_its_reason() -> None:
    verdicts = [
        verdict("asked", brief_id="open"), verdict("own", system="human"), verdict("facts", system="tuned_facts"),
        verdict("no", "reject"), verdict("split"), verdict("split", "reject"), verdict("nothing", final_text="  \n"),
        verdict("good", system="base"),
    ]  # fmt: skip
    texts, left_out = signed_off_texts(verdicts, waiting={"open"})
    assert [text["draft_id"] for text in texts] == ["good"]
    assert left_out == dict.fromkeys(("waiting", "human", "facts", "rejected", "disagreement", "empty"), 1)


def test_a_waiting_brief_says_nothing_of_who_wrote_its_drafts() -> None:
    for system in ("human", "tuned", "tuned_facts"):
        assert signed_off_texts([verdict("d", system=system)], waiting={"b"})[1] == {"waiting": 1}
