"""Bytes into text: byte-order marks, UTF-8 first, detection after that.

Not covered: files that mix encodings; a row that came out garbled gets the mojibake flag later.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from charset_normalizer import from_bytes

from core.errors import UnreadableFile

# The longer marks first: UTF-32's little-endian mark begins with UTF-16's.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DETECTION_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class DecodedText:
    text: str
    encoding: str


def decode(content: bytes, name: str) -> DecodedText:
    """Text and the encoding it was in. Raises UnreadableFile when no encoding fits."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding, name)
    try:
        return DecodedText(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _detected(content, name)


def _strictly(content: bytes, encoding: str, name: str) -> DecodedText:
    try:
        return DecodedText(content.decode(encoding), encoding.removesuffix("-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"{name} begins with the mark of {encoding}, but byte {error.start} does not fit it.",
            remedy="Save the file as UTF-8.",
        ) from error


def _detected(content: bytes, name: str) -> DecodedText:
    best = from_bytes(content[:DETECTION_BYTES]).best()
    if best is None:
        raise UnreadableFile(
            f"{name} is text in no encoding that could be recognised, or no text at all.",
            remedy="Save the file as UTF-8.",
        )
    try:
        return DecodedText(content.decode(best.encoding), best.encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableFile(
            f"{name} looks like {best.encoding}, but not all of it fits.", remedy="Save the file as UTF-8."
        ) from error


def clean_text(value: str) -> tuple[str, str]:
    """Text that every store and model can hold, and the reason if it cannot be made so.

    NUL characters are taken out; a lone surrogate has no meaning and refuses the row.
    """
    text = value.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return "", f"half of a character pair (a lone surrogate) at position {error.start}"
    return text, ""
