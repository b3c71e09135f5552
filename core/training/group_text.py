"""What a group of runs says, in words: sentences for a page, and one Markdown document that can be sent to somebody.

Made of stored figures alone; no text that was learnt from stands in it. The facts are gathered by
core/workflows/group_report.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.markdown import bullets, escaped, table

Facts = Mapping[str, Any]
UNDER_WAY = ("queued", "running")
THREE_POINTS = (
    "Three points say little. The band is of the held-out texts alone: other records in the smaller runs, or another seed, would move the "
    "points, and beyond the largest run the line is a guess, since losses flatten."
)
HOW_TO_READ = (
    "A loss is in nats per token of held-out answers: lower is better. Brackets are 95 % intervals, from drawing the held-out records anew two "
    "thousand times.",
    "Runs are compared on the texts that both were measured on. Where the interval of a difference holds 0, it may be chance.",
    "Each run was made once, with one seed: how far another seed would move a loss is not measured.",
    "Whichever run comes out best was chosen by these very texts, so on new ones it will do a little less well.",
)


def findings(facts: Facts) -> list[str]:
    """What came out, a sentence each: the best run, what choosing or more examples brought, and how much each run read and learnt."""
    runs = facts["runs"]
    n_over = sum(run["status"] not in UNDER_WAY for run in runs)
    told = []
    if n_over < len(runs):
        told.append(f"{n_over} of {len(runs)} runs have ended; nothing is said of the best until all have.")
    if facts["best"] is not None:
        told.append(_best(facts))
        if facts["kind"] == "experiment":
            told.append(_choice(runs))
    if facts["learning_curve"]:
        told += [gain_in_words(facts["learning_curve"]["gain"]), THREE_POINTS]
    return [*told, *_budget(facts)]


def run_label(run: Facts) -> str:
    """A run's name and what it is among the others."""
    return f"{run['name']}: {run['part']}" if run["part"] else str(run["name"])


def difference_in_words(difference: Facts | None) -> str:
    if difference is None:
        return ""
    told = f"{difference['value']:+.3f}"
    if difference["low"] is not None:
        told += f" ({difference['low']:+.3f} to {difference['high']:+.3f}; {difference['n']} texts)"
    return told if difference["is_apart"] else told + ", may be chance"


def estimate_in_words(estimate: Facts | None) -> str:
    """A loss with its interval."""
    if estimate is None:
        return ""
    if estimate["low"] is None:
        of = "one text" if estimate["n"] == 1 else f"{estimate['n']} texts of one record"
        return f"{estimate['value']:.3f} ({of})"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f}; {estimate['n']} texts)"


def gain_in_words(gain: Facts) -> str:
    """What a learning curve says of more examples. gain: nats per token that each doubling took off the loss."""
    between = "" if gain["low"] is None else f" ({gain['low']:.3f} to {gain['high']:.3f}; {gain['n']} held-out texts)"
    if gain["value"] <= 0:
        # Without a sign before a zero.
        value = round(gain["value"], 3) + 0.0
        return (
            f"Twice the examples did not lower the loss here: the gain of a doubling was {value:.3f} nats per token{between}. Better ones, "
            "or another rate, are worth more than more of them."
        )
    told = f"Each doubling of the examples lowered the loss by {gain['value']:.3f} nats per token{between}."
    if gain["low"] is None or gain["low"] <= 0:
        return f"{told} That may be chance."
    return f"{told} The next one will give somewhat less, as losses flatten."


def report_text(facts: Facts) -> str:
    """The document."""
    parts = [
        f"# {escaped(facts['name'])}",
        f"{escaped(facts['question'])} Runs of the project {escaped(facts['project'])}, started together by {escaped(facts['by'])}, "
        f"{_day(facts['started_at'])}; told from the records of the studio on {_day(facts['written_at'])}.",
        "## What came out",
        bullets(map(escaped, facts["findings"])) or "No run has ended yet.",
        "## The runs",
        _runs(facts["runs"]),
    ]
    if facts["learning_curve"]:
        parts += ["## With more examples", _curve(facts["learning_curve"])]
    parts += ["## How they were set", _settings(facts), "## How to read this", bullets(HOW_TO_READ)]
    return "\n\n".join(parts) + "\n"


