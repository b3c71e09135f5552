"""What should make one hesitate, what was learnt by heart, general ability, and the loss by tag."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.workflows import held_out, run_evidence, training
from studio.parts import frame
from studio.parts.plain import plain
from studio.parts.text_view import show_text
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

SYSTEMS = {
    "tuned": "The tuned model",
    "base": "The base model",
    "base_fewshot": "The base model with three examples",
}


def show_evidence(run: dict[str, Any]) -> None:
    """Of a run that has ended; one that did not end well has measured nothing."""
    for one in run_evidence.findings(run):
        say = st.error if one["level"] == "stop" else st.warning
        say(plain(one["sentence"]), icon=":material/visibility:")
    metrics = run["metrics"] or {}
    heart = metrics.get("by_heart")
    _show_figures(metrics)
    if heart and heart["passages"]:
        say_who_reads(run["project_id"], len(heart["passages"]))
        with st.expander("What it knows by heart"):
            for place, one in enumerate(heart["passages"]):
                _link_to_text(f"{one['n_tokens']} tokens, of", one["example_id"], key=f"by_heart_{place}")
                show_text(one["passage"], key=f"by_heart_{place}")
    if metrics.get("consistency"):
        _show_consistency(metrics["consistency"])
    _show_drafts(run)
    _show_tags(run)


def _show_figures(metrics: dict[str, Any]) -> None:
    """What was asked at the end, side by side; nothing where nothing was."""
    heart, ability = metrics.get("by_heart"), metrics.get("general_ability")
    voice, canaries = metrics.get("voice"), metrics.get("canaries")
    if not (heart or ability or voice or canaries):
        return
    with st.container(horizontal=True, gap="large", key="figures_evidence"):
        if heart and heart["n"]:
            limits = heart["limits"]
            st.metric(
                "Known by heart", f"{heart['n_tuned']} of {heart['n']}", f"base model {heart['n_base']}", delta_color="off", delta_arrow="off",
                width="content",
                help=f"Training texts of which the first {limits['n_given']} tokens of the answer were given, and the first "
                f"{limits['long_run']} of the next {limits['n_asked']} came out word for word.",
            )  # fmt: skip
        if ability and ability["base"]:
            change = ability["tuned"] / ability["base"] - 1
            st.metric(
                "Plain questions", f"{ability['tuned']:.3f}", f"{change:+.1%}", delta_color="inverse", width="content",
                help=f"Loss on {ability['n']} questions that have nothing to do with these texts, against the base model. A rise says that the "
                "model forgets how to answer anything else.",
            )  # fmt: skip
        if voice:
            _voice_metric(voice)
        if canaries:
            st.metric(
                "Planted secrets", f"{canaries['mean_bits']:.1f} bits", f"of {canaries['most_bits']:.0f}", delta_color="off", delta_arrow="off",
                width="content",
                help="How far the codes that were planted among the examples stand out among others that might have stood there: chance "
                "gives about 1.4 on average; the most means that the model prefers each to every other.",
            )  # fmt: skip
    if heart and not heart["n"]:
        st.caption("No training text is long enough to ask for the rest of it.")


def _show_tags(run: dict[str, Any]) -> None:
    """The loss by tag; nothing where no tag has enough texts."""
    tags = run_evidence.by_tag(run)
    if not tags:
        return
    st.markdown("**By tag**, nats per token on held-out texts")
    st.dataframe(
        [
            {
                "tag": one["tag"],
                "texts": one["n"],
                "base model": f"{one['base']['value']:.3f}",
                "tuned": _with_interval(one["tuned"]),
                "change": f"{one['tuned']['value'] / one['base']['value'] - 1:+.1%}",
            }
            for one in tags
        ],
        hide_index=True,
    )


def _with_interval(loss: dict[str, Any]) -> str:
    between = "of one record" if loss["low"] is None else f"{loss['low']:.3f} to {loss['high']:.3f}"
    return f"{loss['value']:.3f} ({between})"


def _voice_metric(voice: dict[str, Any]) -> None:
    tuned, shots = voice["tuned"], voice["base_fewshot"]
    help_text = (
        f"Of the way from the base model to the authors' own held-out texts, by words, build and usage, on {voice['n']} requests. "
        f"Distances: authors {voice['author']['distance']:.2f}, tuned {tuned['distance']:.2f}, base model {voice['base']['distance']:.2f}, "
        f"with three examples {shots['distance']:.2f}."
    )
    if tuned["distance"] < voice["author"]["distance"]:
        help_text += (
            " The drafts lie nearer to the middle of the authors' texts than these do themselves: they are more uniform, "
            "which a small model often is, and no sign that they are better."
        )
    if tuned["share"] is None:
        st.metric(
            "Voice",
            "no way to go",
            width="content",
            help=f"The base model is not clearly farther than the authors are. {help_text}",
        )
        return
    st.metric(
        "Voice", f"{tuned['share']:.0%} of the way", f"three examples {shots['share']:.0%}", delta_color="off", delta_arrow="off",
        width="content",
        help=f"{help_text} 95 % interval: {tuned['share_low']:.0%} to {tuned['share_high']:.0%}; with three examples "
        f"{shots['share_low']:.0%} to {shots['share_high']:.0%}.",
    )  # fmt: skip


def _show_consistency(told: dict[str, Any]) -> None:
    st.markdown("**Asked the same again**: one held-out request in five wordings, five draws each")
    st.dataframe(
        [
            {
                "system": SYSTEMS[system],
                "drafts": one["n"],
                "cut at the limit": one.get("n_cut"),
                "scatter of the voice": _scatter(one["voice_spread"], "{:.2f}", "too short to tell"),
                "scatter of the length": _scatter(one["length_spread"], "{:.0%}", "too many are cut"),
                "agree in format": f"{one['format_agreement']:.0%}",
            }
            for system, one in told.items()
        ],
        hide_index=True,
    )
    st.caption(
        "Scatter: the standard deviation, of the distance to the voice and of the number of words in parts of their mean, with 95 % intervals "
        "over the wordings. Format: how many drafts are like most of them in paragraphs, lists, headings, code and emphasis; 50 % is the least. Of one request only."
    )


def _scatter(spread: dict[str, float] | None, form: str, untold: str) -> str:
    if spread is None:
        return untold
    return f"{form.format(spread['value'])} ({form.format(spread['low'])} to {form.format(spread['high'])})"


def _show_drafts(run: dict[str, Any]) -> None:
    """What each system wrote for held-out requests; read when it is unfolded."""
    folded = st.expander("Drafts for held-out requests", key=f"run_drafts_{run['id']}", on_change="rerun")
    if not folded.open:
        return
    with folded:
        requests = training.run_drafts(workspace(), run["id"])
        if not requests:
            st.caption(held_out.why_no_drafts(workspace(), run))
            return
        say_who_reads(run["project_id"], len(requests))
        place = st.selectbox(
            "Request", range(len(requests)), format_func=lambda i: requests[i]["request"].partition("\n")[0][:120],
            key=f"run_draft_{run['id']}",
        )  # fmt: skip
        entry = requests[place]
        st.caption(plain(entry["request"][:600]))
        columns = st.columns(2)
        texts = {SYSTEMS[name]: draft for name, draft in entry["drafts"].items()}
        for number, (title, draft) in enumerate([*texts.items(), ("What was really written", None)]):
            with columns[number % 2]:
                st.markdown(f"**{title}**")
                show_text(
                    entry["reference"] if draft is None else draft["text"],
                    key=f"run_draft_{run['id']}_{place}_{number}",
                )
                if draft and draft["nearest"]:
                    near = draft["nearest"]
                    st.caption(
                        plain(f"{near['n_words']} words in a row stand in a training text: “{near['passage'][:200]}”")
                    )
                    _link_to_text("They stand in", near["example_id"], key=f"near_{number}")


def _link_to_text(words: str, example_id: str, *, key: str) -> None:
    """These words and the title of a training text, as the way to its record where that is still here."""
    found = run_evidence.records_behind(workspace(), [example_id]).get(example_id)
    if found is None:
        st.caption(f"{words} a text of no record, or of one that is gone")
        return
    record, title = found
    with st.container(key=f"plain_links_{key}", gap=None):
        frame.link("curate", f"{words} {title}", record=record)
