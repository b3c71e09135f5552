"""The forms that chats come in: OpenAI's messages, ShareGPT's conversations, Alpaca's instructions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.nouns import Goal
from core.records.parsing import ParsedFile, parse_file

Chat = list[tuple[str, str]]


def read(tmp_path: Path, rows: list[dict[str, Any]], goal: Goal = Goal.VOICE) -> ParsedFile:
    path = tmp_path / "chats.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return parse_file(path, "chats.jsonl", goal, {})


def chats(parsed: ParsedFile) -> list[Chat]:
    return [[(m["role"], m["content"]) for m in record.content["messages"]] for record in parsed.records]


def openai(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"messages": list(messages)} | more


USER: dict[str, Any] = {"role": "user", "content": "Hi"}
ANSWER: dict[str, Any] = {"role": "assistant", "content": "Hello"}
CALL: dict[str, Any] = {
    "role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f"}}],
}  # fmt: skip
PICTURE: dict[str, Any] = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}


@pytest.mark.parametrize("goal", list(Goal))
def test_messages_are_read_for_every_goal(tmp_path: Path, goal: Goal) -> None:
    parsed = read(tmp_path, [openai({"role": "developer", "content": "Be brief."}, USER, ANSWER)], goal)
    assert chats(parsed) == [[("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello")]]


def test_a_text_in_parts_is_one_text(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "One."}, {"type": "input_text", "text": "Two."}]
    parsed = read(tmp_path, [openai({"role": "user", "content": parts}, ANSWER)])
    assert chats(parsed) == [[("user", "One.\nTwo."), ("assistant", "Hello")]]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (openai(USER, CALL, {"role": "tool", "tool_call_id": "c", "content": "4"}, ANSWER), "Message 2 calls a tool"),
        (openai(USER, {"role": "tool", "content": "4"}, ANSWER), "Message 2 calls a tool"),
        (openai(USER, {"role": "assistant", "content": "", "function_call": {"name": "f"}}), "Message 2 calls a tool"),
        (openai({"role": "user", "content": [PICTURE]}, ANSWER), "Message 1 holds a part of the kind 'image_url'"),
        (openai(USER, ANSWER | {"weight": 0}, USER, ANSWER), "Message 2 has the weight 0"),
        (openai(USER, {"role": "assistant", "content": None}), "Message 2 needs a role"),
        (openai(USER, {"role": "narrator", "content": "x"}), "Message 2 needs a role"),
        (openai(USER, {"role": "assistant", "content": 4}), "Message 2 has no text"),
        (openai(USER, "Hello"), "Message 2 is not an object"),  # type: ignore[arg-type]
        (openai(USER), "The chat has no message by the assistant"),
        (openai({"from": "human", "value": "2+2"}, {"from": "function_call", "value": "{}"},
                {"from": "observation", "value": "4"}, {"from": "gpt", "value": "4"}), "Message 2 calls a tool"),
    ],
)  # fmt: skip
def test_what_a_chat_cannot_hold_refuses_its_row_and_no_other(tmp_path: Path, row: dict[str, Any], reason: str) -> None:
    parsed = read(tmp_path, [row, openai(USER, ANSWER)])
    assert [(r.row, r.reason.startswith(reason)) for r in parsed.rejected] == [(1, True)]
    assert chats(parsed) == [[("user", "Hi"), ("assistant", "Hello")]]


def test_a_weight_that_is_not_nought_and_one_on_a_question_are_let_be(tmp_path: Path) -> None:
    parsed = read(tmp_path, [openai(USER | {"weight": 0}, ANSWER | {"weight": 1})])
    assert chats(parsed) == [[("user", "Hi"), ("assistant", "Hello")]]


def test_sharegpt_with_its_system_column(tmp_path: Path) -> None:
    turns = [{"from": "human", "value": "Hi"}, {"from": "chatgpt", "value": "Hello"}]
    parsed = read(tmp_path, [{"id": "c1", "system": "Be brief.", "conversations": turns}])
    assert chats(parsed) == [[("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello")]]
    assert parsed.records[0].external_id == "c1"


def test_a_system_message_of_its_own_is_not_doubled(tmp_path: Path) -> None:
    own = {"role": "system", "content": "Be long."}
    parsed = read(tmp_path, [openai(own, USER, ANSWER, system="Be brief.")])
    assert chats(parsed) == [[("system", "Be long."), ("user", "Hi"), ("assistant", "Hello")]]


@pytest.mark.parametrize("goal", list(Goal))
def test_alpaca_joins_instruction_and_input(tmp_path: Path, goal: Goal) -> None:
    rows = [
        {
            "instruction": "Translate.",
            "input": "Guten Tag",
            "output": "Good day",
            "text": "### Instruction: Translate.",
        },
        {"instruction": "Say hello.", "input": "", "output": "Hello", "text": "### Instruction: Say hello."},
    ]
    assert chats(read(tmp_path, rows, goal)) == [
        [("user", "Translate.\n\nGuten Tag"), ("assistant", "Good day")],
        [("user", "Say hello."), ("assistant", "Hello")],
    ]


def test_a_context_belongs_to_its_instruction(tmp_path: Path) -> None:
    row = {"instruction": "When?", "context": "It was in May.", "response": "In May."}
    assert chats(read(tmp_path, [row])) == [[("user", "When?\n\nIt was in May."), ("assistant", "In May.")]]


def test_an_input_alone_is_the_prompt(tmp_path: Path) -> None:
    assert chats(read(tmp_path, [{"input": "Hi", "output": "Hello"}])) == [[("user", "Hi"), ("assistant", "Hello")]]


def test_an_input_beside_messages_stays_with_the_record(tmp_path: Path) -> None:
    parsed = read(tmp_path, [openai(USER, ANSWER, input="a note")])
    assert parsed.records[0].meta["extra"] == {"input": "a note"}
