"""Postal addresses: runs of numbers and names, in one line or several, that something shows to be an address.

A run is made of numbers, words with a capital, and the small words and signs that stand between them in addresses of many
languages. It counts where it holds a street's name beside a number, a flat, a box of the army or the post, or a country behind a
number, or where the words before it say that an address follows. In a text without any capital every word that is no
common one may be a name.

Not covered: addresses in scripts without capitals, and a place named by its town alone (the language model's part).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import regex

from core.privacy.common_words import COMMON_WORDS
from core.privacy.countries import COUNTRY
from core.privacy.spans import PersonalSpan, PersonalType

FOUND_BY = "addresses"
SURE, LIKELY, DOUBTFUL = 0.85, 0.7, 0.5
MOST_LINES, LONGEST = 6, 220
CUE_CHARACTERS = 60

TOKEN = regex.compile(
    r"(?<![\w])\p{L}[\p{L}\p{M}'’∆.-]*/?|(?<![\w.])\d{1,6}(?:[-/]\d{1,6})?\p{L}?(?!\w)\.?|\n[ \t>?*|]*|\S"
)
_STREET_WORDS_AS_TEXT = """
street str str. strasse straße st st. road rd rd. avenue ave ave. lane ln drive dr dr. close court ct crescent cres square sq
place pl pl. terrace tce way rise row grove hill park walk mews boulevard blvd highway hwy parkway pkwy circle cir trail alley
quay wharf plaza rue chemin allée impasse quai calle avenida avda paseo rua praça travessa via viale piazza corso strada ul.
ulica al. aleja utca u. út útja tér körút kapu tee mnt põik gate gata weg platz plein laan c/ cesta ulice náměstí r.
square esplanade gardens
"""
STREET_WORDS = frozenset(_STREET_WORDS_AS_TEXT.split())
STREET_ENDING = regex.compile(
    r"(?:straße|strasse|str\.?|stra[ae]t|gasse|weg|platz|allee|ring|damm|ufer|laan|gata|gatan|vägen|gade|vej|veien|vegen|katu|kuja|tie|polku"
    r"|utca|plein|gracht|steeg|dreef|singel|kade|toften|vænget|parken|bakken|braut|skálinn|stræti|torget|allé)\Z"
)
# What stands small beside a street's name even in a text with capitals.
_SMALL_STREET_WORDS_AS_TEXT = "út útja utca tér u. ul. al. tee põik mnt gate rue str. ulica"
SMALL_STREET_WORDS = frozenset(_SMALL_STREET_WORDS_AS_TEXT.split())
_UNIT_WORDS_AS_TEXT = "apt apt. apartment suite ste ste. unit flat room floor"
UNIT_WORDS = frozenset(_UNIT_WORDS_AS_TEXT.split())
_JOINING_AS_TEXT = """
de del della delle dello di da do dos das du des la le les l d van der den von zu am an im el al los las y e i z ze u v ve na nad pod av
of st. saint
"""
JOINING = frozenset(_JOINING_AS_TEXT.split())
_ABBREVIATED_AS_TEXT = "st dr ave rd str blvd sq apt ste u ul al os pl no p o nr c av"
ABBREVIATED = frozenset(_ABBREVIATED_AS_TEXT.split())
NO_STREET = regex.compile(
    r"(?i)\b(?:windows|server|mac|ubuntu|debian|linux|firefox|thunderbird|version|release|office|android|ios|outlook|exchange|chrome|page|"
    r"chapter|section|figure|table|step|line|port|error|bug|ticket|order|case|invoice|article|january|february|march|april|may|june|july|"
    r"august|september|october|november|december|google|radeon|geforce|graphics|transport|monday|tuesday|wednesday|thursday|friday|saturday|sunday|core|python|java|intel)\b"
)
CUE = regex.compile(
    r"(?i)(?:\baddress(?:es)?\b(?: of [^\n.:]{1,40}?)?(?: (?:is|are|was|to|the same|at|now|changed))*:?|\boffices? (?:is |are )?(?:located )?(?:at|on|in)"
    r"|\blocated (?:at|on|in)|\b(?:live|lives|lived|living|reside|resides|stays?|moved) (?:at|in|on|to)|\barrived? at"
    r"|\b(?:sent|send|ship|shipped|deliver(?:ed)?|mail(?:ed)?|post(?:ed)?|visit(?:ed)?|come|drive|walk) (?:it |them |this |me |us )?(?:to|at)"
    r"|\bmeet\b[^\n.]{0,40},)(?:[ \t]*|(?<=:)\s*)\Z"
)
PLACE_CUE = regex.compile(
    r"(?i)\b(?:is|are|was|stands|lies|house|flat|office|shop|store|stop|station|hotel|home|school|street|early shows|accident|party) (?:on|at)\s*\Z"
)
CORNER = regex.compile(r"(?i)\b(?:the )?corner of ([^\n?!]{3,40}? and [^\n?!,.]{3,40}?)(?=[\n?!,.]|\Z)")
CROSSING = regex.compile(r"\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+)? and \Z")
ARMY = regex.compile(
    r"(?i)\b(?:(?:psc|unit) \d{1,5},? box \d{1,5}|us(?:s|ns|cgc|nv) [\p{L}'’ -]{2,30}?)\s*[\n,]\s*[adf]po,? (?:aa|ae|ap)(?: \d{5})?"
)
POST_BOX = regex.compile(
    r"(?i)\b(?:p\.? ?o\.? ?box|postfach|post office box|boîte postale|apartado) \d{1,6}(?:,? \p{Lu}[\p{L} ]{2,30}\d{0,6})?"
)
NAMED_STREET = regex.compile(
    r"\b(?:on|at|in|from|to|of) (\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+){0,2} (?:Street|Road|Avenue|Lane|Boulevard|Drive|Square))\b"
)
STATE_LINE = regex.compile(r"(?i)\s*,\s*\p{L}{2,3}\Z|[\p{L} .'’-]+,? \p{L}{2} \d{4,6}\Z")
ZIP_LINE = regex.compile(r"(?:^|\s)(?:\d{4,6}(?:-\d{3,4})?|\p{Lu}{1,2}\d{1,2}\p{Lu}? \d\p{Lu}{2})\Z")
ONLY_ZIP = regex.compile(r"\d{4,6}(?:-\d{3,4})?\Z")


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str
    kind: str


def addresses(text: str) -> list[PersonalSpan]:
    """Every postal address, overlaps and all."""
    found = [_span(m.start(), m.end(), SURE) for pattern in (ARMY, POST_BOX) for m in pattern.finditer(text)]
    found += [_span(m.start(), m.end(), LIKELY) for m in CORNER.finditer(text) if _names_places(m[1])]
    found += [_span(m.start(1), m.end(1), DOUBTFUL) for m in NAMED_STREET.finditer(text) if not NO_STREET.search(m[1])]
    is_small = text == text.lower()
    for run in _runs(text, is_small=is_small):
        found += _judged(text, run)
    return found


def _span(start: int, end: int, score: float) -> PersonalSpan:
    return PersonalSpan(start, end, PersonalType.STREET_ADDRESS, score, FOUND_BY)


def _names_places(value: str) -> bool:
    return value == value.lower() or all(regex.search(r"\p{Lu}", part) is not None for part in value.split(" and ", 1))


# ---- runs


def _runs(text: str, *, is_small: bool) -> Iterator[list[_Token]]:
    """Maximal runs of what addresses are made of that hold a number."""
    run: list[_Token] = []
    tokens = list(TOKEN.finditer(text))
    for place, match in enumerate(tokens):
        following = tokens[place + 1].group() if place + 1 < len(tokens) else ""
        kind = _kind(match.group(), following, run, is_small=is_small)
        if kind:
            run.append(_Token(match.start(), match.end(), match.group(), kind))
        if run and (not kind or _ends(match.group(), following)):
            yield from _whole(run)
            run = []
    yield from _whole(run)


def _whole(run: list[_Token]) -> Iterator[list[_Token]]:
    while run and run[-1].kind not in ("number", "name"):
        run = run[:-1]
    while run and run[0].kind not in ("number", "name"):
        run = run[1:]
    if len(run) > 1 and any(token.kind == "number" for token in run):
        yield run


def _kind(word: str, following: str, run: list[_Token], *, is_small: bool) -> str:
    """number, name, small (a word that joins), sign, line; empty for what stands in no address."""
    lower = word.lower()
    if word[0] == "\n":
        return "line" if run else ""
    if word[0].isdigit():
        return "number"
    if not word[0].isalpha():
        return "sign" if word in ",.#/()" and run else ""
    if word[0].isupper():
        return "name" if word != "I" else ""
    if lower in UNIT_WORDS or lower in STREET_WORDS:
        return "name" if is_small or lower in UNIT_WORDS or word.endswith((".", "/")) else "small" if run else ""
    if lower in JOINING or not word.isascii():
        return "small" if run or not word.isascii() else ""
    if is_small:
        return "" if lower.rstrip(".") in COMMON_WORDS else "name"
    # A small word between a name and a number: Csabai kapu 39.
    is_between = run and run[-1].kind == "name" and (following[:1].isdigit() or following.lower() in STREET_WORDS)
    return "small" if is_between and lower not in COMMON_WORDS else "nan" if lower == "nan" and run else ""


def _ends(word: str, following: str) -> bool:
    """Whether a sentence ends with the word: a full stop, not of an abbreviation, and no number behind it."""
    if len(word) < 2 or not word.endswith(".") or following[:1] == ",":
        return False
    stem = word[:-1].lower()
    if word[0].isdigit():
        return not (following[:1].isalnum() or following[:1] == "\n") or following[:1].islower()
    return not (len(stem) == 1 or stem in ABBREVIATED) and not following[:1].isdigit()


# ---- what shows a run to be an address


def _judged(text: str, run: list[_Token]) -> Iterator[PersonalSpan]:
    run = _from_its_number(_lines_of_one_address(text, run))
    while run and run[-1].kind not in ("number", "name", "nan"):
        run = run[:-1]
    if len(run) < 2 or not any(token.kind == "number" for token in run):
        return
    start, end = run[0].start, run[-1].end - run[-1].text.endswith(".")
    value, before = text[start:end], text[max(0, start - CUE_CHARACTERS) : start]
    if end - start > LONGEST or not any(token.kind == "name" for token in run):
        return
    score = _score(run, value, before)
    if score:
        crossing = CROSSING.search(before)
        is_crossing = crossing is not None and CUE.search(before[: crossing.start()]) is not None
        yield _span(start - len(crossing.group()) if crossing and is_crossing else start, end, score)


def _score(run: list[_Token], value: str, before: str) -> float:
    has_unit = any(t.text.lower() in UNIT_WORDS and n.kind == "number" for t, n in pairwise(run))
    n_numbers = sum(token.kind == "number" for token in run)
    if has_unit and n_numbers >= 2:
        return SURE
    if NO_STREET.search(value):
        return 0.0
    if _has_street(run):
        return SURE
    n_names = sum(token.kind == "name" for token in run)
    if CUE.search(before) and n_names:
        return LIKELY
    if run[0].kind == "number" and len(run[0].text) <= 6 and COUNTRY.search(value) and n_names >= 2:
        return LIKELY
    is_short = run[-1].kind == "number" and run[0].kind == "name" and len(run) <= 4 and "\n" not in value
    return LIKELY if is_short and PLACE_CUE.search(before) else 0.0


def _has_street(run: list[_Token]) -> bool:
    """A street's word or ending within reach of a number."""
    numbers = [place for place, token in enumerate(run) if token.kind == "number"]
    for place, token in enumerate(run):
        word = token.text.lower().rstrip(".,")
        is_written_so = token.kind == "name" or token.text.lower() in SMALL_STREET_WORDS
        beside = [other for other in run[max(0, place - 1) : place + 2] if other is not token]
        is_word = (token.text.lower() in STREET_WORDS or word in STREET_WORDS) and any(
            other.kind in ("name", "small") for other in beside
        )
        is_street = is_word or (len(word) > 5 and word.isalpha() and STREET_ENDING.search(word) is not None)
        if is_written_so and is_street and any(-5 <= number - place <= 4 for number in numbers):
            return True
    return False


