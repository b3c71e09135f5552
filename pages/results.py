"""Results: the sentence first, then the systems side by side, the parts, the reasons and the report."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.nouns import Role
from core.workflows import assigning, briefing, projects, results
from studio.parts import (
    frame,
    judge_view,
    lessons_view,
    notable_view,
    pairs_view,
    results_view,
    signed_off_view,
    taking,
)
from studio.parts.assignment import show_assignment, show_loads
from studio.parts.durations import day
from studio.parts.given_facts import show_given_facts
from studio.parts.plain import plain
from studio.parts.session import may
from studio.parts.text_view import show_difference
from studio.running import workspace

SHOWN = 20

project = frame.page(
    "Results", "How often a draft passes without a rewrite, from the edits that reviewers really made."
)
name = frame.person()


def show_who_reviews() -> None:
    """Here too, since the page of briefs and drafts is closed to leads."""
    if may(Role.LEAD) and briefing.list_briefs(workspace(), project["name"]):
        show_assignment(project, by=name)
        return
    found = assigning.assignments(workspace(), project["name"])
    if found.loads:
        st.subheader("Who has how many left")
        show_loads(found)


summary = results.results_json(workspace(), project["name"], only_told=True)
chosen: str | None = summary["run"]
told: str | None = None
newest, n_verdicts = results.newest_verdicts(workspace(), project["name"], limit=SHOWN)
if not newest and not summary["n_held_back"]:
    frame.empty("No draft has a verdict yet.", "A rate needs at least 20 of them; it follows from what reviewers really edit.",
                "Go to Review", "review")  # fmt: skip
    if may(Role.LEAD):
        pairs_view.make_pairs_form(project["name"], by=name)
        show_who_reviews()
    st.stop()
if len(summary["runs"]) > 1:
    chosen = st.selectbox(
        "Run", summary["runs"], width=360, help="Whose tuned drafts are counted.", bind="query-params", key="run"
    )
    summary = results.results_json(workspace(), project["name"], run=chosen, only_told=True)
if len(summary["systems_told"]) > 1:
    told = st.selectbox(
        "Whose rate is told", summary["systems_told"], summary["systems_told"].index(summary["system"]), width=360,
        format_func=results_view.LABELS.__getitem__, help="The tuned model without facts or with them: it is what the sentence, the "
        "target and the parts below are about.", bind="query-params", key="system",
    )  # fmt: skip
    if told != summary["system"]:
        summary = results.results_json(workspace(), project["name"], run=chosen, system=told, only_told=True)
st.markdown(f"### {plain(summary['headline'])}")
if summary["uneven_in_words"]:
    st.warning(plain(summary["uneven_in_words"]))
for sentence in (
    summary["outlook"],
    summary["ceiling"],
    summary["agreement_in_words"],
    summary["repeats_in_words"],
    summary["set_aside_in_words"],
    summary["not_blind_in_words"],
):
    if sentence:
        st.write(plain(sentence))


if summary["n_held_back"]:
    st.caption(plain(summary["held_back_in_words"]))


def change_limit() -> None:
    with frame.said_in_words():
        projects.set_light_edit_limit(
            workspace(), project["name"], limit=st.session_state[f"limit_{project['id']}"] / 100, by=name
        )


def change_target() -> None:
    with frame.said_in_words():
        projects.set_pass_target(
            workspace(), project["name"], target=st.session_state[f"target_{project['id']}"] / 100, by=name
        )


def change_reviewers() -> None:
    with frame.said_in_words():
        projects.set_reviewers_per_draft(
            workspace(), project["name"], n=int(st.session_state[f"reviewers_{project['id']}"]), by=name
        )


def change_repeats() -> None:
    with frame.said_in_words():
        projects.set_repeat_every(
            workspace(), project["name"], every=int(st.session_state[f"repeats_{project['id']}"]), by=name
        )


def show_settings() -> None:
    st.subheader("What counts")
    st.slider(
        "A light edit: up to this share of the words, in percent; every rate follows it",
        0, 50, round(summary["light_edit_limit"] * 100), key=f"limit_{project['id']}", on_change=change_limit,
    )  # fmt: skip
    st.caption(f"Now {summary['light_edit_limit']:.0%}: {summary['light_edit_origin']}.")
    frame.link("edit-limit", "Calibrate it on edits that your reviewers made")
    st.slider(
        "Your target: so many of a hundred drafts should pass",
        1, 99, round(summary["pass_target"] * 100), key=f"target_{project['id']}", on_change=change_target,
    )  # fmt: skip
    st.number_input(
        "So many people judge each draft; a tie is no pass", 1, projects.MOST_REVIEWERS, summary["reviewers_per_draft"], key=f"reviewers_{project['id']}",
        on_change=change_reviewers, width=320, help="A higher number brings no draft back whose brief was judged whole: it was told by then who wrote it.",
    )  # fmt: skip
    st.number_input(
        "One draft in so many comes back to who judged it; 0 for none", 0, projects.MOST_REPEAT_EVERY, summary["repeats"]["every"],
        key=f"repeats_{project['id']}", on_change=change_repeats, width=320,
        help="Unmarked, after at least 20 others. Its second verdict counts in no rate; it says how far one verdict can be trusted.",
    )  # fmt: skip


results_view.show_systems(summary)
results_view.show_compared(summary)
pairs_view.show_side_by_side(summary)
if may(Role.LEAD):
    pairs_view.make_pairs_form(project["name"], by=name)
results_view.show_groups(summary)
results_view.show_repeats(summary["repeats"])
show_who_reviews()
results_view.show_rules(summary["rules"])
results_view.show_criteria(summary["criteria"])
left, right = st.columns(2, gap="large")
with left:
    results_view.show_reasons(summary["reasons"])
with right:
    st.subheader("Report")
    with st.container(horizontal=True):
        for form, label in results.FORMS.items():
            st.download_button(
                label,
                taking.told(
                    partial(
                        results.report, workspace(), project["name"], form, run=chosen, system=told, only_told=True
                    ),
                    "report",
                    by=name,
                    project=project["id"],
                    format=form,
                ),
                file_name=f"review-{project['name']}.{form}",
                mime=results.MIME[form],
                icon=":material/download:",
            )
    if may(Role.LEAD):
        show_settings()
if may(Role.LEAD):
    judge_view.show_judge(project["name"], by=name)
    lessons_view.show_lessons(project["name"], by=name)
    signed_off_view.show_signed_off(project["name"], by=name)
notable_view.show_notable(summary["notable"])
st.subheader("Verdicts")
shown = f"The newest {len(newest)} of {n_verdicts:,}. " if n_verdicts > len(newest) else ""
st.caption(f"{shown}A verdict stands here once every draft of its brief has one, and every pair.")
for review in newest:
    writer = results_view.LABELS[review["system"]]
    verdict = f"**{review['class'].replace('_', ' ')}** · {writer} · {plain(review['brief'])}"
    with st.expander(verdict):
        show_difference(review["difference"], key=f"verdict_{review['item_id']}_{review['reviewer']}")
        st.caption(plain(results_view.edit_in_words(review["detail"])))
        show_given_facts(review["facts"])
        reasons = "; " + plain(", ".join(review["reasons"])) if review["reasons"] else ""
        st.caption(
            f"{plain(review['reviewer'])}, {day(review['reviewed_at'])}: {review['edit_ratio']:.0%} of the words edited, {review['seconds']:.0f} s{reasons}"
        )
