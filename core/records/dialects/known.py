"""The programs whose exports are known, and which of them a table comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.records.dialects.freshdesk import FreshdeskTickets
from core.records.dialects.freshdesk_list import FreshdeskList
from core.records.dialects.github_issues import GitHubComments, GitHubIssues
from core.records.dialects.github_reviews import GitHubPulls, GitHubReviews
from core.records.dialects.intercom import Intercom
from core.records.dialects.repository import Repository
from core.records.dialects.seam import Dialect
from core.records.dialects.zendesk import ZendeskTickets
from core.records.dialects.zendesk_list import ZendeskList

DIALECTS: tuple[Dialect, ...] = (
    Repository(),
    Intercom(),
    FreshdeskTickets(),
    ZendeskTickets(),
    FreshdeskList(),
    ZendeskList(),
    GitHubReviews(),
    GitHubComments(),
    GitHubPulls(),
    GitHubIssues(),
)


def recognise(rows: Sequence[dict[str, Any]]) -> Dialect | None:
    """The dialect that more than half of these rows are written in; None for a table of one's own."""
    for dialect in DIALECTS:
        if sum(dialect.recognises(row) for row in rows) * 2 > len(rows):
            return dialect
    return None
