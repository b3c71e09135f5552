"""Brand guide: how the team writes, in words and in rules, and a place to try them."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.workflows import guiding, rubrics
from studio.parts import frame
from studio.parts.brand_words import parted, words_table
from studio.parts.counting import several
from studio.parts.durations import day
from studio.parts.margin_notes import show_notes
from studio.parts.plain import plain
from studio.parts.rubric_view import rubric_form
from studio.parts.taking import told
from studio.running import workspace

EITHER = "either"
SPELLINGS = {EITHER: "Either", "british": "British", "american": "American"}

project = frame.page(
    "Brand guide",
    "How your team writes. Every draft is checked against it, and reviewers see the notes beside the text.",
)
name = frame.person()
state = st.session_state
found = guiding.guide_of(workspace(), project["name"])
values = guiding.guide_json(found)


def change(**parts: Any) -> bool:
    """Put the guide in force with other parts. False where it was refused, which the page then says."""
    kept = {part: values[part] for part in ("notes", "spelling", "presets", "rules")}
    with frame.said_in_words():
        guiding.set_guide(workspace(), project["name"], kept | parts, by=name, expected=values["sha256"])
        return True
    return False


def keep_notes() -> None:
    change(notes=state[f"notes_{values['sha256']}"])


def keep_spelling() -> None:
    chosen = state[f"spelling_{values['sha256']}"]
    change(spelling=None if chosen == EITHER else chosen)


def keep_presets() -> None:
    change(presets=state[f"presets_{values['sha256']}"])


def bring() -> None:
    with frame.said_in_words():
        files = [(f"{state['style_name'].strip()}/{file.name}", file.getvalue()) for file in state["style_files"] or []]
        brought = guiding.bring_from_vale(workspace(), project["name"], files, by=name)
        state["style_refused"] = [(one.file, one.reason) for one in brought.refused]
        frame.notice(f"{several(len(brought.added), 'rule')} added, {len(brought.replaced):,} replaced.")


def take_file() -> None:
    with frame.said_in_words():
        if state["guide_file"] is not None:
            guiding.set_guide_file(workspace(), project["name"], state["guide_file"].getvalue(), by=name)
            frame.notice("The guide of the file is in force.")


def remove(rule: str) -> None:
    with frame.said_in_words():
        guiding.remove_rule(workspace(), project["name"], rule, by=name)


if found.changed_at:
    st.caption(
        plain(f"{several(values['n_rules'], 'rule')}. Last changed by {found.changed_by}, {day(found.changed_at)}.")
    )
left, right = st.columns([3, 2], gap="large")
with left:
    st.text_area(
        "In words: tone, and whatever no rule can hold. Reviewers read it with the key G.",
        values["notes"], key=f"notes_{values['sha256']}", height=140,
        on_change=keep_notes,
    )  # fmt: skip
    st.segmented_control(
        "Spelling", list(SPELLINGS), default=values["spelling"] or EITHER, format_func=SPELLINGS.__getitem__, required=True,
        key=f"spelling_{values['sha256']}",
        on_change=keep_spelling,
    )  # fmt: skip
    st.pills(
        "What many guides ask for", list(guiding.PRESET_TITLES), default=values["presets"], selection_mode="multi",
        format_func=guiding.PRESET_TITLES.__getitem__, wrap=True, key=f"presets_{values['sha256']}",
        on_change=keep_presets,
    )  # fmt: skip
with right:
    st.markdown("**Try it**")
    text = st.text_area("A text to check", key="guide_try", height=200, placeholder="Paste a paragraph.")
    if text.strip():
        with frame.said_in_words():
            show_notes(text, guiding.check_text(workspace(), project["name"], text))
    else:
        st.caption("What breaks a rule shows here, as it will beside a draft.")
st.markdown("**Words**")
changed = words_table(values["rules"], key=f"words_{values['sha256']}")
if changed is not None:
    if change(rules=changed):
        st.rerun()
    # Said here and now: another run of the page would ask for the same change again.
    frame.show_notice()
_, others = parted(values["rules"])
if others:
    with st.expander(f"{several(len(others), 'rule')} brought along"):
        for rule in others:
            words, button = st.columns([8, 1])
            words.markdown(
                f"**{plain(rule['name'])}** · {rule['kind']} · {rule.get('level', 'warning')}  \n{plain(rule.get('message', ''))}"
            )
            button.button("Remove", key=f"remove_{rule['name']}", on_click=remove, args=(rule["name"],))
with st.expander("What reviewers say of a draft: reasons and criteria"):
    rubric = rubrics.rubric_json(workspace(), project["name"])
    new_rubric = rubric_form(rubric, key=f"rubric_{rubric['changed_at']}")
    if new_rubric is not None:
        with frame.said_in_words():
            rubrics.set_rubric(workspace(), project["name"], new_rubric, by=name)
            frame.notice("Reasons and criteria are in force.")
        st.rerun()
with st.expander("Bring rules along from Vale"):
    st.caption(
        "Files of a style (.yml), one rule each. What cannot be brought along is listed with the reason; the rest gets in."
    )
    st.text_input("Name of the style", "Brand", key="style_name", width=240)
    st.file_uploader("Files", type="yml", accept_multiple_files=True, key="style_files")
    st.button("Add these rules", on_click=bring, disabled=not state.get("style_files"))
    for file, reason in state.get("style_refused", []):
        st.markdown(f"**{plain(file)}**: {plain(reason)}")
with st.expander("The guide as a file"):
    st.caption(
        "YAML that reads back the same: to keep it beside your other documents, or to take it to another project."
    )
    st.download_button(
        "Download",
        told(partial(guiding.guide_file, workspace(), project["name"]), "guide", by=name, project=project["id"]),
        file_name=f"guide-{project['name']}.yml",
        icon=":material/download:",
    )
    st.file_uploader(
        "Put the guide of a file in force", type=["yml", "yaml", "json"], key="guide_file", on_change=take_file
    )
