"""What reviews say: the systems side by side, on the same briefs, and the tuned drafts by version, time, tag and reviewer."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import results
from core.workflows.results import EditDetail
from studio.parts import charts
from studio.parts.counting import several
from studio.parts.plain import plain

CLASSES = {
    "as_is": "as is",
    "light_edit": "light edit",
    "rewritten": "rewritten",
    "critical_fail": "critical fail",
    "rejected": "rejected",
}
LABELS = {system.value: label for system, label in results.SYSTEM_LABELS.items()}
DRAFTS = {system.value: name for system, name in results.TUNED_DRAFTS.items()}
NOT_ENOUGH = "not enough reviews yet"


def show_systems(summary: dict[str, Any]) -> None:
    """Each system's rate with its interval, and what the verdicts were where there are enough of them."""
    known = [{"label": LABELS[name], **rate} for name, rate in summary["systems"].items() if rate["is_enough"]]
    shares_briefs = any(s["n_briefs"] < s["n"] for s in summary["systems"].values())
    rows = [
        {"written by": LABELS[key], "pass": _rate(s), "drafts": s["n"]}
        | ({"briefs": s["n_briefs"]} if shares_briefs else {})
        # Of few verdicts, the classes by system would tell whoever still reviews which draft below was whose.
        | {
            label: f"{s['classes'].get(kind, 0):,}" if s["is_enough"] else ""
            for kind, label in CLASSES.items()
            if known
        }
        for key, s in summary["systems"].items()
    ]
    st.dataframe(rows, hide_index=True)
    if known:
        st.altair_chart(charts.pass_rates(known))
    in_brackets = (
        "In brackets: the range in which the true share lies with 95% certainty, for one look (Wilson interval). "
        if known
        else ""
    )
    if known and shares_briefs:
        in_brackets += "Several drafts of one brief pass and fail together, so the range is as wide as for the independent drafts that they are worth. "
    st.caption(
        f"The base model is the one before training. {summary['limit_in_words']} "
        f"Rejected drafts count as not passed. {in_brackets}Classes are shown from 20 verdicts on. Waiting for a verdict: {summary['n_open']:,}."
    )


def show_compared(summary: dict[str, Any]) -> None:
    """Two systems at a time on the same briefs; nothing where these are too few."""
    compared = [found for found in summary["compared"] if found["is_enough"]]
    if not compared:
        return
    st.subheader("On the same briefs")
    st.dataframe(
        [
            {
                "system": LABELS[found["system"]],
                "against": LABELS[found["against"]],
                "briefs": found["n"],
                "the first alone passed": found["ours"],
                "the second alone passed": found["theirs"],
                "difference in points": f"{100 * found['difference']:+.0f} ({100 * found['low']:+.0f} to {100 * found['high']:+.0f})",
                "by chance": f"{_probability(found['p_value'])} ({_probability(found['any_time_p_value'])})",
            }
            for found in compared
        ],
        hide_index=True,
    )
    st.caption(
        "A brief is as hard for one as for the other, so this says more than the rates above. In brackets the 95 % interval (Newcombe, for pairs); "
        "*by chance*: how often so uneven a split would come about if both passed equally often (McNemar's test, exact); in brackets "
        "the same for whoever looks again after every draft and stops when it pleases."
    )


def show_groups(summary: dict[str, Any]) -> None:
    """Tuned drafts by version, over time, by tag; and each reviewer's load. In tabs, those that have something to say."""
    drafts = DRAFTS[summary["system"]]
    groups = {
        "Over time": ("when", summary["periods"], "By the time of the verdict; days are those of UTC."),
        "By dataset version": (
            "version",
            summary["versions"],
            f"{drafts.capitalize()} of every run, by what it learnt from.",
        ),
        "By tag": ("tag", summary["tags"], "By the tags of the text that a brief was taken from."),
    }
    shown = {title: group for title, group in groups.items() if any(rate["is_enough"] for rate in group[1])}
    if not shown and not summary["reviewers"]:
        return
    st.subheader(f"{drafts.capitalize()} in parts" if shown else "Who reviewed")
    for tab, title in zip(st.tabs([*shown, "By reviewer"]), [*shown, ""], strict=True):
        with tab:
            if title:
                _group(*shown[title])
            else:
                _reviewers(summary["reviewers"], drafts)


