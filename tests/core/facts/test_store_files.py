"""What a passage is about: all that it stands under, each once."""

from __future__ import annotations

import pytest

from core.facts.store_files import KnownFact


@pytest.mark.parametrize(
    ("title", "heading", "subject"),
    [
        ("Price list", "Plans of 2027", "Price list › Plans of 2027"),
        ("Price list", "", "Price list"),
        ("", "Plans of 2027", "Plans of 2027"),
        ("Prices", "Prices", "Prices"),
        ("", "", ""),
    ],
)
def test_title_and_heading_are_both_kept(title: str, heading: str, subject: str) -> None:
    assert KnownFact("f1", title, heading, "It costs 12 euros.", "Ann", "prices.md", None).subject == subject
