"""Numbers with their noun, as a person says them."""

from __future__ import annotations


def several(n: int, noun: str) -> str:
    """1 record, 2 records, 1,200 records."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")
