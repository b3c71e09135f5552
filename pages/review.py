"""Review: the brief and the draft. The page is given no sign of who wrote it until the verdict."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.workflows import guiding, looking_back, putting_off, review_choices, review_items, reviewing
from studio.parts import frame
from studio.parts.brief_view import show_brief
from studio.parts.editor import Typed, review_editor
from studio.parts.look_back import show_look_back
from studio.parts.margin_notes import show_brief_notes, show_formatting, show_notes, show_unsupported
from studio.parts.rubric_view import chosen_reasons, chosen_scores, show_rubric, toggle_reason
from studio.running import workspace

HOW_MANY = "So many come to you one after the other, if nobody else takes them. Later ones come once you or others have judged more."
NOT_BLIND = "Drafts of this brief that you have read were judged before, so it may be known who wrote this one. Your verdict is kept, and counts in no rate."

with st.container(key="review_page"):
    st.title("Review")
with st.container(key="review_sentence"):
    st.caption("Read the draft, edit it until you would publish it, sign it off; or reject it.")
project = frame.project_or_stop()
name = frame.person()
state = st.session_state


def keep(typed: Typed) -> None:
    with frame.said_in_words():
        reviewing.save_text(
            workspace(), typed.item, by=name, text=typed.text, seconds=typed.seconds, asked_in=project["id"]
        )


def hold(item: str, seconds: float) -> None:
    with frame.said_in_words():
        reviewing.hold(workspace(), item, by=name, seconds=seconds, asked_in=project["id"])


def keep_choices(item: str) -> None:
    with frame.said_in_words():
        review_choices.save_choices(
            workspace(), item, by=name, reasons=chosen_reasons(item), scores=chosen_scores(item), asked_in=project["id"]
        )


def choose_reason(current: reviewing.ItemToReview, item: str, place: int) -> None:
    toggle_reason(current.rubric, item, place)
    keep_choices(item)


def decide(decision: str, typed: Typed) -> None:
    state["review_turn"] = state.get("review_turn", 0) + 1
    with frame.said_in_words():
        if decision == "undo":
            if typed.unsaved is not None:
                keep(typed)
            undo()
            return
        if decision == "later":
            putting_off.put_off(
                workspace(), typed.item, by=name, text=typed.unsaved, seconds=typed.seconds, asked_in=project["id"]
            )
            state["was_put_off"] = typed.item
            return
        reviewing.submit(
            workspace(), typed.item, decision, by=name, text=typed.text, reasons=chosen_reasons(typed.item), seconds=typed.seconds,
            scores=chosen_scores(typed.item), known=typed.known, asked_in=project["id"],
        )  # fmt: skip
        state["lacked_reason"] = not chosen_reasons(typed.item)


def undo() -> None:
    with frame.said_in_words():
        if reviewing.undo_last_review(workspace(), project["name"], by=name) is None:
            frame.notice("There is nothing to undo.", icon="!")


def look_back(is_on: bool) -> None:
    state["looks_back"] = is_on


def toggle_guide() -> None:
    state["guide_is_open"] = not state.get("guide_is_open", False)


if state.get("looks_back"):
    # In the queue's place, so that looking through the writing never keeps anybody waiting for the next draft.
    st.button("Back to the drafts", on_click=look_back, args=(False,), icon=":material/arrow_back:")
    show_look_back(project["name"], by=name)
    st.stop()
queue = reviewing.next_draft(workspace(), project["name"], by=name)
if queue.current is None:
    judged = f"You judged {queue.n_done:,} so far." if queue.n_done else ""
    if queue.n_waiting or queue.why_waiting:
        said = f"{judged} {queue.why_waiting}".strip()
        st.info(f"**That is all for you now.** Look in again later; until then nothing is asked of you.  \n{said}")
    elif queue.n_done:
        frame.empty(
            "No draft waits for you.", f"{judged} The results follow from the edits.", "See the results", "results"
        )
    else:
        frame.empty(
            "No draft waits for you.",
            "Drafts are written for briefs, and each comes here once it is. There is nothing to do until then; whoever invited you can say when.",
            "Go to briefs and drafts",
            "drafts",
        )
    if queue.n_done:
        with st.container(horizontal=True):
            st.button("Undo my last verdict", on_click=undo)
            if looking_back.has_verdicts(workspace(), project["name"], by=name):
                st.button("Look back", on_click=look_back, args=(True,))
    st.stop()
current = queue.current
said_of_it = []
if state.pop("was_put_off", None) == current.item:
    said_of_it.append("Nothing else waits for you just now, so this draft is here again.")
if not current.is_blind:
    said_of_it.append(NOT_BLIND)
# Always there, said or not: the editor would be drawn anew when it comes, and forget what became of the draft before.
place = st.empty()
if said_of_it:
    place.info("  \n".join(said_of_it))
how_far = f"{queue.n_done:,} done, {current.n_left:,} left. {current.why_later}".strip()
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption(
        how_far if queue.n_done else f"{how_far} Click or tap into the text to edit it. Stop whenever you like.",
        width="content",
        help=HOW_MANY,
    )
    if queue.n_done and looking_back.has_verdicts(workspace(), project["name"], by=name):
        st.button(
            "Look back", key="look_back", type="tertiary", on_click=look_back, args=(True,), help="Your verdicts on finished briefs.",
        )  # fmt: skip
with st.container(key="review_brief"):
    show_brief(current)
guide = guiding.guide_of(workspace(), project["name"]).guide
draft, margin = st.columns([7, 3], gap="large")
with draft:
    review_editor(
        current.item,
        who=name,
        draft=current.draft,
        text=current.text,
        seconds=current.seconds,
        turn=state.get("review_turn", 0),
        can_undo=queue.n_done > 0,
        lacked_reason=state.get("lacked_reason", False),
        on_save=keep,
        on_hold=hold,
        on_decision=decide,
        on_reason=partial(choose_reason, current),
        on_guide=toggle_guide,
    )
    show_rubric(current, on_choice=keep_choices)
with margin, st.container(key="review_margin"):
    support = (current.brief, *current.facts, *(f"{one.title}\n{one.passage}" for one in current.looked_up))
    is_long = len(current.text) > review_items.MAX_TEXT_CHARACTERS
    if is_long:
        st.caption("The text is too long to be checked.")
    if not is_long:
        show_brief_notes(reviewing.brief_notes(current.text, current))
    if guide.all_rules() and not is_long:
        show_notes(current.text, guiding.check_text(workspace(), project["name"], current.text, support=support))
    if not is_long:
        show_unsupported(current.text, support)
        show_formatting(current.text)
    if guide.notes:
        st.toggle("How we write", key="guide_is_open", help="Key G")
        if state["guide_is_open"]:
            st.text(guide.notes)
