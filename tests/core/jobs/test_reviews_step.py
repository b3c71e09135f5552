"""Records that came out of reviews, when a version is split."""

from __future__ import annotations

import json
from typing import Any

from core.curate.splits import groups_of
from core.curate.version_card import from_reviews_in_words
from core.jobs.handlers.reviews_step import FromReviews
from core.nouns import Example, Split


def rows(n: int, reviews: dict[str, str | None]) -> list[dict[str, Any]]:
    told = [
        {"id": record, "review": json.dumps({"brief_record": asked, "verdict": "as_is"})}
        for record, asked in reviews.items()
    ]
    return [{"id": f"r{k:02}", "review": None, "cluster": None} for k in range(n)] + told


def split(n: int, reviews: dict[str, str | None], seed: int = 5) -> tuple[dict[str, str], set[str]]:
    """The split of each record, and those left out."""
    found = FromReviews(rows(n, reviews))
    ids = [row["id"] for row in rows(n, reviews)]
    groups = groups_of({record: found.keys(record) for record in ids})
    examples = [Example(f"{record}:0", record, record, "", ()) for record in ids]
    drawn = groups_of({record: found.keys(record) for record in ids if record not in reviews})
    splits, dropped = found.split(examples, groups, drawn, seed=seed, train_only=set())
    return {one.record_id: str(name) for name, held in splits.items() for one in held}, {
        one.record_id for one in dropped
    }


def test_what_is_held_out_is_drawn_as_if_no_text_had_come_out_of_a_review() -> None:
    alone, _ = split(20, {})
    # An id that comes before all others would name the group, and with it where the group goes.
    reviews = {f"a{k:02}": f"r{k:02}" for k in range(20)} | {f"z{k}": None for k in range(15)}
    beside, dropped = split(20, reviews)
    assert {record: name for record, name in beside.items() if record.startswith("r")} == alone
    held = {record for record, name in alone.items() if name != Split.TRAIN}
    assert len(held) == 4
    assert dropped == {record.replace("r", "a") for record in held}
    assert {name for record, name in beside.items() if record[0] in "az"} == {"train"}


def test_a_project_of_reviews_alone_holds_nothing_out() -> None:
    assert split(0, {f"z{k}": None for k in range(9)}) == ({f"z{k}": "train" for k in range(9)}, set())


def test_where_the_asked_text_is_not_taken_its_cluster_ties() -> None:
    told = [
        {"id": "gone", "review": None, "cluster": "c"},
        {"id": "there", "review": None, "cluster": "c"},
        {"id": "v", "review": json.dumps({"brief_record": "gone", "verdict": "as_is"})},
    ]
    assert FromReviews(told).keys("v") == ["asked:gone", "cluster:c"]


def test_the_card_warns_from_a_share_of_machine_written_text_on() -> None:
    card = {"from_reviews": {"n": 30, "n_machine_written": 25, "n_train": 100}}
    said, warning = from_reviews_in_words(card)
    assert "30 came out of reviews; 25 of these (25% of all)" in said
    assert not warning
    card["from_reviews"]["n_machine_written"] = 26
    assert from_reviews_in_words(card)[1].startswith("A model wrote 26% of what is learnt, more than 25%")
    assert from_reviews_in_words({"from_reviews": {"n": "many"}}) == ("", "")


def test_a_text_like_two_others_ties_them_not_and_goes_where_either_is_held_out() -> None:
    alone, _ = split(20, {})
    held = next(record for record, name in alone.items() if name == Split.TEST)
    learnt = next(record for record, name in alone.items() if name == Split.TRAIN)
    found = FromReviews(rows(20, {"v": None}))
    drawn = {row["id"]: row["id"] for row in rows(20, {})}
    examples = [Example(f"{record}:0", record, record, "", ()) for record in [*drawn, "v"]]
    splits, dropped = found.split(examples, drawn | {learnt: held, "v": held}, drawn, seed=5, train_only=set())
    assert {one.record_id: str(name) for name, there in splits.items() for one in there} == alone
    assert [one.record_id for one in dropped] == ["v"]
