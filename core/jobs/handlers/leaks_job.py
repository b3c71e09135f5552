"""Looks in a frozen version for held-out examples, or texts of a named file, that stand in the training text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.curate.encoder import MiniLMEncoder
from core.curate.leaks import LeakText, find_leaks
from core.curate.versions import read_version
from core.errors import Invalid
from core.jobs.context import JobContext
from core.nouns import Example, Goal, Split
from core.records.sandbox import FileToParse, RefusedFile, parse_files
from core.records.text import record_text

# So many are told; more would be a version to freeze anew, not a list to read.
MOST_TOLD = 500


def run(context: JobContext) -> dict[str, Any]:
    """Compare train with the held-out splits, or with the file of the settings. Raises Invalid for a file without texts."""
    settings = context.settings
    frozen = read_version(Path(settings["version_folder"]), expected_sha256=settings["content_sha256"])
    trained = [_of_example(e, Split.TRAIN) for e in frozen.examples[Split.TRAIN]]
    against = settings["against"]
    if against:
        held, refused = _of_file(context, against)
    else:
        held = [_of_example(e, split) for split in (Split.VALIDATION, Split.TEST) for e in frozen.examples[split]]
        refused = []
    texts = [one.text for one in (*trained, *held)]
    context.report(phase="Embedding", done=0, total=len(texts))
    vectors = MiniLMEncoder().encode(texts, lambda n: context.report(phase="Embedding", done=n, total=len(texts)))
    total = len(texts)
    leaks = find_leaks(trained, held, vectors, lambda n: context.report(phase="Comparing", done=n, total=total))
    return {
        "n_trained": len(trained),
        "n_held": len(held),
        "n_leaks": len(leaks),
        "n_held_that_leak": len({(leak["held_in"], leak["held"]) for leak in leaks}),
        "leaks": leaks[:MOST_TOLD],
        "refused": refused,
    }


def _of_example(example: Example, split: Split) -> LeakText:
    text = "\n\n".join(m["content"] for m in example.messages if m["role"] != "system")
    return LeakText(split.value, example.external_id, example.title, text)


def _of_file(context: JobContext, against: dict[str, Any]) -> tuple[Sequence[LeakText], list[str]]:
    """The texts of a file, and in words what of it could not be read."""
    settings = context.settings
    texts: list[LeakText] = []
    refused: list[str] = []
    outcomes = parse_files(
        [FileToParse(Path(against["path"]), against["name"])],
        Goal(settings["goal"]),
        memory_mb=settings["memory_mb"],
        seconds_per_file=settings["seconds_per_file"],
    )
    for _, outcome in outcomes:
        if isinstance(outcome, RefusedFile):
            refused.append(f"{outcome.name}: {outcome.reason}")
            continue
        refused += [f"{outcome.name}, row {row.row}: {row.reason}" for row in outcome.rejected]
        texts += [
            LeakText(outcome.name, r.external_id, r.title, record_text(r.kind, r.title, r.content))
            for r in outcome.records
        ]
    if not texts:
        raise Invalid(
            f"{against['name']} holds no text to compare with. {' '.join(refused[:3])}".strip(),
            remedy="Name a file that could be imported.",
        )
    return texts, refused[:MOST_TOLD]
