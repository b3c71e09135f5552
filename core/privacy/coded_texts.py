"""What a text says once it is read as programs read it: bytes in their encoding, escapes, entities, tags, quoted-printable, percent signs, base64.

Pure: of a text its other readings, of bytes their texts. What a reading leaves as it was is not given again. A run of base64 that holds a packed file
is given as that file's bytes.

Not covered: base64 within base64, and codes that nobody reads text from by itself: hexadecimal, Morse, ciphers.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import quopri
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import unquote

# How a text was coded, in words, and what it says.
Coded = tuple[str, str]

# From the first of several backslashes on, so that a page of nothing else is gone over once.
ESCAPE = re.compile(r"(?<!\\)\\++(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|'([0-9a-fA-F]{2})|([nrtv]))")
ENTITY = re.compile(r"&#?\w{2,31};")
PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
QUOTED = re.compile(r"=(?:[0-9A-Fa-f]{2}|[ \t]*\r?\n)")
# Longer than any tag of an office program's, so that a sign for "less than" hides no page.
TAG = re.compile(r"<[!?/A-Za-z][^<>]{0,4000}+>")
WORDS_OF_A_HEADER = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?\n]*+\?=(?:\s*=\?[^?\s]+\?[bBqQ]\?[^?\n]*+\?=)*")
# Lines of base64 go on in the next one; numbers of records, hashes and such are no base64.
BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}+(?:\r?\n[ \t]{0,8}[A-Za-z0-9+/_-]++)*+={0,2}")
LETTERS_OF_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_- \t\r\n"
HASH = re.compile(r"(?:[A-Za-z]{0,4}_)?[0-9a-f-]+")
PACKED_MARKS = (
    b"PK\x03\x04", b"%PDF", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"PAR1", b"ARROW1", b"\xd0\xcf\x11\xe0", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18",
)  # fmt: skip
# The longer marks first: UTF-32's little-endian mark begins with UTF-16's.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
DETECTION_BYTES = 64 * 1024
# Codes that may stand over base64, whose lines and letters they change.
BEFORE_BASE64 = frozenset({"escapes", "quoted-printable"})
SURROGATES = re.compile("[\ud800-\udfff]")


def texts_of_bytes(content: bytes, *, is_binary: bool, encoding: str = "") -> Iterator[str]:
    """The bytes as texts in the codes that they may be written in. encoding: that the file's mark names."""
    if encoding:
        yield content.decode(encoding, errors="replace")
        return
    text = content.decode("utf-8", errors="replace")
    yield text
    if "\ufffd" in text:
        yield content.decode("cp1252", errors="replace")
        if not is_binary:
            yield from _as_detected(content)
    if is_binary:
        yield content.decode("utf-16-le", errors="replace")
        yield content[1:].decode("utf-16-le", errors="replace")
        yield content.decode("utf-16-be", errors="replace")


def encoding_of(head: bytes) -> str:
    """The encoding that the first bytes name; empty where they name none, or UTF-8."""
    return next((name for mark, name in MARKS if head.startswith(mark)), "")


def readings(text: str) -> Iterator[Coded]:
    """What the text says when it is decoded, each reading once; the text itself is not among them."""
    given = {text}
    starts = [("", text)]
    if QUOTED.search(text):
        starts.append(("quoted-printable", _unquoted(text)))
    for start, begun in starts:
        for code, read in _peeled(start, begun):
            if read not in given:
                given.add(read)
                yield code, read
    for words in WORDS_OF_A_HEADER.finditer(text):
        yield "words of a mail's header", _header(words.group())


def _peeled(code: str, text: str) -> Iterator[Coded]:
    """One code after another taken off, as programs put them on: what is in JSON is escaped last."""
    if code:
        yield code, text
    if "\\" in text and ESCAPE.search(text):
        code, text = code or "escapes", _joined_halves(ESCAPE.sub(_unescaped, text))
        yield code, text
    if "%" in text and PERCENT.search(text):
        yield code or "percent signs", unquote(text, errors="replace")
        yield code or "percent signs", unquote(text, encoding="cp1252", errors="replace")
    has_tags = "<" in text and TAG.search(text) is not None
    if "&" in text and not has_tags and ENTITY.search(text):
        yield code or "entities", html.unescape(html.unescape(text))
    if has_tags:
        # A name may be broken by a tag, and two words may have nothing but tags between them.
        for between in ("", " "):
            bare = TAG.sub(between, text)
            yield code or "markup", html.unescape(html.unescape(bare)) if "&" in bare else bare


def runs_of_base64(text: str) -> Iterator[bytes]:
    """What stands in base64: of each run its bytes. It may begin up to three characters before its first whole group, so all four are tried."""
    for run in BASE64.finditer(text):
        letters = re.sub(r"[\s=]", "", run.group())
        if HASH.fullmatch(letters):
            continue
        letters = letters.replace("-", "+").replace("_", "/")
        for start in range(4):
            piece = letters[start:]
            content = _decoded(piece[: len(piece) - 1] if len(piece) % 4 == 1 else piece)
            if content:
                yield content
                if start == 0 and content.startswith(PACKED_MARKS):
                    break


def ends_within_packed_base64(content: bytes) -> bool:
    """Whether the last run of base64 reaches to the end and is that of a packed file, which goes on behind it."""
    tail = content[len(content.rstrip(LETTERS_OF_BASE64)) :].decode("ascii")
    last = list(BASE64.finditer(tail))[-1:]
    return any(one.end() >= len(tail) - 2 and _decoded(one.group()[:16]).startswith(PACKED_MARKS) for one in last)


def _decoded(letters: str) -> bytes:
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return b""


def _as_detected(content: bytes) -> Iterator[str]:
    """In the encoding that an import would take it for."""
    # Loaded here: most texts are UTF-8.
    from charset_normalizer import from_bytes

    best = from_bytes(content[:DETECTION_BYTES]).best()
    if best is not None and best.encoding not in ("utf_8", "cp1252", "ascii"):
        yield content.decode(best.encoding, errors="replace")


def _unquoted(text: str) -> str:
    content = quopri.decodestring(text.encode("utf-8", "replace"))
    read = content.decode("utf-8", "replace")
    return content.decode("cp1252", "replace") if "\ufffd" in read else read


def _unescaped(match: re.Match[str]) -> str:
    if match[4]:
        return "\n"
    if match[3]:
        return bytes([int(match[3], 16)]).decode("cp1252", "replace")
    return chr(int(match[1] or match[2], 16))


def _joined_halves(text: str) -> str:
    """Characters beyond the first plane are escaped as two halves."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if SURROGATES.search(text) else text


def _header(words: str) -> str:
    try:
        pieces = decode_header(words)
    except (HeaderParseError, ValueError):
        return words
    return "".join(_piece(piece, code) for piece, code in pieces)


def _piece(piece: bytes | str, code: str | None) -> str:
    if isinstance(piece, str):
        return piece
    try:
        return piece.decode(code or "ascii", "replace")
    except LookupError:
        return piece.decode("utf-8", "replace")
