"""What a run was measured on: each held-out text with its loss before and after, and why nothing was written for them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from core.nouns import JobState, Split
from core.store import erasures as erasure_rows
from core.store import records as record_rows
from core.store.connection import Row
from core.workflows.training import DRAFTS, run_folder, run_named, run_preflight
from core.workflows.workspace import Workspace

ENDED = {JobState.CANCELLED: "was cancelled", JobState.LOST: "was lost", JobState.FAILED: "failed"}


def held_out_rows(workspace: Workspace, run: str) -> list[dict[str, Any]]:
    """Every text of the test split, the highest loss after training first: base, tuned and difference in nats per token.

    record_id and title: None where the record is gone. part: which of its record's it is, where several were measured, else None.
    """
    examples = (run_named(workspace, run)["metrics"] or {}).get("examples", [])
    parts = [example["example_id"].rpartition(":") for example in examples]
    titles = record_rows.titles(workspace.store, [record for record, _, _ in parts])
    n_of = Counter(record for record, _, _ in parts)
    rows = [
        {
            "record_id": record if record in titles else None,
            "title": titles.get(record),
            # As it was cut; a run keeps its texts in the order of their lengths.
            "part": int(number) + 1 if n_of[record] > 1 and number.isdigit() else None,
            "base": example["base"],
            "tuned": example["tuned"],
            "difference": example["tuned"] - example["base"],
        }
        for (record, _, number), example in zip(parts, examples, strict=True)
    ]
    return sorted(rows, key=lambda row: -row["tuned"])


def why_no_drafts(workspace: Workspace, run: Row) -> str:
    """The reason why a run has no drafts for held-out requests, as a sentence. run: one that has ended and has none."""
    if run["state"] != JobState.DONE:
        return f"Drafts are written at the end of a run; this one {ENDED[run['state']]} before that."
    if run["config"].get("n_drafts") == 0:
        return "Its settings asked for none: drafts at the end were set to 0."
    if not (run_folder(workspace, run["id"]) / DRAFTS).exists():
        if erasure_rows.marks_on(workspace.store, run["id"]):
            return "They went with the texts that this run had learnt, which were erased."
        return "This run is of a time when no drafts were kept."
    checked = run_preflight(workspace, run["id"])
    if checked and not any(checked["lengths"][split]["n"] for split in (Split.VALIDATION, Split.TEST)):
        return "Nothing was held out, so there was no request to answer."
    return "Every held-out request is about as long as the base model can read, which leaves no room for an answer."
