"""One run on a page: how it goes or went, its figures against the estimate, its curve, what it does best and worst, and notes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import continuing, run_notes, training
from studio.parts import charts, continuation, frame, job_panel
from studio.parts.durations import day
from studio.parts.export_view import show_exports
from studio.parts.held_out_view import show_held_out
from studio.parts.make_again import show_reproduction
from studio.parts.plain import plain
from studio.parts.preflight_view import show_preflight
from studio.parts.run_evidence_view import show_evidence
from studio.running import workspace

ENERGY_ASSUMED = "No meter can be read here: ten watts a core are assumed."
ENERGY_GUESSED = "As earlier runs here took. Where no meter can be read, ten watts a core are assumed."


def in_a_word(status: str) -> str:
    """What holds until the page is drawn anew: a job may leave its queue meanwhile."""
    return "under way" if status in ("queued", "running") else status


def show_run(run: dict[str, Any], *, by: str) -> None:
    """Everything there is on one run."""
    summary = training.run_summary(workspace(), run["id"])
    st.subheader(f"{plain(summary['name'])} · {in_a_word(summary['status'])}")
    part = f", for “{plain(summary['part'])}”" if summary["part"] else ""
    st.caption(f"On {plain(summary['version'])}{part}, started by {plain(run['created_by'])}, {day(run['created_at'])}")
    if run["continues"]:
        continuation.show_origin(run)
    if summary["status"] in ("queued", "running"):
        job_panel.watch(summary["job"], by=by, below=lambda: show_curve(run))
        return
    if summary["reason"]:
        st.warning(plain(summary["reason"]))
    if summary["status"] in ("cancelled", "lost", "failed"):
        st.button("Resume from the last checkpoint", type="primary", on_click=_resume, args=(run["id"], by))
    if summary["eval_loss"] is not None:
        show_figures(summary)
    if summary["network_in_words"]:
        st.caption(f"Network: {plain(summary['network_in_words'])}.")
    show_evidence(run)
    show_curve(run)
    show_held_out(run)
    show_reproduction(run, by=by)
    show_note(run["id"], by=by)
    told = training.run_preflight(workspace(), run["id"])
    if told is not None:
        with st.expander("What was checked before it started"):
            show_preflight(told, project=run["project_id"])
    if summary["adapter"]:
        continuation.show_offer(run, by=by)
        show_exports(run["id"], by=by)


def show_figures(summary: dict[str, Any]) -> None:
    """Hold-out loss against the base model; time and memory against the estimate."""
    change = summary["eval_loss"] / summary["base_eval_loss"] - 1
    estimate = summary["estimate"]
    with st.container(horizontal=True, gap="medium", key="figures_run"):
        st.metric(
            "Hold-out loss, nats per token",
            f"{summary['eval_loss']:.3f}",
            f"{change:+.1%}",
            delta_color="inverse",
            width="content",
        )
        st.metric("Base model", f"{summary['base_eval_loss']:.3f}", width="content")
        st.metric("Tokens a second", f"{summary['tokens_per_second']:.0f}", width="content")
        if summary["job_seconds"]:
            st.metric("Minutes, all in all", f"{summary['job_seconds'] / 60:.1f}", f"estimated {estimate['minutes']:.1f}",
                      delta_color="off", delta_arrow="off", width="content")  # fmt: skip
        else:
            st.metric("Minutes of training", f"{summary['seconds'] / 60:.1f}", width="content")
        st.metric("Peak memory", f"{summary['peak_memory_mb'] / 1024:.1f} GB", f"estimated {estimate['peak_memory_mb'] / 1024:.1f}",
                  delta_color="off", delta_arrow="off", width="content")  # fmt: skip
        if summary["device_memory_mb"]:
            # Until a run or a trial has measured it, nobody knows.
            foreseen = estimate.get("device_memory_mb")
            st.metric("Peak memory, GPU", f"{summary['device_memory_mb'] / 1024:.1f} GB",
                      f"estimated {foreseen / 1024:.1f}" if foreseen else None,
                      delta_color="off", delta_arrow="off", width="content")  # fmt: skip
        if summary["energy_wh"]:
            how = "As the processor's meter says." if summary["energy_is_measured"] else ENERGY_ASSUMED
            # Runs of an earlier time have no estimate of it.
            expected = f"estimated {estimate['energy_wh']:.1f}" if "energy_wh" in estimate else None
            st.metric("Energy", f"{summary['energy_wh']:.1f} Wh", expected, delta_color="off", delta_arrow="off",
                      width="content", help=how)  # fmt: skip
    better = "less" if change < 0 else "more"
    st.caption(
        f"Texts that it has not learnt from surprise the tuned model {abs(change):.1%} {better} than the base model. "
        "Both figures are of the test split; the curve below follows the validation split while it trains. "
        + weights_kept(summary)
    )
    if summary["energy_wh"] and summary["device_memory_mb"]:
        st.caption(f"{training.WITHOUT_GPU}: the watt-hours are those of the processor alone.")


def show_curve(run: dict[str, Any]) -> None:
    curve = training.run_curve(workspace(), run["id"])
    for told in curve["resumed"]:
        st.caption(f"Resumed: {told['sentence']}")
    if curve["steps"] and run["continues"]:
        continuation.show_curve(curve)
    elif curve["steps"]:
        st.altair_chart(charts.loss_curve(curve))


def show_note(run: str, *, by: str) -> None:
    """What somebody wrote beside the run, and its tags; both can be changed, and what stood there before is kept."""
    note = run_notes.note_of(workspace(), run)
    if note["note"]:
        st.markdown(f"**Note** by {plain(note['written_by'])}, {day(note['written_at'])}")
        st.text(note["note"])
    if note["tags"]:
        st.caption("Tagged " + ", ".join(map(plain, note["tags"])))
    with st.expander("Change the note and the tags" if note["note"] or note["tags"] else "Write a note"):
        st.text_area("Note", note["note"], key=f"note_{run}", max_chars=run_notes.LONGEST_NOTE)
        st.text_input("Tags, with commas between", ", ".join(note["tags"]), key=f"note_tags_{run}", max_chars=400)
        st.button("Keep it", on_click=_keep_note, args=(run, by))


def weights_kept(summary: dict[str, Any]) -> str:
    if summary["stopped_early"] and summary["best_step"] is None:
        return f"It stopped at step {summary['n_steps']:,}, because the loss no longer fell; the weights are those of that step."
    if summary["stopped_early"]:
        return f"It stopped at step {summary['n_steps']:,}, because the loss no longer fell; the weights are those of step {summary['best_step']:,}."
    if summary["best_step"] is not None and summary["best_step"] < summary["n_steps"]:
        return f"The weights are those of step {summary['best_step']:,} of {summary['n_steps']:,}, where that loss was lowest."
    return ""


def _resume(run: str, by: str) -> None:
    with frame.said_in_words():
        continuing.resume(workspace(), run, by=by)


def _keep_note(run: str, by: str) -> None:
    with frame.said_in_words():
        tags = [tag.strip() for tag in st.session_state[f"note_tags_{run}"].split(",") if tag.strip()]
        run_notes.write_note(workspace(), run, note=st.session_state[f"note_{run}"], tags=tags, by=by)
        frame.notice("The note is kept.")
