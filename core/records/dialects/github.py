"""What GitHub's exports have in common, in the form of its REST API and in that of the command line `gh`.

The one writes user, created_at and author_association, the other author, createdAt and authorAssociation;
both are read here under one name. Bodies are Markdown and stay as written, but for the comments that a
template left in them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from core.records.dialects.seam import RowsBeside
from core.records.dialects.threads import Message, Side, identity, listed, said, time_of
from core.records.field_names import simple_name
from core.records.values import as_flag

MAINTAINERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
# The account that GitHub puts in the place of one that was deleted.
NOBODY = frozenset({"", "ghost"})
PULL_MARKS = frozenset(
    {
        "merged_at", "head_ref_name", "base_ref_name", "review_decision", "latest_reviews", "is_draft", "changed_files",
        "additions", "mergeable", "reviews", "diff_url",
    }
)  # fmt: skip
ISSUE_MARKS = frozenset({"state_reason", "closed_at", "created_at", "comments", "number", "labels", "state", "url"})
PLACE = re.compile(r"([^/\s]+/[^/\s]+)/(?:issues|pulls?)/(\d+)")
FENCED_OR_COMMENT = re.compile(
    r"(?P<code>^[ \t]*(?P<fence>```+|~~~+).*?(?:^[ \t]*(?P=fence)[ \t]*$|\Z)|`[^`\n]+`)|<!--.*?(?:-->|\Z)",
    re.DOTALL | re.MULTILINE,
)
BLANK_LINES = re.compile(r"\n{3,}")

# The repository and the number of an issue or a pull request in it.
Place = tuple[str, str]


def in_one_form(row: dict[str, Any]) -> dict[str, Any]:
    """The fields of a row by their REST names: createdAt is created_at, author is user."""
    named = {simple_name(str(key)): value for key, value in row.items()}
    if "user" not in named and isinstance(named.get("author"), dict | None):
        named["user"] = named.pop("author", None)
    return named


def is_issue(row: dict[str, Any]) -> bool:
    """Whether a row is an issue or a pull request; both forms have a title, a body and an author with a login."""
    if "title" not in row or "body" not in row or ("user" not in row and "author" not in row):
        return False
    user = row.get("user") or row.get("author")
    named = {simple_name(str(key)) for key in row}
    if user is None:
        # A deleted account; only GitHub's own addresses tell.
        return any("github" in said(row.get(key)) for key in ("html_url", "url", "repository_url"))
    return isinstance(user, dict) and "login" in user and bool(ISSUE_MARKS & named)


def is_pull(row: dict[str, Any]) -> bool:
    """Whether an issue-like row is a pull request. `pull_request` marks one in a list of issues."""
    return is_issue(row) and bool(PULL_MARKS & {simple_name(str(key)) for key in row})


def is_issue_comment(row: dict[str, Any]) -> bool:
    return "issue_url" in row and "body" in row and "user" in row and "title" not in row


def is_review_comment(row: dict[str, Any]) -> bool:
    return "diff_hunk" in row and "path" in row and "body" in row and ("user" in row or "pull_request_url" in row)


def beside_of(beside: RowsBeside, is_such: Any) -> list[dict[str, Any]]:
    """The rows of this kind in the other files of the import, in one form."""
    return [
        in_one_form(row)
        for rows in beside()
        if rows and is_such(rows[0])
        for row in rows
        if isinstance(row, dict) and is_such(row)
    ]


def place_of(*addresses: Any) -> Place | None:
    """Repository and number, from the first address that tells."""
    found = next((match for address in addresses if (match := PLACE.search(said(address)))), None)
    return (found.group(1), found.group(2)) if found else None


def login_of(user: Any) -> str:
    return said(user.get("login")) if isinstance(user, dict) else said(user)


def is_bot(user: Any) -> bool:
    """Whether an account is an app's: its kind says so, or its name does."""
    if not isinstance(user, dict):
        return False
    login = login_of(user).lower()
    if said(user.get("type")).lower() == "bot" or as_flag(user.get("is_bot")):
        return True
    return login.endswith(("[bot]", "-bot")) or login.startswith("app/")


def body_of(row: dict[str, Any]) -> str:
    """The text as its author meant it: the comments of a template go, and the code stays."""
    text = said(row.get("body"))
    if "<!--" in text:
        text = FENCED_OR_COMMENT.sub(lambda match: match.group("code") or "", text)
        text = BLANK_LINES.sub("\n\n", text)
    return text.strip()


def message_of(number: int, comment: dict[str, Any], author: str) -> Message:
    """A comment in one form as a message. author: of the issue."""
    user = comment.get("user")
    login = login_of(user)
    return Message(
        id=identity(comment.get("id")) or str(number),
        author="" if login in NOBODY else login,
        side=_side(user, login, said(comment.get("author_association")).upper(), author),
        created_at=time_of(comment.get("created_at") or comment.get("submitted_at")),
        text=body_of(comment),
        is_markdown=True,
    )


def labels_of(row: dict[str, Any]) -> list[str]:
    labels = row.get("labels")
    return [name for label in labels if (name := _label(label))] if isinstance(labels, list) else []


def comments_of(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The comments that stand in the row itself; a REST issue has only their number there."""
    for key in ("comments", "comments_data", "comment_list"):
        if isinstance(row.get(key), list):
            return [in_one_form(comment) for comment in listed(row[key])]
    return []


def shown_ones(comments: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those that were hidden as spam, off topic or outdated."""
    return [comment for comment in comments if not as_flag(comment.get("is_minimized"))]


def _side(user: Any, login: str, association: str, author: str) -> Side:
    if is_bot(user):
        return Side.MACHINE
    if login in NOBODY:
        return Side.UNKNOWN
    if login == author:
        return Side.ASKER
    return Side.TEAM if association in MAINTAINERS else Side.OTHER


def _label(label: Any) -> str:
    return said(label.get("name")) if isinstance(label, dict) else said(label)
