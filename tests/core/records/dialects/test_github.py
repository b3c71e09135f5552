"""GitHub's issues, comments, pull requests and review comments, from the REST API and from `gh`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import UnreadableFile
from core.nouns import Goal, ParsedRecord, RecordKind
from core.records.parsing import ParsedFile, parse_file
from tests.core.records.dialects.exports import everything, read_json, read_lines, said_in

API, SITE = "https://api.github.com/repos/oda/kettle", "https://github.com/oda/kettle"


def user(login: str, kind: str = "User") -> dict[str, Any]:
    return {"login": login, "id": 1, "type": kind}


def issue(number: int = 7, **more: Any) -> dict[str, Any]:
    return {
        "url": f"{API}/issues/{number}", "repository_url": API, "comments_url": f"{API}/issues/{number}/comments",
        "html_url": f"{SITE}/issues/{number}", "id": 1000 + number, "number": number, "title": "Boils over", "user": user("lena"),
        "labels": [{"id": 1, "name": "bug"}], "state": "closed", "state_reason": "completed", "locked": False, "comments": 3,
        "created_at": "2024-02-01T08:00:00Z", "updated_at": "2024-02-03T08:00:00Z", "closed_at": "2024-02-02T08:00:00Z",
        "author_association": "NONE", "body": "<!-- Describe the problem. -->\nIt boils over at `<!-- 90 -->` degrees.\n<br>", "milestone": None,
    } | more  # fmt: skip


def remark(
    number: int, login: str | None, association: str, body: str, at: str, *, on: int = 7, **more: Any
) -> dict[str, Any]:
    return {
        "url": f"{API}/issues/comments/{number}", "html_url": f"{SITE}/issues/{on}#issuecomment-{number}",
        "issue_url": f"{API}/issues/{on}", "id": number, "user": user(login) if login else None, "created_at": at,
        "author_association": association, "body": body,
    } | more  # fmt: skip


REMARKS = [
    remark(1, "sam", "CONTRIBUTOR", "Same here.", "2024-02-01T09:00:00Z"),
    remark(2, "bo", "MEMBER", "Lower the limit:\n\n```\nlimit <!-- keep --> = 88\n```", "2024-02-01T10:00:00Z"),
    remark(3, "lena", "NONE", "Works.", "2024-02-01T11:00:00Z"),
    remark(4, "stale[bot]", "NONE", "This issue is stale.", "2024-02-01T12:00:00Z", user=user("stale[bot]", "Bot")),
    remark(5, "bo", "MEMBER", "Released today.", "2024-02-05T10:00:00Z"),
    remark(6, "bo", "OWNER", "Other issue.", "2024-02-01T10:00:00Z", on=8),
]


def read_two(folder: Path, first: Any, second: Any, goal: Goal = Goal.CODE) -> tuple[ParsedFile, ParsedFile]:
    """Two files of one import, as the parser gets them."""
    files = []
    for name, value in (("first.json", first), ("second.json", second)):
        (folder / name).write_text(json.dumps(value), encoding="utf-8")
        files.append((folder / name, name))
    one, other = files
    return (
        parse_file(*one, goal, {}, others=[other]),
        parse_file(*other, goal, {}, others=[one]),
    )


def test_issues_and_their_comments_in_two_files_become_threads(tmp_path: Path) -> None:
    issues, comments = read_two(tmp_path, [issue()], REMARKS, Goal.SUPPORT)
    (thread,) = issues.records
    assert (thread.external_id, thread.kind, thread.title) == ("oda/kettle#7", RecordKind.THREAD, "Boils over")
    # The template's comment goes, what stands in code stays, and Markdown stays as it was written.
    assert thread.content["question"] == "It boils over at `<!-- 90 -->` degrees.\n<br>"
    assert said_in(thread) == [
        ("Same here.", False, False),
        ("Lower the limit:\n\n```\nlimit <!-- keep --> = 88\n```", False, True),
        ("Works.", True, False),
        # After the issue was closed.
        ("Released today.", False, False),
    ]
    facts = ("repository", "tags", "status", "closed_as", "created_at", "resolved_at", "first_reply_at", "url")
    assert {name: thread.meta[name] for name in facts} == {
        "repository": "oda/kettle", "tags": ["bug"], "status": "closed", "closed_as": "completed",
        "created_at": "2024-02-01T08:00:00Z", "resolved_at": "2024-02-02T08:00:00Z", "first_reply_at": "2024-02-01T10:00:00Z",
        "url": f"{SITE}/issues/7",
    }  # fmt: skip
    assert thread.meta["solution_inferred"] is True
    assert issues.notes[0] == "GitHub issues: 1 issue, 1 automatic message left out."
    assert (comments.records, comments.rejected) == ([], [])
    assert comments.notes == ["GitHub issue comments: 6 comments.", "The comments are read together with their issues."]


def test_issues_without_the_file_of_their_comments_say_what_is_missing(tmp_path: Path) -> None:
    parsed = read_json(tmp_path, [issue()])
    assert said_in(parsed.records[0]) == []
    assert "issues/comments" in parsed.notes[1]


def test_comments_without_their_issues_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="without the issues"):
        read_json(tmp_path, REMARKS)


def test_pages_one_after_another_are_read(tmp_path: Path) -> None:
    file = tmp_path / "issues.json"
    file.write_text(json.dumps([issue()]) + json.dumps([issue(8), issue(9)]), encoding="utf-8")
    assert len(parse_file(file, file.name, Goal.SUPPORT, {}).records) == 3


def gh_issue(**more: Any) -> dict[str, Any]:
    return {
        "author": {"id": "x", "is_bot": False, "login": "lena", "name": "Lena"}, "title": "Boils over", "body": None,
        "number": 7, "state": "CLOSED", "stateReason": "COMPLETED", "closedAt": "2024-02-02T08:00:00Z", "labels": [],
        "createdAt": "2024-02-01T08:00:00Z", "url": f"{SITE}/issues/7", "id": "I_7",
        "comments": [
            {"id": "IC_1", "author": {"login": "bo"}, "authorAssociation": "OWNER", "body": "Buy my kettle.",
             "createdAt": "2024-02-01T10:00:00Z", "isMinimized": True, "minimizedReason": "spam"},
            {"id": "IC_2", "author": {"login": "bo"}, "authorAssociation": "OWNER", "body": "Lower it.",
             "createdAt": "2024-02-01T11:00:00Z", "isMinimized": False},
        ],
    } | more  # fmt: skip


def test_what_gh_lists_and_shows_is_read_alike(tmp_path: Path) -> None:
    for value in ([gh_issue()], gh_issue()):
        parsed = read_json(tmp_path, value)
        (thread,) = parsed.records
        # Nothing but a title: it is what was asked.
        assert (thread.title, thread.content["question"]) == ("", "Boils over")
        assert said_in(thread) == [("Lower it.", False, True)]
        assert parsed.notes[0] == "GitHub issues: 1 issue, 1 hidden comment left out."


def test_the_least_that_gh_shows_is_enough_to_know_it(tmp_path: Path) -> None:
    least = {key: gh_issue(body="Hot.")[key] for key in ("title", "body", "comments", "author")}
    (thread,) = read_json(tmp_path, least).records
    assert thread.content["question"] == "Hot."


@pytest.mark.parametrize("reason", ["NOT_PLANNED", "DUPLICATE"])
def test_an_issue_that_was_not_solved_has_no_solution(tmp_path: Path, reason: str) -> None:
    (thread,) = read_json(tmp_path, [gh_issue(stateReason=reason)]).records
    assert not any(is_solution for _, _, is_solution in said_in(thread))


def test_the_author_is_never_the_solution_even_as_the_owner(tmp_path: Path) -> None:
    own = gh_issue(author={"login": "bo"})
    (thread,) = read_json(tmp_path, [own]).records
    assert said_in(thread) == [("Lower it.", True, False)]


def test_an_issue_by_a_bot_is_refused_and_a_pull_request_among_issues_is_counted(tmp_path: Path) -> None:
    rows = [issue(), issue(8, user=user("dependabot[bot]", "Bot")), issue(9, pull_request={"url": f"{API}/pulls/9"})]
    parsed = read_json(tmp_path, rows)
    assert [r.external_id for r in parsed.records] == ["oda/kettle#7"]
    assert [row.row for row in parsed.rejected] == [2]
    assert "by a bot" in parsed.rejected[0].reason
    assert parsed.notes[0] == "GitHub issues: 2 issues, 1 pull request left out."


def test_a_deleted_author_and_a_deleted_commenter_do_no_harm(tmp_path: Path) -> None:
    issues, _ = read_two(tmp_path, [issue(user=None)], [remark(1, None, "NONE", "Gone.", "2024-02-01T09:00:00Z")])
    (thread,) = issues.records
    assert (thread.content["asker"], said_in(thread)) == ("", [("Gone.", False, False)])


def review(number: int, login: str, body: str, *, minute: int, **more: Any) -> dict[str, Any]:
    return {
        "url": f"{API}/pulls/comments/{number}", "html_url": f"{SITE}/pull/3#discussion_r{number}", "id": number,
        "pull_request_url": f"{API}/pulls/3", "pull_request_review_id": 1, "diff_hunk": "@@ -1,2 +1,2 @@\n-limit = 90\n+limit = 88",
        "path": "src/boil.py", "position": 1, "commit_id": "c0ffee", "user": user(login), "body": body,
        "created_at": f"2024-02-01T10:{minute:02}:00Z", "author_association": "MEMBER",
    } | more  # fmt: skip


REVIEWS = [
    review(11, "lena", "Done.", minute=9, in_reply_to_id=10),
    review(10, "bo", "<!-- nit -->Name the unit.", minute=5),
    review(12, "lint[bot]", "Line too long.", minute=6, in_reply_to_id=10, user=user("lint[bot]", "Bot")),
    review(20, "ci[bot]", "Coverage fell.", minute=7, user=user("ci[bot]", "Bot")),
    review(30, "lena", "I moved this on purpose.", minute=8),
    review(40, "bo", "Why?", minute=8, diff_hunk=None),
]
PULL = {
    "url": f"{API}/pulls/3", "html_url": f"{SITE}/pull/3", "diff_url": f"{SITE}/pull/3.diff", "number": 3, "id": 5,
    "title": "Lower the limit", "body": "See #7.", "user": user("lena"), "state": "closed", "labels": [{"name": "heat"}],
    "created_at": "2024-02-01T09:50:00Z", "merged_at": "2024-02-01T11:00:00Z", "closed_at": "2024-02-01T11:00:00Z",
}  # fmt: skip


def test_review_comments_become_diffs_with_the_times_of_their_pull_request(tmp_path: Path) -> None:
    comments, pulls = read_two(tmp_path, REVIEWS, [PULL])
    (diff,) = comments.records
    assert (diff.external_id, diff.kind, diff.title) == ("10", RecordKind.DIFF, "src/boil.py")
    assert diff.content == {
        "diff": "--- a/src/boil.py\n+++ b/src/boil.py\n@@ -1,2 +1,2 @@\n-limit = 90\n+limit = 88",
        "language": "Python",
        "comments": [
            {"id": "10", "author": "bo", "text": "Name the unit.", "is_reference": True, "rating": None},
            {"id": "11", "author": "lena", "text": "Done.", "is_reference": False, "rating": None},
        ],
    }
    facts = ("repository", "created_at", "reviewed_at", "merged_at", "pull_request", "tags", "author")
    assert {name: diff.meta[name] for name in facts} == {
        "repository": "oda/kettle", "created_at": "2024-02-01T09:50:00Z", "reviewed_at": "2024-02-01T10:05:00Z",
        "merged_at": "2024-02-01T11:00:00Z", "pull_request": "3", "tags": ["heat"], "author": "bo",
    }  # fmt: skip
    assert comments.notes == ["GitHub review comments: 6 review comments, 1 comment by a bot left out."]
    assert sorted((row.row, row.reason.split(",")[0]) for row in comments.rejected) == [
        (4, "The comment was written by a bot"),
        (5, "The comment was written by the author of the change"),
        (6, "The comment has no diff_hunk"),
    ]
    assert pulls.notes == ["GitHub pull requests: 1 pull request.", "Their times are kept with the review comments."]


def test_review_comments_alone_keep_their_own_times(tmp_path: Path) -> None:
    parsed = read_lines(tmp_path, REVIEWS[:3], Goal.CODE)
    (diff,) = parsed.records
    assert (diff.meta["created_at"], diff.meta["reviewed_at"]) == ("2024-02-01T10:05:00Z", "2024-02-01T10:05:00Z")


def test_what_gh_shows_of_a_pull_request_is_a_conversation_that_teaches_no_review(tmp_path: Path) -> None:
    shown = {
        "author": {"login": "lena"}, "title": "Lower the limit", "body": "See #7.", "number": 3, "state": "MERGED",
        "createdAt": "2024-02-01T09:50:00Z", "mergedAt": "2024-02-01T11:00:00Z", "url": f"{SITE}/pull/3",
        "reviews": [
            {"id": "R1", "author": {"login": "lena"}, "body": "Own words.", "submittedAt": "2024-02-01T09:55:00Z"},
            {"id": "R2", "author": {"login": "bo"}, "authorAssociation": "OWNER", "body": "Fine, but name the unit.",
             "submittedAt": "2024-02-01T10:05:00Z", "state": "APPROVED"},
            {"id": "R3", "author": {"login": "bo"}, "authorAssociation": "OWNER", "body": "", "state": "APPROVED",
             "submittedAt": "2024-02-01T10:06:00Z"},
        ],
        "comments": [],
    }  # fmt: skip
    parsed = read_json(tmp_path, shown, Goal.CODE)
    (talk,) = parsed.records
    assert said_in(talk) == [("Own words.", True, False), ("Fine, but name the unit.", False, False)]
    facts = ("created_at", "reviewed_at", "merged_at", "pull_request")
    assert {name: talk.meta[name] for name in facts} == {
        "created_at": "2024-02-01T09:50:00Z", "reviewed_at": "2024-02-01T10:05:00Z", "merged_at": "2024-02-01T11:00:00Z",
        "pull_request": "3",
    }  # fmt: skip
    assert "pulls/comments" in parsed.notes[1]


def test_pull_requests_in_which_nothing_was_said_are_refused_by_themselves(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="nothing that was said"):
        read_json(tmp_path, [PULL], Goal.CODE)


def test_a_table_of_ones_own_is_not_taken_for_github(tmp_path: Path) -> None:
    rows = [{"title": "A", "body": "Long enough to be a post.", "author": "Ann", "url": "https://blog.example/a"}]
    parsed = read_json(tmp_path, rows, Goal.VOICE)
    assert parsed.notes == []
    assert isinstance(parsed.records[0], ParsedRecord)
    assert "Long enough" in everything(parsed)
