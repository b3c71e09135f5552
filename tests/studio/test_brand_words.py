"""The table of words and the rules that it stands for: either follows from the other."""

from __future__ import annotations

from core.review.guide.document import read_guide
from studio.parts.brand_words import INSTEAD, NEVER, PROOF, joined, parted

ROWS = [
    {"word": "a lot of", "what": INSTEAD, "better": "many|much", "matters": "perhaps"},
    {"word": "leverage", "what": NEVER, "better": "", "matters": "must change"},
    {"word": "the best", "what": PROOF, "better": "", "matters": "look again"},
    {"word": "utilise", "what": INSTEAD, "better": "use", "matters": "look again"},
]
OTHER = {"name": "Brand.Terms", "kind": "existence", "tokens": ["x"], "is_pattern": True}


def test_rows_become_rules_and_come_back() -> None:
    rules = joined(ROWS)
    assert [rule["name"] for rule in rules] == [
        "words-never-error", "words-proof-warning", "words-instead-suggestion", "words-instead-warning",
    ]  # fmt: skip
    assert parted([*rules, OTHER]) == (ROWS, [OTHER])
    assert len(read_guide({"rules": rules}).rules) == 4


def test_a_row_that_is_not_finished_says_nothing() -> None:
    assert joined([{"word": None, "what": NEVER, "better": None, "matters": "look again"}]) == []
    assert joined([{"word": " ", "what": NEVER, "better": "", "matters": "look again"}]) == []


def test_a_better_word_makes_it_an_instead_and_none_makes_it_a_never() -> None:
    row = {"word": "utilise", "matters": "look again"}
    assert joined([row | {"what": NEVER, "better": "use"}])[0]["kind"] == "substitution"
    assert joined([row | {"what": INSTEAD, "better": ""}])[0]["kind"] == "existence"
