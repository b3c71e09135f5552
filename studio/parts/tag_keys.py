"""The tags of the list as keys beside a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studio.parts.keys import KeyChoice


def tag_keys(listed: Sequence[dict[str, Any]], carried: Sequence[str]) -> list[KeyChoice]:
    """A choice `tag:NAME` for each tag with a key; a tick says that the record carries it."""
    return [
        KeyChoice(
            tag["shortcut"].upper(), f"tag:{tag['tag']}", ("✓ " if tag["tag"] in carried else "") + tag["tag"], colour=tag["colour"]
        )
        for tag in listed
        if tag["shortcut"]
    ]  # fmt: skip
