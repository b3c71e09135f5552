"""Personal data and secrets that a pattern can recognise: e-mail addresses, phone, account and card numbers, keys.

Names and postal addresses need a language model and are not covered here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SensitiveSpan:
    start: int
    end: int
    kind: str


URL = re.compile(r"https?://\S+")
PERSONAL = {
    "e-mail address": re.compile(r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b"),
    "phone number": re.compile(
        r"(?<![\w.-])(?<!\d )(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?|\d{3,4}[ .-])\d{3,4}[ .-]\d{3,4}(?![\w-])(?! \d)"
    ),
    "bank account": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    "card number": re.compile(r"(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])"),
}
SECRETS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "cloud access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "service token": re.compile(
        r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|xox[abpr]-[A-Za-z0-9-]{10,}|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{12,})"
    ),
    "assigned secret": re.compile(
        r"\b(?:api[_-]?key|secret|password|passwd|token)\b[\"']?\s*[:=]\s*[\"']?(?=[^\s\"']*\d)[A-Za-z0-9_\-/+=.]{12,}",
        re.IGNORECASE,
    ),
}


def personal_data(text: str) -> list[SensitiveSpan]:
    """Spans of personal data, in order; account and card numbers must pass their check digits."""
    checks = {"bank account": _is_iban, "card number": _passes_luhn}
    return _spans(text, PERSONAL, checks)


def secrets_in(text: str) -> list[SensitiveSpan]:
    """Spans of passwords and keys, in order."""
    return _spans(text, SECRETS, {})


def _spans(
    text: str, patterns: dict[str, re.Pattern[str]], checks: Mapping[str, Callable[[str], bool]]
) -> list[SensitiveSpan]:
    # Digits inside a link are ids of pages, not cards or phones.
    text = URL.sub(lambda match: " " * len(match.group()), text)
    found = []
    for kind, pattern in patterns.items():
        check = checks.get(kind)
        for match in pattern.finditer(text):
            if check is None or check(match.group()):
                found.append(SensitiveSpan(match.start(), match.end(), kind))
    return _without_overlaps(found)


def _without_overlaps(spans: list[SensitiveSpan]) -> list[SensitiveSpan]:
    """The longest of spans that overlap: an account number holds digits that look like a phone number."""
    chosen: list[SensitiveSpan] = []
    for span in sorted(spans, key=lambda s: s.start - s.end):
        if all(span.end <= other.start or span.start >= other.end for other in chosen):
            chosen.append(span)
    return sorted(chosen, key=lambda s: s.start)


def _passes_luhn(value: str) -> bool:
    digits = [int(c) for c in value if c.isdigit()]
    if len(set(digits)) < 3:
        return False
    doubled = [d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _is_iban(value: str) -> bool:
    compact = value.replace(" ", "")
    if not 15 <= len(compact) <= 34:
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1
