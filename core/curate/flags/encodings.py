"""Letters garbled by a wrong encoding: written with one code page, read with another.

What ftfy calls bad is taken over. Beyond it, a stretch is garbled when it turns into plain text once it is encoded with the page that it
was read with and decoded with the one it was written with. That proves itself where the writing was UTF-8, whose bytes nothing else
forms by chance. Between two one-byte pages there is no such proof: there the signs in the middle of words must become
letters. Between two East Asian pages the characters must turn from rare ones into those that are in use.
Traces of other ways to wrap letters in ASCII (UTF-7, quoted-printable, HZ) are found where they decode.

Not covered: letters that were lost in between, and a single letter that is wrong but possible.
"""

from __future__ import annotations

import codecs
import quopri
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

import ftfy
import ftfy.badness

Span = tuple[int, int]

# UTF-8 read as the code pages of DOS, which ftfy does not look for: quotes and dashes, and letters with accents.
DOS_MOJIBAKE = re.compile(r"[ΓÔ]Ç[^\s\w.,]|[ΓÔ]Ç[ôöÖÿûòÉ]|[├┬][^\s─-╿]")
# C0 and C1 control characters, and the replacement character inside or beside words.
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]|\w�|�\w|�{2,}")
# An apostrophe of Windows read by a Mac, and the other way round: a letter where English has none.
MAC_APOSTROPHE = re.compile(
    r"\b(?:[A-Za-z]+n[íÕ]t|(?:it|that|what|there|here|he|she|let|who|where)[íÕ]s|(?:I|you|we|they)[íÕ](?:ve|re|ll|m|d))\b",
    re.IGNORECASE,
)
# No language of Latin letters writes four accented ones in a row; an alphabet that is spelt out has each once, in order.
ACCENTED_RUN = re.compile(r"[\u00a1-\u00ff]{4,}")
FEWEST_ACCENTED_RUNS = 2
NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
# Typographic marks stand side by side in plain texts.
ADJACENT = re.compile(r"[^\x00-\x7f](?![\u2010-\u2026\xa0])[^\x00-\x7f]|(?![\u2010-\u2026\xa0])[^\x00-\x7f]{2}")
EAST_ASIAN = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff61-\uff9f]")

# The pages that UTF-8 is read with by mistake.
ONE_BYTE = (
    "cp1252", "latin-1", "cp1251", "koi8_r", "cp1250", "mac_roman", "cp437", "cp850", "cp1253", "cp1254", "cp1255", "cp1256",
    "cp1257", "cp1258", "iso8859-2", "iso8859-5", "iso8859-7", "iso8859-9", "iso8859-15", "cp866", "mac_cyrillic", "cp874", "cp852",
)  # fmt: skip
TWO_BYTES = ("gbk", "big5", "shift_jis", "euc_kr", "euc_jp", "cp932", "cp949")
# Of the stretch's bytes so many may be unfit for UTF-8: some characters are lost when a page lacks them.
UNFIT_SHARE, UNFIT_SHARE_OF_TWO = 0.1, 0.25
FEWEST_BYTES_OF_TWO, SURE_BYTES = 9, 8

# Signs between two letters, or a capital with an accent there: no word is written so. Apostrophes, dashes and dots may join words.
_SIGNS = r"\u00a1-\u00b3\u00b5\u00b6\u00b8-\u00bf\u00d7\u00f7\u0131\u0192\u02c6\u02d8-\u02dd\u201a-\u201e\u2020-\u2022\u2026\u2030-\u203a\u20ac\u2122\u2202-\u2265\u25ca\u2500-\u25ff"
SIGN_INSIDE = re.compile(rf"(?<=[A-Za-z])[{_SIGNS}\u00c0-\u00d6\u00d8-\u00de]{{1,3}}(?=[a-z\u00df-\u00ff])")
FEWEST_SIGNS = 2
# One or two letters of another script, or blocks and box lines, that touch a Latin word: a quotation would have whole words of them.
_OTHER_SCRIPT = r"\u0386-\u1cff\u2500-\u259f\u2e80-\ud7ff\uf900-\ufdff\ufe70-\uffef"
LOOSE_FOREIGN = re.compile(
    rf"(?<=[a-z])[{_OTHER_SCRIPT}]{{1,2}}(?![{_OTHER_SCRIPT}])|(?<![{_OTHER_SCRIPT}])[{_OTHER_SCRIPT}]{{1,2}}(?=[A-Za-z]{{2}})"
)
# Formulas and units use these beside Latin letters.
GREEK_SYMBOL = re.compile(r"[αβγδεζηθκλμνπρστφχψωΓΔΘΛΣΦΨΩ]")
MOSTLY_LATIN = 0.2
WESTERN = ("cp1252", "mac_roman", "cp437", "cp850")

