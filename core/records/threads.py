"""Help-desk rows into threads: a question, its messages, and which of them solved it.

Two forms are known: one row a thread with a list of answers (Kitsune, most API exports; the asker
and the solution are marked by ids, flags or roles), and one row with a question and one answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.records.cells import Cells, RowRefused, markdown_of
from core.records.values import as_flag, as_number, as_text, as_time, storable

TEXT_KEYS = (
    "text", "body", "body_html", "html_body", "html", "content", "message", "plain_body", "comment", "markdown",
)  # fmt: skip
AUTHOR_KEYS = ("author", "user", "from", "sender", "name", "author_name", "creator")
TIME_KEYS = ("created_at", "created", "date", "timestamp", "time", "sent_at", "posted_at")
SOLUTION_KEYS = ("is_solution", "accepted", "is_accepted", "is_best", "solution", "chosen")
ROLE_KEYS = ("role", "author_type", "author_role", "type", "sender_type", "from")
ASKER_ROLES = frozenset(
    {"customer", "user", "requester", "asker", "client", "end-user", "end_user", "visitor", "human"}
)
HELPER_ROLES = frozenset({"agent", "staff", "support", "assistant", "admin", "bot", "operator", "employee"})


def thread_content(cells: Cells) -> dict[str, Any]:
    """The content of a thread record. Raises RowRefused."""
    asker = cells.fact("asker")
    if cells.has("answer"):
        question = cells.needed("question", cells.markdown("question"))
        answer = _message("1", cells.fact("author"), "", cells.markdown("answer"), is_asker=False, is_solution=True)
        return {"question": question, "asker": asker, "messages": [answer]}
    solution = cells.fact("solution_id")
    messages = [_read_message(i, item, asker, solution) for i, item in enumerate(cells.items("answers"), start=1)]
    if cells.has("question"):
        return {"question": cells.needed("question", cells.markdown("question")), "asker": asker, "messages": messages}
    return _opened_by_first(cells, asker, messages)


def first_reply_at(messages: Sequence[dict[str, Any]]) -> str:
    """When somebody other than the asker first wrote; nothing where no time is known."""
    times = [message["created_at"] for message in messages if not message["is_asker"] and message["created_at"]]
    return min(times, default="")


def _opened_by_first(cells: Cells, asker: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """A thread that is only messages: the first is the question, and its author the asker."""
    if not messages or not messages[0]["text"].strip():
        raise RowRefused(
            f"The column {cells.column('answers')!r} has no first message to be the question. Leave the row out.",
            cells.value("answers"),
        )
    first, *others = messages
    asker = asker or first["author"]
    for message in others:
        message["is_asker"] = message["is_asker"] or (asker != "" and message["author"] == asker)
    return {"question": first["text"], "asker": asker, "messages": others}


def _read_message(number: int, item: Any, asker: str, solution: str) -> dict[str, Any]:
    where = f"Message {number} of the thread"
    if isinstance(item, str):
        return _message(str(number), "", "", markdown_of(item, where), is_asker=False, is_solution=False)
    if not isinstance(item, dict):
        raise RowRefused(f"{where} is not an object with an author and a text. Mend it, or leave the row out.", item)
    key = next((k for k in TEXT_KEYS if isinstance(item.get(k), str) and item[k].strip()), "")
    identity = storable(as_text(item.get("id"))) or str(number)
    author = _author(item)
    return _message(
        identity,
        author,
        as_time(next((item[k] for k in TIME_KEYS if item.get(k)), "")),
        markdown_of(item.get(key), where, key),
        is_asker=_is_by_asker(item, author, asker),
        is_solution=any(as_flag(item.get(k)) for k in SOLUTION_KEYS) or (solution != "" and identity == solution),
        helpful=int(as_number(item.get("helpful")) or 0),
    )


def _message(
    identity: str, author: str, created_at: str, text: str, *, is_asker: bool, is_solution: bool, helpful: int = 0
) -> dict[str, Any]:
    return {
        "id": identity,
        "author": author,
        "is_asker": is_asker,
        "created_at": created_at,
        "text": text,
        "is_solution": is_solution,
        "helpful": helpful,
    }


def _author(item: dict[str, Any]) -> str:
    value = next((item[key] for key in AUTHOR_KEYS if item.get(key)), "")
    if isinstance(value, dict):
        value = value.get("name") or value.get("username") or value.get("id")
    name = storable(as_text(value)).strip()
    # A role is nobody's name: every customer called "customer" would be one and the same.
    return "" if name.lower() in ASKER_ROLES | HELPER_ROLES else name


def _is_by_asker(item: dict[str, Any], author: str, asker: str) -> bool:
    if "is_asker" in item:
        return as_flag(item["is_asker"])
    roles = {as_text(item.get(key)).strip().lower() for key in ROLE_KEYS}
    if roles & ASKER_ROLES:
        return True
    if roles & HELPER_ROLES:
        return False
    return asker != "" and author == asker
