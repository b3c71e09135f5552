"""What Curate's keys, buttons and fields do to the record on the screen, and which record comes after."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import deciding, scoring, tagging
from studio.parts import frame
from studio.parts.queue_view import Queue
from studio.running import workspace


class RecordActs:
    """One person's acts in one project. What they go by was noted by `seen` as the page was drawn."""

    def __init__(self, project: str, person: str) -> None:
        self._project, self._person = project, person

    @property
    def turn(self) -> int:
        """Counts what was done in this tab, so that the same record takes another act."""
        return int(st.session_state.get("curate_turn", 0))

    def seen(self, record: dict[str, Any], queue: Queue) -> None:
        """Note the text on the screen and the queue around it: an act is on these, whatever a colleague did since."""
        st.session_state["curate_seen"] = {record["id"]: record["text_sha256"]}
        st.session_state["curate_queue"] = queue

    def show(self, record: str) -> None:
        """Open this record with the next run; an empty id leaves the choice to the queue."""
        self._took_place()
        st.query_params.pop("editing", None)
        if record:
            st.query_params["record"] = record
        else:
            st.query_params.pop("record", None)

    def act(self, choice: str, record: str) -> None:
        """choice: a decision, undo, edit, gold, no_gold, next, previous, or tag:NAME."""
        with frame.said_in_words():
            if choice.startswith("tag:"):
                self._toggle_tag(record, choice[4:])
            elif choice == "edit":
                self.show(record)
                # In the address: a reload goes on with the edit.
                st.query_params["editing"] = "yes"
            elif choice == "undo":
                self._undo(record)
            elif choice in ("gold", "no_gold"):
                self._mark_gold(record, remove=choice == "no_gold")
            elif choice in ("next", "previous"):
                self.show(self._beside(record, 1 if choice == "next" else -1))
            else:
                self._decide(record, choice)

    def store_edit(self, record: dict[str, Any]) -> None:
        with frame.said_in_words():
            deciding.edit_text(
                workspace(), self._project, record["id"], st.session_state[f"edit_{record['id']}"], by=self._person,
                expected_text_sha256=record["text_sha256"],
            )  # fmt: skip
            self.show(self._beside(record["id"], 1))

    def add_tag(self, record: str, field: str) -> None:
        with frame.said_in_words():
            if tag := st.session_state[field].strip():
                tagging.tag(workspace(), self._project, record, [tag], by=self._person)
                self._took_place()

    def undo_gold(self) -> None:
        with frame.said_in_words():
            record = scoring.undo_gold(workspace(), self._project, by=self._person)
            frame.notice(
                "Your last gold mark is taken back." if record else "There is no gold mark of yours to take back."
            )
            self.show(record or st.query_params.get("record", ""))

    def _decide(self, record: str, decision: str) -> None:
        after = self._beside(record, 1)
        seen = st.session_state["curate_seen"].get(record)
        deciding.decide(workspace(), self._project, record, decision, by=self._person, expected_text_sha256=seen)
        self.show(after if after != record else "")

    def _undo(self, record: str) -> None:
        undone = deciding.undo_last(workspace(), self._project, by=self._person)
        frame.notice(
            f"{undone['title'] or undone['external_id']} is {undone['status']} again."
            if undone
            else "There is nothing to undo."
        )
        self.show(undone["id"] if undone else record)

    def _mark_gold(self, record: str, *, remove: bool) -> None:
        n = scoring.mark_gold(workspace(), self._project, record, by=self._person, remove=remove)
        needed = scoring.LEAST_GOLD
        frame.notice(
            f"{n} in the gold subset."
            if n >= needed
            else f"{n} in the gold subset; from {needed} on, records are compared with it."
        )
        self._took_place()

    def _toggle_tag(self, record: str, tag: str) -> None:
        tags = tagging.tags_of(workspace(), self._project, record)["tags"]
        tagging.tag(workspace(), self._project, record, [tag], by=self._person, remove=tag in tags)
        self._took_place()

    def _beside(self, record: str, step: int) -> str:
        following: str = st.session_state["curate_queue"].beside(record, step)
        return following

    def _took_place(self) -> None:
        st.session_state["curate_turn"] = self.turn + 1