CYRILLIC_PAGES = ("cp1251", "koi8_r", "cp866", "iso8859-5", "mac_cyrillic", "cp855")
CYRILLIC = re.compile(r"[\u0400-\u04ff\u2500-\u259f]{3,}")
COMMON_CYRILLIC = frozenset("оеаинтсрвлкмдпу")
FEWEST_CYRILLIC = 12
CASE_TURNED = re.compile(r"[а-яё][А-ЯЁ]")

# Of the characters of a plain text so many are in use; a better reading has so many, and so many more than the worse one.
FEWEST_CHARACTERS, USED_SHARE, USED_AGAIN, USED_GAIN = 6, 0.9, 0.8, 0.15
COMMON_SHARE, COMMON_GAIN = 0.45, 0.25

UTF7 = re.compile(r"\+([A-Za-z0-9/]{2,400})-")
QUOTED_PRINTABLE = re.compile(r"(?:=[89A-F][0-9A-F]){2,}")
HZ = re.compile(r"~\{([!-}]{4,})~\}|\x1b\$[@B]|\$B[!-~]{4,}\(B")
ESCAPED = re.compile(r"(?:\\u00[89a-f][0-9a-f]|\\u20[0-9a-f]{2}|\\x[89a-f][0-9a-f])", re.IGNORECASE)
ENTITY_OF_ENTITY = re.compile(r"&amp;(?:#\d+|#x[0-9a-f]+|[a-z]+(?:acute|grave|uml|circ|tilde|cedil)|[lr][sd]quo|[mn]dash|hellip|nbsp);", re.IGNORECASE)  # fmt: skip


def garbled_stretches(text: str) -> Iterator[Span]:
    """Where each garbled paragraph of a text is garbled."""
    at = 0
    for paragraph in text.split("\n"):
        span = (None if paragraph.isascii() else _garbled(paragraph)) or _wrapped(paragraph)
        if span is None and not paragraph.isprintable() and (found := CONTROLS.search(paragraph)):
            span = found.span()
        if span:
            yield at + span[0], at + span[1]
        at += len(paragraph) + 1


def _garbled(paragraph: str) -> Span | None:
    found = DOS_MOJIBAKE.search(paragraph) or MAC_APOSTROPHE.search(paragraph)
    if found:
        return found.span()
    found = ftfy.badness.BADNESS_RE.search(paragraph)
    if found and (ftfy.badness.badness(paragraph) >= 3 or ftfy.fix_encoding(paragraph) != paragraph):
        return found.span()
    if ADJACENT.search(paragraph) or EAST_ASIAN.search(paragraph):
        for check in (_accented_runs, _utf8_misread, _east_asian_misread, _cyrillic_misread):
            if span := check(paragraph):
                return span
    return _signs_inside_words(paragraph) or _loose_foreign(paragraph)


def _accented_runs(paragraph: str) -> Span | None:
    runs = [
        run
        for run in ACCENTED_RUN.finditer(paragraph)
        if len(set(run.group())) >= 3 and list(run.group().lower()) != sorted(run.group().lower())
    ]
    return runs[0].span() if len(runs) >= FEWEST_ACCENTED_RUNS else None


