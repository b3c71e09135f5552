"""What teams write by hand and bring along as a file: YAML, or JSON, which is YAML too."""

from __future__ import annotations

from typing import Any

import yaml

from core.errors import Invalid


def plain_values(content: bytes, *, what: str, most_bytes: int) -> Any:
    """The plain values in a file. what: as an error names it. Raises Invalid where it is too large, or no YAML."""
    if len(content) > most_bytes:
        raise Invalid(f"The {what} has {len(content):,} bytes.", remedy=f"Use up to {most_bytes:,}.")
    try:
        return yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"The {what} is no YAML: {' '.join(str(error).split())}.", remedy="Mend the file.") from error
