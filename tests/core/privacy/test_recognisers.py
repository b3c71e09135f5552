"""What each family of recognisers finds, and what looks like it and is not found. None of these texts comes from a labelled set."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from core.privacy.addresses import addresses
from core.privacy.handles import handles
from core.privacy.names import named_again, names
from core.privacy.numbers import numbers
from core.privacy.places import places
from core.privacy.secrets import secrets
from core.privacy.signatures import signatures
from core.privacy.spans import PersonalSpan, PersonalType


def told(text: str, find: Callable[[str], Iterable[PersonalSpan]]) -> set[tuple[str, str]]:
    return {(span.type.value, text[span.start : span.end]) for span in find(text)}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("We moved to 14 Orchard Lane, Bristol last week.", "14 Orchard Lane, Bristol"),
        ("Send it to Lindenstraße 7, 10969 Berlin, Germany please.", "Lindenstraße 7, 10969 Berlin, Germany"),
        ("My address is 5 Elm Court Apt. 12\nSpringfield, IL 62704.", "5 Elm Court Apt. 12\nSpringfield, IL 62704"),
        ("The parcel went to P.O. Box 218.", "P.O. Box 218"),
        ("Write to PSC 802, Box 74\nAPO AE 09499", "PSC 802, Box 74\nAPO AE 09499"),
        ("we live at 12 elm street, dover and like it", "12 elm street, dover"),
        ("We meet at the corner of Mill Road and High Street.", "the corner of Mill Road and High Street"),
    ],
)
def test_an_address_is_found_whole(text: str, address: str) -> None:
    assert ("STREET_ADDRESS", address) in told(text, addresses)


@pytest.mark.parametrize(
    "text",
    [
        "Thunderbird 102 runs on Windows Server 2019.",
        "6. Close the dialog and restart Firefox 115.",
        "The renderer is AMD Radeon R3 Graphics Direct3D11.",
        "See page 12, section 4 of the Release Notes.",
        "Sync it with Google Drive 2.",
        "Addresses\n\nAlthough version 2 came out",
    ],
)
def test_numbers_and_names_of_programs_are_no_address(text: str) -> None:
    assert told(text, addresses) == set()


def test_an_address_ends_before_the_line_of_the_phone() -> None:
    text = "Orla Quill\n9 Mill Road Suite 4\nLeeds\nUnited Kingdom 55120\nMobile: 0113 496 0000"
    assert told(text, addresses) == {("STREET_ADDRESS", "9 Mill Road Suite 4\nLeeds\nUnited Kingdom 55120")}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hi Wanjiru,\nit works now.", "Wanjiru"),
        ("It works now.\n\nKind regards,\nTadeusz Nowak", "Tadeusz Nowak"),
        ("my name is ingvild aasen and i am lost", "ingvild aasen"),
        ("My brother Oisín has the same problem.", "Oisín"),
        ("Reviewed by Ngozi Eze", "Ngozi Eze"),
        ("Please ask Dr. Halvorsen about it.", "Halvorsen"),
        ("Bettina: “Is it on?”", "Bettina"),
    ],
)
def test_a_word_beside_it_makes_a_name_known(text: str, name: str) -> None:
    assert ("PERSON", name) in told(text, names)


@pytest.mark.parametrize(
    "text",
    [
        "Hi all,\nit works.",
        "Thanks in advance",
        "Anyway, can you help?",
        "This is Windows.",
        "Note: it is “on”.",
        "I'm sorry.",
    ],
)
def test_what_stands_in_the_place_of_a_name_is_not_always_one(text: str) -> None:
    assert told(text, names) == set()


def test_a_title_and_an_age_are_kinds_of_their_own() -> None:
    text = "Mrs. Okafor is 47 years old."
    assert told(text, names) == {("TITLE", "Mrs."), ("PERSON", "Okafor"), ("AGE", "47")}


def test_a_name_is_found_again_by_each_of_its_words() -> None:
    text = "Hi Saoirse Kelly,\nSaoirse, did Kelly write? Not kelly@example.org."
    again = {text[s.start : s.end] for s in named_again(text, names(text))}
    assert again == {"Saoirse Kelly", "Saoirse", "Kelly"}
    assert all(text[s.end : s.end + 1] != "@" for s in named_again(text, names(text)))


def test_a_signature_tells_name_occupation_and_organisation() -> None:
    text = "See you then.\n\nMilo Ferrant\nField engineer\nOrbis Tools\nMobile: +44 7700 900123"
    assert told(text, lambda t: signatures(t, [])) == {
        ("PERSON", "Milo Ferrant"), ("TITLE", "Field engineer"), ("ORGANIZATION", "Orbis Tools"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("My order number is A-20481-7.", "ORDER_NUMBER", "A-20481-7"),
        ("Where is order #88213?", "ORDER_NUMBER", "88213"),
        ("The ticket 4411902 is still open.", "ORDER_NUMBER", "4411902"),
        ("Account no. 77-120-9 was closed.", "ACCOUNT_NUMBER", "77-120-9"),
        ("Fax: 0113 496 0999", "PHONE_NUMBER", "0113 496 0999"),
        ("Write to quill@orbis.example or call.", "EMAIL_ADDRESS", "quill@orbis.example"),
        ("Charge card 4111 1111 1111 1111 please", "CREDIT_CARD", "4111 1111 1111 1111"),
    ],
)
def test_a_number_is_of_what_the_word_says(text: str, kind: str, value: str) -> None:
    assert (kind, value) in told(text, numbers)


@pytest.mark.parametrize(
    "text", ["In order 3 steps are needed.", "The case of 2024 is closed.", "Invoice 2024-05 is due.", "Delivery 12 px"]
)
def test_a_year_or_a_small_count_is_no_order(text: str) -> None:
    assert told(text, numbers) == set()


@pytest.mark.parametrize(
    ("text", "handle"),
    [("Thanks @quillo for the hint", "@quillo"), ("He is github.com/quillo.", "quillo"), ("User name: quillo77", "quillo77"), ("ask u/quillo", "quillo")],
)  # fmt: skip
def test_a_handle_is_found(text: str, handle: str) -> None:
    assert ("HANDLE", handle) in told(text, handles)


@pytest.mark.parametrize(
    "text",
    [
        "@property\ndef name(self):",
        "@Override\npublic void run()",
        "npm i @scope/package",
        "@media (max-width: 3px)",
        "a@b.example",
        "@app.route('/')",
    ],
)
def test_marks_of_code_are_no_handles(text: str) -> None:
    assert told(text, handles) == set()


def test_a_decorator_of_ones_own_stands_alone_above_a_definition() -> None:
    assert told("@cached_twice\ndef name(self):", handles) == set()


def test_towns_and_companies_have_a_word_beside_them() -> None:
    text = "She grew up in Tromsø and works at Fjordline, a part of Nordhavn Holdings."
    assert told(text, places) == {
        ("LOCATION", "Tromsø"), ("ORGANIZATION", "Fjordline"), ("ORGANIZATION", "Nordhavn Holdings"),
    }  # fmt: skip


def test_keys_are_found_by_their_form_at_their_place() -> None:
    key = "ghp_" + "a1B2c3D4e5" * 3 + "F6g7H8"
    text = f"first line\ntoken = {key}\nlast line"
    (span,) = {(s.start, s.end) for s in secrets(text) if s.found_by == "detect-secrets"}
    assert text[span[0] : span[1]] == key
    assert {s.type for s in secrets(text)} == {PersonalType.SECRET}