def _utf8_misread(paragraph: str) -> Span | None:
    """UTF-8 read with another page: encoded with it, the stretch is UTF-8 again."""
    found = NOT_ASCII.search(paragraph)
    assert found is not None
    pages = (*ONE_BYTE, *TWO_BYTES) if EAST_ASIAN.search(paragraph) else ONE_BYTE
    # In a page of one byte each, what was a character of UTF-8 is a run without ASCII.
    runs = " ".join(NOT_ASCII.findall(paragraph))
    for page in pages:
        is_of_two = page in TWO_BYTES
        raw = _encoded(paragraph if is_of_two else runs, page)
        if raw is None:
            continue
        again = raw.decode("utf-8", "replace")
        n_unfit = again.count("\ufffd")
        fit = [c for c in again if ord(c) > 127 and c != "\ufffd"]
        n_bytes = sum(len(c.encode()) for c in fit)
        if not fit or n_bytes < (FEWEST_BYTES_OF_TWO if is_of_two else 2):
            continue
        if n_unfit > (UNFIT_SHARE_OF_TWO if is_of_two else UNFIT_SHARE) * n_bytes:
            continue
        # A few bytes may be fit for UTF-8 by chance, but not spell what stands in a text of Latin letters.
        if (n_bytes >= SURE_BYTES and all(unicodedata.category(c) in _WRITTEN for c in fit)) or all(
            map(_is_western, fit)
        ):
            return found.span()
    return None


def _is_western(character: str) -> bool:
    """A letter with an accent, a typographic mark, a currency or an arrow."""
    return "\u00a2" <= character <= "\u017f" or "\u2010" <= character <= "\u203a" or character in "€™→←↑↓•✓"


# Letters, their marks, and punctuation; no private, unassigned or control characters.
_WRITTEN = frozenset({"Lu", "Ll", "Lo", "Lm", "Mn", "Mc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Nd", "Zs", "So", "Sc", "Sm", "No"})  # fmt: skip


def _encoded(text: str, page: str) -> bytes | None:
    """The bytes of a text in a page; None where more than a few characters are not of that page."""
    try:
        return text.encode(page)
    except UnicodeEncodeError:
        kept = text.encode(page, "ignore")
    n_lost = len(text) - len(kept.decode(page, "ignore"))
    n_marked = sum(ord(c) > 127 for c in text)
    return kept if n_lost <= UNFIT_SHARE * n_marked else None


def _signs_inside_words(paragraph: str) -> Span | None:
    """One Western page read as another: signs in the middle of words that all become letters."""
    signs = list(SIGN_INSIDE.finditer(paragraph))
    if len(signs) < FEWEST_SIGNS:
        return None
    for read_as in WESTERN:
        raw = _encoded(paragraph, read_as)
        if raw is None:
            continue
        for written_as in WESTERN:
            again = raw.decode(written_as, "ignore")
            if written_as != read_as and not SIGN_INSIDE.search(again) and _n_accented(again) >= len(signs):
                return signs[0].span()
    return None


def _loose_foreign(paragraph: str) -> Span | None:
    """Single letters of other scripts that stick to words of a text which is Latin otherwise."""
    found = [m for m in LOOSE_FOREIGN.finditer(paragraph) if not GREEK_SYMBOL.fullmatch(m.group())]
    if len(found) < FEWEST_SIGNS:
        return None
    n_foreign = sum(map(len, re.findall(rf"[{_OTHER_SCRIPT}]+", paragraph)))
    n_latin = sum(c.isascii() and c.isalpha() for c in paragraph)
    return found[0].span() if n_foreign <= MOSTLY_LATIN * n_latin else None


def _n_accented(text: str) -> int:
    return sum(c.isalpha() and ord(c) > 127 for c in text)


def _cyrillic_misread(paragraph: str) -> Span | None:
    """A Cyrillic page read as another: the letters turn from rare ones and turned case into those that are common."""
    found = CYRILLIC.search(paragraph)
    if found is None:
        return None
    before = _commonness(paragraph)
    if before >= COMMON_SHARE and len(CASE_TURNED.findall(paragraph)) < FEWEST_SIGNS:
        return None
    for read_as in CYRILLIC_PAGES:
        raw = _encoded(paragraph, read_as)
        if raw is None:
            continue
        for written_as in CYRILLIC_PAGES:
            again = raw.decode(written_as, "ignore")
            if written_as != read_as and _commonness(again) >= before + COMMON_GAIN and not CASE_TURNED.search(again):
                return found.span()
    return None


