"""Results: the sentence first, then the systems side by side, the reasons and the report."""

from __future__ import annotations

import streamlit as st

from core.workflows import projects, results
from studio.parts import charts, frame
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.parts.text_view import show_difference
from studio.running import workspace

SHOWN = 20
CLASSES = {"as_is": "as is", "light_edit": "light edit", "rewritten": "rewritten", "rejected": "rejected"}
LABELS = {system.value: label for system, label in results.SYSTEM_LABELS.items()}

project = frame.page(
    "Results", "How often a draft passes without a rewrite, from the edits that reviewers really made."
)
name = frame.person()
summary = results.results_json(workspace(), project["name"])
chosen: str | None = summary["run"]
newest, n_verdicts = results.newest_verdicts(workspace(), project["name"], limit=SHOWN)
if not newest:
    frame.empty("No draft has a verdict yet.", "A rate needs at least 20 of them; it follows from what reviewers really edit.",
                "Go to Review", "review")  # fmt: skip
    st.stop()
if len(summary["runs"]) > 1:
    chosen = st.selectbox(
        "Run", summary["runs"], width=360, help="Whose tuned drafts are counted.", bind="query-params", key="run"
    )
    summary = results.results_json(workspace(), project["name"], run=chosen)
st.markdown(f"### {plain(summary['headline'])}")


def change_limit() -> None:
    with frame.said_in_words():
        projects.set_light_edit_limit(workspace(), project["name"], limit=st.session_state["limit"] / 100, by=name)


known = [
    {"label": LABELS[k], "rate": s["rate"], "low": s["low"], "high": s["high"], "n": s["n"]}
    for k, s in summary["systems"].items()
    if s["is_enough"]
]
rows = [
    {
        "written by": LABELS[key],
        "pass": f"{s['rate']:.0%} ({s['low']:.0%} to {s['high']:.0%})" if s["is_enough"] else "not enough reviews yet",
        "drafts": s["n"],
    }
    # Of few verdicts, the classes by system would tell whoever still reviews which draft below was whose.
    | {label: f"{s['classes'].get(kind, 0):,}" if s["is_enough"] else "" for kind, label in CLASSES.items() if known}
    for key, s in summary["systems"].items()
]
st.dataframe(rows, hide_index=True)
if known:
    st.altair_chart(charts.pass_rates(known))
in_brackets = (
    "In brackets: the range in which the true share lies with 95% certainty (Wilson interval). " if known else ""
)
st.caption(
    f"The base model is the one before training. A pass is a draft signed off with at most {summary['light_edit_limit']:.0%} of its words edited; rejected drafts count as not passed. "
    f"{in_brackets}Classes are shown from 20 verdicts on. Waiting for a verdict: {summary['n_open']:,}."
)
compared = {system: found for system, found in summary["compared"].items() if found["is_enough"]}
if compared:
    st.subheader("On the same briefs")
    st.dataframe(
        [
            {
                "tuned model against": LABELS[system],
                "briefs": found["n"],
                "tuned alone passed": found["ours"],
                "the other alone passed": found["theirs"],
                "difference in points": f"{100 * found['difference']:+.0f} ({100 * found['low']:+.0f} to {100 * found['high']:+.0f})",
                "by chance": f"{found['p_value']:.3f}" if found["p_value"] >= 0.001 else "under 0.001",
            }
            for system, found in compared.items()
        ],
        hide_index=True,
    )
    st.caption(
        "A brief is as hard for one as for the other, so this says more than the rates above. In brackets the 95 % interval (Newcombe, for pairs); "
        "*by chance*: how often so uneven a split would come about if both passed equally often (McNemar's test, exact)."
    )
left, right = st.columns(2, gap="large")
with left:
    st.subheader("Reasons given")
    if summary["reasons"]:
        st.dataframe([{"reason": reason, "times": n} for reason, n in summary["reasons"].items()], hide_index=True)
    else:
        st.caption("None yet.")
with right:
    st.subheader("Report")
    with st.container(horizontal=True):
        for form, label in (("md", "Markdown"), ("html", "HTML"), ("json", "JSON")):
            st.download_button(
                label,
                results.report(workspace(), project["name"], form, run=chosen),
                file_name=f"review-{project['name']}.{form}",
                icon=":material/download:",
            )
    st.subheader("What counts as a light edit")
    st.slider(
        "Up to this share of the words, in percent; every rate follows it",
        0,
        50,
        round(summary["light_edit_limit"] * 100),
        key="limit",
        on_change=change_limit,
    )
st.subheader("Verdicts")
shown = f"The newest {len(newest)} of {n_verdicts:,}. " if n_verdicts > len(newest) else ""
st.caption(f"{shown}Who wrote a draft is told once every draft of its brief has a verdict.")
for review in newest:
    writer = LABELS[review["system"]] if review["system"] else "not told yet"
    verdict = f"**{review['class'].replace('_', ' ')}** · {writer} · {plain(review['brief'])}"
    with st.expander(verdict):
        show_difference(review["difference"], key=f"verdict_{review['item_id']}_{review['reviewer']}")
        reasons = "; " + plain(", ".join(review["reasons"])) if review["reasons"] else ""
        st.caption(
            f"{plain(review['reviewer'])}, {day(review['reviewed_at'])}: {review['edit_ratio']:.0%} of the words edited, {review['seconds']:.0f} s{reasons}"
        )
