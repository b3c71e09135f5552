"""Keys for a queue: each does once what its button does, to the item that is on the screen.

Streamlit's own shortcuts act again for a held key and lose freshly typed text; this component
sends a choice with the item it was made on, and the caller refuses one for another item. It also
shows the keys that work now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from studio.parts.plain import plain
from studio.parts.tag_marks import mark

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "proofroom_keys",
    html=(_HERE / "keys.html").read_text(encoding="utf-8"),
    css=(_HERE / "keys.css").read_text(encoding="utf-8"),
    js=(_HERE / "keys.js").read_text(encoding="utf-8"),
)
_SHOWN = {"ArrowRight": "→", "ArrowLeft": "←", "Escape": "Esc"}


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """key: as the browser names it, letters in capitals. name: what is chosen. label: what the button says.

    is_quiet: a step to the side, not a decision. colour: of a tag, as a mark before the label. also: other keys that do the same.
    """

    key: str
    name: str
    label: str
    is_primary: bool = False
    is_quiet: bool = False
    colour: str = ""
    also: tuple[str, ...] = ()


def decision_bar(
    item: str,
    choices: Sequence[KeyChoice],
    on_choice: Callable[[str, str], None],
    *,
    turn: int = 0,
) -> None:
    """Buttons and keys for one item. on_choice: called with (name, item), once for each item and turn.

    turn: counts what was done so far, so that the same item takes a second choice after the first was carried out.
    """

    def from_key() -> None:
        sent = st.session_state[key].choice
        if sent and sent["item"] == item:
            on_choice(sent["name"], item)

    key = f"keys_{item}"
    # The buttons keep their identity from item to item, so a person who tabs stays where they are.
    with st.container(horizontal=True, gap="small", key="decisions"):
        for choice in choices:
            st.button(
                f"{mark(choice.colour)}{plain(choice.label)} `{_SHOWN.get(choice.key, choice.key)}`",
                key=f"choose_{choice.name}",
                type="primary" if choice.is_primary else "tertiary" if choice.is_quiet else "secondary",
                on_click=on_choice,
                args=(choice.name, item),
            )
    _component(
        data={
            "item": item,
            "turn": turn,
            "keys": {key: choice.name for choice in choices for key in (choice.key, *choice.also)},
            "legend": [[_keys_in_words(choice), choice.label] for choice in choices],
        },
        key=key,
        on_choice_change=from_key,
    )


def _keys_in_words(choice: KeyChoice) -> str:
    return " or ".join(_SHOWN.get(key, key) for key in (choice.key, *choice.also))
