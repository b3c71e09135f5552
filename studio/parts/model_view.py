"""A model in the registry: its evidence, its history, and the acts that are possible on it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import models
from studio.parts import figures, frame
from studio.parts.durations import day
from studio.parts.model_card_view import show_card
from studio.parts.plain import plain
from studio.running import workspace

ACTS = {"approve": "approved", "retire": "retired", "undo": "took back the last decision on"}


def show_approved(model: models.Model, *, by: str) -> None:
    """The model that counts, with what it rests on."""
    assert model.act is not None
    with st.container(border=True):
        st.markdown(f":material/verified: **{plain(model.run['name'])}** is approved")
        st.caption(f"By {plain(model.act['done_by'])}, {day(model.act['done_at'])}: {plain(model.act['reason'])}")
        show_evidence(model.act["evidence"])
        show_card(model.run["id"], name=model.run["name"], by=by, project=model.run["project_id"])
        _show_acts(model, by=by, names=("retire", "undo"))


def show_model(model: models.Model, *, by: str) -> None:
    """A candidate or a retired model."""
    with st.container(border=True):
        st.markdown(f"**{plain(model.run['name'])}**")
        made = f"Trained on {plain(model.run['version'])}, {day(model.run['created_at'])}"
        if model.act is not None:
            made += (
                f". Retired by {plain(model.act['done_by'])}, {day(model.act['done_at'])}: {plain(model.act['reason'])}"
            )
        st.caption(made)
        show_evidence(models.evidence_of(model.run))
        show_card(model.run["id"], name=model.run["name"], by=by, project=model.run["project_id"])
        _show_acts(model, by=by, names=("approve", "retire") if model.act is None else ("approve", "undo"))


def show_evidence(evidence: dict[str, Any]) -> None:
    """The figures that a decision rests on."""
    with st.container(horizontal=True, gap="large"):
        if evidence["eval_loss"] is not None:
            change = evidence["eval_loss"] / evidence["base_eval_loss"] - 1
            st.metric("Hold-out loss", f"{evidence['eval_loss']:.3f}", f"{abs(change):.1%} {'below' if change < 0 else 'above'} the base model", delta_color="green" if change < 0 else "red",
                      delta_arrow="off", width="content")  # fmt: skip
        else:
            st.metric(
                "Hold-out loss",
                "none",
                width="content",
                help="Nothing was held out, so nobody knows whether it got better.",
            )
        st.metric("Examples", f"{evidence['n_train_examples'] or 0:,}", width="content")
        st.metric(
            "Weights",
            f"{(evidence['weights_sha256'] or '')[:12]}",
            width="content",
            help="The beginning of their SHA-256.",
        )
    lines = [f"**{label}** {plain(words)}" for label, words in figures.in_words(evidence).items()]
    half = -(-len(lines) // 2)
    for column, some in zip(st.columns(2, gap="small"), (lines[:half], lines[half:]), strict=True):
        if some:
            column.caption("  \n".join(some))
    if missing := figures.not_measured(evidence):
        st.caption(plain(f"Not measured: {', '.join(missing)}."))


def show_roll_back(project: str, *, by: str) -> None:
    """One click back to the model that was approved before, where there was one."""
    target = models.before_the_present(workspace(), project)
    if target is None:
        return
    with st.expander(f"Roll back to {plain(target.run['name'])}"):
        reason = st.text_input("Why", key="roll_back_reason", max_chars=400)
        st.button(
            "Roll back" if reason.strip() else "Say why first",
            disabled=not reason.strip(),
            on_click=_roll_back,
            args=(project, by),
        )


def _show_acts(model: models.Model, *, by: str, names: tuple[str, ...]) -> None:
    run = model.run["id"]
    words = {"approve": "Approve", "retire": "Retire", "undo": "Take the decision back"}
    with st.expander("Decide"):
        reason = st.text_input(
            "Why", key=f"model_reason_{run}", max_chars=400, placeholder="What you looked at, and what it shows"
        )
        with st.container(horizontal=True):
            for name in names:
                needs_reason = name != "undo" and not reason.strip()
                st.button(
                    words[name], key=f"{name}_{run}", type="primary" if name == "approve" else "secondary",
                    disabled=needs_reason, on_click=_act, args=(name, run, by), help="Say why first." if needs_reason else None,
                )  # fmt: skip
        frame.link("runs", f"Look at {model.run['name']}", run=run)
        for act in models.history(workspace(), run):
            why = f": {plain(act['reason'])}" if act["reason"] else ""
            st.caption(f"{day(act['done_at'])}: {plain(act['done_by'])} {ACTS[act['act']]} it{why}")


def _act(name: str, run: str, by: str) -> None:
    with frame.said_in_words():
        reason = st.session_state.get(f"model_reason_{run}", "")
        if name == "approve":
            models.approve(workspace(), run, reason=reason, by=by)
        elif name == "retire":
            models.retire(workspace(), run, reason=reason, by=by)
        else:
            models.take_back(workspace(), run, by=by)


def _roll_back(project: str, by: str) -> None:
    with frame.said_in_words():
        models.roll_back(workspace(), project, reason=st.session_state["roll_back_reason"], by=by)
