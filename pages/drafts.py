"""Briefs and drafts: what to write, by whom, and the job that writes it."""

from __future__ import annotations

import streamlit as st

from core.workflows import briefing, drafting, endpoint, fact_documents, given_facts, missed_drafts, models, reviewing
from studio.parts import add_briefs, frame, job_panel
from studio.parts.assignment import show_assignment
from studio.parts.counting import several
from studio.parts.durations import in_words
from studio.parts.given_facts import show_given_facts
from studio.parts.plain import plain
from studio.parts.text_view import show_text
from studio.running import workspace

SHOWN = 30
ASKED = {"length": "its length", "facts": "facts to use", "must_not_say": "words not to say"}
ENDED = {
    "length": "It reached the longest length, and ends after its last whole sentence.",
    "repetition": "It went round in circles, and was ended after one round.",
}
SYSTEMS = {
    "tuned": "the tuned model",
    "base": "the base model",
    "base_fewshot": "the base model with three of your examples",
    "tuned_facts": "the tuned model with facts",
    "base_facts": "the base model with facts",
    "external": "a model elsewhere",
}

project = frame.page(
    "Briefs and drafts", "Say what is to be written; the models write it, and the reviewers judge it blind."
)
name = frame.person()
# The approved one first; what was retired writes no more.
runs = [model.run for model in models.list_models(workspace(), project["name"]) if model.state != models.RETIRED]
job_panel.watch_kind(project["name"], "draft", by=name)
for missed in missed_drafts.missed_last(workspace(), project["name"]):
    st.warning(plain(missed))


def write(run: str, ids: list[str], systems: list[str], longest: int, variants: int) -> None:
    with frame.said_in_words():
        drafting.write_drafts(
            workspace(), project["name"], run=run, brief_ids=ids, systems=systems, by=name, max_new_tokens=longest,
            n_variants=variants,
        )  # fmt: skip


def write_again(draft: str, longest: int) -> None:
    with frame.said_in_words():
        drafting.write_again(workspace(), draft, by=name, max_new_tokens=longest)


def set_aside(draft: str, is_aside: bool) -> None:
    with frame.said_in_words():
        drafting.set_aside(workspace(), draft, by=name, is_aside=is_aside)


add_briefs.add_briefs(project, by=name)
briefs = briefing.list_briefs(workspace(), project["name"])
if not briefs:
    st.info("There is no brief yet. Type one, import a file, or take some from the hold-out.")
    st.stop()
st.subheader("Write drafts")
if not runs:
    training_now = job_panel.last_ended(project["name"], "train")
    if training_now is not None and training_now["state"] in ("queued", "running"):
        left_over = f", {in_words(training_now['eta_seconds'])} left" if training_now["eta_seconds"] else ""
        st.info(plain(f"A run is still training{left_over}. Drafts are written once it has ended."))
        frame.link("runs", "See how far it is")
    else:
        frame.empty(
            "No model has been trained yet.", "Drafts are written by a run that has ended.", "Go to training", "train"
        )
    st.stop()
without = [b for b in briefs if not b["n_drafts"]]
st.caption(f"{several(len(briefs), 'brief')}, {len(without):,} without a draft.")
if len(briefs) <= reviewing.DISTANCE:
    st.caption(
        f"A reviewer meets two drafts of one brief only with {reviewing.DISTANCE} others between them, so with "
        f"{reviewing.DISTANCE} briefs or fewer one person cannot judge every draft: add briefs, or share them among colleagues."
    )
left, middle, right = st.columns(3, gap="large")
with left:
    run = st.selectbox("Run", [r["id"] for r in runs], format_func={r["id"]: r["name"] for r in runs}.__getitem__)
with middle:
    longest = st.number_input(
        "Longest draft, in tokens",
        16,
        2048,
        drafting.DEFAULT_NEW_TOKENS,
        help="A token is about three quarters of a word.",
    )
with right:
    variants = st.number_input(
        "Variants", 1, drafting.MOST_VARIANTS, help="How often each model writes each brief, each time with other luck."
    )
known = fact_documents.list_documents(workspace(), project["name"])
elsewhere = endpoint.endpoint(workspace())
offered = [one for one in SYSTEMS if known["usable"] or not one.endswith("_facts")]
offered = [one for one in offered if elsewhere or one != "external"]
systems = st.pills(
    "Written by", offered, default=list(drafting.USUAL_SYSTEMS), format_func=SYSTEMS.__getitem__, selection_mode="multi"
)
st.caption(
    f"With facts: for each brief the best of your {several(known['usable'], 'passage')} are looked up and put into the request."
    if known["usable"]
    else "There are no facts yet that a draft could look up; add some on the page Facts."
)
if elsewhere and "external" in systems:
    st.warning(
        plain(
            f"The briefs that you choose are sent to {elsewhere.host}, where {elsewhere.model} writes. They leave this machine; "
            "briefs from the hold-out do not, so they cannot be written there."
        )
    )
    if elsewhere.is_key_kept_back:
        st.warning(plain(elsewhere.why_no_key))
