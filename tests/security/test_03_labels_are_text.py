"""Choices that Streamlit reads as Markdown are escaped: no reason, tag or name in them draws, links or fetches anything."""

from __future__ import annotations

import ast
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
READ_AS_MARKDOWN = ("st.pills", "st.segmented_control", "st.radio")
# Lists of our own, by the name that they have where they are shown; and words of ours, by the code that gives them.
OWN_LISTS = {"ways", "FACT_CHOICES"}
OWN_WORDS = ("__getitem__", "CHANGES[one]", "counts['by_kind']")


def choices() -> list[tuple[str, ast.Call]]:
    return [
        (f"{file.name}:{node.lineno}", node)
        for top in ("studio", "pages")
        for file in sorted((REPOSITORY / top).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in READ_AS_MARKDOWN
    ]


def test_every_choice_is_escaped_or_our_own() -> None:
    found = choices()
    assert len(found) > 12
    assert [place for place, node in found if not is_text(node)] == []


def is_text(node: ast.Call) -> bool:
    shown = next((ast.unparse(one.value) for one in node.keywords if one.arg == "format_func"), "")
    return ast.unparse(node.args[1]) in OWN_LISTS or any(word in shown for word in ("plain", *OWN_WORDS))


def test_a_caption_of_a_held_out_text_is_escaped() -> None:
    """The title of a record that is not here any more stands in a caption, where it was read as Markdown."""
    file = REPOSITORY / "studio" / "parts" / "held_out_view.py"
    shown = [ast.unparse(node) for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.caption"]  # fmt: skip
    assert "st.caption(words)" not in shown
