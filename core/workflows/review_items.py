"""What each act on an item of the queue looks at first: that there is such an item, and that a text is one."""

from __future__ import annotations

from core.errors import Invalid, NotFound
from core.store import reviews as review_rows
from core.store.connection import Row
from core.workflows.workspace import Workspace

MAX_TEXT_CHARACTERS = 100_000


def item_of(workspace: Workspace, item: str, reviewer: str) -> Row:
    """An item that may come to this reviewer, with its draft and brief: for the server alone. Raises NotFound."""
    row = review_rows.item(workspace.store, item)
    if row is None or row["repeated_for"] not in (None, reviewer):
        raise NotFound(f"There is no review item {item!r}.", remedy="Ask for the next one.")
    return row


def checked_text(text: str) -> str:
    """A text of a draft without zero bytes. Raises Invalid when it is too long."""
    if len(text) > MAX_TEXT_CHARACTERS:
        raise Invalid(f"The text has {len(text):,} characters.", remedy=f"Use up to {MAX_TEXT_CHARACTERS:,}.")
    return text.replace("\x00", "")
