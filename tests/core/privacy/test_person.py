"""How a person may be written, and what is somebody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.privacy.person import ERASED, Person, fold, masked, masked_value, person_of

MAREN = person_of("Maren Oldenkott", ["maren.o@example.org", "@mo_writes", "+49 170 5550 1234", "C-10422"])


def certain(text: str, person: Person = MAREN) -> list[str]:
    return [text[one.start : one.end] for one in person.certain(text)]


def possible(text: str, person: Person = MAREN) -> list[str]:
    return [text[one.start : one.end] for one in person.mentions(text) if not one.is_certain]


@pytest.mark.parametrize(
    "written",
    [
        "Maren Oldenkott", "MAREN OLDENKOTT", "maren oldenkott", "Máren Öldenkott", "Maren  Oldenkott", "Maren\nOldenkott", "Maren\u00a0Oldenkott",
        "Oldenkott, Maren", "OLDENKOTT Maren", "maren.oldenkott", "maren-oldenkott", "maren_oldenkott", "MarenOldenkott", "M. Oldenkott",
        "M.Oldenkott", "Oldenkott, M", "Oldenkott M.", "Maren T. Oldenkott", "Maren Old\u00adenkott", "Ma*ren* **Olden**kott", "maren.o@example.org", "MAREN.O@EXAMPLE.ORG",
        "@mo_writes", "mo_writes", "+49 170 5550 1234", "4917055501234", "+49-170-5550-1234", "c-10422", "C 10422",
    ],
)  # fmt: skip
def test_a_spelling_is_found_whatever_its_case_accents_marks_and_order(written: str) -> None:
    (found,) = certain(f"Dear all, {written} wrote to us.")
    assert set(written.strip("+@.")) <= set(found) | {"."}


@pytest.mark.parametrize(
    "written",
    [
        "Marena Oldenkott", "Maren Oldenkotten", "a Oldenkott", "Oldenkott meets", "dr.maren.o@example.org", "mo_writesmore", "149170555012345", "C-104221",
        "Karen Olden", "Lindenkott",
    ],
)  # fmt: skip
def test_another_word_is_not_the_person_for_certain(written: str) -> None:
    assert certain(f"Dear all, {written} wrote to us.") == []


@pytest.mark.parametrize(
    "written",
    [
        "Maren Oldenkot",
        "Marren Oldenkott",
        "Oldenkott",
        "M Oldenkott",
        "moldenkott",
        "Marn Oldenkott",
        "Oldenkot, Maren",
    ],
)
def test_what_is_only_alike_is_possible_alone(written: str) -> None:
    text = f"Dear all, {written} wrote to us."
    assert certain(text) == []
    assert len(possible(text)) == 1


def test_the_ratio_says_what_is_alike() -> None:
    strict = person_of("Maren Oldenkott", alike_from=1.0)
    assert possible("Maren Oldenkot wrote.", strict) == []
    assert possible("Maren Oldenkot wrote.") == ["Maren Oldenkot"]


def test_an_umlaut_is_found_as_two_letters_as_one_and_without() -> None:
    person = person_of("Jürgen Müßler")
    assert [certain(one, person) for one in ("Jurgen Mussler", "Juergen Muessler", "JÜRGEN MÜSSLER")] == [
        ["Jurgen Mussler"],
        ["Juergen Muessler"],
        ["JÜRGEN MÜSSLER"],
    ]
    assert certain("Müller rang.", person_of("Ann Mueller", ["Mueller"])) == ["Müller"]


def test_a_single_name_is_found_as_a_whole_word() -> None:
    person = person_of("Zebulon")
    assert certain("ZEBULON and zebulons", person) == ["ZEBULON"]


def test_places_are_those_of_the_text_as_it_is_written() -> None:
    text = "Straße ﬁn: Máren Oldenkott."
    (found,) = MAREN.certain(text)
    assert text[found.start : found.end] == "Máren Oldenkott"
    assert masked(text, [found], whole="x") == f"Straße ﬁn: {ERASED}."


def test_a_text_that_is_all_name_becomes_one_name_of_its_own() -> None:
    assert masked_value(["Maren Oldenkott", "by Maren Oldenkott", 3], MAREN, whole="erased person 1") == [
        "erased person 1",
        f"by {ERASED}",
        3,
    ]
    assert masked_value({"M. Oldenkott": {"n": None}}, MAREN, whole="erased person 1") == {
        "erased person 1": {"n": None}
    }


def test_what_is_possible_is_masked_by_hand_alone() -> None:
    assert masked_value("Ask Oldenkott now", MAREN, whole="x") == "Ask Oldenkott now"
    assert masked_value("Ask Oldenkott now", MAREN, whole="x", takes_possible=True) == f"Ask {ERASED} now"


def test_nobody_and_two_letters_are_refused() -> None:
    with pytest.raises(Invalid, match="Nobody is named"):
        person_of("  ")
    with pytest.raises(Invalid, match="too short"):
        person_of("Maren Oldenkott", ["Al"])
    with pytest.raises(Invalid, match="not possible"):
        person_of("Maren Oldenkott", alike_from=0.2)


def test_a_quick_look_through_bytes_passes_over_no_certain_mention() -> None:
    for text in (
        "MAREN OLDENKOTT",
        "Oldenkott, Maren",
        "+49 170 5550 1234",
        "@mo_writes",
        "maren.o@example.org",
        "c 10422",
    ):
        for code in ("utf-8", "utf-16-le"):
            assert any(anchor in text.encode(code).lower() for anchor in MAREN.anchors()), (text, code)


@given(st.text(max_size=200))
def test_folding_keeps_a_place_for_every_letter(text: str) -> None:
    small, places = fold(text)
    assert small == "".join(fold(one)[0] for one in text)
    assert len(small) == len(text) if places is None else (len(places) == len(small) + 1 and places == sorted(places))
    for one in MAREN.mentions(text):
        assert 0 <= one.start < one.end <= len(text)


@given(st.text(max_size=60), st.text(max_size=60))
def test_after_masking_nothing_certain_is_left(before: str, after: str) -> None:
    text = f"{before} Maren Oldenkott {after}"
    assert MAREN.certain(str(masked_value(text, MAREN, whole="erased person 1"))) == []


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("To M&aacute;ren &Ouml;ldenkott, now.", "To [erased] now."),
        ("See <a href='/?q=Maren%20Oldenkott'>her</a> there.", "See <a [erased] there."),
        (r"It reads {\"to\": \"M\u00e1ren Oldenkott\"} there.", 'It reads {\\"to\\": [erased] there.'),
        ("Dear Maren Olden<b>kott</b>, hello, Maren Oldenkott.", "Dear [erased] hello, [erased]."),
        ("Ask Ma=\nren Oldenkott =3D her.", "Ask [erased] =3D her."),
        ("One.\nBy M&aacute;ren\n&Ouml;ldenkott, two.\nThree & four.", "One.\nBy [erased] two.\nThree & four."),
        ("%41 " * 30_000 + "\nM&aacute;ren Oldenkott\n" + "<b>", "%41 " * 30_000 + "\n[erased]\n<b>"),
        ("By M&aacute;ren Oldenkott and M&aacute;ren\nOldenkott.", "By [erased] and [erased]"),
        ("Of 5 < 7 & 8 %41 nothing.", "Of 5 < 7 & 8 %41 nothing."),
    ],
)
def test_a_coded_name_is_masked_with_its_code_and_nothing_else_is(written: str, left: str) -> None:
    person = person_of("Maren Oldenkott")
    masked_text = masked_value(written, person, whole="[whole]")
    assert masked_text == left
    assert [one for one in person.anyhow(masked_text) if one.is_certain] == []
