"""Documents cut into passages: whole blocks under their heading, nothing lost, nothing too long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.facts.passages import MAX_CHARACTERS, Passage, passages_of, searched_text


def words(n: int, word: str = "word") -> str:
    return " ".join(f"{word}{i}" for i in range(n))


def test_paragraphs_of_one_heading_stand_together_as_long_as_they_fit() -> None:
    document = f"Before.\n\n# Prices\n\n{words(60)}\n\n{words(60)}\n\n{words(60)}\n\n## Refunds\n\nWithin 14 days."
    found = passages_of(document)
    assert [(one.heading, len(one.text.split())) for one in found] == [
        ("", 1), ("Prices", 120), ("Prices", 60), ("Refunds", 3),
    ]  # fmt: skip


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    sentence = f"{words(49)} end."
    found = passages_of(" ".join([sentence] * 5))
    assert [one.text for one in found] == [" ".join([sentence] * 3), " ".join([sentence] * 2)]


def test_a_long_list_is_cut_between_its_items() -> None:
    items = [f"- {words(39)}" for _ in range(6)]
    assert [one.text for one in passages_of("\n".join(items))] == ["\n".join(items[:4]), "\n".join(items[4:])]


def test_a_sentence_without_an_end_is_cut_between_words() -> None:
    found = [len(one.text.split()) for one in passages_of(words(400))]
    assert sum(found) == 400
    assert max(found) <= 160


def test_rows_of_a_table_and_code_are_kept_as_written() -> None:
    document = "| plan | price |\n|---|---|\n| Pro | $12 |\n\n```\na  =  1\n```"
    (found,) = passages_of(document)
    assert found.text == document


def test_title_and_heading_are_searched_each_once() -> None:
    assert searched_text("Prices", Passage("Pro", "It costs $12.")) == "Prices\nPro\nIt costs $12."
    assert searched_text("Prices", Passage("Prices", "It costs $12.")) == "Prices\nIt costs $12."
    assert searched_text("", Passage("", "It costs $12.")) == "It costs $12."


def test_a_heading_alone_and_the_definition_of_a_link_are_kept() -> None:
    found = passages_of("# Pro: 12 euros\n\n# Free\n\nNothing to pay. [Terms][t]\n\n[t]: https://example.org/terms\n")
    assert [(one.heading, one.text) for one in found] == [
        ("Pro: 12 euros", "Pro: 12 euros"), ("Free", "Nothing to pay. [Terms][t]\n\n[t]: https://example.org/terms"),
    ]  # fmt: skip


def test_closing_quotes_stay_with_their_sentence() -> None:
    sentence = f"“{words(49)} end.”"
    assert passages_of(" ".join([sentence] * 4))[0].text == " ".join([sentence] * 3)


def test_a_text_without_spaces_is_cut_at_its_stops() -> None:
    found = passages_of("价格是十二欧元。" * 400)
    assert all(len(one.text) <= MAX_CHARACTERS for one in found)
    assert "".join(one.text.replace(" ", "") for one in found) == "价格是十二欧元。" * 400


def test_of_nothing_there_is_none() -> None:
    assert passages_of(" \n\n") == []


@given(st.text(alphabet="ab .!?\n#-|`>*1", max_size=400), st.integers(1, 12))
def test_no_word_is_lost_and_no_passage_too_long(document: str, most: int) -> None:
    found = passages_of(document, max_words=most)
    assert all(0 < len(one.text.split()) <= most for one in found)
    headings = {word for one in found for word in one.heading.split()}
    kept = " ".join(one.text for one in found)
    letters = {letter: document.count(letter) for letter in "ab"}
    assert all(kept.count(letter) <= n for letter, n in letters.items())
    if "#" not in document and not headings and "-" not in document and "=" not in document:
        assert all(kept.count(letter) == n for letter, n in letters.items())
