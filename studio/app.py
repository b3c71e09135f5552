"""The frame around every page: project on top of the sidebar, navigation, running jobs and the person at its foot."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.workflows import jobs, projects
from studio.memory import set_modules_aside
from studio.navigation import build, show_links, spec_at
from studio.parts.durations import in_words
from studio.parts.job_panel import phase_of
from studio.parts.plain import plain
from studio.parts.session import (
    choose_project,
    current_person,
    current_project,
    keep_person_in_browser,
    remember_person,
)
from studio.parts.sidebar import fold_when_chosen
from studio.running import workspace

HERE = Path(__file__).resolve().parent


def project_switcher() -> None:
    names = [row["name"] for row in projects.list_projects(workspace())]
    project = current_project()
    if project is None:
        return

    def switch() -> None:
        choose_project(st.session_state["switch_project"])

    st.selectbox("Project", names, index=names.index(project["name"]), key="switch_project", on_change=switch)


@st.fragment(run_every=3)
def running_jobs() -> None:
    for job in jobs.active_jobs(workspace()):
        left = f": {in_words(job['eta_seconds'])} left" if job["eta_seconds"] else phase_of(job)
        st.caption(f":material/pending: {plain(job['label'] + left)}")


def who() -> None:
    def changed() -> None:
        name = " ".join(st.session_state["type_name"].split())
        if name:
            remember_person(name)

    name = current_person()
    if name is None:
        return
    with st.popover(plain(name), icon=":material/person:", type="tertiary"):
        st.text_input("Your name", value=name, key="type_name", on_change=changed, max_chars=80,
                      help="Stored with every decision that you make.")  # fmt: skip
    keep_person_in_browser()


set_modules_aside()
page = st.navigation(build(), position="hidden")
spec = spec_at(page.url_path)
is_review = spec.path == "review"
st.set_page_config(
    page_title=f"{spec.title} · Proofroom",
    page_icon=str(HERE / "static" / "favicon.png"),
    layout="centered" if is_review else "wide",
    initial_sidebar_state="collapsed" if is_review or spec.path == "side-by-side" else "auto",
)
st.html(HERE / "parts" / "look.css")
st.logo(HERE / "static" / "wordmark.svg", size="large", icon_image=str(HERE / "static" / "favicon.png"))
with st.sidebar:
    project_switcher()
    show_links()
    st.divider()
    running_jobs()
    who()
    fold_when_chosen(spec.path)
page.run()
