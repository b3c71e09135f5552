"""A project's tags as a tree: names, keys, colours, meanings, and what makes a list of them sound.

A tag's name is its whole path, `billing / refunds`, so that a record's tag says where it belongs by
itself, and moving a branch is renaming it. Every tag above another is itself a tag of the list.
Knows nothing of records that carry them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from core.errors import Invalid
from core.nouns import RejectedRow
from core.records.values import as_text, shown, storable

SEPARATOR = " / "
MAX_LEVELS, MAX_NAME, MAX_MEANING, MAX_TAGS = 4, 120, 300, 500
LEVEL = re.compile(r"[^\W_][\w .&+'()-]*")
# Taken by decisions, steps and suggestions wherever records are judged.
TAKEN_KEYS = "aegklxz"
KEYS = "1234567890bcdfhijmnopqrstuvwy"
NAME_REMEDY = (
    f"Use letters, digits, spaces and . & + ' ( ) - _ for each level, beginning with a letter or digit; put {SEPARATOR!r} between "
    f"levels, at most {MAX_LEVELS}; {MAX_NAME} characters in all."
)


class TagColour(StrEnum):
    """A mark beside the name, for the eye; never the only thing that tells two tags apart."""

    NONE = ""
    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    VIOLET = "violet"
    OLIVE = "olive"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class Tag:
    """tag: the whole path. shortcut: its key, of KEYS, or nothing. meaning: one sentence."""

    tag: str
    shortcut: str = ""
    colour: str = ""
    meaning: str = ""

    def as_row(self) -> dict[str, str]:
        return asdict(self)


def clean_name(name: str) -> str:
    """The path with its levels tidied: `billing/refunds ` is `billing / refunds`. Raises Invalid."""
    levels = [" ".join(level.split()) for level in str(name).split("/")]
    cleaned = SEPARATOR.join(levels)
    if len(levels) > MAX_LEVELS or len(cleaned) > MAX_NAME or not all(LEVEL.fullmatch(level) for level in levels):
        raise Invalid(f"{shown(name)!r} cannot name a tag.", remedy=NAME_REMEDY)
    return cleaned


def parent_of(tag: str) -> str:
    """The tag above; nothing for one at the top."""
    return tag.rpartition(SEPARATOR)[0]


def leaf_of(tag: str) -> str:
    """The last level, as it stands in a tree."""
    return tag.rpartition(SEPARATOR)[2]


def ancestors(tag: str) -> list[str]:
    """The tags above, from the top down."""
    levels = tag.split(SEPARATOR)
    return [SEPARATOR.join(levels[:n]) for n in range(1, len(levels))]


def is_below(tag: str, above: str) -> bool:
    return tag.startswith(above + SEPARATOR)


def depth_of(tag: str) -> int:
    return tag.count(SEPARATOR)


def check_rows(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> tuple[list[Tag], list[RejectedRow]]:
    """The sound rows as tags, in order, and the others with number, reason and value.

    rows: number and fields `tag`, `shortcut` (or `key`), `colour`, `meaning`. A name or key that an earlier
    row has refuses the later one.
    """
    tags: list[Tag] = []
    rejected: list[RejectedRow] = []
    names: dict[str, int] = {}
    keys: dict[str, int] = {}
    for number, row in rows:
        try:
            tag = _tag(row)
            _refuse_twice(names, tag.tag.casefold(), tag.tag, "tag", "Name each tag once.")
            if tag.shortcut:
                _refuse_twice(keys, tag.shortcut, tag.shortcut, "key", "Give each tag a key of its own, or none.")
            if len(tags) >= MAX_TAGS:
                raise Invalid(f"{tag.tag!r} would be tag {MAX_TAGS + 1}.", remedy=f"Keep to {MAX_TAGS} tags.")
        except Invalid as error:
            rejected.append(RejectedRow(number, str(error), shown(row.get("tag", ""))))
            continue
        names[tag.tag.casefold()] = number
        if tag.shortcut:
            keys[tag.shortcut] = number
        tags.append(tag)
    return tags, rejected


def as_tree(tags: Sequence[Tag]) -> list[Tag]:
    """The same tags, each below its parent; a parent that is missing is put in, without a key.

    Tags of one parent keep their order; `Billing` and `billing / refunds` are spelled alike.
    """
    spelled = {tag.tag.casefold(): tag.tag for tag in tags}
    whole: dict[str, Tag] = {}
    for tag in tags:
        for name in ancestors(tag.tag):
            above = _spelled_alike(name, spelled)
            if above not in whole and name.casefold() not in spelled:
                spelled[name.casefold()] = above
                whole[above] = Tag(above)
        name = _spelled_alike(tag.tag, spelled)
        spelled[tag.tag.casefold()] = name
        whole[name] = replace(tag, tag=name)
    children: dict[str, list[Tag]] = {}
    for tag in whole.values():
        children.setdefault(parent_of(tag.tag), []).append(tag)
    return list(_below("", children))


def spelled_as_listed(name: str, tags: Iterable[Tag]) -> str:
    """The name as the list spells it, or at least the tags above it: `Refunds` and `refunds` are one tag."""
    spelled = {tag.tag.casefold(): tag.tag for tag in tags}
    return spelled.get(name.casefold()) or _spelled_alike(name, spelled)


def moved(tags: Sequence[Tag], old: str, new: str) -> dict[str, str]:
    """Old to new name of a tag and of every tag below it."""
    return {
        tag.tag: new + tag.tag[len(old) :]
        for tag in tags
        if tag.tag == old or is_below(tag.tag, old)
    }  # fmt: skip


def free_keys(tags: Iterable[Tag]) -> list[str]:
    """Keys that no tag has yet, digits first."""
    taken = {tag.shortcut for tag in tags}
    return [key for key in KEYS if key not in taken]


def _below(parent: str, children: Mapping[str, Sequence[Tag]]) -> Iterable[Tag]:
    for tag in children.get(parent, ()):
        yield tag
        yield from _below(tag.tag, children)


def _spelled_alike(name: str, spelled: Mapping[str, str]) -> str:
    """The name with the tag above it spelled as the list spells that one."""
    above = parent_of(name)
    if not above:
        return name
    return _spelled_alike(spelled.get(above.casefold(), above), spelled) + SEPARATOR + leaf_of(name)


def _tag(row: Mapping[str, Any]) -> Tag:
    name = clean_name(as_text(row.get("tag", "")))
    key = as_text(row.get("shortcut") or row.get("key") or "").strip().lower()
    if key and (len(key) != 1 or key not in KEYS):
        why = "it is taken by a decision or a step" if key in TAKEN_KEYS else "a key is one digit or letter"
        raise Invalid(f"The key {shown(key)!r} of {name} does not work: {why}.", remedy=f"Choose one of {' '.join(KEYS)}, or none.")  # fmt: skip
    colour = as_text(row.get("colour") or "").strip().lower()
    if colour not in list(TagColour):
        names = ", ".join(c for c in TagColour if c)
        raise Invalid(f"{shown(colour)!r} is not a colour that {name} can have.", remedy=f"Choose one of {names}, or none.")  # fmt: skip
    meaning = " ".join(storable(as_text(row.get("meaning") or "")).split())
    if len(meaning) > MAX_MEANING:
        raise Invalid(f"The meaning of {name} has {len(meaning):,} characters.", remedy=f"Say it in at most {MAX_MEANING}.")  # fmt: skip
    return Tag(name, key, colour, meaning)


def _refuse_twice(seen: Mapping[str, int], mark: str, value: str, noun: str, remedy: str) -> None:
    if mark in seen:
        raise Invalid(f"The {noun} {value!r} stands in row {seen[mark]} already.", remedy=remedy)
