"""Text from outside, shown as text: records, drafts, differences. Nothing in it becomes markup."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "proofroom_text",
    html="<div id='text'></div>",
    css=(_HERE / "text_view.css").read_text(encoding="utf-8"),
    js=(_HERE / "text_view.js").read_text(encoding="utf-8"),
)


def show_text(text: str, *, key: str, marks: Sequence[dict[str, Any]] = ()) -> None:
    """One text. marks: start, end and label of what is marked in it."""
    _component(data={"blocks": [_placed({"text": text}, text, marks)]}, key=key)


def show_record(record: dict[str, Any], *, key: str, marks: Sequence[dict[str, Any]] = ()) -> None:
    """A record as one reads it: a post, a thread as a conversation, a diff with its comments, a chat.

    marks: offsets in the record's flat text, as flags carry them.
    """
    content = record["edited_content"] or record["content"]
    flat = record["edited_text"] or record["text"]
    title = record["edited_title"] or record["title"]
    blocks = [
        _placed(block, flat, [] if record["edited_text"] else marks)
        for block in _blocks(record["kind"], title, content)
    ]
    _component(data={"blocks": blocks}, key=key)


def show_messages(messages: Sequence[dict[str, str]], *, key: str) -> None:
    """An example as the model sees it: what is asked, and the text that is learnt."""
    said = {"system": "told beforehand", "user": "asked", "assistant": "learnt"}
    blocks = [
        {
            "label": said[m["role"]],
            "text": m["content"],
            "kind": "turn solution" if m["role"] == "assistant" else "turn",
        }
        for m in messages
    ]
    _component(data={"blocks": blocks}, key=key)


def show_tokens(pieces: Sequence[Sequence[Any]], *, key: str, label: str = "") -> None:
    """Text as a model reads it, token by token. pieces: the text of each, and whether it is learnt."""
    _component(data={"blocks": [{"label": label, "tokens": [list(piece) for piece in pieces]}]}, key=key)


def show_difference(spans: Sequence[Any], *, key: str, label: str = "", is_comparison: bool = False) -> None:
    """A word difference: spans with kind (same, added, removed) and text.

    is_comparison: two texts side by side, of which none is the older: what only this one has is marked, nothing struck out.
    """
    block = {"label": label, "is_comparison": is_comparison, "spans": [{"kind": s.kind, "text": s.text} for s in spans]}
    _component(data={"blocks": [block]}, key=key)


def _blocks(kind: str, title: str, content: dict[str, Any]) -> list[dict[str, Any]]:
    if kind == "document":
        return [{"text": content["body"]}]
    if kind == "thread":
        asker = content.get("asker") or "customer"
        blocks = [{"label": f"{asker} asks", "text": content["question"], "kind": "turn"}]
        for message in content["messages"]:
            who = f"{message['author'] or ('customer' if message['is_asker'] else 'team')}"
            role = " (asked)" if message["is_asker"] else ""
            solved = " — the accepted answer" if message["is_solution"] else ""
            kind_of = "turn solution" if message["is_solution"] else "turn"
            blocks.append({"label": f"{who}{role}{solved}", "text": message["text"], "kind": kind_of})
        return blocks
    if kind == "diff":
        blocks = [
            {"label": content.get("language") or "change", "text": content["diff"], "plain": True, "kind": "turn"}
        ]
        for comment in content["comments"]:
            reference = " — the comment that was left" if comment["is_reference"] else ""
            rated = f", rated {comment['rating']:.1f} of 5" if comment.get("rating") else ""
            kind_of = "turn solution" if comment["is_reference"] else "turn"
            blocks.append(
                {
                    "label": f"{comment['author'] or 'reviewer'}{reference}{rated}",
                    "text": comment["text"],
                    "kind": kind_of,
                }
            )
        return blocks
    return [{"label": m["role"], "text": m["content"], "kind": "turn"} for m in content["messages"]]


def _placed(block: dict[str, Any], flat: str, marks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The block with the marks that fall into it, their offsets counted from its own start."""
    start = flat.find(block["text"])
    if start < 0:
        return block
    end = start + len(block["text"])
    inside = [
        m | {"start": _units(flat[start : m["start"]]), "end": _units(flat[start : m["end"]])}
        for m in marks
        if start <= m["start"] < end
    ]
    return block | {"marks": sorted(inside, key=lambda m: m["start"])}


def _units(text: str) -> int:
    """Length as the browser counts it: in units of UTF-16, of which a picture character takes two."""
    return len(text.encode("utf-16-le")) // 2
