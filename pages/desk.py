"""The desk: where the project stands, and the one next step."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from core.nouns import Role
from core.workflows import projects, readiness, results, reviewing
from studio.parts import funnel, happenings, job_queue
from studio.parts.advice_view import show_advice
from studio.parts.counting import several
from studio.parts.durations import day
from studio.parts.frame import go, link, person, said_in_words, show_notice
from studio.parts.plain import plain
from studio.parts.retrain_view import show_retraining, show_to_erase
from studio.parts.session import choose_project, current_person, current_project, may, may_everywhere, must
from studio.running import workspace

GOALS = {
    "voice": "A voice: posts and pages that sound like you",
    "support": "Support: answers to tickets, the way your team solves them",
    "code": "Code review: comments that teach your conventions",
}
PATH = (
    ("sources", "Sources"), ("records", "Records"), ("kept", "Kept"), ("versions", "Versions"),
    ("runs", "Runs"), ("drafts", "Drafts"), ("verdicts", "Verdicts"),
)  # fmt: skip


def make_project() -> None:
    with said_in_words():
        must(Role.OWNER, everywhere=True)
        name = st.session_state["new_project_name"]
        projects.create_project(workspace(), name=name, goal=st.session_state["new_project_goal"], by=person())
        choose_project(name)


def new_project() -> None:
    st.text_input("Name of the project", key="new_project_name", max_chars=80, width=420)
    st.radio("What is the model for?", list(GOALS), format_func=GOALS.__getitem__, key="new_project_goal")
    is_named = bool(st.session_state["new_project_name"].strip())
    st.button(
        "Make the project" if is_named else "Name it first",
        type="primary",
        on_click=make_project,
        disabled=not is_named,
    )


def waiting_for_me(project: str) -> str:
    """How many drafts come to who looks at this, in words; empty where nobody has said who that is."""
    name = current_person()
    if name is None:
        return ""
    found = reviewing.waiting_for(workspace(), project, by=name)
    now = (
        f"{several(found.n_now, 'draft')} {'waits' if found.n_now == 1 else 'wait'} for you now."
        if found.n_now
        else "No draft waits for you now."
    )
    return f"{now} {found.why_later}".strip()


def to_review(project: str) -> None:
    """All that the desk is to somebody who only reviews: how a project stands would tell of who writes its drafts."""
    with st.container(border=True):
        st.markdown("**Review drafts**")
        st.write("You read drafts one at a time, edit what needs it, and sign each off or reject it.")
        if said := waiting_for_me(project):
            st.write(said)
        if st.button("Start reviewing", type="primary"):
            go("review")
    st.write("Where two drafts stand side by side, you say which one is better.")
    with st.container(key="plain_links_pairs"):
        link("side-by-side", "Compare drafts")


project = current_project()
if project is None:
    st.title("Proofroom")
    st.caption("Turn your team's own writing into a model that runs on this machine, and sign its drafts off.")
    show_notice()
    person()
    if may_everywhere(Role.OWNER):
        new_project()
    else:
        st.write("There is no project yet. An owner makes one.")
    st.stop()

st.title(plain(project["name"]))
st.caption(GOALS[project["goal"]])
show_notice()
if not may(Role.LEAD, auditors=True):
    to_review(project["name"])
    st.stop()
standing = projects.standing(workspace(), project["name"])
with st.container(horizontal=True, gap="large", key="figures_path"):
    for noun, label in PATH:
        st.metric(label, f"{standing.counts[noun]:,}", width="content")

step = standing.next_step
with st.container(border=True):
    st.markdown(f"**Next step: {plain(step.title)}**")
    st.write(plain(step.reason))
    if step.page == "review" and (said := waiting_for_me(project["name"])):
        st.caption(said)
    if st.button(step.button, type="primary"):
        go(step.page)
summary = results.results_json(workspace(), project["name"], only_told=True)
show_to_erase(project["name"])
show_retraining(project["name"], summary)
job_queue.show_queue(by=current_person())

left, right = st.columns(2, gap="large")
with left:
    st.subheader("Results")
    st.write(plain(summary["headline"]))
    if summary["uneven_in_words"]:
        st.warning(plain(summary["uneven_in_words"]))
    st.caption(plain(summary["limit_in_words"]))
    st.subheader("Readiness")
    n_undecided = standing.statuses.get("undecided", 0)
    ready = readiness.readiness(workspace(), project["name"])
    funnel.show_readiness(asdict(ready), with_link=False)
    st.caption(
        f"{standing.counts['kept']:,} of {standing.counts['records']:,} records are kept, {n_undecided:,} are undecided."
    )
    if standing.counts["records"]:
        show_advice(project, ready)
with right:
    st.subheader("Lately")
    with st.container(key="lately", gap="small"):
        for happened_at, who, what in happenings.lines(standing.recent):
            st.markdown(f"{plain(who)} {plain(what)}  \n:small[:gray[{day(happened_at)}]]")

if may_everywhere(Role.OWNER):
    with st.expander("Another project"):
        new_project()
