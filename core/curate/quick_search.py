"""A quicker look whether a pattern that ignores case can match at all.

Ignoring case costs a search two to five times its time. Most texts match none of a detector's many patterns, so each is first
looked for in small letters; only where that is found does the pattern itself search the text, with its own rules on case.
"""

from __future__ import annotations

import re

_KEPT_OR_CAPITAL = re.compile(r"\\.|\(\?P|[A-Z]")


def lowered(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """The pattern for a text in small letters: it matches wherever the pattern matches the text as it was written."""

    def small(match: re.Match[str]) -> str:
        found = match.group()
        return found if len(found) > 1 else found.lower()

    source = _KEPT_OR_CAPITAL.sub(small, pattern.pattern).replace("(?-i:", "(?:").replace("(?i:", "(?:")
    return re.compile(source, pattern.flags & ~re.IGNORECASE)
