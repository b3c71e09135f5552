"""The card of a run's model: one Markdown document, made from stored facts alone.

What was measured stands with its number and interval; what was not is said to be not measured, and nothing is claimed
beyond that. Passages that the model knows by heart do not stand here: a card travels, the texts behind it may not.
The facts are gathered by core/workflows/model_card.py.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from core.markdown import Escape, bullets, escaped, table
from core.outgoing.isolation import Isolation, network_words
from core.training.energy import ASSUMED_WATTS_PER_CORE, WITHOUT_GPU
from core.training.model_card_quality import quality_section

Facts = Mapping[str, Any]
SOURCE_COLUMNS = ("name", "n_records", "owner", "basis", "purpose", "uses", "expires_on", "licence")
DONE = {"approve": "Approved", "retire": "Retired", "undo": "Took the last decision back"}
NEVER_MEASURED = (
    "Whether what it writes is true, fair or harmless, and how it does on texts of another kind than those above: the studio has no "
    "measure of that."
)


def card_text(facts: Facts, *, escape: Escape = escaped, depth: int = 1) -> str:
    """The document. escape: what makes words from outside plain where it is shown. depth: of its first heading, from 1."""
    sections: tuple[tuple[str, Callable[[Facts, Escape], str]], ...] = (
        ("What it is", _identity),
        ("What it was trained on", _data),
        ("How it was trained", _training),
        ("How good it is", quality_section),
        ("What people decided", _decisions),
        ("What is not known", _limits),
        ("To make it again", _again),
    )
    parts = [
        f"{'#' * depth} {escape(facts['run']['name'])}",
        f"Model card, written on {_day(facts['written_at'])} from the records of the studio.",
    ]
    for title, section in sections:
        parts += [f"{'#' * (depth + 1)} {title}", section(facts, escape)]
    return "\n\n".join(parts) + "\n"


def not_measured(facts: Facts) -> list[str]:
    """Sentences of what nobody knows of the model, because it was not measured or not noted."""
    quality, training = facts["quality"], facts["training"]
    heart, ability = quality["by_heart"], quality["plain_questions"]
    missing = {
        "The loss on texts that it has not seen was not measured.": quality["hold_out"] is None,
        "The loss by tag was not measured: no tag stands on three held-out texts.": not quality["by_tag"],
        "How near its drafts come to the authors' voice was not measured.": quality["voice"] is None,
        "How alike its drafts are when the same is asked again was not measured.": quality["consistency"] is None,
        "Whether it forgot how to answer anything else was not measured.": not ability or ability["base"] is None,
        "What it knows by heart was not measured.": heart is None,
        "What it knows by heart is not known: no training text is long enough to ask for the rest of it.": bool(
            heart and not heart["n"]
        ),
        "Whether a secret that stood once in the texts could be got out of it was not measured: none was planted.": quality[
            "canaries"
        ]
        is None,
        "No draft of it was reviewed: how often a person would publish what it writes is not known.": quality["reviews"]
        is None,
        "The licence of its base model is not known here.": facts["base"]["licence"] is None,
        "Which settings were not the preset's was not noted when it started.": training["differs"] is None,
        "The machine and the libraries were not noted.": not training["machine"] or not training["libraries"],
        "The energy was not measured.": training["energy_wh"] is None,
        "How the run was kept off the network was not recorded.": network_words(training.get("network"))
        == Isolation.NOT_RECORDED,
    }
    return [sentence for sentence, is_missing in missing.items() if is_missing] + [NEVER_MEASURED]


def _identity(facts: Facts, escape: Escape) -> str:
    base, run, version = facts["base"], facts["run"], facts["version"]
    part = f", as {escape(run['part'])}" if run["part"] else ""
    rows = [
        ("base model", f"{escape(base['name'])}, SHA-256 `{base['sha256']}`"),
        ("its licence", escape(base["licence"]) if base["licence"] else "not known here"),
        ("adapter", f"LoRA weights, SHA-256 `{facts['weights_sha256']}`"),
        ("run", f"{escape(run['name'])} (`{run['id']}`){part}, started by {escape(run['by'])}, {_day(run['started_at'])}"),
        *_went_on(facts),
        ("project", f"{escape(facts['project'])}, made for {facts['goal']}"),
        ("dataset version", f"{escape(version['name'])}, frozen by {escape(version['by'])}, {_day(version['frozen_at'])}"),
        ("its content", f"SHA-256 `{version['content_sha256']}`"),
    ]  # fmt: skip
    return table(("", ""), rows)


def _went_on(facts: Facts) -> list[tuple[str, str]]:
    told = facts.get("continues")
    if not told:
        return []
    words = f"the run `{told['run']}`, by preference pairs of reviewers' verdicts (SHA-256 `{told['pairs_sha256']}`), beta {told['beta']}"
    return [("goes on from", f"{words}; the settings below are those of the pairs")]


def _data(facts: Facts, escape: Escape) -> str:
    data, version = facts["data"], facts["version"]
    header = ("source", "records", "owner", "lawful basis", "purpose", "uses", "expires", "licence")
    sources = [[_source_cell(name, one.get(name), escape) for name in SOURCE_COLUMNS] for one in data["sources"]]
    splits = [(split, f"{one['examples']:,}", _counted(one["tokens"])) for split, one in data["splits"].items()]
    learnt = "not noted" if data["n_learnt_from"] is None else f"{data['n_learnt_from']:,}"
    parts = [
        table(header, sources),
        "The terms are those of the day on which the version was frozen. What the model learnt is bound by them: whoever hands it on "
        "hands that on with it.",
        table(("split", "examples", "tokens"), splits),
        f"The run learnt from {learnt} of the training examples.{_fell_out(data['fell_out'])}",
        f"Recipe: {escape(version['recipe'])}, seed {version['seed']}, from {version['n_records']:,} records.",
    ]
    if version["recipe_in_words"]:
        settings = [(escape(name), escape(str(words))) for name, words in version["recipe_in_words"].items()]
        parts.append(table(("recipe", ""), settings))
    if data["left_out"]:
        left_out = [(escape(reason.replace("_", " ")), f"{n:,}") for reason, n in data["left_out"].items()]
        parts.append(table(("left out because of", "records, or parts of them"), left_out))
    if data["tags"]:
        tags = [(escape(tag), f"{n:,}") for tag, n in data["tags"].items()]
        parts.append(table(("tag", "training examples"), tags))
    else:
        parts.append("No training example has a tag.")
    return "\n\n".join(parts)


def _training(facts: Facts, escape: Escape) -> str:
    told = facts["training"]
    differs = told["differs"] or {}
    settings = [
        (name.replace("_", " "), _setting(value, escape), _setting(differs[name][0], escape) if name in differs else "")
        for name, value in told["config"].items()
    ]
    preset = "the preset's, where it is another" if told["differs"] is not None else "the preset's: not noted"
    machine = ", ".join(f"{name} {value}" for name, value in told["machine"].items())
    libraries = ", ".join(f"{name} {value}" for name, value in told["libraries"].items())
    rows = [
        ("optimiser steps", _steps(told)),
        ("tokens read", _counted(told["n_train_tokens"])),
        ("answer tokens learnt, of these", _counted(told.get("n_answer_tokens"))),
        ("seconds of training", _rounded(told["seconds"])),
        ("seconds of the whole run", _rounded(told["job_seconds"])),
        ("tokens a second", _rounded(told["tokens_per_second"])),
        ("peak memory", _memory(told)),
        ("energy", _energy(told)),
        ("machine", escape(machine) or "not noted"),
        ("libraries", escape(libraries) or "not noted"),
        ("network", escape(network_words(told.get("network")))),
    ]
    return table(("", ""), rows) + "\n\n" + table(("setting", "value", preset), settings)


def _decisions(facts: Facts, escape: Escape) -> str:
    state = "a candidate" if facts["state"] == "candidate" else facts["state"]
    acts = bullets(_act(act, escape) for act in facts["acts"]) or "Nobody approved or retired it."
    return f"The model is {state} now.\n\n{acts}"


def _act(act: Facts, escape: Escape) -> str:
    parts = [f"{DONE[act['act']]} by {escape(act['by'])}, {_day(act['at'])}"]
    if act["is_taken_back"]:
        parts.append("taken back since")
    evidence = act["evidence"]
    if evidence:
        losses = (
            "no hold-out loss"
            if evidence.get("eval_loss") is None
            else f"hold-out loss {evidence['eval_loss']:.3f}, the base model's {evidence['base_eval_loss']:.3f}"
        )
        examples = f"training examples {_counted(evidence.get('n_train_examples'))}"
        told = [losses, *_known_beside(evidence), examples, f"weights `{evidence.get('weights_sha256')}`"]
        parts.append(f"known that day: {', '.join(told)}")
    return "; ".join(parts) + (f": {escape(act['reason'])}" if act["reason"] else "")


def _known_beside(evidence: Facts) -> list[str]:
    """What an approval was stored with beside the losses; older ones were stored with less."""
    told = []
    if voice := evidence.get("voice"):
        tuned = voice["tuned"]
        told.append(f"voice distance {tuned['distance']:.2f} ({tuned['low']:.2f} to {tuned['high']:.2f})")
    if (heart := evidence.get("by_heart")) and heart["n"]:
        told.append(f"{heart['n_new']} of {heart['n']} texts learnt by heart")
    return told


def _limits(facts: Facts, escape: Escape) -> str:
    return bullets(escape(sentence) for sentence in not_measured(facts))


def _again(facts: Facts, escape: Escape) -> str:
    run, project = (shlex.quote(" ".join(str(name).split())) for name in (facts["run"]["name"], facts["project"]))
    told = (
        "The bundle holds the data by value, the settings, seeds, versions and hashes. On the same processor with the same libraries and "
        "number of threads it gives the same weights, to the byte.\n\n"
        f"```sh\nproofroom runs bundle {run} --project {project} --to bundle.zip\n"
        f"proofroom train --bundle bundle.zip --project {project} --wait\n```"
    )
    if facts.get("continues"):
        earlier = facts["continues"]["run"]
        return (
            "A bundle does not hold the pairs that it learnt from. In this studio, with the run that it went on from:\n\n"
            f"```sh\nproofroom runs continue {earlier} --project {project} --pairs-from {facts['run']['id']} --wait\n```"
        )
    again = facts["reproduction"]
    if again is None:
        return told
    if again["is_identical"]:
        how = "it came out with the same weights, to the byte"
    elif again["loss_difference"] is None:
        how = "its weights differ, and no hold-out loss says by how much it matters"
    else:
        how = f"its weights differ, and its hold-out loss by {again['loss_difference']:+.4f} nats per token (up to {again['tolerance']} counts as the same)"
    return f"{told}\n\nThis run was itself started to make {escape(again['of'])} again: {how}."


def _source_cell(name: str, value: Any, escape: Escape) -> str:
    if name == "expires_on":
        return escape(str(value)) if value else "never"
    if name == "basis":
        return escape(str(value).replace("_", " "))
    told = ", ".join(map(str, value)) if isinstance(value, list) else "not noted" if value is None else str(value)
    return escape(told)


def _fell_out(fell_out: Facts | None) -> str:
    """What the run could not use, from its own check of every example."""
    if fell_out is None:
        return " What fell out as it read them was not noted."
    counts = ", ".join(f"{n:,} of {split}" for split, n in fell_out["n"].items() if n)
    if not counts:
        return " None fell out as it read them."
    reasons = ", ".join(reason.replace("_", " ") for reason in fell_out["reasons"])
    return f" As it read them there fell out: {counts} ({reasons})."


def _setting(value: Any, escape: Escape) -> str:
    return "none" if value == "" else escape(str(value))


def _steps(told: Facts) -> str:
    steps = _counted(told["n_steps"])
    if told["best_step"] is None or told["best_step"] == told["n_steps"]:
        return steps
    why = "it stopped early, as the loss no longer fell; " if told["stopped_early"] else ""
    return f"{steps}; {why}the weights are those of step {told['best_step']:,}, where the validation loss was lowest"


def _memory(told: Facts) -> str:
    if not told["peak_memory_mb"]:
        return "not measured"
    on_device = told["device_memory_mb"]
    beside = f", and {on_device / 1024:.1f} GB of the graphics processor's" if on_device else ""
    return f"{told['peak_memory_mb'] / 1024:.1f} GB{beside}"


def _energy(told: Facts) -> str:
    if told["energy_wh"] is None:
        return "not measured"
    how = (
        "as the machine's meter says"
        if told["energy_is_measured"]
        else f"not measured: no meter could be read, so {ASSUMED_WATTS_PER_CORE:g} watts a core are assumed"
    )
    beside = f"; {WITHOUT_GPU[0].lower()}{WITHOUT_GPU[1:]}" if told["device_memory_mb"] else ""
    return f"{told['energy_wh']:.1f} Wh, {how}{beside}"


def _counted(n: int | None) -> str:
    return "not noted" if n is None else f"{n:,}"


def _rounded(value: float | None) -> str:
    return "not measured" if value is None else f"{value:,.0f}"


def _day(moment: str | None) -> str:
    """A stored time, in UTC."""
    return datetime.fromisoformat(moment).strftime("%-d %b %Y, %H:%M UTC") if moment else "on a day that was not noted"
