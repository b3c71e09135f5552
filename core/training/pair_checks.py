"""What stands against going on from a run before it costs time: of its pairs, and of what is held out.

As `preflight` tells it of any run, where it applies: of the version's training examples nothing is learnt here, so nothing is told
of them. What the memory says is told by a trial, once the model is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from core.nouns import Dropped, Example, PreferencePair, Split
from core.training.batches import optimiser_batches
from core.training.chat_format import ChatFormat
from core.training.preference_plan import PreferenceConfig, kept_aside
from core.training.preferences import PairRows, pair_examples, tokenise_pairs
from core.training.preflight import (
    Checked,
    Finding,
    find_leaks,
    lengths_told,
    on_context,
    on_fallen_out,
    on_template,
    pieces_told,
    template_told,
)

HELD_OUT = (Split.VALIDATION, Split.TEST)


@dataclass(frozen=True, slots=True)
class CheckedPairs:
    """learnt, aside: the pairs of which both texts fit, to learn from and to measure on; dropped: the others, with the reason.

    told: what a page shows, as JSON, in the form of a run's own check; its lengths are of the texts of the learnt pairs.
    """

    learnt: list[PairRows]
    aside: list[PairRows]
    dropped: list[Dropped]
    findings: list[Finding]
    told: dict[str, Any]


def check_pairs(
    pairs: Sequence[PreferencePair], checked: Checked, form: ChatFormat, config: PreferenceConfig
) -> CheckedPairs:
    """Tokenise the pairs as the run will, and tell what was found. checked: the version's examples, of which the held-out ones count."""
    fitting, dropped = tokenise_pairs(pairs, form, max_length_tokens=config.run.max_length_tokens)
    by_id = {row.id: row for row in fitting}
    learnt, aside = (
        [by_id[pair.id] for pair in some] for some in kept_aside([pair for pair in pairs if pair.id in by_id])
    )
    examples = {example.id: example for pair in pairs for example in pair_examples(pair)}
    texts = [row for pair in learnt for row in pair.rows]
    chosen = [examples[pair.chosen.example_id] for pair in learnt]
    held_rows = {split: checked.rows[split] for split in HELD_OUT}
    leaks = find_leaks({Split.TRAIN: chosen} | {split: checked.examples[split] for split in HELD_OUT})
    template = template_told(chosen, texts, form)
    n_held = sum(map(len, held_rows.values()))
    findings = [
        *_on_pairs(len(pairs), learnt, dropped, config),
        *_on_held_out(n_held),
        *chain.from_iterable(on_fallen_out(checked.dropped[split], f"{split.value} example") for split in HELD_OUT),
        *on_context([*texts, *chain.from_iterable(held_rows.values())], form, config.run, otherwise=""),
        *on_template(template, texts),
        *_on_leaks(leaks, n_held),
    ]
    by_split = {"pairs": dropped} | {split.value: checked.dropped[split] for split in HELD_OUT}
    told = {
        "is_of_pairs": True,
        "lengths": {"train": lengths_told(texts)} | {s.value: lengths_told(rows) for s, rows in held_rows.items()},
        "dropped": {name: [asdict(one) for one in some] for name, some in by_split.items()},
        "n_dropped": {name: len(some) for name, some in by_split.items()},
        "leaks": leaks,
        "n_leaks": len(leaks),
        "template": template,
        "first_batch": _first_pairs(learnt, examples, form, config),
        "findings": [asdict(finding) for finding in findings],
    }
    return CheckedPairs(learnt, aside, dropped, findings, told)


def _on_pairs(
    n_pairs: int, learnt: Sequence[PairRows], dropped: Sequence[Dropped], config: PreferenceConfig
) -> list[Finding]:
    findings = []
    if not learnt:
        why = f" Of the first: {dropped[0].detail}." if dropped else ""
        sentence = f"None of the {n_pairs:,} pairs can be learnt.{why} A longer limit (max_length_tokens) lets longer texts in."
        findings.append(Finding("stop", "no_pairs", sentence))
    findings += on_fallen_out(dropped, "pair")
    if 0 < len(learnt) < config.run.batch_size:
        sentence = f"There are {len(learnt)} pairs to learn from and {config.run.batch_size} in a step: each step sees some of them twice."
        findings.append(
            Finding("look", "small_set", f"{sentence} A smaller batch size, or more pairs, would be better.")
        )
    return findings


def _on_held_out(n: int) -> list[Finding]:
    if n:
        return []
    sentence = "No held-out example is left to measure, so nobody will know whether the pairs cost the voice something."
    return [Finding("look", "no_hold_out", sentence)]


def _on_leaks(leaks: Sequence[Mapping[str, Any]], n_held: int) -> list[Finding]:
    if not leaks:
        return []
    sentence = (
        f"Of {n_held:,} held-out examples {len(leaks):,} stand at least half in texts that were signed off, word for word (the first, "
        f"{leaks[0]['external_id']}: {leaks[0]['share']:.0%}). The hold-out loss will look better than it is."
    )
    return [Finding("look", "leak", sentence)]


def _first_pairs(
    learnt: Sequence[PairRows], examples: Mapping[str, Example], form: ChatFormat, config: PreferenceConfig
) -> list[dict[str, Any]]:
    """The pairs of the first step exactly as tokenised, each text that was signed off before the other one."""
    if not learnt:
        return []
    by_chosen = {pair.chosen.example_id: pair for pair in learnt}
    (batch,) = optimiser_batches(
        [pair.chosen for pair in learnt], batch_size=config.run.batch_size, n_steps=1, seed=config.run.seed
    )
    pairs = [by_chosen[row.example_id] for row in batch]
    names = {pair.chosen.example_id: f"{pair.id}, signed off" for pair in pairs}
    names |= {pair.rejected.example_id: f"{pair.id}, the other text" for pair in pairs}
    return pieces_told([row for pair in pairs for row in pair.rows], examples, names, form)
