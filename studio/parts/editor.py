"""The review editor: one component that holds the text, saves it, and carries the decision with it.

The text travels with the decision in one message, so a decision never leaves freshly typed words
behind. Values are set with `value` and `textContent`; nothing in a draft becomes markup.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from studio.parts.scripts import script_of

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "proofroom_editor",
    html=(_HERE / "editor.html").read_text(encoding="utf-8"),
    css=(_HERE / "editor.css").read_text(encoding="utf-8"),
    js=script_of("copies.js", "word_difference.js", "editor.js"),
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What the editor holds: the item, its text, and the active seconds so far. known: texts that are stored as far as it knows, or about to be."""

    item: str
    text: str
    seconds: float
    known: tuple[str, ...] = ()

    @property
    def unsaved(self) -> str | None:
        """The text where it was not stored yet, else None."""
        return None if self.text in self.known else self.text


def review_editor(
    item: str,
    *,
    who: str,
    draft: str,
    text: str,
    seconds: float,
    turn: int,
    can_undo: bool,
    lacked_reason: bool,
    on_save: Callable[[Typed], None],
    on_hold: Callable[[str, float], None],
    on_decision: Callable[[str, Typed], None],
    on_reason: Callable[[str, int], None],
    on_guide: Callable[[], None],
) -> None:
    """Mount the editor on one item. on_hold: called with the item and the seconds, where nothing is typed and the reviewer is there. on_decision: sign_off, reject, later or undo, with what was typed.

    who: the reviewer; what this browser keeps until it is stored is theirs. draft: as it was written; text: as it is stored.
    turn: counts the decisions asked for, so that an item whose verdict was not taken can be decided again.
    can_undo: whether there is a verdict to take back. lacked_reason: whether the last verdict was given without a reason.
    on_reason: called with the item and the place of a reason, counted from 0, when its digit was pressed.
    on_guide: called when the brand guide is asked for, or put away.
    """
    key = "review_editor"

    def saved() -> None:
        sent = st.session_state[key].saved
        if sent and sent["text"] is None:
            on_hold(sent["item"], float(sent["seconds"]))
        elif sent:
            on_save(Typed(sent["item"], sent["text"], float(sent["seconds"])))

    def decided() -> None:
        sent = st.session_state[key].decided
        if sent:
            typed = Typed(sent["item"], sent["text"], float(sent["seconds"]), tuple(sent["known"]))
            on_decision(sent["decision"], typed)

    def reasoned() -> None:
        sent = st.session_state[key].reason
        if sent and sent["item"] == item:
            on_reason(item, int(sent["place"]))

    def guide_asked() -> None:
        if st.session_state[key].guide:
            on_guide()

    _component(
        data={
            "item": item,
            "who": who,
            "draft": draft,
            "text": text,
            "seconds": seconds,
            "turn": turn,
            "can_undo": can_undo,
            "lacked_reason": lacked_reason,
        },
        key=key,
        on_saved_change=saved,
        on_decided_change=decided,
        on_reason_change=reasoned,
        on_guide_change=guide_asked,
    )
