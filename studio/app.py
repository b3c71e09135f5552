"""The frame around every page: project on top of the sidebar, navigation, running jobs and the person at its foot."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.workflows import jobs, signing_in
from studio import running
from studio.gate import COOKIE, note_streamlit_session
from studio.memory import set_modules_aside
from studio.navigation import PageSpec, build, is_open, show_links, spec_at
from studio.parts.durations import in_words
from studio.parts.job_panel import phase_of
from studio.parts.plain import plain
from studio.parts.session import (
    choose_project,
    current_person,
    current_project,
    keep_person_in_browser,
    own_jobs,
    own_projects,
    remember_page,
    remember_person,
)
from studio.parts.sidebar import fold_when_chosen
from studio.running import workspace

HERE = Path(__file__).resolve().parent


def project_switcher() -> None:
    names = [row["name"] for row in own_projects()]
    project = current_project()
    if project is None:
        return

    def switch() -> None:
        choose_project(st.session_state["switch_project"])

    st.selectbox("Project", names, index=names.index(project["name"]), key="switch_project", on_change=switch)


@st.fragment(run_every=3)
def running_jobs() -> None:
    for job in own_jobs(jobs.active_jobs(workspace())):
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
    if running.asks_for_sign_in():
        with st.container(key="account", gap=None):
            st.caption(plain(name))
            st.html('<a href="/account">Your account</a>')
        return
    with st.popover(plain(name), icon=":material/person:", type="tertiary"):
        st.text_input("Your name", value=name, key="type_name", on_change=changed, max_chars=80,
                      help="Stored with every decision that you make.")  # fmt: skip
    keep_person_in_browser()


def check_is_signed_in() -> None:
    """Stop where the session has ended, or where a tab goes on that somebody else began."""
    if not running.asks_for_sign_in():
        return
    session = signing_in.session_of(workspace(), st.context.cookies.get(COOKIE, ""))
    context = get_script_run_ctx()
    if session is None or context is None:
        st.html('<p>You are signed out. <a href="/sign-in">Sign in</a></p>')
        st.stop()
    note_streamlit_session(context.session_id, session)


def say_closed(spec: PageSpec) -> None:
    """In place of a page that the person may not see."""
    st.title(spec.title)
    where = "" if spec.everywhere else " in this project"
    if not (spec.everywhere or own_projects()):
        st.write("You have no role in any project yet. Ask an owner to give you one.")
        return
    st.write(f"This page needs the role {spec.role}{where}, and you do not have it. Ask an owner to give it to you.")


set_modules_aside()
check_is_signed_in()
page = st.navigation(build(), position="hidden")
spec = spec_at(page.url_path)
remember_page(spec.path)
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
if is_open(spec):
    page.run()
else:
    say_closed(spec)
