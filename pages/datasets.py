"""Datasets: choose a recipe, see what falls out and why, freeze; the versions there are."""

from __future__ import annotations

import streamlit as st

from core.errors import ProofroomError
from core.nouns import Goal
from core.workflows import curating, freezing, projects
from studio.parts import frame, job_panel
from studio.parts.durations import day
from studio.parts.leak_check import leak_check
from studio.parts.plain import plain
from studio.running import workspace

RECIPES = {
    "recommended": "Recommended: kept ones, and undecided ones without a defect or a double",
    "everything": "Everything that was not rejected",
    "random": "A random sample",
    "longest": "The longest ones",
}

project = frame.page(
    "Datasets", "Freeze what the model learns from: as a copy that never changes, split so that nothing leaks."
)
name = frame.person()
frame.needs_records(project["name"])
job_panel.watch_kind(project["name"], "freeze", by=name)
job_panel.watch_kind(project["name"], "leaks", by=name)
versions = freezing.list_versions(workspace(), project["name"])


def freeze(recipe: str) -> None:
    with frame.said_in_words():
        freezing.freeze_version(
            workspace(),
            project["name"],
            name=st.session_state[name_field],
            recipe=recipe,
            seed=int(st.session_state["seed"]),
            by=name,
        )


left, right = st.columns(2, gap="large")
with left:
    st.subheader("A new version")
    chosen = st.radio("Recipe", list(RECIPES), format_func=RECIPES.__getitem__, key="recipe")
    recipe = chosen
    if chosen in ("random", "longest"):
        recipe = f"{chosen}:{st.number_input('How many records', 1, 1_000_000, 200, key='recipe_size')}"
    # A field of its own for each version: the name of the one before is taken.
    name_field = f"version_name_{len(versions)}"
    st.text_input("Name", value=f"v{len(versions) + 1}", key=name_field, max_chars=80)
    with st.expander("Splits"):
        st.write(
            "About a tenth each goes to validation and to the test; with fewer than three groups of records, nothing is held out. "
            "What belongs together stays in one split."
        )
        st.number_input("Seed of the splits", 0, 1_000_000, freezing.DEFAULT_SEED, key="seed")
with right:
    st.subheader("What it takes")
    try:
        preview = freezing.preview_recipe(workspace(), project["name"], recipe, seed=int(st.session_state["seed"]))
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
    low, high = projects.READY_RANGE[Goal(project["goal"])]
    st.caption(f"Teams usually need {low:,} to {high:,} good examples for this goal.")
    if not curating.is_current(workspace(), project["name"]):
        st.warning(
            "Some records were never measured: doubles and defects among them are not known. Measure them in Curate first."
        )
    for sentence in preview["obstacles"]:
        st.warning(plain(sentence) + " Reject its records in Explore, or take it out on the Sources page.")
    if preview["n_records"]:
        st.button(
            "Mend the above first" if preview["obstacles"] else f"Freeze {preview['n_records']:,} records",
            type="primary", disabled=bool(preview["obstacles"]), on_click=freeze, args=(recipe,),
        )  # fmt: skip
        st.caption(
            "A record that gives no example (without an answer, or too long) falls out when it is frozen, and is listed."
        )
    else:
        frame.empty(
            "This recipe takes no record.", "Keep some in Curate, or choose another recipe.", "Go to Curate", "curate"
        )
    if preview["dropped"]:
        st.markdown("**Left out**")
        st.dataframe(
            [{"reason": r.replace("_", " "), "records": n} for r, n in preview["dropped"].items()], hide_index=True
        )

if versions:
    st.subheader("Versions")
for place, version in enumerate(versions):
    n_examples = version["n_train"] + version["n_validation"] + version["n_test"]
    with st.expander(
        f"{plain(version['name'])} — {n_examples:,} examples of {version['n_records']:,} records · {day(version['created_at'])}"
    ):
        st.write(
            f"{version['n_train']:,} to train on ({version['n_train_tokens']:,} tokens), {version['n_validation']:,} for validation, "
            f"{version['n_test']:,} for the test. Recipe {version['recipe']}, seed {version['seed']}, frozen by {plain(version['created_by'])}."
        )
        details = freezing.version_details(workspace(), project["name"], version["id"])
        if place + 1 < len(versions):
            change = freezing.compare_versions(workspace(), project["name"], versions[place + 1]["id"], version["id"])
            st.write(
                f"Against {plain(versions[place + 1]['name'])}: {change['came']:,} records came, {change['went']:,} went, {change['stayed']:,} stayed."
            )
        st.caption(f"Content hash `{version['content_sha256']}`")
        if not version["n_test"]:
            st.warning(
                "Nothing is held out: the records are too few, or all alike or of one customer. A run on it compares nothing."
            )
        if details["left_out"]:
            n_left_out = sum(details["dropped"].values())
            st.markdown(f"**Left out: {n_left_out:,}**")
            if n_left_out > len(details["left_out"]):
                st.caption(f"The first {len(details['left_out']):,} are shown; the exported version lists them all.")
            st.dataframe(
                [
                    {"record": d["external_id"], "reason": d["reason"].replace("_", " "), "detail": d["detail"]}
                    for d in details["left_out"]
                ],
                hide_index=True,
            )
        leak_check(project["name"], version, by=name)
        frame.link("train", f"Train on {version['name']}", version=version["name"])
