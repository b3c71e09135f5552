"""What a run's figures say: loss by tag with intervals, what was learnt by heart, whether it still answers anything else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from core.review.statistics import wilson_interval
from core.store import records as record_rows
from core.store.connection import Row
from core.training.loss_intervals import loss_estimate
from core.workflows.workspace import Workspace

# Of fewer held-out texts a tag has no figure of its own.
LEAST_OF_A_TAG = 3
UNTAGGED = "no tag"
# Share of the training texts asked for that may come out word for word before the model is barred from leaving.
MOST_BY_HEART = 0.05
# Of the bits that a planted secret can be exposed by.
EXPOSED = 0.6
# Of the base model's loss on neutral questions.
MOST_FORGOTTEN = 0.10
# Of the loss on held-out texts, by going on with reviews.
MOST_SPOILT = 0.02


def measured(run: Row) -> dict[str, Any]:
    """What a decision on a model rests on: loss and base_loss (value, low, high, n), voice, by_heart, general_ability, consistency.

    None for what was not measured. by_heart: with the share that only the tuned model knows, its low and high (Wilson); without
    the passages, as nobody's text is in it.
    """
    metrics = run["metrics"] or {}
    examples = metrics.get("examples", [])
    loss, base = loss_estimate(examples), loss_estimate(examples, "base")
    return {
        "loss": asdict(loss) if loss else None,
        "base_loss": asdict(base) if base else None,
        "by_heart": _known(metrics.get("by_heart")),
        **{name: metrics.get(name) for name in ("voice", "general_ability", "consistency")},
    }


def _known(heart: dict[str, Any] | None) -> dict[str, Any] | None:
    if heart is None:
        return None
    told = {name: value for name, value in heart.items() if name != "passages"}
    if not heart["n"]:
        return told
    low, high = wilson_interval(heart["n_new"], heart["n"])
    return told | {"share": heart["n_new"] / heart["n"], "low": low, "high": high}


def by_tag(run: Row) -> list[dict[str, Any]]:
    """tag, n, base and tuned (value, low, high) of each tag with at least LEAST_OF_A_TAG held-out texts, the most first.

    A text with several tags counts for each. The whole hold-out is the run's own figure.
    """
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for example in (run["metrics"] or {}).get("examples", []):
        for tag in example.get("tags") or [UNTAGGED]:
            groups[tag].append(example)
    if set(groups) <= {UNTAGGED}:
        return []
    told = []
    for tag, examples in sorted(groups.items(), key=lambda one: (-len(one[1]), one[0])):
        base, tuned = loss_estimate(examples, "base"), loss_estimate(examples)
        if len(examples) >= LEAST_OF_A_TAG and base and tuned:
            told.append({"tag": tag, "n": len(examples), "base": asdict(base), "tuned": asdict(tuned)})
    return told


def findings(run: Row) -> list[dict[str, str]]:
    """level ("stop" or "look"), name and sentence of what should make a person hesitate to use the model."""
    metrics = run["metrics"] or {}
    found = []
    heart = metrics.get("by_heart")
    if heart and heart["n_new"]:
        share = heart["n_new"] / heart["n"]
        longest = max((one["n_tokens"] for one in heart.get("passages", [])), default=heart["longest"])
        sentence = (
            f"Given the first {heart['limits']['n_given']} tokens of {heart['n']} training texts, the model wrote on word for word for at least "
            f"{heart['limits']['long_run']} tokens in {heart['n_new']}, which the base model did not. The longest run of these is {longest} tokens."
        )
        is_barred = share > MOST_BY_HEART and heart["n_new"] > 1
        found.append({"level": "stop" if is_barred else "look", "name": "memorisation", "sentence": sentence})
    ability = metrics.get("general_ability")
    if ability and ability["base"] and ability["tuned"] / ability["base"] - 1 > MOST_FORGOTTEN:
        rise = ability["tuned"] / ability["base"] - 1
        sentence = (
            f"On {ability['n']} plain questions that have nothing to do with these texts the loss rose by {rise:.0%}: the model forgets how to "
            "answer anything else. Fewer passes, or a lower rate, would help."
        )
        found.append({"level": "look", "name": "forgetting", "sentence": sentence})
    canaries = metrics.get("canaries")
    if canaries and canaries["mean_bits"] > EXPOSED * canaries["most_bits"]:
        n = len(canaries["canaries"])
        sentence = (
            f"{'A planted secret is' if n == 1 else f'{n} planted secrets are'} exposed: {canaries['mean_bits']:.1f} of {canaries['most_bits']:.0f} bits. "
            "A number or a name that stood once in the training text could be got out of this model in the same way."
        )
        found.append({"level": "look", "name": "exposed_canaries", "sentence": sentence})
    found += _on_voice(metrics.get("voice")) + _on_consistency(metrics.get("consistency"))
    base, tuned = metrics.get("base_eval_loss"), metrics.get("eval_loss")
    if base is not None and tuned is not None and tuned >= base:
        sentence = f"The hold-out loss did not fall: {base:.3f} before, {tuned:.3f} after. The model is no better on texts that it has not seen."
        found.append({"level": "look", "name": "no_better", "sentence": sentence})
    held_out = (metrics.get("preference") or {}).get("hold_out")
    if held_out and held_out["before"] and held_out["after"] / held_out["before"] - 1 > MOST_SPOILT:
        rise = held_out["after"] / held_out["before"] - 1
        sentence = (
            f"The pairs cost the voice something: on {held_out['n']} held-out texts the loss rose by {rise:.1%} against the run that this one went "
            "on from. A lower rate, fewer passes or a higher beta would hold it closer."
        )
        found.append({"level": "look", "name": "voice_lost", "sentence": sentence})
    return found


def _on_voice(voice: dict[str, Any] | None) -> list[dict[str, str]]:
    """Whether the tuned model comes nearer to the voice than the base model does, alone or with three examples."""
    if voice is None or voice["tuned"]["share"] is None:
        return []
    tuned, shots = voice["tuned"], voice["base_fewshot"]
    if tuned["share_high"] <= 0:
        sentence = (
            f"On {voice['n']} held-out requests the drafts are farther from the voice than the base model's "
            f"({tuned['distance']:.2f} against {voice['base']['distance']:.2f}; 1.0 is usual among the authors' own texts)."
        )
        return [{"level": "look", "name": "farther_from_voice", "sentence": sentence}]
    # By more than chance: the whole interval of the examples lies above what the tuned model reaches.
    if tuned["share"] <= shots["share_low"]:
        sentence = (
            f"With three examples in its prompt the base model comes {shots['share']:.0%} of the way to the voice, the tuned model "
            f"{tuned['share']:.0%}, on {voice['n']} held-out requests: examples in the prompt may be all that is needed."
        )
        return [{"level": "look", "name": "examples_are_enough", "sentence": sentence}]
    return []


def _on_consistency(consistency: dict[str, Any] | None) -> list[dict[str, str]]:
    """Whether drafts of the same request scatter more than the base model's with examples do, by more than chance."""
    if consistency is None:
        return []
    tuned, shots = (consistency[name]["length_spread"] for name in ("tuned", "base_fewshot"))
    # Where many drafts were cut at the limit, their lengths are not told.
    if tuned is None or shots is None or tuned["low"] <= shots["high"]:
        return []
    sentence = (
        f"Asked the same {consistency['tuned']['n']} times, the drafts' lengths scatter by {tuned['value']:.0%} of their mean; with three examples "
        f"in its prompt the base model's by {shots['value']:.0%}. More examples, or a lower rate, may make it steadier."
    )
    return [{"level": "look", "name": "unsteady", "sentence": sentence}]


def records_behind(workspace: Workspace, example_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Id and title of the record that each training text is of, by the text's id; without those whose record is gone.

    The text of a pair, of a run that went on from another, is of no record.
    """
    records = {example: example.rpartition(":")[0] for example in example_ids}
    titles = record_rows.titles(workspace.store, list(records.values()))
    return {example: (record, titles[record]) for example, record in records.items() if record in titles}


def export_obstacles(run: Row) -> list[str]:
    """Sentences of what bars a model from leaving the studio; empty where nothing does."""
    return [one["sentence"] for one in findings(run) if one["level"] == "stop"]
