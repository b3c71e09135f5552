"""Rows into records: threads, diffs, chats, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Invalid
from core.nouns import Goal, ParsedRecord, RejectedRow
from core.records.mapping import guess_mapping
from core.records.rows import row_to_record


def record(row: dict[str, Any], goal: Goal, **chosen: str) -> ParsedRecord:
    outcome = row_to_record(1, row, guess_mapping(list(row), goal, chosen, [row]))
    assert isinstance(outcome, ParsedRecord), outcome
    return outcome


THREAD = {
    "id": "7",
    "title": "No mail",
    "body_html": "<p>It <b>stopped</b>.</p>",
    "asker": "u1",
    "solution_answer_id": "b",
    "answers": [
        {"id": "a", "author": "u2", "is_asker": False, "created": "2024-01-02", "body_html": "<p>Restart.</p>"},
        {"id": "b", "author": "u1", "is_asker": True, "created": "2024-01-03", "body_html": "<p>Thanks</p>"},
    ],
}


def test_a_thread_keeps_its_messages_and_marks_the_solution() -> None:
    thread = record(THREAD, Goal.SUPPORT)
    assert thread.external_id == "7"
    assert thread.content["question"] == "It **stopped**."
    assert [m["text"] for m in thread.content["messages"]] == ["Restart.", "Thanks"]
    assert [m["is_solution"] for m in thread.content["messages"]] == [False, True]


def test_the_first_reply_by_another_is_dated() -> None:
    assert record(THREAD, Goal.SUPPORT).meta["first_reply_at"] == "2024-01-02"


def test_what_is_not_mapped_stays_under_extra() -> None:
    assert record(THREAD | {"votes": 3}, Goal.SUPPORT).meta["extra"]["votes"] == 3


def test_a_question_and_an_answer_column_make_a_solved_thread() -> None:
    thread = record({"question": "How?", "answer": "So."}, Goal.SUPPORT)
    assert thread.content["messages"][0]["is_solution"] is True


def test_an_empty_answer_gets_in_to_be_flagged_later() -> None:
    thread = record({"question": "How?", "answer": ""}, Goal.SUPPORT)
    assert thread.content["messages"][0]["text"] == ""


def test_an_empty_question_refuses_the_row_by_the_name_of_its_column() -> None:
    row = {"question": " ", "answer": "So."}
    outcome = row_to_record(4, row, guess_mapping(list(row), Goal.SUPPORT, {}, [row]))
    assert isinstance(outcome, RejectedRow)
    assert outcome.row == 4
    assert "'question'" in outcome.reason


def test_the_human_reference_is_the_reference_comment_and_ratings_are_averaged() -> None:
    row = {
        "diff": "+ a",
        "lang": "py",
        "reviews": [
            {"system": "gpt", "text": "x", "ratings": [{"annotator": "m", "conciseness": 4, "relevance": 2}]},
            {"system": "human_reference", "text": "y", "ratings": []},
        ],
    }
    comments = record(row, Goal.CODE).content["comments"]
    assert [(c["is_reference"], c["rating"]) for c in comments] == [(False, 3.0), (True, None)]


def test_sharegpt_roles_become_user_and_assistant() -> None:
    row = {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}
    roles = [m["role"] for m in record(row, Goal.VOICE).content["messages"]]
    assert roles == ["user", "assistant"]


def test_a_chosen_column_wins_over_the_guess() -> None:
    chat = record({"body": "wrong", "essay": "right"}, Goal.VOICE, text="essay")
    assert chat.content == {"body": "right"}


def test_an_unknown_column_is_named_with_those_there_are() -> None:
    with pytest.raises(Invalid, match="no column 'nope'") as error:
        guess_mapping(["a", "b"], Goal.VOICE, {"text": "nope"}, [{"a": "x", "b": "y"}])
    assert "a, b" in error.value.remedy


def test_columns_that_fit_no_goal_say_what_is_needed() -> None:
    with pytest.raises(Invalid) as error:
        guess_mapping(["x"], Goal.CODE, {}, [{"x": "1"}])
    assert "diff+comment" in error.value.remedy
