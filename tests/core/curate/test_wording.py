"""Records found by a wording, to the letter."""

from __future__ import annotations

import duckdb
import pytest

from core.curate.wording import wording_pattern

CASES = [
    ("use", "We USE it.", True), ("use", "because", False), ("use", "Nutzen, use", True), ("über", "Das Über-Buch", True),
    ("ber", "über", False), ("in order", "in  Order\nto", True), ("don't", "We don’t.", True), ("!", "Now! Or never", True), ("!", "Now.", False),
    ("c++", "In C++, mostly", True), ("—", "so — so", True), ("a.b", "axb", False), ("  ", "anything", False),
]  # fmt: skip


@pytest.mark.parametrize(("wording", "text", "is_held"), CASES)
def test_a_wording_is_found_as_whole_words_in_any_case(wording: str, text: str, is_held: bool) -> None:
    found = duckdb.execute("SELECT regexp_matches(?, ?)", [text, wording_pattern(wording)]).fetchall()
    assert found == [(is_held,)]
