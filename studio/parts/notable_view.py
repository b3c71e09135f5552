"""The worst and the best drafts, and those over which reviewers differ: in tabs, each with its edit, verdicts and facts."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import results
from studio.parts.given_facts import show_facts_in_words
from studio.parts.plain import plain
from studio.parts.results_view import CLASSES, LABELS
from studio.parts.text_view import show_difference, show_text


def show_notable(notable: dict[str, list[dict[str, Any]]]) -> None:
    """Nothing while no draft may be told of."""
    shown = {kind: drafts for kind, drafts in notable.items() if drafts}
    if not shown:
        return
    st.subheader("Drafts worth reading")
    for tab, (kind, drafts) in zip(st.tabs([results.KINDS[kind][0] for kind in shown]), shown.items(), strict=True):
        with tab:
            st.caption(results.KINDS[kind][1])
            for draft in drafts:
                _show(draft, key=f"{kind}_{draft['draft']}")


def _show(draft: dict[str, Any], *, key: str) -> None:
    told = ", ".join(dict.fromkeys(CLASSES[one["class"]] for one in draft["verdicts"]))
    with st.expander(f"**{told}** · {plain(draft['brief'])} · {LABELS[draft['system']]}"):
        if draft["final_text"] == draft["text"]:
            show_text(draft["text"], key=f"notable_{key}")
        else:
            show_difference(results.word_difference(draft["text"], draft["final_text"]), key=f"notable_{key}")
        for one in draft["verdicts"]:
            reasons = f"; {', '.join(one['reasons'])}" if one["reasons"] else ""
            st.caption(
                plain(
                    f"{one['reviewer']}: {CLASSES[one['class']]}, {one['edit_ratio']:.0%} of the words edited{reasons}"
                )
            )
        show_facts_in_words(draft["facts"])
