"""The desk: where the project stands, and the one next step."""

from __future__ import annotations

import streamlit as st

from core.workflows import projects, results
from studio.parts.durations import day
from studio.parts.frame import go, person, said_in_words
from studio.parts.session import choose_project, current_project
from studio.running import workspace

GOALS = {
    "voice": "A voice: posts and pages that sound like you",
    "support": "Support: answers to tickets, the way your team solves them",
    "code": "Code review: comments that teach your conventions",
}
PATH = (
    ("sources", "Sources"), ("records", "Records"), ("decided", "Decided"), ("versions", "Versions"),
    ("runs", "Runs"), ("drafts", "Drafts"), ("verdicts", "Verdicts"),
)  # fmt: skip


def make_project() -> None:
    with said_in_words():
        name = st.session_state["new_project_name"]
        projects.create_project(workspace(), name=name, goal=st.session_state["new_project_goal"], by=person())
        choose_project(name)


def new_project() -> None:
    st.text_input("Name of the project", key="new_project_name", max_chars=80)
    st.radio("What is the model for?", list(GOALS), format_func=GOALS.__getitem__, key="new_project_goal")
    st.button(
        "Make the project", type="primary", on_click=make_project, disabled=not st.session_state["new_project_name"]
    )


project = current_project()
if project is None:
    st.title("Proofroom")
    st.caption("Turn your team's own writing into a model that runs on this machine, and sign its drafts off.")
    person()
    new_project()
    st.stop()

st.title(project["name"])
st.caption(GOALS[project["goal"]])
standing = projects.standing(workspace(), project["name"])
for column, (noun, label) in zip(st.columns(len(PATH)), PATH, strict=True):
    column.metric(label, f"{standing.counts[noun]:,}")

step = standing.next_step
with st.container(border=True):
    st.markdown(f"**Next step: {step.title}**")
    st.write(step.reason)
    if st.button(step.button, type="primary"):
        go(step.page)

left, right = st.columns(2)
with left:
    st.subheader("Results")
    st.write(results.results_json(workspace(), project["name"])["headline"])
    low, high = standing.ready_range
    kept = standing.statuses.get("kept", 0) + standing.statuses.get("edited", 0)
    st.write(
        f"People kept {kept:,} of {standing.counts['records']:,} records. Teams usually need {low:,} to {high:,} good examples for this goal."
    )
with right:
    st.subheader("Lately")
    for event in standing.recent:
        st.caption(
            f"{day(event['happened_at'])} · {event['done_by']} · {event['noun']} {event['action'].replace('_', ' ')}"
        )

with st.expander("Another project"):
    new_project()
