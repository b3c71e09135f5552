"""The fields that a row can fill, the names that files usually give them, and the shapes of records.

Knows nothing of a particular file; `mapping` joins this with the columns that there are.
"""

from __future__ import annotations

import re

from core.nouns import Goal

# The more particular name stands first: where a file has several, the first wins.
KNOWN_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "external_id", "ticket_id", "thread_id", "post_id", "uuid", "key", "number"),
    "title": ("title", "subject", "headline", "summary", "name"),
    "text": ("text", "body", "content", "post", "article", "body_html", "html", "markdown", "full_text"),
    "question": (
        "question", "question_html", "body_html", "description", "customer_message", "request", "body", "problem",
    ),
    "answer": ("answer", "solution", "resolution", "reply", "agent_reply", "agent_response"),
    "answers": ("answers", "messages", "comments", "thread", "replies", "conversation"),
    "solution_id": ("solution_answer_id", "accepted_answer_id", "solution_id", "best_answer_id"),
    "messages": ("messages", "conversations", "conversation", "chat"),
    "prompt": ("prompt", "instruction", "input", "question"),
    "response": ("response", "completion", "output", "answer", "response1"),
    "system": ("system", "system_prompt"),
    "context": ("input", "context"),
    "diff": ("diff", "patch", "hunk", "diff_hunk"),
    "comment": ("comment", "review", "review_comment", "feedback", "body"),
    "reviews": ("reviews", "comments", "review_comments"),
    "rating": ("rating", "score"),
    "language": ("lang", "language", "locale"),
    "author": ("author", "writer", "agent", "reviewer", "assignee"),
    "asker": ("asker", "requester", "customer_name", "requester_name", "submitter"),
    "customer": ("customer", "company", "organisation", "organization", "account", "customer_id"),
    "created_at": ("created_at", "created", "date", "published_at", "published", "opened_at", "timestamp"),
    "updated_at": ("updated_at", "updated", "modified_at", "modified"),
    "first_reply_at": ("first_reply_at", "first_response_at", "first_reply", "first_response_time"),
    "resolved_at": ("resolved_at", "solved_at", "closed_at"),
    "reviewed_at": ("reviewed_at", "review_submitted_at", "first_review_at"),
    "merged_at": ("merged_at",),
    "review_minutes": ("review_minutes", "review_time_minutes"),
    "review_seconds": ("review_seconds", "review_time_seconds", "review_duration_seconds"),
    "reopened": ("reopened", "is_reopened", "was_reopened", "reopened_at", "reopen_count", "reopens"),
    "url": ("url", "link", "permalink", "html_url"),
    "tags": ("tags", "labels", "categories", "keywords"),
    "category": ("category", "topic"),
    "repository": ("repository", "repo", "project"),
}  # fmt: skip
SHAPES: dict[Goal, tuple[tuple[str, tuple[str, ...]], ...]] = {
    Goal.VOICE: (
        ("chat", ("messages",)),
        ("document", ("text",)),
        ("chat", ("prompt", "response")),
        ("thread", ("question", "answers")),
    ),
    Goal.SUPPORT: (
        ("thread", ("question", "answers")),
        ("thread", ("question", "answer")),
        ("chat", ("messages",)),
        ("thread", ("answers",)),
        ("chat", ("prompt", "response")),
        ("document", ("text",)),
    ),
    Goal.CODE: (
        ("diff", ("diff", "reviews")),
        ("diff", ("diff", "comment")),
        ("chat", ("messages",)),
        ("chat", ("prompt", "response")),
        ("document", ("text",)),
    ),
}
# A table of these is a chat, whatever else is in it: Alpaca's files also repeat both in a column `text`.
INSTRUCTION_PAIR = frozenset({"instruction", "output"})
LISTS = frozenset({"answers", "messages", "reviews"})
# What a record is made of; everything else is a fact about it.
PARTS = frozenset(
    {"text", "question", "answer", "answers", "messages", "prompt", "response", "diff", "comment", "reviews"}
)
FACTS = tuple(field for field in KNOWN_NAMES if field not in PARTS)
# Facts that only some shapes have; a column of such a name in another shape stays under `extra`.
SHAPE_OF_FACT = {
    "asker": "thread",
    "solution_id": "thread",
    "reopened": "thread",
    "first_reply_at": "thread",
    "system": "chat",
    "context": "chat",
    "rating": "diff",
    "repository": "diff",
    "reviewed_at": "diff",
    "merged_at": "diff",
    "review_minutes": "diff",
    "review_seconds": "diff",
}


def simple_name(column: str) -> str:
    """A column's name in the form of KNOWN_NAMES: createdAt, Created At and created-at are created_at."""
    separated = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.strip())
    return re.sub(r"[^a-z0-9]+", "_", separated.lower()).strip("_")
