"""What stands against a run before it costs time: lengths, what would fall out, the template, texts that are held out and trained on.

All but the memory is told from the examples and the model's tokenizer, without the model; the dry step on the longest
rows is in `dry_step`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import ModelMissing
from core.nouns import Dropped, Example, Split
from core.training.base_models import context_tokens
from core.training.batches import TrainingRow, optimiser_batches, tokenise_examples
from core.training.canaries import canary_examples
from core.training.chat_format import ChatFormat
from core.training.chosen_examples import answer_text, chosen_examples
from core.training.presets import TrainConfig
from core.training.shared_passages import passages, shared_share

N_BINS = 24
# Of a held-out answer; below it are turns of phrase that two texts of one author may share.
LEAK_SHARE = 0.5
LESS_MEMORY = (
    "Allow fewer tokens at a time, turn Save memory on, allow only shorter examples, or take a smaller base model."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """level: "stop" where the run must not start, "look" where a person should know. sentence: what it is, and what to do."""

    level: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Checked:
    """rows: by split, those that a run would learn from or be measured on. planted: secrets that it learns beside them.

    examples: those that the rows were made of. told: what a page shows, as JSON.
    """

    examples: dict[Split, tuple[Example, ...]]
    rows: dict[Split, list[TrainingRow]]
    planted: list[TrainingRow]
    dropped: dict[Split, list[Dropped]]
    findings: list[Finding]
    told: dict[str, Any]


def check_examples(examples: Mapping[Split, Sequence[Example]], form: ChatFormat, config: TrainConfig) -> Checked:
    """Tokenise every example as the run will, and tell what was found. Nothing is cut: what is too long falls out, by name.

    Of the training examples, those that the run learns from.
    """
    examples = dict(examples) | {Split.TRAIN: chosen_examples(examples[Split.TRAIN], config)}
    rows: dict[Split, list[TrainingRow]] = {}
    dropped: dict[Split, list[Dropped]] = {}
    for split in Split:
        rows[split], dropped[split] = tokenise_examples(
            examples[split], form, max_length_tokens=config.max_length_tokens
        )
    canaries = canary_examples(config.n_canaries, seed=config.seed)
    planted, _ = tokenise_examples(canaries, form, max_length_tokens=config.max_length_tokens)
    leaks = find_leaks(examples)
    template = template_told(examples[Split.TRAIN], rows[Split.TRAIN], form)
    findings = [
        *_on_rows(rows, dropped, config),
        *on_context([row for split in Split for row in rows[split]], form, config),
        *on_template(template, rows[Split.TRAIN]),
        *_on_leaks(leaks, examples),
    ]
    told = {
        "lengths": {split.value: lengths_told(rows[split]) for split in Split},
        "dropped": {split.value: [asdict(one) for one in dropped[split]] for split in Split},
        "n_dropped": {split.value: len(dropped[split]) for split in Split},
        "leaks": leaks,
        "n_leaks": len(leaks),
        "template": template,
        "first_batch": first_batch([*examples[Split.TRAIN], *canaries], [*rows[Split.TRAIN], *planted], form, config),
        "findings": [asdict(finding) for finding in findings],
    }
    names = {row.example_id for split in Split for row in rows[split]}
    kept = {split: tuple(one for one in examples[split] if one.id in names) for split in Split}
    return Checked(kept, rows, planted, dropped, findings, told)


def on_memory(
    peak_mb: float | None, free_mb: float | None, *, of: str = "examples", remedy: str = LESS_MEMORY
) -> list[Finding]:
    """What the trial of the longest rows says of memory. peak_mb: None where it ran out. free_mb: before it; None where nobody knows.

    of: what the rows are. remedy: what to do, as sentences.
    """
    if peak_mb is None:
        return [Finding("stop", "memory", f"The longest {of} do not fit into memory: the trial ran out. {remedy}")]
    if free_mb is None or peak_mb <= free_mb:
        return []
    sentence = (
        f"The longest {of} took {peak_mb / 1024:.1f} GB of memory at most, and {free_mb / 1024:.1f} GB were free: a run may "
        f"break off. Close other programs. {remedy}"
    )
    return [Finding("look", "memory", sentence)]


def lengths_told(rows: Sequence[TrainingRow]) -> dict[str, Any]:
    """n, tokens, trained_tokens, median, longest, and a histogram: the upper edge of each bin, and how many rows are in it."""
    sizes = sorted(row.n_tokens for row in rows)
    if not sizes:
        return {"n": 0, "n_tokens": 0, "n_trained_tokens": 0, "median": 0, "longest": 0, "edges": [], "counts": []}
    width = -(-sizes[-1] // N_BINS)
    edges = [width * (i + 1) for i in range(-(-sizes[-1] // width))]
    counts = [0] * len(edges)
    for size in sizes:
        counts[(size - 1) // width] += 1
    return {
        "n": len(sizes),
        "n_tokens": sum(sizes),
        "n_trained_tokens": sum(row.n_target_tokens for row in rows),
        "median": sizes[len(sizes) // 2],
        "longest": sizes[-1],
        "edges": edges,
        "counts": counts,
    }


def template_told(examples: Sequence[Example], rows: Sequence[TrainingRow], form: ChatFormat) -> dict[str, Any]:
    """What the base model's template makes of the first example: the text before the answer, and the token that ends it.

    ends_with: empty where no token after the answer is learnt, so that a draft would not know when to stop.
    """
    fitting = {row.example_id: row for row in rows}
    first = next((example for example in examples if example.id in fitting), None)
    if first is None:
        return {"before_answer": "", "ends_with": "", "n_control_tokens": len(form.control_tokens)}
    before = form.render(first.messages[:-1], for_answer=True)
    last = next((label for label in reversed(fitting[first.id].labels) if label != -100), None)
    end = form.tokenizer.decode([last], skip_special_tokens=False) if last is not None else ""
    return {
        "before_answer": before[-200:],
        "ends_with": end if end in form.control_tokens else "",
        "n_control_tokens": len(form.control_tokens),
    }


def first_batch(
    examples: Sequence[Example], rows: Sequence[TrainingRow], form: ChatFormat, config: TrainConfig
) -> list[dict[str, Any]]:
    """The examples of the first step exactly as tokenised: external_id, n_tokens, and pieces, each with whether it is learnt."""
    if not rows:
        return []
    (batch,) = optimiser_batches(rows, batch_size=config.batch_size, n_steps=1, seed=config.seed)
    names = {example.id: example.external_id for example in examples}
    return pieces_told(batch, {example.id: example for example in examples}, names, form)


def pieces_told(
    rows: Sequence[TrainingRow], examples: Mapping[str, Example], names: Mapping[str, str], form: ChatFormat
) -> list[dict[str, Any]]:
    """Rows exactly as tokenised. examples, names: by the row's example_id; a name is what the row is called on a page."""
    return [
        {
            "external_id": names[row.example_id],
            "n_tokens": row.n_tokens,
            "n_trained": row.n_target_tokens,
            "pieces": [
                [piece, label != -100]
                for piece, label in zip(form.pieces(examples[row.example_id].messages), row.labels, strict=True)
            ],
        }
        for row in rows
    ]


