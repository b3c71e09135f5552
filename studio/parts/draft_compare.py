"""The drafts of several runs for one brief or held-out request, side by side; what reviewers have not judged yet is held back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import draft_comparison
from studio.parts.counting import several
from studio.parts.plain import plain
from studio.parts.text_view import show_text
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

A_ROW = 3
SHORT = 70


def show_drafts(project: str, runs: list[str]) -> None:
    """runs: ids of those that are compared. Where they share no brief, what they wrote at their ends."""
    st.markdown("**What they wrote**")
    found = draft_comparison.compare_drafts(workspace(), runs)
    if found.n_held_back:
        st.caption(found.why_held_back)
    if found.briefs:
        _show_briefs(found.briefs)
    elif not found.n_held_back:
        _show_held_out(project, draft_comparison.compare_held_out(workspace(), runs))


def _show_briefs(briefs: list[dict[str, Any]]) -> None:
    by_id = {brief["id"]: brief for brief in briefs}
    chosen = st.selectbox("Brief", list(by_id), format_func=lambda i: _label(by_id[i]), key="compared_brief", width=620)
    brief = by_id[chosen]
    with st.container(key="compared_drafts"):
        st.caption("What was asked for")
        show_text(_asked(brief), key=f"brief_{chosen}")
        _side_by_side(brief["drafts"])


def _show_held_out(project: str, found: draft_comparison.ComparedRequests) -> None:
    """What the runs wrote at their ends for the same held-out requests, with what was really written."""
    st.caption(
        "At their ends, for the same held-out requests. No brief has drafts of two of these runs yet; Briefs and drafts writes the same "
        "ones with each."
        if found.requests
        else "Neither a brief nor a held-out request has drafts of two of these runs yet. Briefs and drafts writes the same ones with each."
    )
    if found.n_held_back:
        n = found.n_held_back
        st.caption(
            f"{several(n, 'request')} {'is' if n == 1 else 'are'} held back: a draft for a brief from the same text waits for its blind verdict."
        )
    if not found.requests:
        return
    say_who_reads(project, len(found.requests))
    place = st.selectbox(
        "Request", range(len(found.requests)), format_func=lambda i: found.requests[i]["request"].partition("\n")[0][:SHORT],
        key="compared_request", width=620,
    )  # fmt: skip
    entry = found.requests[place]
    with st.container(key="compared_drafts"):
        st.caption("What was asked for")
        show_text(entry["request"], key=f"request_{place}")
        drafts = [one | {"id": f"{one['run']}_{place}", "verdicts": []} for one in entry["drafts"]]
        _side_by_side(drafts)
        with st.container(border=True):
            st.markdown("**What was really written**")
            show_text(entry["reference"], key=f"reference_{place}")


def _side_by_side(drafts: list[dict[str, Any]]) -> None:
    for start in range(0, len(drafts), A_ROW):
        some = drafts[start : start + A_ROW]
        for column, draft in zip(st.columns(min(A_ROW, len(drafts))), some, strict=False):
            with column, st.container(border=True):
                _show_draft(draft, drafts)


def _show_draft(draft: dict[str, Any], others: list[dict[str, Any]]) -> None:
    st.markdown(f"**{plain(draft['name'])}**")
    st.caption(_about(draft, others))
    show_text(draft["text"], key=f"compared_{draft['id']}")


def _label(brief: dict[str, Any]) -> str:
    prompt = " ".join(brief["prompt"].split())
    return f"{brief['brief']}: {prompt[:SHORT]}{'…' if len(prompt) > SHORT else ''}"


def _asked(brief: dict[str, Any]) -> str:
    parts = [brief["prompt"]]
    if brief["audience"]:
        parts.append(f"For {brief['audience']}.")
    parts += [f"- {fact}" for fact in brief["facts"]]
    return "\n".join(parts)


def _about(draft: dict[str, Any], others: list[dict[str, Any]]) -> str:
    """Its verdicts and length, and the seed where a run wrote several."""
    told = [", ".join(one.replace("_", " ") for one in draft["verdicts"])] if draft["verdicts"] else []
    told.append(f"{draft['n_tokens']:,} tokens")
    if sum(one["run"] == draft["run"] for one in others) > 1:
        told.append(f"seed {draft['seed']}")
    return " · ".join(told)
