"""The judge of drafts on the results page: how well it agrees with the team, and whether it orders the queue. Never beside a draft."""

from __future__ import annotations

import streamlit as st

from core.workflows import judging
from studio.parts import frame, job_panel
from studio.parts.counting import several
from studio.parts.plain import plain
from studio.running import workspace

WORDS = {
    "guide": "places that break the brand guide", "unsupported": "figures, names and links that nobody gave", "length": "length",
    "odd_length": "an unusual length", "voice": "distance from your own writing", "repetition": "repetition", "breaks_off": "breaking off",
}  # fmt: skip


def show_judge(project: str, *, by: str) -> None:
    """Nothing before the first verdicts that are enough to foresee others."""
    found = judging.judge_json(workspace(), project)
    if not (found["judge"] or found["is_enough"]):
        return
    with st.expander("Could verdicts be foreseen?", key="judge"):
        job_panel.watch_kind(project, "judge", by=by)
        told = found["judge"]
        if told:
            st.write(plain(told["sentence"]))
            strongest = "; ".join(
                f"{WORDS[one['name']]} speaks {'for' if one['weight'] > 0 else 'against'} a pass"
                for one in told["strongest"]
                if abs(one["weight"]) >= 0.1
            )
            if strongest:
                st.caption(f"What it goes by: {strongest}.")
        st.caption(
            "It reads the text and the brief, not who wrote it, and was tried on briefs that it had not seen. It never gives a verdict, and nobody sees "
            "what it says of a draft."
        )
        n_new = found["n_verdicts"] - (told["n"] if told else 0)
        st.button(
            f"Calibrate it on {several(found['n_verdicts'], 'verdict')}" + (f", {n_new:,} of them new" if told and n_new > 0 else ""),
            key="calibrate", on_click=_calibrate, args=(project, by), disabled=not found["is_enough"],
        )  # fmt: skip
        st.toggle(
            "Show the most uncertain drafts first in the review queue", value=found["uncertain_first"], key=f"uncertain_{project}",
            on_change=_order, args=(project, by), disabled=not (found["may_order"] or found["uncertain_first"]),
            help="Until every open draft is judged, the rates are then those of an uneven choice. Possible once it sorts drafts better than chance.",
        )  # fmt: skip


def _calibrate(project: str, by: str) -> None:
    with frame.said_in_words():
        judging.calibrate(workspace(), project, by=by)


def _order(project: str, by: str) -> None:
    with frame.said_in_words():
        judging.set_uncertain_first(workspace(), project, is_on=bool(st.session_state[f"uncertain_{project}"]), by=by)
