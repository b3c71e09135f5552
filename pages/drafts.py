"""Briefs and drafts: what to write, by whom, and the job that writes it."""

from __future__ import annotations

import json
from itertools import count

import streamlit as st

from core.workflows import drafting, fact_documents, freezing, models, reviewing
from studio.parts import frame, job_panel
from studio.parts.counting import several
from studio.parts.durations import in_words
from studio.parts.plain import plain
from studio.parts.text_view import show_text
from studio.running import workspace

SHOWN = 30
SYSTEMS = {
    "tuned": "the tuned model",
    "base": "the base model",
    "base_fewshot": "the base model with three of your examples",
    "tuned_facts": "the tuned model with facts",
    "base_facts": "the base model with facts",
}

project = frame.page(
    "Briefs and drafts", "Say what is to be written; the models write it, and the reviewers judge it blind."
)
name = frame.person()
# The approved one first; what was retired writes no more.
runs = [model.run for model in models.list_models(workspace(), project["name"]) if model.state != models.RETIRED]
job_panel.watch_kind(project["name"], "draft", by=name)


def add_typed() -> None:
    with frame.said_in_words():
        state = st.session_state
        taken = {b["external_id"] for b in drafting.list_briefs(workspace(), project["name"])}
        n = next(n for n in count(len(taken) + 1) if f"brief-{n}" not in taken)
        line = json.dumps({"id": f"brief-{n}", "prompt": state["brief_prompt"], "audience": state["brief_audience"]})
        drafting.add_briefs(workspace(), project["name"], drafting.read_briefs(line), by=name)
        state["brief_prompt"] = state["brief_audience"] = ""


def add_held_out(version: str, limit: int) -> None:
    with frame.said_in_words():
        briefs = drafting.briefs_from_hold_out(workspace(), project["name"], version, limit=limit)
        drafting.add_briefs(workspace(), project["name"], briefs, by=name)
        frame.notice(
            f"{several(len(briefs), 'brief')} from documents that the model has not seen; their real texts come along as controls."
            if briefs
            else "This version holds nothing out, so there is nothing to take."
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
    st.write(
        "Documents that are not trained on in this version; the real text becomes the human control: about one draft in eight that reviewers get, and some drafts are left out so that the order does not tell which. Those that a run learnt from when it went on with reviews write no drafts with it."
    )
    versions = [v["name"] for v in freezing.list_versions(workspace(), project["name"])]
    if versions:
        version = st.selectbox("Version", versions, key="held_out_version")
        limit = st.number_input("How many", 1, 500, 10)
        st.button(f"Take {several(int(limit), 'brief')}", on_click=add_held_out, args=(version, int(limit)))
    else:
        st.caption("They come with the first frozen version.")

briefs = drafting.list_briefs(workspace(), project["name"])
if not briefs:
    st.info("There is no brief yet. Type one, or take some from the hold-out.")
    st.stop()
st.subheader("Write drafts")
if not runs:
    training_now = job_panel.last_ended(project["name"], "train")
    if training_now is not None and training_now["state"] in ("queued", "running"):
        left_over = f", {in_words(training_now['eta_seconds'])} left" if training_now["eta_seconds"] else ""
        st.info(plain(f"A run is still training{left_over}. Drafts are written once it has ended."))
        frame.link("runs", "See how far it is")
    else:
        frame.empty(
            "No model has been trained yet.", "Drafts are written by a run that has ended.", "Go to training", "train"
        )
    st.stop()
without = [b for b in briefs if not b["n_drafts"]]
st.caption(f"{several(len(briefs), 'brief')}, {len(without):,} without a draft.")
if len(briefs) <= reviewing.DISTANCE:
    st.caption(
        f"A reviewer meets two drafts of one brief only with {reviewing.DISTANCE} others between them, so with "
        f"{reviewing.DISTANCE} briefs or fewer one person cannot judge every draft: add briefs, or share them among colleagues."
    )
left, right = st.columns(2, gap="large")
with left:
    run = st.selectbox("Run", [r["id"] for r in runs], format_func={r["id"]: r["name"] for r in runs}.__getitem__)
with right:
    longest = st.number_input(
        "Longest draft, in tokens (about three quarters of a word each)", 16, 2048, drafting.DEFAULT_NEW_TOKENS
    )
known = fact_documents.list_documents(workspace(), project["name"])
offered = [one for one in SYSTEMS if known["usable"] or not one.endswith("_facts")]
systems = st.pills(
    "Written by", offered, default=list(drafting.USUAL_SYSTEMS), format_func=SYSTEMS.__getitem__, selection_mode="multi"
)
st.caption(
    f"With facts: for each brief the best of your {several(known['usable'], 'passage')} are looked up and put into the request."
    if known["usable"]
    else "There are no facts yet that a draft could look up; add some on the page Facts."
)
chosen = without or briefs
learnt = {b["id"] for b in drafting.learnt_briefs(workspace(), next(r for r in runs if r["id"] == run), chosen)}
chosen = [b for b in chosen if b["id"] not in learnt]
if learnt:
    st.caption(
        f"{several(len(learnt), 'brief')} left out: this run has learnt from their records or reviews, so it cannot be judged by them."
    )
n_drafts = len(chosen) * len(systems)
what = f"{several(n_drafts, 'draft')} for {several(len(chosen), 'brief')}"
with st.container(horizontal=True):
    if not without and st.button("Review the drafts", type="primary"):
        frame.go("review")
    st.button(
        "Choose who writes" if not systems else "Add a brief first" if not chosen else f"Write {what}" if without else f"Write {what} anew",
        type="primary" if without else "secondary", disabled=not systems or not chosen, on_click=write,
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
        column_config={"prompt": st.column_config.TextColumn(width="large")},
    )
# Sent to the browser only when somebody asks: whoever reviews on this machine must not come across it.
if st.toggle("Show the drafts with who wrote them. Do not look before you review."):
    drafts = drafting.list_drafts(workspace(), project["name"])
    st.caption(f"The newest {min(SHOWN, len(drafts)):,} of {len(drafts):,}.")
    for draft in drafts[:SHOWN]:
        with st.container(border=True):
            st.markdown(f"**{plain(draft['brief'])}** · by {SYSTEMS.get(draft['system'], 'a person')}")
            show_text(draft["text"], key=f"draft_{draft['id']}")
