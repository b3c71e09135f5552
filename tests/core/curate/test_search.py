"""Words as the index knows them, the index itself, and the places it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.curate.fusion import fuse
from core.curate.search_index import SearchIndex
from core.curate.search_terms import index_form, wanted
from core.curate.snippets import snippet

TEXTS = (
    "The prices rose in May.",
    "The price of a call to getUserName is one round trip.",
    "First get user name and password.",
    "我爱日本語のテキスト",
    "Die Äpfel liegen auf der Straße.",
    "An exact phrase stands here.",
    "A phrase, exact as it is, stands elsewhere.",
)
IDS = [f"r_{n + 1:016x}" for n in range(len(TEXTS))]


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    SearchIndex.build(tmp_path, zip(IDS, TEXTS, strict=True))
    return SearchIndex(tmp_path)


def found(index: SearchIndex, words: str) -> list[int]:
    return [IDS.index(one) for one in index.search(wanted(words))]


def test_an_identifier_gives_itself_and_its_parts() -> None:
    assert index_form("getUserName max_retry_count HTTPServer __init__ plain") == (
        "getusername get user name max_retry_count max retry count httpserver http server init plain"
    )


def test_case_and_accents_do_not_tell_words_apart_and_letters_without_case_stay_whole() -> None:
    assert index_form("Café NAÏVE Straße हिन्दी") == "cafe naive strasse हिन्दी"


def test_a_word_finds_itself_before_longer_words_that_begin_with_it(index: SearchIndex) -> None:
    assert found(index, "price") == [1, 0]
    assert found(index, "prices") == [0]


def test_quotes_ask_for_these_very_words_in_a_row(index: SearchIndex) -> None:
    assert found(index, '"price"') == [1]
    assert found(index, '"exact phrase"') == [5]
    assert sorted(found(index, "exact phrase")) == [5, 6]


def test_every_word_has_to_be_found(index: SearchIndex) -> None:
    assert found(index, "price May") == [0]
    assert found(index, "price nowhere") == []


def test_an_identifier_is_found_by_itself_and_by_its_words(index: SearchIndex) -> None:
    assert sorted(found(index, "getUserName")) == [1, 2]
    assert sorted(found(index, "get_user_name")) == [1, 2]


def test_words_of_scripts_without_spaces_and_with_accents_are_found(index: SearchIndex) -> None:
    assert found(index, "日本語") == [3]
    assert found(index, "apfel strasse") == [4]


def test_what_holds_no_letter_asks_for_nothing() -> None:
    assert wanted('++ "" _ -') == []


def test_a_changed_text_is_found_by_its_new_words_alone_and_a_gone_one_not_at_all(index: SearchIndex) -> None:
    index.update([(IDS[0], "Nothing of the sort.")], [IDS[1]])
    assert found(index, "price") == []
    assert found(index, "sort") == [0]
    assert index.n_records == len(TEXTS) - 1


def test_a_folder_that_is_no_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text("not an index")
    with pytest.raises(ValueError, match=r".+"):
        SearchIndex(tmp_path)


def test_a_snippet_shows_the_densest_place_with_its_finds_marked() -> None:
    text = "price " + "filler " * 100 + "the price of prices" + " filler" * 100
    pieces = snippet(text, wanted("price"), width=80)
    assert [p.text for p in pieces if p.is_find] == ["price", "prices"]
    assert pieces[0].text == "… "
    assert pieces[-1].text == " …"
    assert sum(len(p.text) for p in pieces) < 130


def test_a_snippet_without_a_find_is_the_opening_whole() -> None:
    assert [(p.text, p.is_find) for p in snippet("A short text.", wanted("price"))] == [("A short text.", False)]


def test_a_phrase_is_marked_as_one_and_its_words_elsewhere_are_not() -> None:
    pieces = snippet("exact words, then an exact phrase", wanted('"exact phrase"'))
    assert [p.text for p in pieces if p.is_find] == ["exact phrase"]


def test_fused_rankings_put_what_both_found_first() -> None:
    assert fuse(["a", "b", "c"], ["d", "b"]) == ["b", "a", "d", "c"]
