"""A tag on a page: its coloured mark and its name. The name says what the colour only repeats."""

from __future__ import annotations

from studio.parts.plain import plain

# Streamlit's names for the palette's inks; .streamlit/config.toml sets them, with contrast AA on paper and card.
INKS = {"blue": "blue", "green": "green", "amber": "orange", "violet": "violet", "olive": "yellow", "grey": "gray"}


def mark(colour: str) -> str:
    """A dot in the tag's colour, as Markdown; nothing for a tag without one."""
    return f":{INKS[colour]}[●] " if colour in INKS else ""


def marked(tag: str, colour: str = "") -> str:
    """Mark and name, as Markdown that shows exactly the name."""
    return mark(colour) + plain(tag)