def _commonness(text: str) -> float:
    """Share of the Cyrillic letters and box signs that are common small letters, or begin a word."""
    marked = [c for c in text if "\u0400" <= c <= "\u04ff" or "\u2500" <= c <= "\u259f"]
    if len(marked) < FEWEST_CYRILLIC:
        return 1.0
    return sum(c in COMMON_CYRILLIC for c in marked) / len(marked)


def _east_asian_misread(paragraph: str) -> Span | None:
    """One East Asian page read as another: rare characters become ones in use."""
    found = EAST_ASIAN.search(paragraph)
    if found is None:
        return None
    marked = "".join(c for c in paragraph if ord(c) > 127)
    before = _share_in_use(marked)
    if len(marked) < FEWEST_CHARACTERS or before > USED_SHARE:
        return None
    for read_as in TWO_BYTES:
        raw = _encoded(marked, read_as)
        if raw is None:
            continue
        for written_as in TWO_BYTES:
            if written_as == read_as:
                continue
            again = raw.decode(written_as, "replace")
            if _share_in_use(again) >= max(USED_AGAIN, before + USED_GAIN):
                return found.span()
    # Two ASCII letters read as one character, or one with its bytes in the wrong order.
    raw = marked.encode("utf-16-le", "ignore").replace(b"\0", b"")
    return found.span() if sum(32 <= byte < 127 for byte in raw) >= USED_SHARE * len(raw) else None


def _share_in_use(text: str) -> float:
    """Share of characters that are in everyday use: of the first level of a national set, or a syllable sign."""
    return sum(map(_is_in_use, text)) / max(1, len(text))


@lru_cache(maxsize=8192)
def _is_in_use(character: str) -> bool:
    code = ord(character)
    # Kana, full-width marks and punctuation; half-width kana are seldom meant.
    if 0x3001 <= code <= 0x30FF or 0xFF01 <= code <= 0xFF60 or code < 128:
        return True
    levels: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
        ("gb2312", lambda b: 0xB0 <= b[0] <= 0xD7),
        ("big5", lambda b: 0xA4 <= b[0] <= 0xC6),
        ("shift_jis", lambda b: 0x88 <= b[0] <= 0x97),
        ("euc_kr", lambda b: 0xB0 <= b[0] <= 0xC8),
    )
    for page, is_first_level in levels:
        try:
            raw = character.encode(page)
        except UnicodeEncodeError:
            continue
        if len(raw) == 2 and is_first_level(raw):
            return True
    return False


def _wrapped(paragraph: str) -> Span | None:
    """Letters wrapped in ASCII by a way of sending mail, which nobody unwrapped."""
    if "+" in paragraph and "-" in paragraph:
        groups = [m for m in UTF7.finditer(paragraph) if _is_utf7(m.group())]
        if groups:
            return groups[0].span()
    if "=" in paragraph:
        for found in QUOTED_PRINTABLE.finditer(paragraph):
            if _decodes(quopri.decodestring(found.group().encode()), "utf-8"):
                return found.span()
    if ("~{" in paragraph or "$B" in paragraph) and (switched := HZ.search(paragraph)):
        return switched.span()
    if "\\" in paragraph and len(escaped := list(ESCAPED.finditer(paragraph))) >= FEWEST_SIGNS:
        return escaped[0].span()
    if "&amp;" in paragraph and len(named := list(ENTITY_OF_ENTITY.finditer(paragraph))) >= FEWEST_SIGNS:
        return named[0].span()
    return None


def _is_utf7(group: str) -> bool:
    try:
        said = codecs.decode(group.encode("ascii"), "utf-7")
    except UnicodeDecodeError:
        return False
    # Digits between a plus and a dash are numbers; what they would stand for is hardly ever of a Western text.
    return (
        bool(said)
        and all(map(_is_western, said) if len(said) < 3 else (unicodedata.category(c) in _WRITTEN for c in said))
        and not group[1:-1].isdigit()
    )


def _decodes(raw: bytes, page: str) -> bool:
    try:
        raw.decode(page)
    except UnicodeDecodeError:
        return False
    return True
