"""Measure on the project's own records how much personal data is found: people read some of them and say what is wrong or missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from core.errors import Invalid, NotFound
from core.privacy.coverage import Reading, coverage
from core.store import personal_data as personal_rows
from core.store.connection import Row, new_id
from core.workflows.personal_data import checked_kind
from core.workflows.workspace import Workspace, checked_person, project_named

# Read in about ten minutes.
SAMPLED = 40


def sampled_records(workspace: Workspace, project: str) -> list[dict[str, Any]]:
    """The sample in its order: record, title, text, is_read, and spans, the places that were found in it."""
    row = project_named(workspace, project)
    found = personal_rows.sample(workspace.store, row["id"], SAMPLED)
    return [one | {"title": one["title"] or one["external_id"]} for one in found]


def found_in(workspace: Workspace, project: str, record: str) -> list[Row]:
    """The places in one record's text as it reads now, in order."""
    return personal_rows.spans_of(workspace.store, project_named(workspace, project)["id"], record)


def read_record(
    workspace: Workspace,
    project: str,
    record: str,
    *,
    wrong: Sequence[int],
    missed: Sequence[Mapping[str, str]],
    by: str,
) -> None:
    """Store what a person says of a sampled record. Every place that is not called wrong is right.

    wrong: the first characters of places that are no personal data. missed: text and type of each that was not found; every
    place of that text in the record counts once. Raises NotFound, Invalid where a text does not stand in the record.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    sampled = next(
        (one for one in personal_rows.sample(workspace.store, row["id"], SAMPLED) if one["id"] == record), None
    )
    if sampled is None:
        raise NotFound(f"The record {record!r} is not in the sample.", remedy="Take one that the sample names.")
    marks = [
        {"type": span["type"], "start": span["start_char"], "reading": Reading.WRONG if span["start_char"] in wrong else Reading.RIGHT}
        for span in personal_rows.spans_of(workspace.store, row["id"], record)
    ]  # fmt: skip
    for one in missed:
        start = sampled["text"].find(one["text"].strip()) if one["text"].strip() else -1
        if start < 0:
            raise Invalid(
                f"{one['text'][:80]!r} does not stand in the record.", remedy="Copy the passage as it stands there."
            )
        marks.append({"type": checked_kind(one["type"]), "start": start, "reading": Reading.MISSED})
    with workspace.store.transaction() as tx:
        personal_rows.insert_reading(
            tx, new_id("pr_"), project_id=row["id"], record_id=record, text_sha256=sampled["text_sha256"], marks=marks, by=person
        )  # fmt: skip
        tx.event("read", "personal_data", record, by=person, project_id=row["id"])


def measured_coverage(workspace: Workspace, project: str) -> dict[str, Any]:
    """n_read records, of n_sampled; and of everything, then of each kind, recall and precision with their intervals."""
    row = project_named(workspace, project)
    readings = personal_rows.readings(workspace.store, row["id"])
    told = coverage(mark for reading in readings for mark in reading["marks"])
    return {
        "n_read": len(readings),
        "n_sampled": len(personal_rows.sample(workspace.store, row["id"], SAMPLED)),
        "coverage": [asdict(one) for one in told] if readings else [],
    }
