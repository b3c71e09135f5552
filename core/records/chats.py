"""Chat rows: a list of messages with roles, or a prompt and its response. Markup in them stays as it is."""

from __future__ import annotations

from typing import Any

from core.records.cells import Cells, RowRefused, checked_text

ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "system": "system",
    "developer": "system",
}


def chat_content(cells: Cells) -> dict[str, Any]:
    """The content of a chat record. Raises RowRefused."""
    if not cells.has("messages"):
        prompt = cells.needed("prompt", cells.text("prompt"))
        # An empty response gets in: it is flagged as an empty answer, and a person decides.
        pair = [_message("user", prompt), _message("assistant", cells.text("response"))]
        system = cells.text("system")
        return {"messages": [_message("system", system), *pair] if system.strip() else pair}
    messages = [_read_message(i, item) for i, item in enumerate(cells.items("messages"), start=1)]
    if not any(message["role"] == "assistant" for message in messages):
        raise RowRefused(
            "The chat has no message by the assistant, so there is nothing to learn from it. Leave the row out.",
            cells.value("messages"),
        )
    return {"messages": messages}


def _read_message(number: int, item: Any) -> dict[str, str]:
    role = ROLES.get(str(item.get("role") or item.get("from")).strip().lower()) if isinstance(item, dict) else None
    content = _content(item) if isinstance(item, dict) else None
    if role is None or content is None:
        raise RowRefused(
            f"Message {number} needs a role (system, user, assistant) and a text. Mend it, or leave the row out.", item
        )
    return _message(role, checked_text(content, f"Message {number}"))


def _content(item: dict[str, Any]) -> str | None:
    """The text of a message, also when it is given as parts; none when a part is a picture or a call."""
    content = item.get("content", item.get("value"))
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not content:
        return None
    texts = [part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in content]
    return "\n".join(str(text) for text in texts) if all(isinstance(text, str) for text in texts) else None


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content.strip()}
