"""What a draft is asked for, and how briefs are read from a file: JSON Lines or CSV, good rows beside refused ones."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.errors import Invalid
from core.nouns import RejectedRow
from core.records.csv_rows import read_csv

MAX_PROMPT_CHARACTERS = 8_000
MAX_REFERENCE_CHARACTERS = 100_000
MAX_ITEM_CHARACTERS = 1_000
MAX_ITEMS = 50
MOST_WORDS = 5_000
COLUMNS = ("id", "prompt", "audience", "format", "length", "facts", "must_not_say", "reference")
LENGTH = re.compile(r"\s*(?:(\d{1,6})\s*(?:-|–|to)\s*)?(\d{1,6})\s*(?:words?)?\s*", re.IGNORECASE)
# A cell of a table holds several facts: one a line, or parted by this sign.
BETWEEN_ITEMS = re.compile(r"\s*[\n|]\s*")


@dataclass(frozen=True, slots=True)
class Length:
    """How many words a draft may have: from lowest (0 where nothing is said) to highest."""

    lowest: int
    highest: int

    def __str__(self) -> str:
        return f"{self.lowest:,} to {self.highest:,} words" if self.lowest else f"at most {self.highest:,} words"


@dataclass(frozen=True, slots=True)
class BriefIn:
    """What a draft is asked for. form: a title and three paragraphs, say. facts: must be used. reference: a real text on the same
    subject, shown as a control."""

    id: str
    prompt: str
    audience: str = ""
    facts: tuple[str, ...] = ()
    reference: str | None = None
    record_id: str | None = None
    form: str = ""
    length: Length | None = None
    must_not_say: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadBriefs:
    """rows: the number of each brief's row. refused: rows that are no brief, each with its number, the reason and what stood there."""

    briefs: tuple[BriefIn, ...]
    rows: tuple[int, ...]
    refused: tuple[RejectedRow, ...]


def read_briefs(text: str, *, name: str = "The briefs") -> ReadBriefs:
    """Briefs from JSON Lines (a line begins with a curly bracket) or CSV with a header. Raises Invalid where there is none to read."""
    is_json = text.lstrip("\ufeff \t\r\n").startswith(("{", "["))
    briefs: list[BriefIn] = []
    refused: list[RejectedRow] = []
    taken: dict[str, int] = {}
    for row in _json_rows(text) if is_json else _table_rows(text, name):
        if isinstance(row, RejectedRow):
            refused.append(row)
            continue
        number, value = row
        try:
            brief = brief_from(value)
            if brief.id in taken:
                raise Invalid(
                    f"The id {brief.id!r} stands in row {taken[brief.id]} already.", remedy="Give it another one."
                )
        except Invalid as error:
            refused.append(RejectedRow(number, str(error), json.dumps(value, ensure_ascii=False)[:200]))
            continue
        except RecursionError:
            refused.append(RejectedRow(number, "It is nested too deep."))
            continue
        taken[brief.id] = number
        briefs.append(brief)
    if not briefs and not refused:
        raise Invalid("There is no brief in the file.", remedy='Write one a line: {"id": "b1", "prompt": "…"}.')
    if not briefs:
        first = refused[0]
        raise Invalid(f"None of {len(refused):,} rows is a brief. Row {first.row}: {first.reason}")
    return ReadBriefs(tuple(briefs), tuple(taken.values()), tuple(refused))


def brief_from(value: dict[str, Any]) -> BriefIn:
    """A brief from a row. Raises Invalid naming the field, its value and what is allowed."""
    prompt = value.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise Invalid("There is no prompt.", remedy='Say what is to be written: {"id": "b1", "prompt": "…"}.')
    if len(prompt) > MAX_PROMPT_CHARACTERS:
        raise Invalid(f"The prompt has {len(prompt):,} characters.", remedy=f"Use up to {MAX_PROMPT_CHARACTERS:,}.")
    reference = value.get("reference")
    if reference and len(str(reference)) > MAX_REFERENCE_CHARACTERS:
        raise Invalid(
            f"The reference has {len(str(reference)):,} characters.",
            remedy=f"Use up to {MAX_REFERENCE_CHARACTERS:,}: as long as a draft, or its length gives it away.",
        )
    return BriefIn(
        id=str(value.get("id") or "").strip() or _id_of(value),
        prompt=prompt.strip(),
        audience=_short(value, "audience"),
        facts=_items(value, "facts"),
        reference=(str(reference).strip() or None) if reference else None,
        form=_short(value, "format"),
        length=length_from(value.get("length")),
        must_not_say=_items(value, "must_not_say"),
    )


