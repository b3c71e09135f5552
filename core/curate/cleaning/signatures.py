"""What a mail program or a habit puts under a message: signature, disclaimer, "Sent from my phone"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.curate.cleaning.changes import Around, Change
from core.curate.cleaning.lines import Line, lines_of, taken_out

MAX_LINES = 12
MAX_WORDS_A_LINE = 14
DELIMITER = re.compile(r"^\s*--\s*$")
SENT_FROM = re.compile(
    r"^\W*(?:sent from (?:my |an? )?[\w .'’-]{2,40}|sent (?:from|via|with) \[?(?:mail|outlook|yahoo|gmail|proton ?mail|thunderbird|samsung)\b.{0,80}|"
    r"get (?:\[?outlook for (?:ios|android)\b).{0,80}|von meinem [\w .]{2,30} gesendet|envoyé de(?:puis)? mon [\w .]{2,30}|"
    r"enviado desde mi [\w .]{2,30})\W*$",
    re.IGNORECASE,
)
DISCLAIMER = re.compile(
    r"\b(?:this|the) (?:e-?mail|message|communication)\b.{0,120}\b(?:confidential|intended (?:only|solely)|privileged)\b"
    r"|\bif you (?:are not the intended recipient|have received this (?:e-?mail|message) in error)\b",
    re.IGNORECASE,
)
CONTACT = re.compile(
    r"^\W*(?:tel|phone|mobile|cell|fax|direct|office|email|e-mail|mail|web|www|skype|t|m|p|f|e|w)\s*[.:|]\s*\S"
    r"|^\W*(?:https?://|www\.)\S+\W*$|^\W*<?[\w.+-]+@[\w-]+\.[\w.]+>?\W*$|^\W*\+?\d[\d ().\-/]{6,}\W*$",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"[.!?:]\s*$")


def strip_signatures(text: str, around: Around) -> list[Change]:
    """At most one change, at the end of the text; what stands above it is looked at in the next round."""
    lines = lines_of(text)
    end = len(lines)
    while end and lines[end - 1].is_blank:
        end -= 1
    if not end:
        return []
    for find, reason in (
        (_delimited, "signature"),
        (_sent_from, "line of a mail program"),
        (_disclaimer, "disclaimer"),
        (_contact_block, "signature with contact data"),
    ):
        first = find(lines[:end])
        if first is not None:
            return [taken_out(lines, first, len(lines) - 1, reason)]
    return []


def _delimited(lines: Sequence[Line]) -> int | None:
    """Where `--` stands alone with short lines below it. Under a line of text it underlines a heading."""
    for n in range(len(lines) - 1, max(-1, len(lines) - MAX_LINES - 2), -1):
        if lines[n].is_code:
            return None
        if DELIMITER.match(lines[n].text) and (not n or lines[n - 1].is_blank or lines[n].text.startswith("-- ")):
            return n if all(len(line.text.split()) <= MAX_WORDS_A_LINE for line in lines[n + 1 :]) else None
    return None


def _sent_from(lines: Sequence[Line]) -> int | None:
    last = lines[-1]
    return len(lines) - 1 if not last.is_code and SENT_FROM.match(last.text) else None


def _disclaimer(lines: Sequence[Line]) -> int | None:
    first = _start_of_last_block(lines)
    block = lines[first:]
    if any(line.is_code for line in block):
        return None
    return first if DISCLAIMER.search(" ".join(line.text for line in block)) else None


def _contact_block(lines: Sequence[Line]) -> int | None:
    """The last block, where it is short lines, no sentences, and two of them or more are contact data.

    A list is what somebody was told, and a text of one block is no signature.
    """
    first = _start_of_last_block(lines)
    block = lines[first:]
    if not first or len(block) > MAX_LINES or any(line.is_code for line in block):
        return None
    texts = [line.text.strip() for line in block]
    if any(text.startswith(("-", "*", "#", ">", "|")) and not text.startswith("**") for text in texts):
        return None
    n_contacts = sum(bool(CONTACT.match(text)) for text in texts)
    others = [text for text in texts if not CONTACT.match(text)]
    is_name = all(len(text.split()) <= 6 and not SENTENCE.search(text) for text in others)
    return first if n_contacts >= 2 and others and is_name else None


def _start_of_last_block(lines: Sequence[Line]) -> int:
    first = len(lines) - 1
    while first and not lines[first - 1].is_blank:
        first -= 1
    return first
