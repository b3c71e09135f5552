"""The card of a model on a page, and as a file to take along."""

from __future__ import annotations

import json
from functools import partial

import streamlit as st

from core.errors import ProofroomError
from core.workflows import model_card
from studio.parts import frame
from studio.parts.plain import plain
from studio.parts.taking import told
from studio.running import workspace

# Below the page's own headings.
DEPTH = 4


def show_card(run: str, *, name: str, by: str, project: str) -> None:
    """Gathered when it is unfolded. run: its id; name: what people call it. project: its id."""
    folded = st.expander("Model card", key=f"card_{run}", on_change="rerun", icon=":material/article:")
    if not folded.open:
        return
    with folded:
        try:
            facts = model_card.card_facts(workspace(), run)
        except ProofroomError as error:
            frame.problem(str(error))
            return
        with st.container(horizontal=True):
            for label, content, ending in (
                ("Markdown", model_card.card_text(facts), "md"),
                ("JSON", json.dumps(facts, indent=2, ensure_ascii=False), "json"),
            ):
                st.download_button(
                    label, told(partial(str, content), "model_card", run, by=by, project=project, format=ending), file_name=f"model-card-{name}.{ending}", key=f"card_{ending}_{run}",
                    icon=":material/download:", on_click="ignore",
                )  # fmt: skip
        with st.container(key=f"document_{run}"):
            st.markdown(model_card.card_text(facts, escape=plain, depth=DEPTH))
