"""Who judges what: how many drafts each reviewer has left, and briefs given to named people."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.workflows import assigning, briefing, projects
from core.workflows.assigning import Assignments, Which
from studio.parts import frame
from studio.parts.counting import several
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.running import workspace

WAYS = ("Every brief", "Some briefs", "By tag", "By when their drafts were written")


def show_loads(found: Assignments) -> None:
    """Who has how many drafts left; nothing where nobody is assigned anything."""
    if not found.loads:
        return
    st.dataframe(
        [
            {
                "reviewer": load.reviewer,
                "briefs": load.n_briefs,
                "drafts": load.n_drafts,
                "judged": load.n_done,
                "left": load.n_left,
            }
            for load in found.loads
        ],
        hide_index=True,
    )
    if not found.assigned_only:
        st.caption(f"For everybody, since nobody is assigned to them: {several(found.n_unassigned, 'draft')}.")
    for sentence in found.warnings:
        st.warning(sentence)


def show_assignment(project: dict[str, Any], *, by: str) -> None:
    """How many each has left, and below, folded, the way to change it."""
    st.subheader("Who reviews what")
    found = assigning.assignments(workspace(), project["name"])
    if not found.loads:
        st.caption(
            "Every draft may come to every reviewer. Briefs can be given to named people, with all their drafts."
        )
    show_loads(found)
    # By a key of its own: the table above comes and goes, and it is to stay open.
    with st.expander("Give briefs to reviewers", key="give_briefs"):
        _form(project, found, by=by)


def _form(project: dict[str, Any], found: Assignments, *, by: str) -> None:
    which, n_briefs = _chosen(project)
    people = st.multiselect(
        "Reviewers", assigning.known_reviewers(workspace(), project["name"]), accept_new_options=True, key="assign_to",
        placeholder="Choose or type names", help="As each of them types it in Proofroom.",
    )  # fmt: skip
    roles = assigning.people_by_role(workspace(), project["name"])
    if roles:
        role = st.selectbox(
            "Or everybody with a role", list(roles), index=None, key="assign_to_role", placeholder="Choose a role",
            format_func=lambda one: f"{one}, {several(len(roles[one]), 'person') if len(roles[one]) == 1 else f'{len(roles[one])} people'}",
            help="Who has it in this project or everywhere now; who gets it later gets nothing by it.",
        )  # fmt: skip
        people = list(dict.fromkeys([*people, *(roles[role] if role else ())]))
    names = plain(" and ".join(people)) if len(people) < 3 else f"{len(people)} reviewers"
    say_which = "Choose briefs first" if not n_briefs else "Choose reviewers first"
    is_ready = bool(n_briefs and people)
    with st.container(horizontal=True):
        st.button(
            f"Give {several(n_briefs, 'brief')} to {names}" if is_ready else say_which,
            disabled=not is_ready, on_click=partial(_assign, project["name"], which, people, by), key="assign",
        )  # fmt: skip
        if found.loads and is_ready:
            st.button(
                f"Take {'it' if n_briefs == 1 else 'them'} from {names}",
                on_click=partial(_unassign, project["name"], which, people, by), key="unassign",
            )  # fmt: skip
    st.toggle(
        "Reviewers get nothing but what is given to them", found.assigned_only, key=f"assigned_only_{project['id']}",
        on_change=partial(_switch, project, by),
    )  # fmt: skip
    st.caption(
        "All drafts of a brief go to the same people, so that who gets one says nothing of who wrote it. "
        f"Each draft is judged by {several(found.reviewers_per_draft, 'person') if found.reviewers_per_draft == 1 else f'{found.reviewers_per_draft} people'}."
    )


def _chosen(project: dict[str, Any]) -> tuple[Which, int]:
    """Which briefs, and how many."""
    offered = assigning.choices(workspace(), project["name"])
    ways = [way for way in WAYS if (way != WAYS[2] or offered["tags"]) and (way != WAYS[3] or offered["jobs"])]
    way = st.radio("Which", ways, horizontal=True, key="assign_which")
    briefs = briefing.list_briefs(workspace(), project["name"])
    if way == WAYS[1]:
        prompts = {brief["external_id"]: brief["prompt"] for brief in briefs}
        chosen = st.multiselect(
            "Briefs", list(prompts), format_func=lambda one: f"{one}: {prompts[one][:60]}", key="assign_briefs"
        )
        return Which(briefs=tuple(chosen)), len(chosen)
    if way == WAYS[2]:
        counts = {one["tag"]: one["n_briefs"] for one in offered["tags"]}
        tag = st.selectbox("Tag", list(counts), format_func=lambda one: f"{one}, {several(counts[one], 'brief')}")
        return Which(tag=tag), counts[tag]
    if way == WAYS[3]:
        jobs = {one["job_id"]: one for one in offered["jobs"]}
        job = st.selectbox(
            "Written", list(jobs),
            format_func=lambda one: f"{day(jobs[one]['written_at'])}, {several(jobs[one]['n_briefs'], 'brief')}",
        )  # fmt: skip
        return Which(job=job), jobs[job]["n_briefs"]
    return Which(all=True), len(briefs)


def _assign(project: str, which: Which, people: list[str], by: str) -> None:
    with frame.said_in_words():
        done = assigning.assign(workspace(), project, which, to=people, by=by)
        frame.notice(
            f"{several(done['n_drafts'], 'draft')} of {several(done['n_briefs'], 'brief')} given to {', '.join(done['reviewers'])}."
        )


def _unassign(project: str, which: Which, people: list[str], by: str) -> None:
    with frame.said_in_words():
        done = assigning.unassign(workspace(), project, which, of=people, by=by)
        frame.notice(f"{several(done['n_briefs'], 'brief')} taken from {', '.join(done['reviewers'])}.")


def _switch(project: dict[str, Any], by: str) -> None:
    with frame.said_in_words():
        is_on = bool(st.session_state[f"assigned_only_{project['id']}"])
        projects.set_assigned_only(workspace(), project["name"], is_on=is_on, by=by)