def show_repeats(repeats: dict[str, Any]) -> None:
    """What reviewers said of the same draft a second time; nothing before the first came back."""
    if repeats["together"] is None:
        return
    st.subheader("The same draft again")
    told = [one for one in repeats["reviewers"] if one["is_enough"]]
    everybody = [repeats["together"]] if repeats["together"]["is_enough"] and len(repeats["reviewers"]) > 1 else []
    few = [one for one in repeats["reviewers"] if not one["is_enough"]]
    st.dataframe(
        [
            {
                "reviewer": one["reviewer"] or "all together",
                "judged twice": one["n"],
                "same decision": f"{one['same']['share']:.0%} ({one['same']['low']:.0%} to {one['same']['high']:.0%})",
                "Cohen's kappa": _measured(one["kappa"], "{:.2f}") if one["kappa"] else "one decision throughout",
                "edits differ by": _measured(one["spread"], "{:.1%}")
                if one["spread"] and one["n_signed_off"] >= results.MIN_REVIEWS
                else NOT_ENOUGH,
            }
            for one in [*everybody, *told]
        ]
        + [{"reviewer": one["reviewer"], "judged twice": one["n"], "same decision": NOT_ENOUGH} for one in few],
        hide_index=True,
    )
    st.caption(
        "Drafts that came back, unmarked and in their first words, to who had judged them; the second verdict counts in no rate. In brackets the "
        "95% interval. Kappa leaves out what chance alone would bring: 1 is full agreement, 0 is none. *Edits differ by*: the share of words "
        "edited, of drafts signed off both times, on average."
    )


def show_rules(rules: list[dict[str, Any]]) -> None:
    """Which share of each system's drafts keeps each rule of the brand guide; nothing where none was checked."""
    told = [one for one in rules if one["systems"]]
    if not told:
        return
    systems = [name for name in LABELS if any(name in one["systems"] for one in told)]
    st.subheader("The brand guide")
    st.dataframe(
        [
            {"rule": one["rule"], "level": one["level"]}
            | {LABELS[name]: _rate(one["systems"][name]) for name in systems}
            for one in told
        ],
        hide_index=True,
    )
    st.caption("Drafts that keep a rule of the guide in force, of those that were reviewed; the interval in brackets.")


def show_criteria(criteria: list[dict[str, Any]]) -> None:
    """Which share of each system's scored drafts does not fail each criterion; nothing where none was scored."""
    if not criteria:
        return
    systems = [name for name in LABELS if any(name in one["systems"] for one in criteria)]
    st.subheader("Criteria")
    st.dataframe(
        [
            {"criterion": one["criterion"], "critical": "critical" if one["critical"] else ""}
            | {LABELS[name]: _rate(one["systems"][name]) if name in one["systems"] else "" for name in systems}
            for one in criteria
        ],
        hide_index=True,
    )
    st.caption(
        "Drafts that do not fail a criterion, of those that somebody scored under it, as they came; the interval in brackets. "
        "A draft that fails a critical one does not pass, however light the edit was."
    )


def show_reasons(reasons: dict[str, int]) -> None:
    """Most frequent first."""
    st.subheader("Reasons given")
    if reasons:
        st.altair_chart(charts.counts([{"label": reason, "n": n} for reason, n in reasons.items()], unit="verdicts"))
    else:
        st.caption("None yet.")


def edit_in_words(detail: EditDetail) -> str:
    """What an edit was, in a sentence."""
    if detail.is_formatting_only:
        return "Formatting alone was changed, which does not count as an edit."
    sentence = f"{detail.n_untouched} of {several(detail.n_sentences, 'sentence')} untouched."
    if detail.changes_facts:
        out, new = ", ".join(detail.dropped) or "nothing", ", ".join(detail.added) or "nothing"
        sentence += f" Figures, dates, names and links: {out} taken out, {new} put in."
    return sentence


def _group(column: str, rates: list[dict[str, Any]], note: str) -> None:
    known = [{"label": rate["name"], **rate} for rate in rates if rate["is_enough"]]
    st.altair_chart(charts.pass_rates(known))
    few = [rate for rate in rates if not rate["is_enough"]]
    if few:
        st.dataframe([{column: rate["name"], "drafts": rate["n"], "pass": NOT_ENOUGH} for rate in few], hide_index=True)
    st.caption(note)


def _reviewers(loads: list[dict[str, Any]], drafts: str) -> None:
    st.dataframe(
        [
            {
                "reviewer": plain(load["reviewer"]),
                "verdicts": load["n"],
                "minutes": round(load["minutes"]),
                "seconds a draft": round(load["seconds"]),
                f"{drafts} pass": _rate(load["tuned"]),
                "your own texts pass": _rate(load["human"]),
            }
            for load in loads
        ],
        hide_index=True,
    )
    st.caption("Seconds: the median. How many of your own texts somebody passes shows how lenient that reviewer is.")


def _rate(rate: dict[str, Any]) -> str:
    return f"{rate['rate']:.0%} ({rate['low']:.0%} to {rate['high']:.0%})" if rate["is_enough"] else NOT_ENOUGH


def _measured(found: dict[str, Any], form: str) -> str:
    value = form.format(found["value"])
    if found["low"] is None:
        return value
    return f"{value} ({form.format(found['low'])} to {form.format(found['high'])})"


def _probability(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "under 0.001"