def length_from(value: Any) -> Length | None:
    """80-120, "80 to 120 words", or 100 for at most so many. None where nothing is said. Raises Invalid for anything else."""
    if value is None or value == "":
        return None
    found = LENGTH.fullmatch(str(value))
    length = Length(int(found[1] or 0), int(found[2])) if found else None
    if length is None or not 0 < length.highest <= MOST_WORDS or length.lowest > length.highest:
        raise Invalid(
            f"The length {value!r} is not possible.",
            remedy=f"Write 80-120, or 100 for at most so many words; up to {MOST_WORDS:,}.",
        )
    return length


def _json_rows(text: str) -> Iterator[tuple[int, dict[str, Any]] | RejectedRow]:
    # At line feeds alone: other line ends of Unicode may stand within a text.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip("\ufeff \t\r"):
            continue
        try:
            value = json.loads(line.lstrip("\ufeff"))
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            yield RejectedRow(number, "It holds half of a character (a lone surrogate).", line[:200])
            continue
        except (ValueError, RecursionError) as error:
            yield RejectedRow(number, f"It is not valid JSON: {error}.", line[:200])
            continue
        yield (
            (number, value)
            if isinstance(value, dict)
            else RejectedRow(number, 'It is no brief. Write {"id": "b1", "prompt": "…"}.', line[:200])
        )


def _table_rows(text: str, name: str) -> Iterator[tuple[int, dict[str, Any]] | RejectedRow]:
    for row in read_csv(text, None, name) if text.strip() else ():
        if isinstance(row, RejectedRow):
            yield row
            continue
        number, cells = row
        known = {key.strip().casefold().replace(" ", "_"): value for key, value in cells.items()}
        if number == 1 and "prompt" not in known:
            columns = ", ".join(cells) or "none"
            raise Invalid(
                f"The table has no column called prompt; it has: {columns[:200]}.",
                remedy=f"Name the columns {', '.join(COLUMNS)}.",
            )
        yield number, {key: known[key] for key in COLUMNS if known.get(key)}


def _short(value: dict[str, Any], name: str) -> str:
    text = str(value.get(name) or "").strip()
    if len(text) > MAX_ITEM_CHARACTERS:
        raise Invalid(f"The {name} has {len(text):,} characters.", remedy=f"Use up to {MAX_ITEM_CHARACTERS:,}.")
    return text


def _items(value: dict[str, Any], name: str) -> tuple[str, ...]:
    """Several short texts: a list, or one text with a line or a | between them."""
    given = value.get(name) or []
    said = name.replace("_", " ")
    parts = BETWEEN_ITEMS.split(given) if isinstance(given, str) else given
    if not isinstance(parts, list) or any(isinstance(part, dict | list) for part in parts):
        raise Invalid(f"What stands under {said} is not a list of texts.", remedy=f'Write "{name}": ["…", "…"].')
    items = tuple(str(part).strip() for part in parts if str(part).strip())
    if len(items) > MAX_ITEMS or any(len(item) > MAX_ITEM_CHARACTERS for item in items):
        raise Invalid(
            f"There is too much under {said}.",
            remedy=f"Use up to {MAX_ITEMS} of up to {MAX_ITEM_CHARACTERS:,} characters each.",
        )
    return items


def _id_of(value: dict[str, Any]) -> str:
    """For a brief without an id: one that follows from what it says, so the same is the same in any file."""
    return "brief-" + hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]
