"""How good a model is, on its card: losses with intervals, voice, plain questions, what it knows by heart, reviews, findings.

Only what was measured stands here; the card says what was not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.markdown import Escape, bullets, table

Facts = Mapping[str, Any]


def quality_section(facts: Facts, escape: Escape) -> str:
    quality = facts["quality"]
    parts = []
    if quality["hold_out"]:
        everything = {"tag": "all held-out texts", "n": quality["hold_out"]["tuned"]["n"]} | quality["hold_out"]
        tags = [one | {"tag": f"of these: {one['tag']}"} for one in quality["by_tag"]]
        rows = [
            (escape(one["tag"]), f"{one['n']:,}", _estimate(one["base"]), _estimate(one["tuned"]), _change(one))
            for one in (everything, *tags)
        ]
        parts += [
            table(("loss on", "texts", "base model", "tuned", "change"), rows),
            "Nats per trained token on texts of the test split, which it has not seen; lower is better. In brackets the 95 % interval, "
            "from drawing these texts anew.",
        ]
    parts += [
        _voice(quality["voice"]),
        _consistency(quality["consistency"]),
        _ability(quality["plain_questions"]),
        _heart(quality["by_heart"]),
        _canaries(quality["canaries"]),
        _reviews(quality["reviews"], escape),
    ]
    if quality["findings"]:
        parts.append(
            "What should make one hesitate:\n\n" + bullets(escape(one["sentence"]) for one in quality["findings"])
        )
    told = [part for part in parts if part]
    return "\n\n".join(told) or "Nothing was measured."


def _voice(voice: Facts | None) -> str:
    if voice is None:
        return ""
    began = f"{voice['n']} held-out requests were answered, and the drafts compared with the authors' own texts by words, build and usage. "
    if voice["tuned"]["share"] is None:
        return (
            began
            + "The base model is not clearly farther from them than they are from one another, so there is no way to measure along."
        )
    return (
        f"{began}Where 0 % is the base model and 100 % the authors, the tuned model stands at {_share(voice['tuned'])}, the base model with "
        f"three examples in its prompt at {_share(voice['base_fewshot'])}.{_uniform(voice)}"
    )


def _uniform(voice: Facts) -> str:
    if voice["tuned"]["distance"] >= voice["author"]["distance"]:
        return ""
    return " Its drafts lie nearer to the middle of the authors' texts than these do themselves: they are more uniform, not better."


def _share(told: Facts) -> str:
    return f"{told['share']:.0%} ({told['share_low']:.0%} to {told['share_high']:.0%})"


def _consistency(consistency: Facts | None) -> str:
    if consistency is None:
        return ""
    n, seeds = consistency["tuned"]["n"], consistency["tuned"].get("seeds", [])
    under = f", under the seeds {seeds[0]} to {seeds[-1]}" if seeds else ""
    rows = [
        (
            label, _spread(told["voice_spread"], ".2f", "too short to tell"),
            _spread(told["length_spread"], ".0%", "too many cut at the limit"), f"{told['format_agreement']:.0%}",
        )
        for label, told in (("tuned", consistency["tuned"]), ("base with three examples", consistency["base_fewshot"]))
    ]  # fmt: skip
    return (
        f"One held-out request was asked {n} times, in five wordings{under}:\n\n"
        + table(("drafts of", "scatter of the voice", "scatter of the length", "agree in format"), rows)
        + "\n\nScatter is the standard deviation, of the length in parts of its mean, with the 95 % interval over the wordings. Of one "
        "request only."
    )


def _spread(spread: Facts | None, form: str, untold: str) -> str:
    return f"{spread['value']:{form}} ({spread['low']:{form}} to {spread['high']:{form}})" if spread else untold


def _canaries(canaries: Facts | None) -> str:
    if canaries is None:
        return ""
    return (
        f"Invented secrets planted among the examples: {canaries['n']}, of which each stands out by {canaries['mean_bits']:.1f} of "
        f"{canaries['most_bits']:.0f} bits on average (chance gives about 1.4)."
    )


def _ability(ability: Facts | None) -> str:
    if not ability or ability["base"] is None:
        return ""
    change = ability["tuned"] / ability["base"] - 1
    return (
        f"Loss on {ability['n']} plain questions that have nothing to do with these texts: {ability['tuned']:.3f}, the base model's "
        f"{ability['base']:.3f} ({change:+.1%}). A rise says that it forgets how to answer anything else."
    )


def _heart(heart: Facts | None) -> str:
    if not heart or not heart["n"]:
        return ""
    limits = heart["limits"]
    return (
        f"Known by heart: {heart['n_tuned']} of {heart['n']} training texts, by the base model {heart['n_base']}. The first "
        f"{limits['n_given']} tokens of an answer were given; it counts when {limits['long_run']} of the next {limits['n_asked']} came "
        f"out word for word, in a row. The longest run is {heart['longest']} tokens."
    )


def _reviews(reviews: Facts | None, escape: Escape) -> str:
    if reviews is None:
        return ""
    rows = [
        (
            one["label"], f"{one['n']:,}", f"{one['passed']:,}",
            f"{one['rate']:.0%} ({one['low']:.0%} to {one['high']:.0%})" if one["is_enough"] else "too few to say",
        )
        for one in reviews["systems"]
        if one["n"]
    ]  # fmt: skip
    return (
        escape(" ".join(filter(None, (reviews["headline"], reviews["uneven_in_words"]))))
        + "\n\n"
        + table(("drafts of", "reviewed", "passed", "rate, with its 95 % interval"), rows)
        + f"\n\nReviewed blind. A draft passes when it is signed off with at most {reviews['light_edit_limit']:.0%} of its words edited "
        f"({reviews['light_edit_origin']}); rejected ones count as not passed."
    )


def _estimate(estimate: Facts) -> str:
    if estimate["low"] is None:
        return f"{estimate['value']:.3f} ({'one text' if estimate['n'] == 1 else 'of one record'}: no interval)"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"


def _change(one: Facts) -> str:
    return f"{one['tuned']['value'] / one['base']['value'] - 1:+.1%}"
