"""The judge of drafts on the results page: how well it agrees with the team, and whether it orders the queue. Never beside a draft."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.nouns import Role
from core.workflows import endpoint, judging
from studio.parts import frame, job_panel
from studio.parts.counting import several
from studio.parts.plain import plain
from studio.parts.session import may_everywhere, must
from studio.running import workspace

WORDS = {
    "guide": "places that break the brand guide", "unsupported": "figures, names and links that nobody gave", "length": "length",
    "odd_length": "an unusual length", "voice": "distance from your own writing", "repetition": "repetition", "breaks_off": "breaking off",
    "elsewhere": "what the model elsewhere says",
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
            if told["elsewhere_in_words"]:
                st.write(plain(told["elsewhere_in_words"]))
        st.caption(
            "It reads the text and the brief, not who wrote it, and was tried on briefs that it had not seen. It never gives a verdict, and nobody sees "
            "what it says of a draft."
        )
        if found["elsewhere"] and may_everywhere(Role.OWNER):
            _show_elsewhere(found["elsewhere"], by=by)
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


def _show_elsewhere(elsewhere: dict[str, Any], *, by: str) -> None:
    st.toggle(
        plain(f"Ask {elsewhere['model']} at {elsewhere['host']} too"), value=elsewhere["is_on"], key=f"asks_elsewhere_{elsewhere['is_on']}",
        on_change=_ask_elsewhere, args=(not elsewhere["is_on"], by),
        help="Only an owner should switch it on. Its answer is one figure more for the judge; it is asked once for each draft.",
    )  # fmt: skip
    n = elsewhere["n_may_leave"]
    whose = "They" if n != 1 else "It"
    st.caption(
        f"{several(n, 'draft')} may be sent there with {'their' if n != 1 else 'its'} brief, also what your own model wrote; {elsewhere['n_given']:,} answered for so "
        f"far. {whose} {'leave' if n != 1 else 'leaves'} this machine when the judge is calibrated, and when new drafts come. Never sent: drafts on a brief with a text "
        "of a person or from a record, or for which a fact was looked up."
    )


def _ask_elsewhere(is_on: bool, by: str) -> None:
    with frame.said_in_words():
        must(Role.OWNER, everywhere=True)
        endpoint.set_judging(workspace(), is_on=is_on, by=by)


def _calibrate(project: str, by: str) -> None:
    with frame.said_in_words():
        judging.calibrate(workspace(), project, by=by)


def _order(project: str, by: str) -> None:
    with frame.said_in_words():
        judging.set_uncertain_first(workspace(), project, is_on=bool(st.session_state[f"uncertain_{project}"]), by=by)
