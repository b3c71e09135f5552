"""Datasets: choose a recipe, see what falls out and why, freeze; the versions there are."""

from __future__ import annotations

import streamlit as st

from core.errors import ProofroomError
from core.workflows import freezing
from studio.parts import frame, job_panel
from studio.parts.durations import day
from studio.running import workspace

RECIPES = {
    "recommended": "Recommended: kept ones, and undecided ones without a defect or a double",
    "everything": "Everything that was not rejected",
    "random": "A random sample",
    "longest": "The longest ones",
}

project = frame.page(
    "Datasets", "Freeze what the model learns from: by value, with a hash, split so that nothing leaks."
)
name = frame.person()
job_panel.watch_kind(project["name"], "freeze", by=name)
versions = freezing.list_versions(workspace(), project["name"])


def freeze(recipe: str) -> None:
    with frame.said_in_words():
        freezing.freeze_version(
            workspace(),
            project["name"],
            name=st.session_state["version_name"],
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
    st.number_input("Seed of the splits", 0, 1_000_000, freezing.DEFAULT_SEED, key="seed")
    st.text_input("Name", value=f"v{len(versions) + 1}", key="version_name")
with right:
    st.subheader("What it takes")
    try:
        preview = freezing.preview_recipe(workspace(), project["name"], recipe, seed=int(st.session_state["seed"]))
    except ProofroomError as error:
        st.error(str(error))
        st.stop()
    st.metric(
        "Records",
        f"{preview['n_records']:,}",
        help="Posts are cut into sections, so there are more examples than records.",
    )
    st.caption(f"{preview['n_words']:,} words")
    if preview["dropped"]:
        st.markdown("Left out")
        st.dataframe(
            [{"reason": r.replace("_", " "), "records": n} for r, n in preview["dropped"].items()], hide_index=True
        )
    if preview["n_records"]:
        st.button(f"Freeze {preview['n_records']:,} records", type="primary", on_click=freeze, args=(recipe,))
    else:
        st.info("This recipe takes no record. Import some, or keep some in Curate.")

if versions:
    st.subheader("Versions")
for place, version in enumerate(versions):
    with st.expander(
        f"{version['name']} — {version['n_train']:,} / {version['n_validation']:,} / {version['n_test']:,} examples · {day(version['created_at'])}"
    ):
        st.caption(
            f"Recipe {version['recipe']}, seed {version['seed']}, {version['n_records']:,} records, {version['n_train_tokens']:,} training tokens, "
            f"frozen by {version['created_by']}. Content hash `{version['content_sha256']}`"
        )
        details = freezing.version_details(workspace(), project["name"], version["id"])
        if place + 1 < len(versions):
            change = freezing.compare_versions(workspace(), project["name"], versions[place + 1]["id"], version["id"])
            st.write(
                f"Against {versions[place + 1]['name']}: {change['came']:,} records came, {change['went']:,} went, {change['stayed']:,} stayed."
            )
        if details["left_out"]:
            st.dataframe(
                [
                    {"record": d["external_id"], "reason": d["reason"].replace("_", " "), "detail": d["detail"]}
                    for d in details["left_out"]
                ],
                hide_index=True,
            )
