"""Documents: front matter, titles, dates, HTML."""

from __future__ import annotations

from core.nouns import ParsedRecord, RejectedRow
from core.records.documents import read_document
from core.records.formats import Format
from core.records.markup import html_to_markdown


def document(text: str, name: str = "2024-05-06-a-post.md", form: Format = Format.MARKDOWN) -> ParsedRecord:
    outcome = read_document(form, text, name)
    assert isinstance(outcome, ParsedRecord)
    return outcome


def test_front_matter_gives_title_tags_and_author() -> None:
    record = document("---\ntitle: Hello\nauthor: Ann\ntags: [a, b]\n---\nThe body.")
    assert record.title == "Hello"
    assert record.content == {"body": "The body."}
    assert record.meta["author"] == "Ann"
    assert record.meta["tags"] == ["a", "b"]


def test_the_date_in_the_file_name_is_kept() -> None:
    assert document("Text.").meta["created_at"] == "2024-05-06"


def test_a_title_comes_from_the_first_heading_else_from_the_name() -> None:
    assert document("# From the heading\n\nText.").title == "From the heading"
    assert document("Text.").title == "A post"


def test_broken_front_matter_is_refused_with_the_place() -> None:
    outcome = read_document(Format.MARKDOWN, "---\ntitle: [unclosed\n---\nText", "x.md")
    assert isinstance(outcome, RejectedRow)
    assert "front matter" in outcome.reason


def test_a_lone_surrogate_refuses_the_file_with_a_reason() -> None:
    outcome = read_document(Format.TEXT, "a \ud800 b", "x.txt")
    assert isinstance(outcome, RejectedRow)
    assert "surrogate" in outcome.reason


def test_nul_characters_are_taken_out() -> None:
    assert document("a\x00b", form=Format.TEXT, name="x.txt").content["body"] == "ab"


def test_html_becomes_markdown_without_scripts() -> None:
    assert html_to_markdown("<p>One <b>two</b></p><script>alert(1)</script><ul><li>x</li></ul>") == "One **two**\n\n- x"


def test_text_without_tags_only_has_its_entities_resolved() -> None:
    assert html_to_markdown("a < b &amp; c") == "a < b & c"