def find_leaks(examples: Mapping[Split, Sequence[Example]]) -> list[dict[str, Any]]:
    """Held-out answers of which at least half stands in the training text, word for word: split, external_id, share.

    Quick and literal; the leak check of a version also finds what says the same in other words.
    """
    trained = passages(answer_text(example) for example in examples[Split.TRAIN])
    found = []
    for split in (Split.VALIDATION, Split.TEST):
        for example in examples[split]:
            share = shared_share(answer_text(example), trained)
            if share >= LEAK_SHARE:
                found.append({"split": split.value, "external_id": example.external_id, "share": round(share, 3)})
    return sorted(found, key=lambda leak: (-leak["share"], leak["external_id"]))


def _on_rows(
    rows: Mapping[Split, Sequence[TrainingRow]], dropped: Mapping[Split, Sequence[Dropped]], config: TrainConfig
) -> list[Finding]:
    findings = []
    if not rows[Split.TRAIN]:
        why = next((one.detail for one in dropped[Split.TRAIN]), "there is none")
        sentence = (
            f"None of the {len(dropped[Split.TRAIN]):,} training examples can be trained on. Of the first: {why}."
        )
        findings.append(Finding("stop", "no_rows", sentence + " Allow longer examples, or choose another base model."))
    if not rows[Split.TEST]:
        sentence = (
            "Nothing is held out for the test, so nobody will know whether the model got better. Freeze more records."
        )
        findings.append(Finding("look", "no_hold_out", sentence))
    for split in Split:
        findings += on_fallen_out(dropped[split], f"{split.value} example")
    n = len(rows[Split.TRAIN])
    if 0 < n < config.batch_size:
        sentence = (
            f"There are {n} training examples and {config.batch_size} in a step: each step sees some of them twice."
        )
        findings.append(
            Finding("look", "small_set", sentence + " A smaller batch size, or more examples, would be better.")
        )
    return findings


