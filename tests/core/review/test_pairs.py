"""Preference pairs from verdicts: what makes one, what makes none, and the file that they are frozen in."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Invalid
from core.nouns import PairOrigin, PreferencePair
from core.review.edits import edit_ratio
from core.review.pairs import JudgedDraft, Preferred, make_pairs, make_preferred_pairs, read_pairs, write_pairs


def verdict(
    draft: str, text: str, final: str | None, *, brief: str = "b1", request: str = "Write.", run: str = "r1"
) -> JudgedDraft:
    """final: None where the draft was rejected."""
    ratio = edit_ratio(text, final) if final is not None else 0.0
    return JudgedDraft(draft, brief, None, run, request, text, final is not None, final or text, ratio)


def told(pairs: list[PreferencePair]) -> list[tuple[str, str, str]]:
    return sorted((pair.origin.value, pair.chosen, pair.rejected) for pair in pairs)


def test_an_edit_before_the_sign_off_is_a_pair_of_the_two_texts() -> None:
    (pair,), left_out = make_pairs([verdict("d1", "We leverage vans. ", "We use vans.\n", request="About vans?")])
    assert (pair.prompt, pair.chosen, pair.rejected) == ("About vans?", "We use vans.", "We leverage vans.")
    assert (pair.origin, pair.brief_id, pair.run_ids) == (PairOrigin.EDIT, "b1", ("r1",))
    assert not left_out


@pytest.mark.parametrize("final", ["We use vans.", "  We use\n\nvans.  ", "**We use vans**"])
def test_white_space_and_marks_are_no_edit(final: str) -> None:
    assert make_pairs([verdict("d1", "We use vans.", final)]) == ([], {"as_is": 1})


def test_a_rejected_draft_stands_beside_the_least_edited_one_that_was_signed_off() -> None:
    pairs, left_out = make_pairs(
        [
            verdict("d1", "Vans are great.", None),
            verdict("d2", "Vans cost much.", "Vans cost nineteen pounds."),
            verdict("d3", "Vans break.", "Vans break."),
            verdict("d4", "Bikes are great.", None, brief="b2"),
        ]
    )
    assert told(pairs) == [
        ("beside", "Vans break.", "Vans are great."),
        ("edit", "Vans cost nineteen pounds.", "Vans cost much."),
    ]
    # d3 says something beside d1, so it is not left out; nothing was signed off for b2.
    assert left_out == {"alone": 1}


def test_drafts_without_a_word_and_those_that_people_disagree_on_make_no_pair() -> None:
    pairs, left_out = make_pairs(
        [
            verdict("d1", "", "A whole text."),
            verdict("d2", "Vans.", "Our vans."),
            verdict("d2", "Vans.", None),
        ]
    )
    assert (pairs, left_out) == ([], {"empty": 1, "disagreement": 2})


def test_the_same_two_texts_count_once() -> None:
    pairs, left_out = make_pairs([verdict("d1", "A van.", "Our van."), verdict("d2", "A van.", "Our van.")])
    assert (len(pairs), left_out) == (1, {"same": 1})


def test_a_text_is_not_preferred_to_itself() -> None:
    pairs, left_out = make_pairs([verdict("d1", "A van.", "A van."), verdict("d2", "A *van*", None)])
    assert (pairs, left_out) == ([], {"as_is": 1, "same": 1})


def test_the_better_of_two_stands_as_the_text_that_it_was_signed_off_as() -> None:
    rejected = verdict("d2", "Vans are great.", None)
    better = Preferred([verdict("d1", "Vans cost much.", "Vans cost nineteen pounds.")], rejected)
    doubted = Preferred([verdict("d3", "Vans.", "Vans."), verdict("d3", "Vans.", None)], rejected)
    alike = Preferred([verdict("d4", "Vans are good.", "**Vans** are great.")], rejected)
    pairs, left_out = make_preferred_pairs([better, doubted, Preferred([], rejected), alike])
    assert told(pairs) == [("preferred", "Vans cost nineteen pounds.", "Vans are great.")]
    assert left_out == {"not_signed_off": 2, "same": 1}


def test_pairs_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    pairs, _ = make_pairs(
        [verdict("d1", "A van\u2028b", "Our van \U0001f690"), verdict("d2", "Rain.", "Snow.", brief="b2")]
    )
    sha256 = write_pairs(tmp_path / "pairs.jsonl", pairs)
    assert read_pairs(tmp_path / "pairs.jsonl", expected_sha256=sha256) == pairs
    assert write_pairs(tmp_path / "again.jsonl", list(pairs)) == sha256


def test_a_file_of_pairs_that_was_changed_or_is_gone_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    sha256 = write_pairs(file, make_pairs([verdict("d1", "A van.", "Our van.")])[0])
    file.write_text(file.read_text().replace("Our", "The"))
    with pytest.raises(Invalid, match=f"written with {sha256[:12]}"):
        read_pairs(file, expected_sha256=sha256)
    file.unlink()
    with pytest.raises(Invalid, match="is gone"):
        read_pairs(file, expected_sha256=sha256)
