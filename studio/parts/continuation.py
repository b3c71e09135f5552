"""Going on from a run with the edits of its reviewers: the offer, and what came of it."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from core.errors import ProofroomError
from core.workflows import continuing
from studio.parts import frame
from studio.parts.charts import INK, PENCIL
from studio.parts.counting import several
from studio.parts.durations import in_words
from studio.parts.plain import plain
from studio.running import workspace

LABELS = {
    "beta": "Beta",
    "nll_weight": "Weight of the signed-off text itself",
    "learning_rate": "Learning rate",
    "epochs": "Passes over the pairs",
    "batch_size": "Pairs a step",
}
LIKELIER = (
    "Pairs in which it finds the text that was signed off likelier than the one that was not, token for token. Before it went on it mostly does "
    "not: the other text is its own."
)
MOVED = "Pairs in which the text that was signed off gained against the other one. Half of them would by chance."


def show_offer(run: dict[str, Any], *, by: str) -> None:
    """Offer to go on, where the reviews make enough pairs."""
    try:
        plan = continuing.plan_continuation(workspace(), run["project_id"], run["id"])
    except ProofroomError as error:
        frame.problem(str(error))
        return
    if plan["n_pairs"] < continuing.LEAST_PAIRS:
        return
    st.markdown("**Go on with what your reviewers did**")
    st.write(_sentence(plan))
    for obstacle in plan["obstacles"]:
        frame.problem(obstacle)
    st.button(
        _label(plan), key=f"continue_{run['id']}", disabled=bool(plan["obstacles"]), on_click=_start, args=(run, by)
    )
    with st.expander("How it learns, and what is left out"):
        for name, why in continuing.REASONS.items():
            st.caption(f"**{LABELS[name]}: {plan['settings'][name]:g}.** {why}")
        for one in plan["left_out"]:
            st.caption(f"{several(one['n'], 'verdict')}: {one['words']}.")


def show_origin(run: dict[str, Any]) -> None:
    """From which run this one went on, with what, and whether the model now prefers what people did."""
    continues, told = run["continues"], continuing.preference_of(run)
    # Runs from before drafts were compared side by side do not say.
    n_preferred = continues.get("n_preferred", 0)
    n_beside = continues["n_pairs"] - continues["n_edits"] - n_preferred
    beside = f" and {n_beside:,} rejected beside one that was signed off" if n_beside else ""
    preferred = f" and {n_preferred:,} that lost side by side" if n_preferred else ""
    st.write(
        plain(
            f"Went on from {continues['name']} with {several(continues['n_pairs'], 'pair')} from the reviews: "
            f"{several(continues['n_edits'], 'edited draft')}{beside}{preferred}."
        )
    )
    st.button(
        f"Look at {plain(continues['name'])}",
        key=f"origin_{run['id']}",
        type="tertiary",
        on_click=_show,
        args=(continues["run"],),
    )
    if told is None:
        return
    before, after, held_out = told["before"], told["after"], told["hold_out"]
    with st.container(horizontal=True, gap="large", key="figures_preference"):
        st.metric(
            "Prefers what was signed off", f"{after['n_likelier']} of {after['n']}", f"before {before['n_likelier']}",
            delta_color="off", delta_arrow="off", width="content", help=LIKELIER,
        )  # fmt: skip
        st.metric("Moved towards it", f"{after['n_moved']} of {after['n']}", width="content", help=MOVED)
        if held_out["before"] is not None:
            change = held_out["after"] / held_out["before"] - 1
            st.metric(
                "Held-out texts, nats per token", f"{held_out['after']:.3f}", f"{change:+.1%}", delta_color="inverse", width="content",
                help=f"Loss on {several(held_out['n'], 'text')} of the {held_out['split']} split, against the run that it went on from. A rise says that "
                "the pairs cost the voice something.",
            )  # fmt: skip
    st.caption(_measured_on(told))


def show_curve(curve: dict[str, list[dict[str, Any]]]) -> None:
    """The loss of the pairs over the steps, and the loss on the validation split."""
    st.altair_chart(_line(curve["steps"], "loss of the pairs (nats)", INK), key="curve_of_pairs")
    if curve["evaluations"]:
        st.altair_chart(_line(curve["evaluations"], "validation, nats per token", PENCIL), key="curve_of_validation")


def _sentence(plan: dict[str, Any]) -> str:
    name = plain(plan["name"])
    parts = [f"{several(plan['n_edits'], 'draft')} signed off after an edit"] if plan["n_edits"] else []
    if plan["n_beside"]:
        parts.append(
            f"{several(plan['n_beside'], 'draft')} rejected where another one for the same brief was signed off"
        )
    if plan["n_preferred"]:
        parts.append(f"{several(plan['n_preferred'], 'draft')} that lost side by side with one that was signed off")
    aside = (
        f"{several(plan['n_aside'], 'pair')} of them {'is' if plan['n_aside'] == 1 else 'are'} kept aside to measure on."
        if plan["n_aside"]
        else "They are too few to keep some aside to measure on."
    )
    return (
        f"The verdicts make {several(plan['n_pairs'], 'pair')} of texts: {', and '.join(parts)}. A new run goes on from {name} and learns to write the "
        f"one rather than the other; {name} stays as it is. {aside} It takes {in_words(60 * plan['estimate']['minutes'])}."
    )


def _label(plan: dict[str, Any]) -> str:
    if not plan["n_edits"]:
        return f"Continue with what your reviewers {'rejected' if plan['n_beside'] else 'preferred'}"
    return f"Continue with the {several(plan['n_edits'], 'edit')} of your reviewers"


def _measured_on(told: dict[str, Any]) -> str:
    pairs = several(told["after"]["n"], "pair")
    low, high = told["likelier_interval"]
    interval = f"{low:.0%} to {high:.0%} (95 % interval)"
    if told["is_aside"]:
        words = f"Measured on {pairs} kept aside, which it did not learn from: {interval} prefer what was signed off."
    else:
        words = f"Measured on the {pairs} that it learnt from, too few to keep some aside: it says that they were learnt, not that other drafts are better."
    n_left_out = told["hold_out"]["n_left_out"]
    if n_left_out:
        words += f" {several(n_left_out, 'held-out text')} {'is' if n_left_out == 1 else 'are'} measured no more, because pairs have the briefs."
    return words


def _line(points: list[dict[str, Any]], title: str, colour: str) -> alt.Chart:
    rows = pd.DataFrame([{"step": point["step"], "loss": point["loss"]} for point in points])
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_line(strokeWidth=1.8, color=colour, point=alt.OverlayMarkDef(size=60, color=colour))
        .encode(
            x=alt.X("step:Q", title="optimiser step", axis=alt.Axis(grid=False, format="d", tickMinStep=1)),
            y=alt.Y("loss:Q", title=title, scale=alt.Scale(zero=False)),
            tooltip=["step", alt.Tooltip("loss:Q", format=".3f")],
        )
        .properties(height=240)
    )
    return chart


def _show(run_id: str) -> None:
    st.query_params["run"] = run_id


def _start(run: dict[str, Any], by: str) -> None:
    with frame.said_in_words():
        started = continuing.start_continuation(workspace(), run["project_id"], run["id"], by=by)
        st.query_params["run"] = started["run"]
