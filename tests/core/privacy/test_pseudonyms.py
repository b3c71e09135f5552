"""What stands instead of personal data: of the same form, the same for the same person, and traced back with the key alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nouns import RecordKind
from core.privacy.pseudonyms import NOT_REPLACED, known_as, placeholder, pseudonym
from core.privacy.putting_out import Put, put_out
from core.privacy.spans import PersonalType
from core.records.text import record_text

KEY, OTHER = b"k" * 32, b"o" * 32
T = PersonalType


def test_the_same_person_has_the_same_name_whole_or_in_part() -> None:
    whole = pseudonym("Anna Smith", T.PERSON, KEY)
    first, last = whole.split()
    assert pseudonym("Anna", T.PERSON, KEY) == first
    assert pseudonym("SMITH", T.PERSON, KEY) == last.upper()
    assert pseudonym("anna.smith@acme.test", T.EMAIL_ADDRESS, KEY).startswith(f"{first}.{last}".lower() + "@")
    assert whole != pseudonym("Anna Smith", T.PERSON, OTHER)
    assert "Anna" not in whole


@pytest.mark.parametrize(
    ("value", "kind", "form"),
    [
        ("Anna J. van Smith", T.PERSON, r"[A-Z][a-z]+ [A-Z]\. van [A-Z][a-z]+"),
        ("+44 7700 900-123", T.PHONE_NUMBER, r"\+\d\d \d{4} \d{3}-\d{3}"),
        ("AB-4411/x", T.ORDER_NUMBER, r"[A-Z]{2}-\d{4}/[a-z]"),
        ("anna@acme.test", T.EMAIL_ADDRESS, r"[a-z]+@[a-z]+\.example\.org"),
        ("8.8.4.4", T.IP_ADDRESS, r"(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+"),
        ("2a00:1450::8a", T.IP_ADDRESS, r"2001:db8::[0-9a-f]{4}"),
        ("https://acme.test/anna", T.URL, r"https://[a-z]+\.example\.org"),
        ("@anna99", T.HANDLE, r"@[a-z]+\d\d"),
        ("12 Elm Street", T.STREET_ADDRESS, r"\d\d [A-Z][a-z]+ Street"),
        ("Acme Ltd", T.ORGANIZATION, r"[A-Z][a-z]+ Ltd"),
    ],
)
def test_the_form_is_kept(value: str, kind: PersonalType, form: str) -> None:
    assert re.fullmatch(form, pseudonym(value, kind, KEY))


def test_a_number_is_the_same_however_it_is_spaced() -> None:
    one, other = (pseudonym(v, T.CREDIT_CARD, KEY) for v in ("4111 1111 1111 1111", "4111111111111111"))
    assert one.replace(" ", "") == other


def test_a_secret_or_a_date_has_no_pseudonym() -> None:
    assert {pseudonym("x1", kind, KEY) for kind in NOT_REPLACED} == {placeholder(kind) for kind in NOT_REPLACED}


def test_a_pseudonym_is_traced_back_with_its_key_alone() -> None:
    values = [("Anna Smith", T.PERSON), ("Bo Lee", T.PERSON)]
    made = pseudonym("Bo Lee", T.PERSON, KEY)
    assert known_as(values, KEY)(made) == ["Bo Lee"]
    assert known_as(values, OTHER)(made) == []


@given(st.text(max_size=40), st.sampled_from(list(PersonalType)))
def test_any_value_gets_one(value: str, kind: PersonalType) -> None:
    assert pseudonym(value, kind, KEY) == pseudonym(value, kind, KEY)


RECORDS = [
    (RecordKind.DOCUMENT, "Anna writes", {"body": "Anna is here."}),
    (RecordKind.THREAD, "", {"question": "Is Anna in?", "messages": [{"text": "", "author": ""}, {"text": "Ask Anna."}]}),
    (RecordKind.DIFF, "not in the text", {"diff": "+ Anna", "comments": [{"text": "Anna?"}]}),
    (RecordKind.CHAT, "", {"messages": [{"role": "user", "content": "Anna"}, {"role": "assistant", "content": "No, Anna"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "title", "content"), RECORDS)
def test_every_text_of_a_record_is_rewritten_at_its_places(kind: RecordKind, title: str, content: dict) -> None:
    text = record_text(kind, title, content)
    puts = [Put(m.start(), m.end(), "[person]") for m in re.finditer("Anna", text)]
    before = str(content)
    done = record_text(kind, *put_out(kind, title, content, puts))
    assert done == text.replace("Anna", "[person]")
    assert str(content) == before


def test_what_runs_over_two_texts_leaves_nothing_of_itself() -> None:
    kind, content = (
        RecordKind.CHAT,
        {"messages": [{"role": "user", "content": "I am Anna"}, {"role": "user", "content": "Smith."}]},
    )
    text = record_text(kind, "", content)
    put = Put(text.index("Anna"), text.index("Smith") + 5, "[person]")
    _, done = put_out(kind, "", content, [put])
    assert [m["content"] for m in done["messages"]] == ["I am [person]", "."]
