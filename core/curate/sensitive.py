"""Personal data and secrets that a pattern can recognise.

Personal: e-mail addresses, phone, account, card and identity numbers, dates of birth, street addresses. What is secret is found
in `credentials.py`. Names of persons need a language model and are not covered here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.curate.credentials import credentials
from core.curate.persons import of_persons


@dataclass(frozen=True, slots=True)
class SensitiveSpan:
    start: int
    end: int
    kind: str


URL = re.compile(r"https?://\S+")
DIGITS = re.compile(r"\d+")
NOT_DIALLED = re.compile(r"^\d{1,3}(?:\.\d{1,3}){3}$|(?:19|20)\d\d-\d\d-\d\d|^\d{3} \d{1,3}\.\d")
MARGIN = 90
WITHOUT_DIGITS = frozenset({"e-mail address"})
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = rf"(?:\d{{1,2}}[./ -]\d{{1,2}}[./ -]\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\.?,? \d{{4}}|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
_STREET = r"(?:street|st\.|road|rd\.|avenue|ave\.?|lane|drive|dr\.|close|court|crescent|square|place|terrace|way|rise|row|gardens?|grove|hill|park|walk|mews|boulevard|blvd\.?|highway)"
_POSTCODE = r"(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]{2} \d{5}(?:-\d{4})?|\d{4,5} [A-ZÄÖÜ][a-zäöüß]+|[A-Z]-\d{4,5}|\d{4} ?[A-Z]{2}\b)"
PERSONAL = {
    "e-mail address": re.compile(
        r"\b[\w.+-]{2,40} ?[(\[{<] ?(?i:at) ?[)\]}>] ?[\w-]+(?: ?[(\[{<] ?(?i:dot) ?[)\]}>] ?|\.)[A-Za-z]{2,}\b|\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b"
    ),
    "phone number": re.compile(
        r"(?<![\w.-])(?<!\d )(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?|\d{3,4}[ .-])\d{3,4}[ .-]\d{3,4}(?![\w-])(?! \d)"
        r"|(?<![\w+])(?<!\d )(?:\+|00)\d{1,3}[ .-]?(?:\(0\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){2,4}(?![\w-])"
        r"|(?i:\b(?:phone|tel(?:ephone|efon)?|nummer|mobile|cell|call|number|reach|fax|whatsapp)\b[^.\n\d+]{0,40})(?P<spoken>\(?0\d{1,4}\)?[ ./-]?\d{2,4}(?:[ ./-]?\d{2,4}){1,3})(?![\w-])"
    ),
    "bank account": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    "masked account": re.compile(
        r"\bIBAN:? ?[A-Z]{2}\d{2}[ X*\d]{8,30}|\b(?i:account|sort code|routing)(?i: (?:no\.?|number))?:? ?\d[\d -]{5,16}\d\b"
    ),
    "card number": re.compile(r"(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])"),
    "date of birth": re.compile(
        rf"\b(?:born|date of birth|birth ?date|d\.?o\.?b\.?|birthday(?: is)?|geboren(?: am)?|né(?:e)? le)\b[:, ]*(?:on |am |the |is )*{_DATE}",
        re.IGNORECASE,
    ),
    "identity number": re.compile(
        r"\b(?:national insurance|social security|passport|tax(?:payer)?(?: id)?|driver'?s?(?: licen[cs]e)?|driving licen[cs]e|identity card|id card|personal|patient|insurance|member(?:ship)?|nhs|ssn|personnummer|steuer-?id)(?: (?:no\.?|number|id|nr\.?))?[:# ]+(?:is )?[A-Z]{0,3}[ -]?\d[\d -]{2,16}\d ?[A-Z]?\b"
        r"|\b\d{3}-\d{2}-\d{4}\b|\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b",
        re.IGNORECASE,
    ),
    "street address": re.compile(
        rf"\b\d{{1,4}}[A-Za-z]?,? (?:[A-Z][\w'’]+ ){{1,3}}(?i:{_STREET})\b(?:.{{0,60}}?{_POSTCODE})?"
        rf"|\b[A-ZÄÖÜ][\wäöüß.-]*(?:straße|strasse|str\.|weg|gasse|platz|allee|ring|damm|ufer|laan|straat)\.? \d{{1,4}}[a-z]?\b"
        rf"|\b[A-ZÄÖÜÉ][^\n,]{{2,40}} \d{{1,4}} ?[a-zA-Z]?\s*[,\n]\s*(?!(?:19|20)\d\d ){_POSTCODE}"
        r"|\b\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|chemin|allée|impasse) [\w' -]{3,40}"
        r"|\b(?:P\.?O\.? Box|Postfach) \d+"
    ),
}


def personal_data(text: str) -> list[SensitiveSpan]:
    """Spans of personal data, in order; account and card numbers must pass their check digits."""
    checks = {"bank account": _is_iban, "card number": _passes_luhn, "phone number": _is_dialled}
    bare = _without_links(text)
    lower = bare.lower()
    beside = [] if len(lower) != len(bare) else [SensitiveSpan(*span) for span in of_persons(bare, lower)]
    return _without_overlaps([*_spans(bare, PERSONAL, checks), *beside])


def secrets_in(text: str) -> list[SensitiveSpan]:
    """Spans of passwords, keys and codes, in order."""
    return _without_overlaps([SensitiveSpan(*span) for span in credentials(text)])


_SIGNS_OF_KIND = {
    "date of birth": ("born", "birth", "dob", "d.o.b", "geboren", "né"),
    "identity number": ("insurance", "social", "passport", "tax", "licen", "identity", "id card", "personal", "patient", "member",
                        "nhs", "ssn", "personnummer", "steuer", "-"),
    "masked account": ("iban", "account", "sort code", "routing"),
    "e-mail address": ("@", "(at)", "[at]", "( at", "[ at", "{at}", "<at>"),
}  # fmt: skip


def _has_sign(kind: str, lower: str) -> bool:
    signs = _SIGNS_OF_KIND.get(kind)
    return signs is None or any(sign in lower for sign in signs)


def _without_links(text: str) -> str:
    # Digits inside a link are ids of pages, not cards or phones.
    return URL.sub(lambda match: " " * len(match.group()), text) if "http" in text else text


def _spans(
    text: str, patterns: dict[str, re.Pattern[str]], checks: Mapping[str, Callable[[str], bool]]
) -> list[SensitiveSpan]:
    found = []
    lower, windows = text.lower(), _around_digits(text)
    for kind, pattern in patterns.items():
        if not _has_sign(kind, lower):
            continue
        check = checks.get(kind)
        places = [(0, len(text))] if kind in WITHOUT_DIGITS else windows
        for match in (m for start, end in places for m in pattern.finditer(text, start, end)):
            group = next((name for name, value in match.groupdict().items() if value is not None), None)
            start, end = match.span(group) if group else match.span()
            if check is None or check(text[start:end]):
                found.append(SensitiveSpan(start, end, kind))
    return _without_overlaps(found)


def _around_digits(text: str) -> list[tuple[int, int]]:
    """Stretches around every run of digits: most kinds hold digits, and most of a text does not."""
    windows: list[tuple[int, int]] = []
    for match in DIGITS.finditer(text):
        start, end = max(0, match.start() - MARGIN), min(len(text), match.end() + MARGIN)
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return windows


def _without_overlaps(spans: list[SensitiveSpan]) -> list[SensitiveSpan]:
    """The longest of spans that overlap: an account number holds digits that look like a phone number."""
    chosen: list[SensitiveSpan] = []
    for span in sorted(spans, key=lambda s: s.start - s.end):
        if all(span.end <= other.start or span.start >= other.end for other in chosen):
            chosen.append(span)
    return sorted(chosen, key=lambda s: s.start)


def _is_dialled(value: str) -> bool:
    """No address of a machine, no time stamp, and not one digit alone."""
    return len(set(re.sub(r"\D", "", value))) > 1 and not NOT_DIALLED.search(value)


def _passes_luhn(value: str) -> bool:
    digits = [int(c) for c in value if c.isdigit()]
    if len(set(digits)) < 3 and len(set(digits[:-1])) < 2:
        return False
    doubled = [d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _is_iban(value: str) -> bool:
    compact = value.replace(" ", "")
    if not 15 <= len(compact) <= 34:
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1
