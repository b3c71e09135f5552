"""The facts between the first lines of a Markdown file: YAML between --- lines, TOML between +++ lines.

A pair of --- lines around prose is a pair of rules, not front matter, and stays in the text.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any

import yaml
from frontmatter.default_handlers import BaseHandler, YAMLHandler

from core.records.values import plain, shown

MAX_VALUES = 5_000


class BrokenFrontMatter(ValueError):
    """The lines are meant as front matter but cannot be read; the message says what is wrong."""


class _TOML(BaseHandler):
    """TOML by the standard library; the package's own handler asks for one more dependency."""

    FM_BOUNDARY = re.compile(r"^\+{3,}\s*$", re.MULTILINE)

    def load(self, fm: str) -> dict[str, Any]:
        return tomllib.loads(fm)


HANDLERS: tuple[BaseHandler, ...] = (YAMLHandler(), _TOML())


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """facts: plain JSON values. body: the text below."""

    facts: dict[str, Any]
    body: str


def split_front_matter(text: str) -> FrontMatter:
    """Facts and body of a Markdown text; no facts where it has none. Raises BrokenFrontMatter."""
    handler = next((h for h in HANDLERS if h.detect(text)), None)
    if handler is None:
        return FrontMatter({}, text)
    try:
        source, body = handler.split(text)
    except ValueError:
        return FrontMatter({}, text)
    try:
        loaded = handler.load(source)
    # PyYAML lets Python's own errors through: an impossible date is a ValueError, a list as a key a TypeError.
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError) as error:
        if not _is_meant_as_facts(source):
            return FrontMatter({}, text)
        raise BrokenFrontMatter(shown(str(error).split("\n", 1)[0])) from error
    if loaded is None:
        return FrontMatter({}, body)
    if not isinstance(loaded, dict):
        return FrontMatter({}, text)
    _check_size(loaded)
    return FrontMatter(plain(loaded), body)


def _is_meant_as_facts(source: str) -> bool:
    """Facts are named: the first line with text in it has a colon or an equals sign after one word."""
    first = next((line for line in source.split("\n") if line.strip()), "")
    name = first.split(":", 1)[0].split("=", 1)[0].strip()
    return name != first.strip() and " " not in name


def _check_size(loaded: dict[Any, Any]) -> None:
    """A few lines of YAML aliases can stand for billions of values, or for one that holds itself."""
    waiting: list[Any] = [loaded]
    for _ in range(MAX_VALUES):
        if not waiting:
            return
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list | set | tuple):
            waiting += item
    raise BrokenFrontMatter(f"it stands for more than the {MAX_VALUES:,} values that are read")
