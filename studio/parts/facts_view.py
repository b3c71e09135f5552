"""Facts that go stale on the page: how many records teach which, what masking makes of them, and what was moved."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import fact_store, facts
from core.workflows.recipes import Recipe
from studio.parts.counting import several
from studio.parts.durations import day
from studio.parts.frame import link
from studio.parts.plain import plain
from studio.parts.text_view import show_difference
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

RECORDS, PASSAGES = 5, 20
CHOICES = {"keep": "kept", "mask": "masked", "move": "moved"}


def show(project: dict[str, Any], recipe: Recipe) -> None:
    """Counts by kind, then one kind at a time with its values and records. recipe: what it does with each kind."""
    st.subheader("Facts that go stale")
    listed = facts.list_facts(workspace(), project["name"])
    if not listed["kinds"]:
        st.write(
            "No record teaches a price, a date, a version, a plan, a link, a policy or an offer."
            if listed["is_current"]
            else "Prices, dates, versions, plans, links, policies and offers are found when the records are measured."
        )
        if not listed["is_current"]:
            link("curate", "Measure the records in Curate")
        return
    st.caption(
        "A model repeats what it learnt, also when it is not true any more. Looked for in what is learnt alone: posts, accepted answers, comments, replies."
        + ("" if listed["is_current"] else " Records or the gold subset changed since they were measured.")
    )
    choices = {kind.value: choice.value for kind, choice in recipe.fact_choices.items()}
    _show_counts(listed["kinds"], choices)
    by_kind = {one["kind"]: one for one in listed["kinds"]}
    kind = st.selectbox("Kind", list(by_kind), key="fact_kind", bind="query-params", width=360)
    if kind is not None:
        _show_kind(project["name"], by_kind[kind])


def show_store(project: str) -> None:
    """The passages that were moved out of versions; nothing while there are none."""
    counts = fact_store.moved_facts(workspace(), project, limit=0)
    if not counts["n"]:
        return
    with st.expander(f"The fact store: {several(counts['n'], 'passage')}"):
        st.caption("Sentences that were moved out of versions, each once. Drafts with facts look them up.")
        kind = ""
        if len(counts["by_kind"]) > 1:
            kind = st.segmented_control(
                "Kind", list(counts["by_kind"]), key="stored_kind", label_visibility="collapsed",
                format_func=lambda one: f"{one} ({counts['by_kind'][one]:,})",
            ) or ""  # fmt: skip
        n = counts["by_kind"].get(kind, counts["n"])
        page = st.pagination(-(-n // PASSAGES), key=f"stored_page_{kind}") if n > PASSAGES else 1
        found = fact_store.moved_facts(workspace(), project, kind=kind, limit=PASSAGES, offset=(page - 1) * PASSAGES)
        say_who_reads(project, len(found["facts"]))
        st.dataframe(
            [
                {"passage": one["passage"], "kind": ", ".join(one["kinds"]), "record": one["external_id"], "source": one["source"],
                 "moved out of": ", ".join(one["versions"]), "by": one["created_by"], "when": day(one["created_at"])}
                for one in found["facts"]
            ],
            hide_index=True, column_config={"passage": st.column_config.TextColumn(width=520)},
        )  # fmt: skip


def _show_counts(kinds: list[dict[str, Any]], choices: dict[str, str]) -> None:
    st.dataframe(
        [
            {"kind": one["kind"], "records": one["n_records"], "places": one["n_spans"], "different values": one["n_values"],
             "in a version": CHOICES[choices.get(one["kind"], "keep")]}
            for one in kinds
        ],
        hide_index=True, key="fact_counts",
        column_config={name: st.column_config.NumberColumn(format="localized") for name in ("records", "places", "different values")},
    )  # fmt: skip


def _show_kind(project: str, counted: dict[str, Any]) -> None:
    kind, n = counted["kind"], counted["n_records"]
    st.markdown(f"**{plain(counted['sentence'])}**")
    st.caption(
        "Most often: " + ", ".join(f"“{plain(one['value'])}” ({one['n_records']:,})" for one in counted["values"])
    )
    with st.container(key="plain_links_facts"):
        link("curate", f"Read {'it' if n == 1 else f'these {n:,}'} in Curate", fact=kind, status="all")
    st.write("As a version would have it, were this kind masked:")
    page = st.pagination(-(-n // RECORDS), key=f"fact_page_{kind}") if n > RECORDS else 1
    texts = facts.texts_with_facts(workspace(), project, kind, limit=RECORDS, offset=(page - 1) * RECORDS)
    say_who_reads(project, len(texts))
    for place, text in enumerate(texts):
        with st.container(border=True):
            st.markdown(f"**{plain(text.title)}**, {plain(text.label)}")
            show_difference(text.spans, key=f"fact_{kind}_{page}_{place}")
            st.caption("Moving keeps: " + " · ".join(f"“{plain(passage)}”" for passage in text.passages))
