"""Briefs and drafts: what to write, by whom, and the job that writes it."""

from __future__ import annotations

import json

import streamlit as st

from core.workflows import drafting, freezing, training
from studio.parts import frame, job_panel
from studio.parts.text_view import show_text
from studio.running import workspace

SYSTEMS = {
    "tuned": "the tuned model",
    "base": "the base model",
    "base_fewshot": "the base model with three of your examples",
}

project = frame.page(
    "Briefs and drafts", "Say what is to be written; the models write it, and the reviewers judge it blind."
)
name = frame.person()
runs = [run for run in training.list_runs(workspace(), project["name"]) if run["adapter"]]
if not runs:
    frame.empty(
        "No model has been trained yet.", "Drafts need a run that ended with an adapter.", "Go to training", "train"
    )
    st.stop()
job_panel.watch_kind(project["name"], "draft", by=name)


def add_typed() -> None:
    with frame.said_in_words():
        state = st.session_state
        n = len(drafting.list_briefs(workspace(), project["name"])) + 1
        line = json.dumps({"id": f"brief-{n}", "prompt": state["brief_prompt"], "audience": state["brief_audience"]})
        drafting.add_briefs(workspace(), project["name"], drafting.read_briefs(line), by=name)
        state["brief_prompt"] = ""


def add_held_out(version: str, limit: int) -> None:
    with frame.said_in_words():
        briefs = drafting.briefs_from_hold_out(workspace(), project["name"], version, limit=limit)
        drafting.add_briefs(workspace(), project["name"], briefs, by=name)
        frame.notice(
            f"{len(briefs)} briefs from documents that the model has not seen; their real texts come along as controls."
        )


def write(run: str, ids: list[str], systems: list[str], longest: int) -> None:
    with frame.said_in_words():
        drafting.write_drafts(
            workspace(), project["name"], run=run, brief_ids=ids, systems=systems, by=name, max_new_tokens=longest
        )


typed, held_out = st.columns(2, gap="large")
with typed:
    st.subheader("Type a brief")
    prompt = st.text_area("What is to be written", key="brief_prompt", height=100)
    st.text_input("For whom", key="brief_audience")
    st.button("Add the brief", on_click=add_typed, disabled=not prompt.strip())
with held_out:
    st.subheader("Take some from the hold-out")
    st.write("Documents that no run on this version has learnt from; the real text becomes the human control.")
    version = st.selectbox(
        "Version", [v["name"] for v in freezing.list_versions(workspace(), project["name"])], key="held_out_version"
    )
    limit = st.number_input("How many", 1, 500, 10)
    st.button(f"Take {limit} briefs", on_click=add_held_out, args=(version, int(limit)))

briefs = drafting.list_briefs(workspace(), project["name"])
if not briefs:
    st.info("There is no brief yet.")
    st.stop()
st.subheader("Write drafts")
without = [b for b in briefs if not b["n_drafts"]]
st.caption(f"{len(briefs)} briefs, {len(without)} without a draft.")
run = st.selectbox("Run", [r["id"] for r in runs], format_func={r["id"]: r["name"] for r in runs}.__getitem__)
systems = st.multiselect("Written by", list(SYSTEMS), default=list(SYSTEMS), format_func=SYSTEMS.__getitem__)
longest = st.number_input(
    "Longest draft, in tokens (about three quarters of a word each)", 16, 2048, drafting.DEFAULT_NEW_TOKENS
)
chosen = without or briefs
st.button(
    f"Write {len(chosen) * len(systems)} drafts for {len(chosen)} briefs", type="primary", disabled=not systems, on_click=write,
    args=(run, [b["id"] for b in chosen], systems, int(longest)),
)  # fmt: skip
with st.expander("Briefs"):
    st.dataframe(
        [
            {
                "brief": b["external_id"],
                "prompt": b["prompt"],
                "drafts": b["n_drafts"],
                "human text": bool(b["reference"]),
            }
            for b in briefs
        ],
        hide_index=True,
    )
with st.expander("Drafts, with the system that wrote them (do not open before you review)"):
    for draft in drafting.list_drafts(workspace(), project["name"])[:30]:
        st.markdown(f"`{draft['brief']}` · {SYSTEMS.get(draft['system'], 'a person')}")
        show_text(draft["text"], key=f"draft_{draft['id']}")
