"""Chat rows: a list of messages with roles, or a prompt and its response. Markup in them stays as it is.

Read are OpenAI's messages, ShareGPT's conversations, and pairs such as Alpaca's, whose input belongs
to its instruction. What a chat record cannot hold (calls of tools, pictures, answers that are not to
be learnt) refuses the row, since a conversation with a hole in it would teach something else.
"""

from __future__ import annotations

from typing import Any

from core.records.cells import Cells, RowRefused, checked_text
from core.records.values import as_number, shown

ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "system": "system",
    "developer": "system",
}
TOOL_ROLES = frozenset(
    {"tool", "function", "function_call", "function_response", "tool_call", "tool_response", "observation", "ipython"}
)
TEXT_PARTS = frozenset({"text", "input_text", "output_text"})


def chat_content(cells: Cells) -> dict[str, Any]:
    """The content of a chat record. Raises RowRefused."""
    messages = _listed(cells) if cells.has("messages") else _pair(cells)
    system = cells.text("system").strip()
    if system and messages[0]["role"] != "system":
        messages = [_message("system", system), *messages]
    return {"messages": messages}


def _pair(cells: Cells) -> list[dict[str, str]]:
    prompt, context = cells.needed("prompt", cells.text("prompt")), cells.text("context").strip()
    asked = f"{prompt.strip()}\n\n{context}" if context else prompt
    # An empty response gets in: it is flagged as an empty answer, and a person decides.
    return [_message("user", asked), _message("assistant", cells.text("response"))]


def _listed(cells: Cells) -> list[dict[str, str]]:
    messages = [_read_message(i, item) for i, item in enumerate(cells.items("messages"), start=1)]
    if not any(message["role"] == "assistant" for message in messages):
        raise RowRefused(
            "The chat has no message by the assistant, so there is nothing to learn from it. Leave the row out.",
            cells.value("messages"),
        )
    return messages


def _read_message(number: int, item: Any) -> dict[str, str]:
    where = f"Message {number}"
    if not isinstance(item, dict):
        raise RowRefused(f"{where} is not an object with a role and a text. Mend it, or leave the row out.", item)
    named = str(item.get("role") or item.get("from")).strip().lower()
    if named in TOOL_ROLES or item.get("tool_calls") or item.get("function_call"):
        raise RowRefused(
            f"{where} calls a tool or gives what one found, and only conversations in words are learnt. Leave the row out.",
            item,
        )
    role, content = ROLES.get(named), item.get("content", item.get("value"))
    if role is None or content is None:
        raise RowRefused(
            f"{where} needs a role (system, user, assistant) and a text. Mend it, or leave the row out.", item
        )
    weight = item.get("weight")
    if role == "assistant" and weight is not None and as_number(weight) == 0:
        raise RowRefused(
            f"{where} has the weight 0, so it is not to be learnt, but every answer of a chat is. "
            "End the chat before it, or leave the row out.",
            item,
        )
    return _message(role, checked_text(_text(content, where), where))


def _text(content: Any, where: str) -> str:
    """The text of a message, also when it is given as parts. Raises RowRefused for what is no text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not content:
        raise RowRefused(f"{where} has no text. Mend it, or leave the row out.", content)
    texts = []
    for part in content:
        kind = str(part.get("type")) if isinstance(part, dict) else type(part).__name__
        text = part.get("text") if isinstance(part, dict) and kind in TEXT_PARTS else None
        if not isinstance(text, str):
            raise RowRefused(
                f"{where} holds a part of the kind {shown(kind)!r}, and only text is learnt. Leave the row out.", part
            )
        texts.append(text)
    return "\n".join(texts)


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content.strip()}