def _from_its_number(run: list[_Token]) -> list[_Token]:
    """Without names before a comma and the house's number: Prague, 12 Main Street is told from its number on."""
    for place in range(1, min(len(run) - 1, 6)):
        if run[place].text == "," and run[place + 1].kind == "number" and all(t.kind != "number" for t in run[:place]):
            return run[place + 1 :]
    return run


def _lines_of_one_address(text: str, run: list[_Token]) -> list[_Token]:
    """The run's lines from the first with a number on, as far as they go on with the address."""
    lines: list[list[_Token]] = [[]]
    for token in run:
        if token.kind == "line":
            lines.append([])
        else:
            lines[-1].append(token)
    first = next(place for place, line in enumerate(lines) if any(t.kind == "number" for t in line))
    kept, last_sure = lines[first], 0
    taken = [kept]
    for line in lines[first + 1 : first + MOST_LINES]:
        if not line or not (_is_alone(text, line) or _is_anchor(text, line)):
            break
        taken.append(line)
        if _is_anchor(text, line):
            last_sure = len(taken) - 1
    return [token for line in taken[: last_sure + 1] for token in line]


def _is_alone(text: str, line: list[_Token]) -> bool:
    """Whether nothing else stands on the line: no word for a phone, no sentence."""
    start, end = line[0].start, line[-1].end
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    rest = text[end : stop if stop >= 0 else len(text)].strip(" .,?!\"')")
    return not rest and not text[begin:start].strip(" >?*|,\t") and end - start <= 60


def _is_anchor(text: str, line: list[_Token]) -> bool:
    value = text[line[0].start : line[-1].end].rstrip(".")
    if line[0].text.lower() in UNIT_WORDS or ONLY_ZIP.match(value):
        return True
    return bool(COUNTRY.search(value) or STATE_LINE.match(value) or ZIP_LINE.search(value))
