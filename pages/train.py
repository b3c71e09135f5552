"""Train: one button, what it will cost and what stands against it before; runs and their figures are the next page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.errors import ProofroomError
from core.workflows import experiments, freezing, preflighting, training
from studio.parts import frame, job_panel, preflight_view, preset_words, run_form, run_offers
from studio.parts.durations import minutes
from studio.parts.run_form import Chosen
from studio.parts.run_view import ENERGY_GUESSED
from studio.running import workspace

project = frame.page("Train", "Make an adapter: a small set of weights that gives the base model your voice.")
name = frame.person()
versions = freezing.list_versions(workspace(), project["name"])
if not versions:
    frame.empty("There is nothing to train on.", "A run needs a frozen version.", "Freeze a version", "datasets")
    st.stop()


def start(version: str, chosen: Chosen) -> None:
    with frame.said_in_words():
        started = training.start_run(
            workspace(), project["name"], version, by=name, preset_name=chosen.preset, settings=chosen.settings
        )
        st.session_state["started_run"] = started["run"]


def start_group(starter: Callable[..., dict[str, Any]], version: str, chosen: Chosen) -> None:
    with frame.said_in_words():
        started = starter(
            workspace(), project["name"], version, by=name, preset_name=chosen.preset, settings=chosen.settings
        )
        st.session_state["started_run"] = started["runs"][0]["run"]


def check(version: str, chosen: Chosen) -> None:
    with frame.said_in_words():
        preflighting.check_first(
            workspace(), project["name"], version, by=name, preset_name=chosen.preset, settings=chosen.settings
        )


def show_estimate(plan: dict[str, Any]) -> None:
    estimate = plan["estimate"]
    with st.container(horizontal=True, gap="large", key="figures_plan"):
        st.metric("Examples", f"{plan['n_train']:,}", width="content")
        st.metric("Steps", f"{estimate['n_steps']:,}", width="content")
        st.metric("Time, about", minutes(estimate["minutes"]), width="content")
        st.metric("Memory, about", f"{estimate['peak_memory_mb'] / 1024:.1f} GB", width="content")
        if estimate["device_memory_mb"]:
            st.metric("GPU memory, about", f"{estimate['device_memory_mb'] / 1024:.1f} GB", width="content")
        st.metric("Energy, about", f"{estimate['energy_wh']:.1f} Wh", width="content", help=ENERGY_GUESSED)
    if estimate["is_measured_here"]:
        measured = "as earlier runs here did, and so are time and memory"
    elif estimate["is_tried"]:
        measured = "as the check below measured on the longest examples, and so is memory"
    else:
        measured = "a guess from a server with two cores, until a check or the first run here"
    st.caption(
        f"{estimate['n_train_tokens']:,} tokens at {estimate['tokens_per_second']:.0f} a second: {measured}. "
        "A run goes on when you close this page."
    )
    if estimate["device_memory_mb"]:
        st.caption(f"{training.WITHOUT_GPU}: the watt-hours are those of the processor alone.")


def show_buttons(version: str, chosen: Chosen, *, is_barred: bool, may_check: bool) -> None:
    """may_check: also where the last check bars the run, as it may find otherwise today."""
    with st.container(horizontal=True):
        st.button(
            "Mend the above first" if is_barred else "Start training",
            type="primary", disabled=is_barred, on_click=start, args=(version, chosen),
        )  # fmt: skip
        st.button(
            "Check first", disabled=not may_check, on_click=check, args=(version, chosen),
            help="Looks at every example as the model will read it, and tries the longest ones. A run checks the same, but for the trial.",
        )  # fmt: skip
        st.button(
            "Try three learning rates", disabled=is_barred, on_click=start_group, args=(experiments.start_sweep, version, chosen),
            help="Three runs one after another: half the rate, the rate above, twice the rate.",
        )  # fmt: skip
        st.button(
            "Would more examples help?", disabled=is_barred, on_click=start_group, args=(experiments.start_learning_curve, version, chosen),
            help="Three runs one after another, on a quarter, half and all of the training records, measured on the same hold-out, with as many passes each: "
            "without a limit in steps or tokens.",
        )  # fmt: skip


if "started_run" in st.session_state:
    frame.go("runs", run=st.session_state.pop("started_run"))
with st.container(border=True):
    names = [v["name"] for v in versions]
    asked = st.query_params.get("version")
    version = st.selectbox(
        "Version", names, index=names.index(asked) if asked in names else 0, key="train_version", width=420
    )
    try:
        chosen = run_form.show_form(project["name"], version)
        plan = training.plan_run(
            workspace(), project["name"], version, preset_name=chosen.preset, settings=chosen.settings
        )
    except ProofroomError as error:
        frame.problem(str(error))
        st.stop()
    st.caption(preset_words.why(chosen.reference, n_examples=plan["version"]["n_train"], goal=plan["goal"]))
    show_estimate(plan)
    told = preflighting.checked_before(
        workspace(), project["name"], version, preset_name=chosen.preset, settings=chosen.settings
    )
    stops = preflighting.stops_of(told)
    against = [f"The check of these settings found: {one}" for one in stops]
    if plan["check_broke_off"]:
        against.append(f"The check of these settings did not come to its end. {plan['check_broke_off']}")
    for missing in [*plan["obstacles"], *against]:
        frame.problem(missing)
    is_barred = bool(plan["obstacles"] or against)
    show_buttons(version, chosen, is_barred=is_barred, may_check=not plan["obstacles"])
run_offers.show_offers(project["name"], version, chosen, by=name, start=start_group, is_barred=is_barred)
says_end = not plan["check_broke_off"]
if not job_panel.watch_kind(project["name"], "preflight", by=name, says_end=says_end) and told is not None:
    st.subheader("What the check found")
    preflight_view.show_preflight(told, project=project["name"])
n_runs = len(training.list_runs(workspace(), project["name"]))
if n_runs:
    frame.link("runs", f"{n_runs:,} {'run' if n_runs == 1 else 'runs'} so far")
