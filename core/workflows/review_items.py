"""What each act on an item of the queue looks at first: that there is such an item, and that a text is one."""

from __future__ import annotations

from core.errors import Conflict, Invalid, NotFound
from core.store import reviews as review_rows
from core.store.connection import Row
from core.workflows.workspace import Workspace

MAX_TEXT_CHARACTERS = 100_000
# Where a request names an item and no project, and the role was looked at in the item's own.
ANY_PROJECT = "any"


def item_of(workspace: Workspace, item: str, reviewer: str, *, asked_in: str | None = None) -> Row:
    """An item that may come to this reviewer, with its draft and brief: for the server alone.

    asked_in: the id of the project whose page names the item, or ANY_PROJECT, where nobody has looked yet whether this reviewer may: a browser
    and a script send what they like. It has to be of that project, and one that was shown to them; that a brief is assigned to somebody
    shows them nothing yet. Raises NotFound, Conflict for one that was not shown.
    """
    row = review_rows.item(workspace.store, item)
    if (
        row is None
        or row["repeated_for"] not in (None, reviewer)
        or asked_in not in (None, ANY_PROJECT, row["project_id"])
    ):
        raise NotFound(f"There is no review item {item!r}.", remedy="Ask for the next one.")
    if asked_in is not None and not review_rows.was_shown(workspace.store, item, reviewer):
        raise Conflict("You were not shown this draft.", remedy="Ask for the next one.")
    return row


def checked_text(text: str) -> str:
    """A text of a draft without zero bytes. Raises Invalid when it is too long."""
    if len(text) > MAX_TEXT_CHARACTERS:
        raise Invalid(f"The text has {len(text):,} characters.", remedy=f"Use up to {MAX_TEXT_CHARACTERS:,}.")
    return text.replace("\x00", "")
