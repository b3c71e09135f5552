"""The filter of Explore in the page's address: read from it, added to, taken off; a reload or a link keeps it.

Parameters: words, like, about, status, flag and tag (several times each), source, signal (NAME:LOW..HIGH, several times),
theme, area (LEFT..RIGHT,LOW..HIGH), clean, missing (a source), fact (a kind), holds (a wording, to the letter).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from core.errors import Invalid, ProofroomError
from core.workflows import deciding, exploring
from core.workflows.exploring import RecordFilter
from studio.parts.signal_names import signal_label
from studio.running import workspace

T = TypeVar("T")
STATUSES = {
    "undecided": "undecided",
    "kept": "kept",
    "edited": "edited",
    "rejected": "rejected",
    "deferred": "put off",
}
TYPED = ("words", "about")
NAMES = (
    *TYPED, "like", "status", "flag", "tag", "source", "signal", "theme", "area", "clean", "missing", "fact", "holds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pill:
    """One part of the filter: the parameter and value that it is in the address, and its words on the page."""

    name: str
    value: str
    label: str


def filter_in_address(project: str, sources: dict[str, str]) -> tuple[RecordFilter, list[str]]:
    """The filter, and a sentence for each part of it that names nothing here. sources: names by id."""
    said: list[str] = []
    ids = {name: source for source, name in sources.items()}
    labels = {label: status for status, label in STATUSES.items()}
    status, source = _first("status"), _first("source")
    where = RecordFilter(
        words=_first("words"),
        like=_first("like"),
        about=_first("about"),
        status=labels.get(status, status),
        source=ids.get(source, source),
        is_clean=_first("clean") == "yes",
        flags=tuple(value.replace(" ", "_") for value in _all("flag")),
        tags=tuple(_all("tag")),
        ranges=tuple(r for text in _all("signal") if (r := _read(exploring.range_from, text, said)) is not None),
        theme=_read(_theme_number, _first("theme"), said) if _first("theme") else None,
        missing=_first("missing"),
        fact=_first("fact"),
        holds=_first("holds"),
        area=_read(exploring.area_from, _first("area"), said) if _first("area") else None,
    )
    where, unknown = exploring.unknown_in(workspace(), project, where)
    return where, said + unknown


def pills(where: RecordFilter, sources: dict[str, str], themes: dict[int, str], like_title: str) -> list[Pill]:
    """Every part of the filter that counts, in words."""
    found = []
    if where.words.strip():
        found.append(Pill("words", where.words, f"words: {where.words}"))
    if where.like:
        found.append(Pill("like", where.like, f"like: {like_title}"))
    if where.about.strip():
        about = " ".join(where.about.split())
        found.append(Pill("about", where.about, f"about: {about if len(about) <= 40 else about[:39] + '…'}"))
    if where.status:
        found.append(Pill("status", where.status, f"status: {STATUSES[where.status]}"))
    found += [Pill("flag", flag, f"flag: {flag.replace('_', ' ')}") for flag in where.all_flags]
    found += [Pill("tag", tag, f"tag: {tag}") for tag in where.all_tags]
    if where.source:
        found.append(Pill("source", where.source, f"source: {sources[where.source]}"))
    if where.missing:
        found.append(Pill("missing", where.missing, f"gone from the newest export of {sources[where.missing]}"))
    if where.fact:
        found.append(Pill("fact", where.fact, f"teaches a fact: {where.fact}"))
    if where.holds.strip():
        found.append(Pill("holds", where.holds, f"holds: {where.holds}"))
    if where.is_clean:
        found.append(Pill("clean", "yes", "without a defect"))
    if where.theme is not None:
        found.append(Pill("theme", str(where.theme), f"theme: {themes[where.theme]}"))
    for limits in where.ranges:
        label = f"{signal_label(limits.name)}: {limits.low:.4g} to {limits.high:.4g}"
        found.append(Pill("signal", exploring.range_text(limits), label))
    if where.area is not None:
        found.append(Pill("area", exploring.area_text(where.area), "an area of the map"))
    return found


def add(name: str, value: str) -> None:
    """Put one more into the address: beside the others of flag, tag and signal, else in the place of what was there."""
    if name in ("flag", "tag"):
        st.query_params[name] = list(dict.fromkeys([*st.query_params.get_all(name), value]))
    elif name == "signal":
        # One range of a signal: a second one would mostly leave nothing.
        others = [v for v in st.query_params.get_all(name) if v.rpartition(":")[0] != value.rpartition(":")[0]]
        st.query_params[name] = [*others, value]
    else:
        st.query_params[name] = value
    st.query_params.pop("page", None)


def take_off(pill: Pill) -> None:
    """Remove it from the address; what the address named in other words goes with it."""
    if pill.name in TYPED:
        st.session_state[pill.name] = ""
    elif pill.name in ("flag", "tag", "signal"):
        left = [v for v in st.query_params.get_all(pill.name) if not _is_same(pill, v)]
        if left:
            st.query_params[pill.name] = left
        else:
            st.query_params.pop(pill.name, None)
    else:
        st.query_params.pop(pill.name, None)
    st.query_params.pop("page", None)


def clear() -> None:
    """Take the whole filter off."""
    for name in (*NAMES, "page"):
        if name in TYPED:
            st.session_state[name] = ""
        else:
            st.query_params.pop(name, None)


def title_of(project: str, record: str) -> str:
    """A record's title as a pill shows it; its id where it has none. Raises NotFound."""
    row = deciding.record_named(workspace(), project, record)
    title = str(row["title"] or row["external_id"])
    return title if len(title) <= 40 else title[:39] + "…"


def _is_same(pill: Pill, value: str) -> bool:
    if pill.name == "signal":
        return value.rpartition(":")[0] == pill.value.rpartition(":")[0]
    return (value.replace(" ", "_") if pill.name == "flag" else value) == pill.value


def _first(name: str) -> str:
    return str(st.session_state.get(name, "")) if name in TYPED else st.query_params.get(name, "")


def _all(name: str) -> list[str]:
    return [value for value in st.query_params.get_all(name) if value]


def _theme_number(text: str) -> int:
    if not text.isdecimal():
        raise Invalid(f"{text!r} is no theme's number.")
    return int(text)


def _read(reader: Callable[[str], T], text: str, said: list[str]) -> T | None:
    try:
        return reader(text)
    except ProofroomError as error:
        said.append(f"{error} It is left out of the filter.")
        return None
