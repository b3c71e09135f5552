"""Numbers of orders and accounts: a word says what the number is of.

What stands in the same form whatever the word (cards, bank accounts, phones, identity numbers) comes from the checks that the
import makes as well, in core/curate/sensitive.py.
"""

from __future__ import annotations

import regex

from core.curate.sensitive import personal_data
from core.privacy.spans import PersonalSpan, PersonalType

FOUND_BY = "numbers"
SURE, LIKELY, GUESSED = 0.85, 0.7, 0.6
LEAST_DIGITS, LEAST_BARE_DIGITS = 3, 5

_SIGN = r"(?:[ _-]?(?:number|no\.?|nr\.?|num\.?|id|code|reference|ref\.?|#|n°|nº))"
_LINK = r"(?:[ \t]*(?:[:=#]|\bis\b|\bwas\b)+[ \t#]*|[ \t]+#?)"
_VALUE = r"(?P<value>(?=[\p{L}/-]{0,8}\d)[A-Z\d]{1,12}(?:[-/][A-Z\d]{1,12}){0,4})(?![\w%])"
_ORDERS = (
    "order|invoice|ticket|case|booking|confirmation|tracking|shipment|parcel|consignment|rma|purchase order|quote|transaction|receipt"
    "|reservation|incident|claim|complaint|delivery|subscription|contract"
)
_ACCOUNTS = (
    "account|acct\\.?|customer|client|user|member|membership|subscriber|loyalty|licen[cs]e|serial|policy|meter|imei"
)
ORDER = regex.compile(rf"\b(?i:{_ORDERS})(?P<sign>(?i:{_SIGN}){{1,2}})?{_LINK}{_VALUE}")
ACCOUNT = regex.compile(rf"\b(?i:{_ACCOUNTS})(?P<sign>(?i:{_SIGN}){{1,2}})?{_LINK}{_VALUE}")
PHONE = regex.compile(
    r"(?i)\b(?:mobile|cell(?:phone)?|phone|tel(?:ephone)?|fax|desk|direct|office|work|home|whatsapp|call me (?:at|on))\b[.:]* ?[:=]?[ \t]*"
    r"(?P<value>\+?\(?\d[\d ().x/-]{5,22}\d)(?![\w-])"
)
DAY = regex.compile(r"\b(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ]\d\d:\d\d(?::\d\d)?)?(?![\w-])")
CARD = regex.compile(r"(?i)\bcard\b[^\n.\d]{0,25}(?P<value>\d(?:[ -]?\d){11,18})(?![\d-])")
NO_NUMBER = regex.compile(r"(?:19|20)\d\d(?:[-/]\d\d?){0,2}\Z|\d{1,2}[-/]\d{1,2}[-/]\d{2,4}\Z|\d+[A-Z]{1,2}\Z")

TYPES = {
    "e-mail address": PersonalType.EMAIL_ADDRESS,
    "phone number": PersonalType.PHONE_NUMBER,
    "bank account": PersonalType.BANK_ACCOUNT,
    "masked account": PersonalType.BANK_ACCOUNT,
    "card number": PersonalType.CREDIT_CARD,
    "date of birth": PersonalType.DATE_OF_BIRTH,
    "identity number": PersonalType.ID_NUMBER,
    "street address": PersonalType.STREET_ADDRESS,
    "licence plate": PersonalType.LICENCE_PLATE,
    "address of a machine": PersonalType.IP_ADDRESS,
    "child": PersonalType.STATEMENT,
    "statement about a person": PersonalType.STATEMENT,
}
# What check digits or a form of its own confirm stands above what the language model guesses.
SCORES = {
    PersonalType.CREDIT_CARD: 1.0,
    PersonalType.BANK_ACCOUNT: 0.95,
    PersonalType.EMAIL_ADDRESS: 1.0,
    PersonalType.STATEMENT: 0.4,
}


def numbers(text: str) -> list[PersonalSpan]:
    """Orders, accounts, and what the checks at import know, overlaps and all."""
    found = [
        PersonalSpan(span.start, span.end, TYPES[span.kind], SCORES.get(TYPES[span.kind], 0.8), "checks at import")
        for span in personal_data(text)
    ]
    found += [PersonalSpan(m.start(), m.end(), PersonalType.DATE_TIME, GUESSED, FOUND_BY) for m in DAY.finditer(text)]
    for pattern, kind in ((PHONE, PersonalType.PHONE_NUMBER), (CARD, PersonalType.CREDIT_CARD)):
        found += [PersonalSpan(m.start("value"), m.end("value"), kind, SURE, FOUND_BY) for m in pattern.finditer(text)]
    for pattern, kind in ((ORDER, PersonalType.ORDER_NUMBER), (ACCOUNT, PersonalType.ACCOUNT_NUMBER)):
        for match in pattern.finditer(text):
            value = match["value"]
            n_digits = sum(c.isdigit() for c in value)
            is_told = match["sign"] is not None or "#" in text[match.start() : match.start("value")]
            if n_digits >= (LEAST_DIGITS if is_told else LEAST_BARE_DIGITS) and not NO_NUMBER.match(value):
                found.append(
                    PersonalSpan(match.start("value"), match.end("value"), kind, SURE if is_told else LIKELY, FOUND_BY)
                )
    return found
