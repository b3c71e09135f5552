"""Secrets, personal data and facts that go stale: what stands beside them, and what is only written like them."""

from __future__ import annotations

import pytest

from core.curate.facts import FactKind, fact_spans, is_moving
from core.curate.flags import Corpus, flags_of
from core.curate.sensitive import personal_data, secrets_in
from core.nouns import Goal
from tests.core.curate.test_flags import PROSE, post


def said(text: str) -> list[str]:
    return [text[span.start : span.end] for span in secrets_in(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('psk="ninetynineredpandas"', "ninetynineredpandas"),
        ("SMTP_PASS='letmein_please'", "letmein_please"),
        ('<add key="SmtpPassword" value="zHJF!Z553QSLf" />', "zHJF!Z553QSLf"),
        ("set('client_secret', 'A4S4Ce0v~r3vqPStiKUB')", "A4S4Ce0v~r3vqPStiKUB"),
        ("the pasword for both is the same, Gr8tDane#Bello, but one takes it", "Gr8tDane#Bello"),
        ("use the passphrase correct pony cardboard stapler", "correct pony cardboard stapler"),
        ("Mot de passe : Soleil2019*", "Soleil2019*"),
        ("So I typed hunter-Gretel-88 three times", "hunter-Gretel-88"),
        ("The alarm code is 7731.", "7731"),
        ("Backup codes: 8841 2097, 1163 5540", "8841 2097, 1163 5540"),
        ("redis-cli -h host -a 'PVASmieMtcQgRdfp8Gsc' FLUSHALL", "PVASmieMtcQgRdfp8Gsc"),
        ("https://example.org/x?access_token=7d3f1a9c0b8e4d21&y=1", "7d3f1a9c0b8e4d21"),
        ("editor:$apr1$Lf8moiyz$q/b/dghHsEcxBXRxUsMaqJ", "$apr1$Lf8moiyz$q/b/dghHsEcxBXRxUsMaqJ"),
        ("Zebra#1999x is my password", "Zebra#1999x"),
        ("Wi-Fi is Guests with the key edelweiss-2209.", "edelweiss-2209"),
    ],
)
def test_a_value_beside_a_word_for_a_credential_is_a_secret(text: str, value: str) -> None:
    assert said(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "password = your_password",
        "Password: ********",
        "api_key=YOUR_API_KEY and token: ${TOKEN}",
        "Authentication method: Normal password",
        "Use port 993 with SSL/TLS and your password",
        "an app password (16 characters), a PIN of 4 digits",
        "Error code: 0x80070005 and SEC_ERROR_UNKNOWN_ISSUER",
        "They are in logins.json and key4.db of version 115.3.1",
        "spf=pass (sender IP is 2607:f8b0:4864:20::b12f) smtp.mailfrom=x",
        "single-pass procurements.[^38]",
        "https://example.org/kb/app-passwords-d6dc8c6d-4bf7-4851-ad95",
        "phone number: 0161 496 0123",
    ],
)
def test_placeholders_methods_versions_and_addresses_are_no_secrets(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("My passport number is X00T478Q2.", "identity number"),
        ("PESEL: 62031504177, Zbigniew Wrona", "identity number"),
        ("Matrikelnummer 3019922", "identity number"),
        ("His number is 529.982.247-25.", "identity number"),
        ("Frau Kuhnert, geb. 09.12.1934", "date of birth"),
        ("name;dob;grade\nHallgerd Oye;1999-08-30;failed", "date of birth"),
        ("ring me at 01 99 00 47 82 after nine", "phone number"),
        ("ul. Polna 6 m. 12, Siedlce", "street address"),
        ("12 Rue des Lilas, Paris", "street address"),
        ("The reset came from Yusuf Demirel at 198.51.100.23.", "address of a machine"),
        ("Dr Anselm Krug was diagnosed with HIV in that year.", "statement about a person"),
        ("I have had Parkinson's since 2016.", "statement about a person"),
        ("Ms. Hyacinth Baptiste, a member of the transport union, complained.", "statement about a person"),
        ("My daughter Milla Jane is 9 and goes to school there.", "child"),
    ],
)
def test_personal_data_is_known_by_the_word_beside_it(text: str, kind: str) -> None:
    assert kind in [span.kind for span in personal_data(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Thunderbird 115.8.0 (64 bits) on Windows 7 Pro, TB 115.8.0.1",
        "Received: from mail.example.org [203.0.113.5]",
        "IP 127.0.0.1 and 192.168.1.10, DNS 8.8.8.8",
        "The file is 529982247-26 and 12345678A.",
        "1. Via Address Book OR 2. via the menu",
        "Released October 1, 2024 Thunderbird",
        "Open Source is a union of many, and Congress was convicted of nothing.",
        "Health IT is hard; the patient reader knows.",
        "Thanks for that !!* 18.05.2024",
        "X-Status2: 00000000 and 797 2024-04-06 09:56",
    ],
)
def test_versions_servers_and_institutions_are_no_personal_data(text: str) -> None:
    assert personal_data(text) == []


def test_of_several_personal_data_the_gravest_is_shown() -> None:
    record = post(f"{PROSE}\n\njo@example.com\n\nMy passport number is X00T478Q2.")
    (flag,) = [f for f in flags_of(record, Corpus(Goal.VOICE)) if f.name == "personal_data"]
    assert record.text[flag.start : flag.end] == "X00T478Q2"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("It costs 420 Swiss francs a head.", FactKind.PRICE, "420 Swiss francs"),
        ("New customers have their first three months for free.", FactKind.OFFER, "first three months for free"),
        ("As of 4.6 the program cannot.", FactKind.VERSION, "As of 4.6"),
        ("Ubuntu currently ships 102.15 in its sources.", FactKind.VERSION, "ships 102.15"),
        ("We hear of it before Christmas.", FactKind.DATE, "before Christmas"),
        ("It no longer lets mail through.", FactKind.POLICY, "no longer lets"),
        ("They dropped the Student package.", FactKind.PLAN, "Student package"),
        ("See lists.example.net/mail-dev.", FactKind.LINK, "lists.example.net/mail-dev"),
    ],
)
def test_a_fact_is_found_with_its_kind_and_its_span(text: str, kind: FactKind, value: str) -> None:
    assert (kind, value) in [(span.kind, text[span.start : span.end]) for span in fact_spans(text)]


def test_what_only_sounds_like_a_fact_is_none() -> None:
    text = "Ship 0.1, not 1.0. A Contributor License Agreement must now be signed, and you can now rest."
    assert fact_spans(text) == []


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("Get it from https://downloads.example.org/stable/mail-115-setup.exe", True),
        ("Results are at http://results.example.org/today", True),
        ("The current form is https://www.example.net/forms/permit", True),
        ("It runs on https://demo-staging7.example.net", True),
        ("See https://bugzilla.example.org/show_bug.cgi?id=1940810", False),
        ("See https://example.org/2016/03/08/optimizing-for-new-users-today-and-tomorrow/", False),
        ("See [the current rules](https://example.org/rules)", False),
    ],
)
def test_a_link_goes_stale_when_it_or_its_sentence_says_so(text: str, moves: bool) -> None:
    start = text.index("http")
    assert is_moving(text, start, len(text.rstrip(")"))) is moves


def test_the_fact_that_is_said_to_be_so_now_is_shown() -> None:
    record = post(f"{PROSE}\n\nTheir free plan was loved. {PROSE}\n\nRight now you pay 80 dollars for it.")
    (flag,) = [f for f in flags_of(record, Corpus(Goal.VOICE)) if f.name == "stale_fact"]
    assert record.text[flag.start : flag.end] == "80 dollars"
