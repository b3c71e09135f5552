"""The frame around every page: project on top of the sidebar, navigation, running jobs and the person at its foot."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.workflows import jobs, projects
from studio.navigation import build
from studio.parts.durations import in_words
from studio.parts.session import (
    choose_project,
    current_person,
    current_project,
    keep_person_in_browser,
    remember_person,
)
from studio.running import workspace

FAVICON = str(Path(__file__).resolve().parent / "static" / "favicon.png")


def project_switcher() -> None:
    rows = projects.list_projects(workspace())
    if not rows:
        return
    names = [row["name"] for row in rows]
    project = current_project()
    chosen = names.index(project["name"]) if project else 0

    def switch() -> None:
        choose_project(st.session_state["switch_project"])

    st.sidebar.selectbox("Project", names, index=chosen, key="switch_project", on_change=switch)


@st.fragment(run_every=3)
def running_jobs() -> None:
    for job in jobs.active_jobs(workspace()):
        left = f": {in_words(job['eta_seconds'])} left" if job["eta_seconds"] else f": {job['phase'] or 'waiting'}"
        st.caption(f"{job['label']}{left}")


def who() -> None:
    def changed() -> None:
        name = " ".join(st.session_state["type_name"].split())
        remember_person(name or None)

    st.text_input("Your name", value=current_person() or "", key="type_name", on_change=changed, max_chars=80,
                  help="Stored with every decision that you make.")  # fmt: skip
    keep_person_in_browser()


st.set_page_config(page_title="Proofroom", page_icon=FAVICON, layout="wide")
page = st.navigation(build(), expanded=True)
if page.url_path == "review":
    st.set_page_config(
        page_title="Review · Proofroom", page_icon=FAVICON, layout="centered", initial_sidebar_state="collapsed"
    )
project_switcher()
with st.sidebar:
    running_jobs()
    who()
page.run()