def _best(facts: Facts) -> str:
    best = next(run for run in facts["runs"] if run["run"] == facts["best"])
    told = (
        f"Lowest hold-out loss: {run_label(best)} ({best['eval_loss']:.3f} nats per token; chosen by these very texts, so new ones "
        "will do it a little less well)."
    )
    if not facts["is_clear"]:
        told += " The held-out texts are too few, or too alike under both, to say that every other one is worse."
    return told


def _choice(runs: Sequence[Facts]) -> str:
    """What the first run, of what was chosen, gained over each of the others."""
    chosen, *others = runs
    compared = [other for other in others if other["difference"]]
    if not compared:
        return f"{chosen['part']} has no hold-out loss, so nothing is said of the choice."
    told = "; ".join(f"{other['part']} {difference_in_words(other['difference'])}" for other in compared)
    is_beaten = any(one["difference"]["value"] < 0 and one["difference"]["is_apart"] for one in compared)
    end = (
        "A choice that is beaten clearly is worth mending: the Datasets page lists what the two versions do not share, record by record."
        if is_beaten
        else "Below zero would mean that it beats the choice."
    )
    return f"Hold-out loss against {chosen['part']}, nats per token: {told}. {end}"


def _budget(facts: Facts) -> list[str]:
    """How much the runs read, and how much of it they learnt, where it was counted for all that have ended."""
    ended = [run for run in facts["runs"] if run["n_train_tokens"]]
    if not ended or not all(run["n_answer_tokens"] for run in ended):
        return []
    read, learnt = (_range([run[name] for run in ended]) for name in ("n_train_tokens", "n_answer_tokens"))
    return [f"Read by each run, over all its steps: {read} tokens; learnt: {learnt} of them, the answers'."]


def _range(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _runs(runs: Sequence[Facts]) -> str:
    header = (
        "run", "state", "version", "examples", "steps", "tokens read", "answer tokens learnt", "hold-out loss", "base model",
        "against the first",
    )  # fmt: skip
    counted = ("n_train_examples", "n_steps", "n_train_tokens", "n_answer_tokens")
    return table(
        header,
        [
            [
                escaped(run_label(run)), run["status"], escaped(run["version"]), *(_counted(run[name]) for name in counted),
                estimate_in_words(run["loss"]), estimate_in_words(run["base_loss"]), difference_in_words(run["difference"]),
            ]
            for run in runs
        ],
    )  # fmt: skip


def _curve(curve: Facts) -> str:
    rows = [(f"{one['n_examples']:,}", "measured", estimate_in_words(one["loss"])) for one in curve["measured"]]
    last = curve["line"][-1]
    rows.append((f"{last['n_examples']:,}", "a line through the others", estimate_in_words(last["loss"])))
    return table(("training examples", "", "hold-out loss, nats per token"), rows)


def _settings(facts: Facts) -> str:
    names = [escaped(run_label(run)) for run in facts["runs"]]
    rows = [
        [name.replace("_", " "), *(_setting(value) for value in values)] for name, values in facts["differs"].items()
    ]
    told = table(("differs", *names), rows) if rows else "All settings are the same."
    same = ", ".join(f"{name.replace('_', ' ')} {_setting(value)}" for name, value in facts["settings"].items())
    return f"{told}\n\nThe same in all: base model {escaped(facts['base'])}, {same}."


def _setting(value: Any) -> str:
    return "none" if value in ("", None) else escaped(str(value))


def _counted(n: int | None) -> str:
    return "" if n is None else f"{n:,}"


def _day(moment: str) -> str:
    """A stored time, in UTC."""
    return datetime.fromisoformat(moment).strftime("%-d %b %Y, %H:%M UTC")
