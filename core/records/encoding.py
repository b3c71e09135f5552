"""Bytes into text: byte-order marks, UTF-8 first, detection after that.

A file that is UTF-8 but for a few bytes stays UTF-8: those bytes become lone surrogates, and the
rows that hold them are refused one by one, instead of garbling every row by a wrong guess.

Not covered: files that mix encodings; a row that came out garbled gets the mojibake flag later.
"""

from __future__ import annotations

import codecs
import re
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
NUL_SHARE = 0.01
# So few are slips of what wrote a text, however short it is, and are taken out of its rows.
FEW_NULS = 8
# In UTF-16 without a mark, every second byte of Western text is NUL.
UTF16_NUL_SHARE = 0.7
GOOD_PER_BAD = 4
BAD_BYTE = re.compile("[\udc80-\udcff]")
NOT_ASCII = re.compile("[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class DecodedText:
    text: str
    encoding: str


def decode(content: bytes, name: str) -> DecodedText:
    """Text and the encoding it was in. Raises UnreadableFile when no encoding fits, or when it is no text."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _marked(content, encoding, name)
    unmarked = _utf16_without_mark(content)
    if unmarked is not None:
        return unmarked
    text = content.decode("utf-8", "surrogateescape")
    n_bad, n_nuls = len(BAD_BYTE.findall(text)), content.count(b"\x00")
    if n_nuls > NUL_SHARE * len(content) and (n_bad or n_nuls > FEW_NULS):
        raise UnreadableFile(f"{name} is not text: it is full of NUL bytes.", remedy="Export it as text in UTF-8.")
    if not n_bad:
        return DecodedText(text, "utf-8")
    n_good = len(NOT_ASCII.findall(text)) - n_bad
    return DecodedText(text, "utf-8") if n_good >= GOOD_PER_BAD * n_bad else _detected(content, name)


def _marked(content: bytes, encoding: str, name: str) -> DecodedText:
    if encoding == "utf-8-sig":
        return DecodedText(content.decode(encoding, "surrogateescape"), "utf-8")
    try:
        return DecodedText(content.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"{name} begins with the mark of {encoding}, but byte {error.start} does not fit it.",
            remedy="Save the file as UTF-8.",
        ) from error


def _utf16_without_mark(content: bytes) -> DecodedText | None:
    head = content[:DETECTION_BYTES]
    for encoding, nul_half, other_half in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if nul_half.count(0) <= UTF16_NUL_SHARE * len(nul_half) or other_half.count(0) > NUL_SHARE * len(other_half):
            continue
        try:
            return DecodedText(content.decode(encoding), encoding)
        except UnicodeDecodeError:
            continue
    return None


def _detected(content: bytes, name: str) -> DecodedText:
    sample = content[:DETECTION_BYTES]
    # Cut at a line's end: half of a two-byte character would rule the right encoding out.
    if len(content) > DETECTION_BYTES and b"\n" in sample:
        sample = sample[: sample.rindex(b"\n") + 1]
    best = from_bytes(sample).best()
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

    NUL characters are taken out, line ends become one line feed; a lone surrogate has no meaning
    and refuses the row.
    """
    text = value.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        if BAD_BYTE.match(text[error.start]):
            byte = ord(text[error.start]) - 0xDC00
            return (
                "",
                f"the byte 0x{byte:02X}, which is no UTF-8, or half of a character pair, at position {error.start}",
            )
        return "", f"half of a character pair (a lone surrogate) at position {error.start}"
    return text, ""
