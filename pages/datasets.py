"""Datasets: set the recipe, see what falls out and why, freeze; the versions there are and what differs between them."""

from __future__ import annotations

import streamlit as st

from core.errors import ProofroomError
from core.nouns import Goal, Role
from core.workflows import freezing, recipes
from studio.parts import cleaning_preview, facts_view, frame, funnel, job_panel, personal_view, version_list
from studio.parts.plain import plain
from studio.parts.recipe_form import RecipeForm
from studio.parts.session import may, must
from studio.running import workspace

project = frame.page(
    "Datasets", "Freeze what the model learns from: as a copy that never changes, split so that nothing leaks."
)
name = frame.person()
frame.needs_records(project["name"])
job_panel.watch_kind(project["name"], "freeze", by=name)
job_panel.watch_kind(project["name"], "leaks", by=name)
versions = freezing.list_versions(workspace(), project["name"])
form = RecipeForm(project, name)


def freeze() -> None:
    with frame.said_in_words():
        must(Role.ENGINEER)
        freezing.freeze_version(
            workspace(), project["name"], name=st.session_state[name_field], recipe=form.recipe(),
            seed=int(st.session_state["seed"]), hold_out=st.session_state.get("hold_out"), by=name,
        )  # fmt: skip


left, right = st.columns(2, gap="large")
with left:
    st.subheader("The recipe")
    form.show()
    # A field of its own for each version: the name of the one before is taken.
    name_field = f"version_name_{len(versions)}"
    st.text_input("Name of the version", value=f"v{len(versions) + 1}", key=name_field, max_chars=80)
    with st.expander("Splits"):
        st.write(
            "About a tenth each goes to validation and to the test; with fewer than three groups of records, nothing is held out. "
            "What belongs together stays in one split."
        )
        st.number_input("Seed of the splits", 0, 1_000_000, recipes.DEFAULT_SEED, key="seed")
        if held := [version["name"] for version in versions if version["n_test"]]:
            st.selectbox(
                "Held out", held, index=None, key="hold_out", placeholder="drawn anew",
                help="With those of an earlier version, runs on both are measured on the same texts; what is like them is not learnt.",
            )  # fmt: skip
with right:
    st.subheader("What it takes")
    seed = int(st.session_state["seed"])
    try:
        recipe = form.recipe()
        preview = freezing.preview_recipe(workspace(), project["name"], recipe, seed=seed)
    except ProofroomError as error:
        frame.problem(str(error))
        st.stop()
    with st.container(horizontal=True, gap="large"):
        st.metric(
            "Records",
            f"{preview['n_records']:,}",
            help="Posts are cut into sections, so there are more examples than records."
            if project["goal"] == Goal.VOICE
            else None,
            width="content",
        )
        st.metric("Words", f"{preview['n_words']:,}", width="content")
    funnel.show_readiness(preview["readiness"], with_link=preview["readiness"]["page"] != "datasets")
    for sentence in preview["obstacles"]:
        st.warning(plain(sentence) + " Reject its records in Explore, or take it out on the Sources page.")
    personal_view.show_before_freezing(project["name"])
    if preview["n_records"] and not may(Role.ENGINEER):
        st.caption(f"An engineer can freeze these {preview['n_records']:,} records.")
    elif preview["n_records"]:
        st.button(
            "Mend the above first" if preview["obstacles"] else f"Freeze {preview['n_records']:,} records",
            type="primary", disabled=bool(preview["obstacles"]), on_click=freeze,
        )  # fmt: skip
        st.caption(
            "A record that gives no example (without an answer, or too long) falls out when it is frozen, and is listed."
        )
    else:
        frame.empty(
            "This recipe takes no record.", "Keep some in Curate, or loosen the recipe.", "Go to Curate", "curate"
        )
    st.markdown("**What each rule leaves out**")
    funnel.show_funnel(preview)

cleaning_preview.show(project["name"], name)
facts_view.show(project, recipe)
facts_view.show_store(project["name"])
st.subheader("Versions")
version_list.show(project["name"], versions, by=name)
if len(versions) > 1:
    st.markdown("**What differs**")
    version_list.show_difference(project["name"], versions, by=name)
if may(Role.ENGINEER):
    version_list.show_taking_back(project["name"], name)