chosen = without or briefs
learnt = {b["id"] for b in drafting.learnt_briefs(workspace(), next(r for r in runs if r["id"] == run), chosen)}
chosen = [b for b in chosen if b["id"] not in learnt]
if learnt:
    st.caption(
        f"{several(len(learnt), 'brief')} left out: this run has learnt from their records or reviews, so it cannot be judged by them."
    )
told = drafting.told_briefs(workspace(), project["name"])
if n_told := sum(b["id"] in told for b in chosen):
    st.caption(
        f"{several(n_told, 'brief')} of these {'is' if n_told == 1 else 'are'} judged already, and it may be known who wrote those drafts. Whoever has read them gets new ones last, and "
        "their verdicts on new ones count in no rate: write for new briefs, or have these judged by somebody who is new to them."
    )
n_drafts = len(chosen) * len(systems) * int(variants)
what = f"{several(n_drafts, 'draft')} for {several(len(chosen), 'brief')}"
n_with_text = sum(bool(b["reference"]) for b in chosen)
if systems and n_with_text:
    n_judged, n_texts = drafting.expected_in_review(n_drafts, n_with_text, per_brief=len(systems) * int(variants))
    st.caption(
        f"About {n_judged:,.0f} of {several(n_drafts, 'draft')} will come before reviewers, and about {n_texts:,.0f} of "
        f"{several(n_with_text, 'text')} of your own: drawn so that the place at which one comes does not tell who wrote it."
    )
with st.container(horizontal=True):
    if not without and st.button("Review the drafts", type="primary"):
        frame.go("review")
    st.button(
        "Choose who writes" if not systems else "Add a brief first" if not chosen else f"Write {what}" if without else f"Write {what} anew",
        type="primary" if without else "secondary", disabled=not systems or not chosen, on_click=write,
        args=(run, [b["id"] for b in chosen], systems, int(longest), int(variants)),
    )  # fmt: skip
with st.expander("Briefs"):
    st.dataframe(
        [
            {
                "brief": b["external_id"],
                "prompt": b["prompt"],
                "length": f"{b['min_words']}-{b['max_words']}" if b["max_words"] else "",
                "facts": len(b["facts"]),
                "not to be said": len(b["must_not_say"]),
                "drafts": b["n_drafts"],
                "human text": bool(b["reference"]),
            }
            for b in briefs
        ],
        hide_index=True,
        column_config={"prompt": st.column_config.TextColumn(width="large")},
    )
# Sent to the browser only when somebody asks: whoever reviews on this machine must not come across it.
if st.toggle("Show the drafts with who wrote them. Do not look before you review."):
    drafts = drafting.list_drafts(workspace(), project["name"])
    st.caption(f"The newest {min(SHOWN, len(drafts)):,} of {len(drafts):,}.")
    given = given_facts.facts_given(workspace(), project["id"], {draft["id"] for draft in drafts[:SHOWN]})
    for draft in drafts[:SHOWN]:
        with st.container(border=True):
            st.markdown(f"**{plain(draft['brief'])}** · by {SYSTEMS.get(draft['system'], 'a person')}")
            show_text(draft["text"], key=f"draft_{draft['id']}")
            show_given_facts(given.get(draft["id"], ()))
            if draft["brief_breaks"]:
                st.caption(f"Not as the brief asks: {', '.join(ASKED[one] for one in draft['brief_breaks'])}.")
            if ENDED.get(draft["ended"]):
                st.caption(ENDED[draft["ended"]])
            with st.container(horizontal=True):
                if draft["is_aside"]:
                    st.caption("Set aside: no reviewer meets it.")
                    st.button("Put it back", key=f"back_{draft['id']}", on_click=set_aside, args=(draft["id"], False))
                elif draft["system"] in SYSTEMS:
                    st.button(
                        "Write it again",
                        key=f"again_{draft['id']}",
                        on_click=write_again,
                        args=(draft["id"], int(longest)),
                    )
                    st.button("Set it aside", key=f"aside_{draft['id']}", on_click=set_aside, args=(draft["id"], True))
show_assignment(project, by=name)