def on_fallen_out(dropped: Sequence[Dropped], noun: str) -> list[Finding]:
    """One finding for each reason why something falls out. noun: what one of them is."""
    findings = []
    for reason in sorted({one.reason for one in dropped}):
        some = [one for one in dropped if one.reason == reason]
        sentence = (
            f"{len(some):,} {noun}{' falls' if len(some) == 1 else 's fall'} out: {REASONS.get(reason, reason)} "
            f"(the first, {some[0].external_id}: {some[0].detail})."
        )
        findings.append(Finding("look", reason, sentence))
    return findings


def on_template(template: Mapping[str, Any], rows: Sequence[TrainingRow]) -> list[Finding]:
    """Where nothing that is learnt ends an answer. template: as `template_told` tells it of the rows."""
    if not rows or template["ends_with"]:
        return []
    sentence = (
        "No token after the answer is learnt: drafts may not know when to stop. Choose a base model whose template ends "
        "an answer with a token of its own."
    )
    return [Finding("look", "no_end", sentence)]


def on_context(
    rows: Sequence[TrainingRow],
    form: ChatFormat,
    config: TrainConfig,
    *,
    otherwise: str = ", or choose a base model that reads more",
) -> list[Finding]:
    """Where the run allows longer examples than the base model was made to read.

    rows: all that it would read. otherwise: what else to do, where a limit that fits is not wanted.
    """
    try:
        limit = context_tokens(form.folder)
    except ModelMissing:
        # Some models know no limit.
        return []
    if config.max_length_tokens <= limit:
        return []
    longer = sorted((row.n_tokens for row in rows if row.n_tokens > limit), reverse=True)
    allowed = f"The run allows examples of {config.max_length_tokens:,} tokens (max_length_tokens), {form.folder.name} reads {limit:,} at most."
    remedy = f"Set it to {limit:,} or less{otherwise}."
    if not longer:
        return [Finding("look", "context", f"{allowed} No example is as long. {remedy}")]
    n = f"{len(longer):,} {'example is' if len(longer) == 1 else 'examples are'}"
    return [Finding("stop", "context", f"{allowed} {n} longer than that, up to {longer[0]:,} tokens. {remedy}")]


def _on_leaks(leaks: Sequence[Mapping[str, Any]], examples: Mapping[Split, Sequence[Example]]) -> list[Finding]:
    if not leaks:
        return []
    n_held = len(examples[Split.VALIDATION]) + len(examples[Split.TEST])
    sentence = (
        f"Of {n_held:,} held-out examples {len(leaks):,} stand at least half in the training text, word for word "
        f"(the first, {leaks[0]['external_id']}: {leaks[0]['share']:.0%}). The hold-out loss will look better than it is: "
        "measure the records in Curate, so that doubles are found, and freeze again."
    )
    return [Finding("look", "leak", sentence)]


REASONS = {
    "too_many_tokens": "longer than the run allows; nothing is cut",
    "control_token": "the text holds a token that steers the model",
    "template": "the base model's chat template refuses it",
    "no_answer": "no token to learn from",
}
