"""GitHub: issues with their comments become threads.

Comments stand in the issue (as `gh` writes them) or in a file of their own beside it. What solved a
closed issue is taken to be the last comment by a maintainer before it was closed; one closed as not
planned or as a duplicate was not solved. Pull requests in a list of issues are left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.errors import UnreadableFile
from core.nouns import RejectedRow
from core.records.dialects.github import (
    NOBODY,
    Place,
    beside_of,
    body_of,
    comments_of,
    in_one_form,
    is_bot,
    is_issue,
    is_issue_comment,
    is_pull,
    labels_of,
    login_of,
    message_of,
    place_of,
    shown_ones,
)
from core.records.dialects.seam import NumberedRow, Row, RowsBeside, Tally
from core.records.dialects.threads import Message, Side, identity, in_order, question_of, said, thread_row, time_of
from core.records.values import as_number, shown

NOT_SOLVED = frozenset({"not_planned", "duplicate"})
COMMENTS_MISSING = "Some issues have comments that are not in the file: fetch repos/OWNER/NAME/issues/comments, and import both files at once."
USED = frozenset(
    {
        "id", "number", "title", "body", "user", "comments", "comments_data", "comment_list", "labels", "created_at",
        "updated_at", "closed_at", "state", "state_reason", "url", "html_url", "reactions", "author_association",
    }
)  # fmt: skip


class GitHubIssues:
    """Issues, with or without their comments in them."""

    name = "GitHub issues"

    def recognises(self, row: dict[str, Any]) -> bool:
        return is_issue(row) and not is_pull(row)

    def read(self, rows: Iterator[NumberedRow], tally: Tally, beside: RowsBeside) -> Iterator[Row | RejectedRow]:
        by_place: dict[Place | None, list[dict[str, Any]]] = {}
        for comment in beside_of(beside, is_issue_comment):
            by_place.setdefault(place_of(comment.get("issue_url")), []).append(comment)
        for number, row in rows:
            issue = in_one_form(row)
            if issue.get("pull_request") is not None:
                tally.left_out("pull request", "pull requests")
                continue
            tally.met("issue", "issues")
            place = place_of(issue.get("html_url"), issue.get("url"))
            comments = comments_of(issue) or by_place.get(place if place else ("", ""), [])
            if not comments and (as_number(issue.get("comments")) or 0) > 0:
                tally.say(COMMENTS_MISSING)
            yield _thread(number, issue, comments, place, tally)


class GitHubComments:
    """Comments in a file of their own: they are read together with their issues, which must be there."""

    name = "GitHub issue comments"

    def recognises(self, row: dict[str, Any]) -> bool:
        return is_issue_comment(row)

    def read(self, rows: Iterator[NumberedRow], tally: Tally, beside: RowsBeside) -> Iterator[Row | RejectedRow]:
        if not beside_of(beside, is_issue):
            raise UnreadableFile(
                "It holds comments without the issues that they were written on.",
                remedy="Import it at once with the file of the issues.",
            )
        for _ in rows:
            tally.met("comment", "comments")
        tally.say("The comments are read together with their issues.")
        yield from ()


def _thread(
    number: int, issue: dict[str, Any], comments: list[dict[str, Any]], place: Place | None, tally: Tally
) -> Row | RejectedRow:
    title = said(issue.get("title"))
    if is_bot(issue.get("user")):
        return RejectedRow(number, "The issue was written by a bot, not by a person. It is left out.", shown(title))
    author = login_of(issue.get("user"))
    author = "" if author in NOBODY else author
    visible = shown_ones(comments)
    tally.left_out("hidden comment", "hidden comments", len(comments) - len(visible))
    opening = Message("", author, Side.ASKER, time_of(issue.get("created_at")), body_of(issue), is_markdown=True)
    asked = question_of(title, opening)
    if asked is None:
        return RejectedRow(number, "The issue has neither a title nor a text. Leave it out.", shown(issue.get("url")))
    reason = said(issue.get("state_reason")).lower()
    is_closed = said(issue.get("state")).lower() == "closed" or bool(said(issue.get("closed_at")))
    closed_at = time_of(issue.get("closed_at"))
    messages = in_order([message_of(i, comment, author) for i, comment in enumerate(visible, start=1)])
    return thread_row(
        number, asked[1], messages, tally,
        fields={
            # The number within the repository is what people call an issue by.
            "id": "#".join(place) if place else identity(issue.get("number")) or identity(issue.get("id")),
            "title": asked[0],
            "asker": author,
            "created_at": time_of(issue.get("created_at")),
            "updated_at": time_of(issue.get("updated_at")),
            "resolved_at": closed_at,
            "url": said(issue.get("html_url")) or said(issue.get("url")),
            "tags": labels_of(issue),
            "repository": place[0] if place else "",
            # Set when an issue was opened again and not closed since.
            "reopened": True if reason == "reopened" else None,
        },
        facts={"status": said(issue.get("state")).lower(), "closed_as": reason if is_closed else ""},
        extra={key: value for key, value in issue.items() if key not in USED and not key.endswith("_url")},
        is_solved=is_closed and reason not in NOT_SOLVED, solved_at=closed_at, called="body",
    )  # fmt: skip
