"""What a check found before a run: findings first, then lengths, the template, and the first step exactly as tokenised."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from studio.parts.charts import BLUE
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.parts.text_view import show_tokens
from studio.parts.who_reads import say_who_reads

ICONS = {"stop": ":material/block:", "look": ":material/visibility:"}
MOST_TOKENS = 700
# Rows of a table that one may still read through.
MOST_LISTED = 1_000


def show_preflight(told: dict[str, Any], *, project: str) -> None:
    """project: its name or id. told: as `preflight.json` has it, with checked_at where it was a check of its own."""
    lengths, template = told["lengths"]["train"], told["template"]
    # Of a run that went on with pairs it is about their texts.
    examples = "texts of the pairs" if told.get("is_of_pairs") else "training examples"
    # What was checked before the missing end was a finding has it among the facts on the template alone.
    if not told["findings"] and (template["ends_with"] or not lengths["n"]):
        st.success("Nothing stands against this run.", icon=":material/check:")
    for finding in told["findings"]:
        show = st.error if finding["level"] == "stop" else st.warning
        show(plain(finding["sentence"]), icon=ICONS[finding["level"]])
    _measured(told)
    if not lengths["n"]:
        _dropped(told)
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**How long they are**" if told.get("is_of_pairs") else "**How long the examples are**")
        st.altair_chart(length_chart(lengths, examples))
        st.caption(
            f"{lengths['n']:,} {examples}, {lengths['n_tokens']:,} tokens, of which {lengths['n_trained_tokens']:,} are learnt. "
            f"Half are no longer than {lengths['median']:,}; the longest has {lengths['longest']:,}."
        )
    with right:
        st.markdown("**The template**")
        if template["ends_with"]:
            st.write(
                plain(f"An answer ends with {template['ends_with']}, which is learnt: drafts will know when to stop.")
            )
        else:
            st.write("Nothing that is learnt marks the end of an answer.")
        st.caption("Before the first answer the model reads, at the end of:")
        st.code(template["before_answer"], language=None, wrap_lines=True)
    _dropped(told)
    say_who_reads(project, len(told["first_batch"]))
    with st.expander("The first step, exactly as tokenised"):
        st.caption("Marked tokens are learnt; the others are read only. A thin line parts two tokens.")
        for place, row in enumerate(told["first_batch"]):
            pieces = row["pieces"][:MOST_TOKENS]
            rest = "" if len(pieces) == len(row["pieces"]) else f"; the first {MOST_TOKENS:,} are shown"
            label = f"{row['external_id']}: {row['n_tokens']:,} tokens, {row['n_trained']:,} learnt{rest}"
            show_tokens(pieces, key=f"tokens_{place}", label=label)


def length_chart(lengths: dict[str, Any], examples: str) -> alt.Chart:
    """Examples by their number of tokens. examples: what they are, for the axis."""
    width = lengths["edges"][0]
    rows = [
        {"from": edge - width + 1, "to": edge, "examples": n}
        for edge, n in zip(lengths["edges"], lengths["counts"], strict=True)
    ]
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X("from:Q", bin="binned", title="tokens", axis=alt.Axis(format="d", grid=False)),
            x2="to:Q",
            y=alt.Y("examples:Q", title=examples, axis=alt.Axis(tickMinStep=1)),
            tooltip=["from", "to", "examples"],
        )
        .properties(height=220)
    )


def _measured(told: dict[str, Any]) -> None:
    dry = told.get("dry_step")
    if not dry:
        return
    when = f" on {day(told['checked_at'])}" if told.get("checked_at") else ""
    st.caption(
        f"Tried{when}: the {dry['n_rows']} longest {'texts' if told.get('is_of_pairs') else 'examples'} (up to {dry['longest_tokens']:,} tokens) took {dry['seconds']:.1f} s a step, "
        f"{dry['tokens_per_second']:.0f} tokens a second, and {dry['peak_memory_mb'] / 1024:.1f} GB of memory at most{_on_gpu(dry)}."
    )


def _on_gpu(dry: dict[str, Any]) -> str:
    # Checks from before it was measured do not say.
    held = dry.get("device_memory_mb")
    return f", and {held / 1024:.1f} GB of the graphics processor's" if held else ""


def _dropped(told: dict[str, Any]) -> None:
    rows = [
        {"example": one["external_id"], "split": split, "why": one["detail"]}
        for split, some in told["dropped"].items()
        for one in some
    ]
    n = sum(told["n_dropped"].values())
    if rows:
        what = f"example{'' if n == 1 else 's'}"
        if told.get("is_of_pairs"):
            what = "of the pairs and held-out examples"
        with st.expander(f"{n:,} {what} {'falls' if n == 1 else 'fall'} out"):
            _listed(rows, n)
    if told["leaks"]:
        n = told["n_leaks"]
        where = "texts that were signed off" if told.get("is_of_pairs") else "the training text"
        with st.expander(f"{n:,} held-out {'text stands' if n == 1 else 'texts stand'} in {where}"):
            _listed(
                [{"example": one["external_id"], "split": one["split"], "share of its words": f"{one['share']:.0%}"} for one in told["leaks"]],
                n,
            )  # fmt: skip


def _listed(rows: list[dict[str, Any]], n: int) -> None:
    """The first MOST_LISTED of n rows, and how many more there are."""
    shown = rows[:MOST_LISTED]
    st.dataframe(shown, hide_index=True)
    if n > len(shown):
        st.caption(f"{n - len(shown):,} more. What the API tells of the check (`runs/checked`) lists them all.")
