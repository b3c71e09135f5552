"""Drafts side by side on Results: whose are preferred, and the making of pairs. For leads: it names systems."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import pair_making
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.plain import plain
from studio.running import workspace

NOT_ENOUGH = "not enough yet"
COUNTS = {
    "won": "first",
    "lost": "second",
    "both good": "both_good",
    "both bad": "both_bad",
    "reviewers differ": "differ",
}


def show_side_by_side(summary: dict[str, Any]) -> None:
    """Each two writers with their pairs; figures where there are enough of them. Nothing where no pair was made."""
    found = summary["side_by_side"]
    if not found and not summary["n_pairs_held_back"]:
        return
    st.subheader("Side by side")
    for one in found:
        st.write(plain(one["in_words"]))
    st.dataframe([_row(one) for one in found], hide_index=True)
    held_back = (
        f"{several(summary['n_pairs_held_back'], 'pair')} held back, until every draft and pair of their brief is judged. "
        if summary["n_pairs_held_back"]
        else ""
    )
    st.caption(
        f"{held_back}A pair counts once, by what more than half of its reviewers said. *Preferred* is of the pairs with a preference, with its 95 % interval "
        "(Wilson); *by chance*: how often so uneven a split would come about if neither were better (sign test, exact); in brackets the same for "
        f"whoever looks again after every pair.{_left(found)}"
    )


def make_pairs_form(project: str, *, by: str) -> None:
    """Choose what is compared, and make the pairs; withdraw those that wait."""
    plan = pair_making.plan_pairs(workspace(), project)
    if plan.run is None or not (plan.possible or plan.n_open):
        return
    with st.expander("Compare drafts side by side"):
        run = plan.run
        if len(plan.runs) > 1:
            run = st.selectbox("Drafts of the run", plan.runs, width=360, key="pairs_of_run")
            plan = pair_making.plan_pairs(workspace(), project, run=run)
        new = {one.comparison: one for one in plan.possible if one.n}
        chosen = st.pills(
            "Which two write for the same brief", list(new), selection_mode="multi", key=f"compare_{run}",
            format_func=lambda key: f"{plain(new[key].words)}: {several(new[key].n, 'new pair')}",
        )  # fmt: skip
        st.caption(
            "Reviewers are asked on the page Side by side, once every draft of the brief has its verdict. A draft waits in one pair at a time, so where you "
            "choose several each brief serves one of them. Your own texts are easily recognised beside a draft, so they are no measure of how good it is. "
            "Until a pair is judged, the verdicts on its brief do not count on this page, and nobody is told who wrote what."
        )
        with st.container(horizontal=True):
            st.button(
                "Make the pairs" if chosen else "Choose what to compare" if new else "No new pair to make",
                disabled=not chosen, on_click=_make, args=(project, chosen, run, by),
            )  # fmt: skip
            if plan.n_open:
                st.button(
                    f"Withdraw the {several(plan.n_open, 'pair')} that {'waits' if plan.n_open == 1 else 'wait'}",
                    type="tertiary", on_click=_withdraw, args=(project, by),
                )  # fmt: skip


def _make(project: str, chosen: list[str], run: str | None, by: str) -> None:
    with frame.said_in_words():
        made = pair_making.make_pairs(workspace(), project, chosen, by=by, run=run)
        same = f" {several(made['same'], 'pair')} of one and the same text: nobody is asked." if made["same"] else ""
        frame.notice(f"{several(made['made'], 'pair')} to be judged side by side.{same}")


def _withdraw(project: str, by: str) -> None:
    with frame.said_in_words():
        frame.notice(f"{several(pair_making.withdraw_pairs(workspace(), project, by=by), 'pair')} withdrawn.")


def _row(one: dict[str, Any]) -> dict[str, Any]:
    """What matters most first: the last columns of a wide table are cut on a narrow screen."""
    preferred, by_chance = NOT_ENOUGH, ""
    if one["is_enough"]:
        preferred = f"{one['rate']:.0%} ({one['low']:.0%} to {one['high']:.0%})"
        by_chance = f"{_probability(one['p_value'])} ({_probability(one['any_time_p_value'])})"
    row = {"writer": plain(one["ours"]), "beside": plain(one["theirs"]), "preferred": preferred, "by chance": by_chance}
    # Of few pairs, the counts would tell whoever still judges some which text was whose.
    counts = {label: f"{one[name]:,}" if one["is_enough"] else "" for label, name in COUNTS.items()}
    return row | {"pairs": one["n"]} | counts | {"same text": one["same"], "waiting": one["waiting"]}


def _left(found: list[dict[str, Any]]) -> str:
    """How often the text on the left was preferred; sides are drawn, so far from half says something of the reviewers."""
    left = sum(one["left"] for one in found if one["is_enough"])
    decided = left + sum(one["right"] for one in found if one["is_enough"])
    return f" The text on the left was preferred in {left / decided:.0%} of {decided:,} choices." if decided else ""


def _probability(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "under 0.001"
