"""What may be said of a draft besides the verdict: reasons to choose, criteria to score; and the form that sets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.nouns import Score
from core.review.rubric import MAX_CRITERIA, Criterion, Rubric
from core.workflows.reviewing import ItemToReview
from core.workflows.rubrics import FLAGS
from studio.parts.plain import plain

# Lines for more criteria, below those that there are.
N_EMPTY = 2
# The best comes last, as on a scale.
SCORES = {Score.FAILS.value: "Fails", Score.FAIR.value: "Fair", Score.GOOD.value: "Good"}


def show_rubric(current: ItemToReview, *, on_choice: Callable[[str], None]) -> None:
    """The reasons, and below them the criteria where the project has some; what was chosen before is.

    on_choice: called with the item whenever something is chosen, or no longer.
    """
    reasons, item = current.rubric.reasons, current.item
    _take_over(_reasons_key(item), [reason for reason in current.reasons if reason in reasons])
    with st.container(key="review_reasons"):
        st.pills(
            "If you change or reject it: why?",
            reasons,
            selection_mode="multi",
            format_func=lambda reason: (
                f"{reasons.index(reason) + 1}  {plain(reason)}" if reasons.index(reason) < 9 else plain(reason)
            ),
            key=_reasons_key(item),
            on_change=on_choice,
            args=(item,),
        )
    if current.rubric.criteria:
        _show_criteria(current, on_choice)


def _take_over(key: str, stored: object) -> None:
    """What is stored, when the item comes and whenever it changes: the same person may have chosen on another device."""
    seen, is_drawn = f"stored_{key}", key in st.session_state
    # Taken off the page, a choice is forgotten, and what was seen of it is not.
    if not is_drawn or st.session_state.get(seen) != stored:
        st.session_state[seen] = stored
        if stored is not None or is_drawn:
            st.session_state[key] = stored


def chosen_reasons(item: str) -> list[str]:
    return list(st.session_state.get(_reasons_key(item)) or [])


def chosen_scores(item: str) -> dict[str, str]:
    """By criterion; of those alone that were scored."""
    asked: dict[str, str] = st.session_state.get(f"criteria_{item}") or {}
    found = {name: st.session_state.get(key) for key, name in asked.items()}
    return {name: score for name, score in found.items() if score}


def toggle_reason(rubric: Rubric, item: str, place: int) -> None:
    """Choose the reason at that place, counted from 0, or take it back."""
    if place >= len(rubric.reasons):
        return
    chosen, reason = chosen_reasons(item), rubric.reasons[place]
    st.session_state[_reasons_key(item)] = (
        [one for one in chosen if one != reason] if reason in chosen else [*chosen, reason]
    )


def _show_criteria(current: ItemToReview, on_choice: Callable[[str], None]) -> None:
    item, keys = current.item, {}
    with st.container(key="review_criteria"):
        st.caption(
            "Scores, if you like: of the draft as it came, before your edits. One that is critical and fails keeps it from passing."
        )
        for place, criterion in enumerate(current.rubric.criteria):
            key = f"score_{item}_{place}"
            keys[key] = criterion.name
            _take_over(key, current.scores.get(criterion.name))
            st.segmented_control(
                _label(criterion),
                list(SCORES),
                format_func=SCORES.__getitem__,
                help=plain(criterion.meaning) or None,
                key=key,
                on_change=on_choice,
                args=(item,),
            )
    st.session_state[f"criteria_{item}"] = keys


def _label(criterion: Criterion) -> str:
    return f"{plain(criterion.name)} (critical)" if criterion.critical else plain(criterion.name)


def _reasons_key(item: str) -> str:
    return f"reasons_{item}"


def rubric_form(values: dict[str, Any], *, key: str) -> dict[str, Any] | None:
    """The reasons and criteria of a project, to change. Returns the new ones when they are saved.

    values: as `rubric_json` gives them.
    """
    given = values["criteria"]
    n_rows = min(MAX_CRITERIA, len(given) + N_EMPTY)
    with st.form(key, border=False):
        reasons = st.text_area(
            "Reasons to choose from, one in a line; the first nine have the keys 1 to 9",
            "\n".join(values["reasons"]),
            height=190,
        )
        st.caption(
            "Criteria to score, if you want any: *fails*, *fair* or *good*. A draft that fails a critical one does not pass. "
            f"A line without a name is left out; up to {MAX_CRITERIA}."
        )
        rows = [_criterion_row(place, given[place] if place < len(given) else {}) for place in range(n_rows)]
        st.caption(
            "What finds the like of a reason among your records, if you want it: a flag, or words that the text holds. *Results* then says how many "
            "there are, and leads to them. A reason that is new has its line here once it is saved."
        )
        known = {one["reason"]: one for one in values["searches"]}
        searches = [_search_row(place, reason, known.get(reason, {})) for place, reason in enumerate(values["reasons"])]
        if not st.form_submit_button("Save reasons and criteria"):
            return None
    kept = [" ".join(line.split()) for line in reasons.splitlines() if line.strip()]
    return {
        "reasons": kept,
        "criteria": [row for row in rows if row["name"].strip() or row["meaning"].strip()],
        "searches": [row for row in searches if row["reason"] in kept and (row["flag"] or row["holds"].strip())],
    }


def _search_row(place: int, reason: str, given: dict[str, Any]) -> dict[str, Any]:
    name, flag, words = st.columns([3, 4, 4], vertical_alignment="bottom")
    name.markdown(plain(reason))
    flags = ["", *FLAGS]
    return {
        "reason": reason,
        "flag": flag.selectbox(
            f"Flag of reason {place + 1}",
            flags,
            flags.index(given.get("flag", "")),
            format_func=lambda one: one.replace("_", " ") or "none",
        ),
        "holds": words.text_input(f"Words of reason {place + 1}", given.get("holds", "")),
    }


def _criterion_row(place: int, given: dict[str, Any]) -> dict[str, Any]:
    name, meaning, critical = st.columns([3, 6, 2], vertical_alignment="bottom")
    return {
        "name": name.text_input(f"Criterion {place + 1}", given.get("name", "")),
        "meaning": meaning.text_input(f"What {place + 1} asks, in a sentence", given.get("meaning", "")),
        "critical": critical.checkbox(f"{place + 1} is critical", given.get("critical", False)),
    }
