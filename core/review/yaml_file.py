"""What teams write by hand and bring along as a file: YAML, or JSON, which is YAML too."""

from __future__ import annotations

from typing import Any

import yaml

from core.errors import Invalid

# What the library's own constructors fail with, where a tag asks for what a value is not.
BROKEN = (yaml.YAMLError, ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError)
# One that names another again and again is a few lines long, and without an end when it is walked.
MOST_VALUES = 500_000
LARGEST = 2**63 - 1


def plain_values(content: bytes, *, what: str, most_bytes: int) -> Any:
    """The plain values in a file. what: as an error names it. Raises Invalid where it is too large, or no YAML."""
    if len(content) > most_bytes:
        raise Invalid(f"The {what} has {len(content):,} bytes.", remedy=f"Use up to {most_bytes:,}.")
    try:
        return loaded(content)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The {what} is no YAML: {error}.", remedy="Mend the file.") from error


def loaded(content: bytes) -> Any:
    """The values in YAML, each of which can be stored. Raises ValueError with what is wrong, RecursionError."""
    try:
        value = yaml.safe_load(content)
    except BROKEN as error:
        raise ValueError(" ".join(str(error).split()) or type(error).__name__) from error
    waiting, n_values = [value], 0
    while waiting:
        n_values += 1
        if n_values > MOST_VALUES:
            raise ValueError(f"it comes to more than {MOST_VALUES:,} values")
        waiting += _checked(waiting.pop())
    return value


def _checked(value: Any) -> list[Any]:
    """What is in a value. Raises ValueError where it cannot be stored."""
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list | tuple | set):
        return list(value)
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("it holds half of a character (a lone surrogate)") from None
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError("it holds a number that needs more than 64 bits")
    return []
