"""GitHub: review comments become diffs with their comments; pull requests give them their times.

A comment stands on a hunk of one file; its replies are further comments on the same diff, and the first
is the one to learn from. `gh` exports reviews without the diffs they speak of: such a pull request is
kept as a conversation, with its times, and nothing is learnt from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.errors import UnreadableFile
from core.nouns import RecordKind, RejectedRow
from core.records.dialects.github import (
    NOBODY,
    Place,
    beside_of,
    body_of,
    comments_of,
    in_one_form,
    is_bot,
    is_issue,
    is_pull,
    is_review_comment,
    labels_of,
    login_of,
    message_of,
    place_of,
    shown_ones,
)
from core.records.dialects.seam import NumberedRow, Row, RowsBeside, Tally
from core.records.dialects.threads import (
    Message,
    Side,
    identity,
    in_order,
    listed,
    question_of,
    said,
    thread_row,
    time_of,
)
from core.records.languages import language_of
from core.records.values import shown

NO_DIFFS = (
    "Pull requests hold no diffs, so no review is learnt from them: fetch repos/OWNER/NAME/pulls/comments, "
    "and import both files at once."
)
USED = frozenset(
    {
        "id", "number", "title", "body", "user", "comments", "reviews", "latest_reviews", "labels", "created_at", "updated_at",
        "closed_at", "merged_at", "state", "url", "html_url", "commits", "files", "head", "base",
    }
)  # fmt: skip


class GitHubReviews:
    """Review comments, each with the hunk that it stands on."""

    name = "GitHub review comments"

    def recognises(self, row: dict[str, Any]) -> bool:
        return is_review_comment(row)

    def read(self, rows: Iterator[NumberedRow], tally: Tally, beside: RowsBeside) -> Iterator[Row | RejectedRow]:
        pulls = {_place(pull): pull for pull in beside_of(beside, is_issue)}
        threads: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        for number, row in rows:
            comment = in_one_form(row)
            tally.met("review comment", "review comments")
            root = identity(comment.get("in_reply_to_id")) or identity(comment.get("id")) or f"row {number}"
            threads.setdefault(root, []).append((number, comment))
        for comments in threads.values():
            yield _diff(comments, pulls, tally)


class GitHubPulls:
    """Pull requests: their times go to the review comments beside them, what was said in them is a conversation."""

    name = "GitHub pull requests"

    def recognises(self, row: dict[str, Any]) -> bool:
        return is_pull(row)

    def read(self, rows: Iterator[NumberedRow], tally: Tally, beside: RowsBeside) -> Iterator[Row | RejectedRow]:
        has_comments = bool(beside_of(beside, is_review_comment))
        n_conversations = 0
        for number, row in rows:
            pull = in_one_form(row)
            tally.met("pull request", "pull requests")
            outcome = _conversation(number, pull, tally)
            if outcome is not None:
                n_conversations += 1
                yield outcome
        if has_comments:
            tally.say("Their times are kept with the review comments.")
            return
        if not n_conversations:
            raise UnreadableFile(
                "It holds pull requests, and nothing that was said in review.",
                remedy="Fetch repos/OWNER/NAME/pulls/comments, and import both files at once.",
            )
        tally.say(NO_DIFFS)


def _diff(
    numbered: list[tuple[int, dict[str, Any]]], pulls: dict[Place | None, Any], tally: Tally
) -> Row | RejectedRow:
    """One thread of comments. They are in the order in which they were written."""
    numbered = sorted(numbered, key=lambda pair: time_of(pair[1].get("created_at")))
    number, first = numbered[0]
    place = place_of(first.get("pull_request_url"), first.get("html_url"), first.get("url"))
    pull = pulls.get(place, {}) if place else {}
    path, hunk = said(first.get("path")), said(first.get("diff_hunk"))
    if is_bot(first.get("user")):
        return RejectedRow(number, "The comment was written by a bot, not by a person. It is left out.", shown(path))
    if not hunk:
        return RejectedRow(
            number, "The comment has no diff_hunk, so nobody knows what it is about. It is left out.", shown(path)
        )
    if not body_of(first):
        return RejectedRow(number, "The comment has no text. It is left out.", shown(path))
    author, reviewer = login_of(pull.get("user")), login_of(first.get("user"))
    if author and author == reviewer:
        reason = "The comment was written by the author of the change, so it is no review. It is left out."
        return RejectedRow(number, reason, shown(path))
    by_people = [comment for _, comment in numbered if not is_bot(comment.get("user"))]
    tally.left_out("comment by a bot", "comments by a bot", len(numbered) - len(by_people))
    return Row(
        number,
        RecordKind.DIFF,
        {
            "id": identity(first.get("id")) or str(number),
            "title": path,
            "diff": f"--- a/{path}\n+++ b/{path}\n{hunk}",
            "language": language_of(path),
            "reviews": [
                _comment(place_in, comment, is_first=comment is first) for place_in, comment in enumerate(by_people, start=1)
            ],
            "author": "" if reviewer in NOBODY else reviewer,
            "repository": place[0] if place else "",
            "created_at": time_of(pull.get("created_at")) or time_of(first.get("created_at")),
            "reviewed_at": time_of(first.get("created_at")),
            "merged_at": time_of(pull.get("merged_at")),
            "url": said(first.get("html_url")),
            "tags": labels_of(pull),
        },
        {"pull_request": place[1] if place else "", "path": path},
    )  # fmt: skip


def _comment(number: int, comment: dict[str, Any], *, is_first: bool) -> dict[str, Any]:
    author = login_of(comment.get("user"))
    return {
        "id": identity(comment.get("id")) or str(number),
        "author": "" if author in NOBODY else author,
        "text": body_of(comment),
        "is_reference": is_first,
    }


def _conversation(number: int, pull: dict[str, Any], tally: Tally) -> Row | RejectedRow | None:
    """What was said in a pull request that holds its reviews or comments; None for one that holds neither."""
    reviews = [in_one_form(review) for review in listed(pull.get("reviews"))]
    said_in_it = shown_ones([*reviews, *comments_of(pull)])
    if not said_in_it:
        return None
    title = said(pull.get("title"))
    if is_bot(pull.get("user")):
        return RejectedRow(number, "The pull request was made by a bot, not by a person. It is left out.", shown(title))
    author, place = login_of(pull.get("user")), _place(pull)
    opening = Message("", author, Side.ASKER, time_of(pull.get("created_at")), body_of(pull), is_markdown=True)
    asked = question_of(title, opening)
    if asked is None:
        return RejectedRow(number, "The pull request has neither a title nor a text. Leave it out.", "")
    messages = in_order([message_of(i, one, author) for i, one in enumerate(said_in_it, start=1)])
    by_others = [
        at for review in reviews
        if login_of(review.get("user")) != author and not is_bot(review.get("user")) and (at := time_of(review.get("submitted_at")))
    ]  # fmt: skip
    return thread_row(
        number, asked[1], messages, tally,
        fields={
            "id": "#".join(place) if place else identity(pull.get("number")) or identity(pull.get("id")),
            "title": asked[0],
            "asker": author,
            "created_at": time_of(pull.get("created_at")),
            "updated_at": time_of(pull.get("updated_at")),
            "reviewed_at": min(by_others, default=""),
            "merged_at": time_of(pull.get("merged_at")),
            "url": said(pull.get("html_url")) or said(pull.get("url")),
            "tags": labels_of(pull),
            "repository": place[0] if place else "",
        },
        facts={"status": said(pull.get("state")).lower(), "pull_request": place[1] if place else identity(pull.get("number"))},
        extra={key: value for key, value in pull.items() if key not in USED and not key.endswith("_url")},
        # A review answers nobody's question: there is no solution to learn.
        is_solved=False, solved_at="", called="body",
    )  # fmt: skip


def _place(pull: dict[str, Any]) -> Place | None:
    return place_of(pull.get("html_url"), pull.get("url"))
