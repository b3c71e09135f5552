"""See what cleaning steps do before they are turned on: counts over all records, and before and after of some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.curate.cleaning.changes import Change
from core.curate.cleaning.record import clean_record
from core.curate.cleaning.steps import STEPS, checked_steps
from core.errors import Refused
from core.jobs.folder import JobFolder
from core.nouns import RecordKind
from core.review.edits import DiffSpan
from core.store import cleaning as cleaning_rows
from core.store import records as record_rows
from core.store.connection import Row, Transaction
from core.store.records import RecordFilter
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job

# Around a change so much of the text is shown; between two changes what is longer is left out.
CONTEXT_CHARACTERS = 160
LEFT_OUT = " … "


@dataclass(frozen=True, slots=True)
class ChangedText:
    """One text of a record before and after a step. label: which text. spans: same, removed and added, in order."""

    record: str
    title: str
    label: str
    reasons: tuple[str, ...]
    spans: tuple[DiffSpan, ...]


def count_changes(workspace: Workspace, project: str, *, by: str) -> str:
    """Queue the job that tries every step on every record that was not rejected. Returns its id."""
    person = checked_person(by)
    row = project_named(workspace, project)
    n_records = record_rows.count_records(workspace.store, row["id"], RecordFilter())
    if not n_records:
        raise Refused(f"{row['name']} holds no records.", remedy="Import some writing first.")
    job_id, folder = new_job_folder(workspace)
    folder.inputs.mkdir(parents=True)
    with workspace.store.transaction() as tx:
        cleaning_rows.copy_texts_to(tx, row["id"], folder.inputs / "records.parquet")
        facts = {"fingerprint": record_rows.fingerprint(workspace.store, row["id"]), "n_records": n_records}
        queue_job(tx, folder, project_id=row["id"], kind="cleaning", settings={}, facts=facts, by=person)
    workspace.supervisor.wake()
    return job_id


def collect_counts(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    cleaning_rows.replace_counts_from(tx, job["project_id"], folder.out, fingerprint=job["facts"]["fingerprint"])


def change_counts(workspace: Workspace, project: str) -> dict[str, Any]:
    """The last count of each step: records it changes, places in them, records it had to leave whole.

    is_current: no record came, went or changed its text since; edits and decisions may have.
    """
    row = project_named(workspace, project)
    rows = cleaning_rows.counts(workspace.store, row["id"])
    mark = record_rows.fingerprint(workspace.store, row["id"]) if rows else ""
    by_step = {one["step"]: one for one in rows}
    return {
        "n_records": rows[0]["n_records"] if rows else 0,
        "counted_at": rows[0]["counted_at"] if rows else None,
        "is_current": bool(rows) and rows[0]["fingerprint"] == mark,
        "steps": {
            name: {key: by_step[name][key] for key in ("n_changed", "n_places", "n_left_whole")}
            for name in STEPS
            if name in by_step
        },
    }


def changed_texts(
    workspace: Workspace, project: str, step: str, *, limit: int = 5, offset: int = 0
) -> list[ChangedText]:
    """Before and after of up to `limit` records that the step changed when it was counted last.

    The step is run anew, on the text as it stands today; a record that it no longer changes is left out.
    """
    (name,) = checked_steps([step])
    row = project_named(workspace, project)
    counted = {one["step"]: one for one in cleaning_rows.counts(workspace.store, row["id"])}
    if name not in counted:
        return []
    common = frozenset(cleaning_rows.framing_lines(workspace.store, row["id"]))
    shown = []
    for identity in counted[name]["changed"][offset : offset + limit]:
        record = record_rows.record(workspace.store, row["id"], identity)
        if record is not None:
            shown += _changed(record, name, common)
    return shown


def _changed(record: Row, step: str, common: frozenset[str]) -> list[ChangedText]:
    content = record["edited_content"] or record["content"]
    cleaned = clean_record(RecordKind(record["kind"]), content, [step], common=common)
    title = record["edited_title"] or record["title"] or record["external_id"]
    return [
        ChangedText(
            record["id"], title, part.label, tuple(dict.fromkeys(change.reason for change in done.changes)),
            difference_of(done.before, done.changes),
        )
        for part in cleaned.parts
        if part.is_learnt
        for done in part.done
        if done.changes
    ]  # fmt: skip


def difference_of(before: str, changes: Sequence[Change]) -> tuple[DiffSpan, ...]:
    """The changes as a difference: what is the same far away from any change is left out."""
    spans: list[DiffSpan] = []
    at = 0
    for change in changes:
        spans.append(DiffSpan("same", _shortened(before[at : change.start], is_first=not at, is_last=False)))
        if change.start < change.end:
            spans.append(DiffSpan("removed", before[change.start : change.end]))
        if change.put:
            spans.append(DiffSpan("added", change.put))
        at = change.end
    spans.append(DiffSpan("same", _shortened(before[at:], is_first=False, is_last=True)))
    return tuple(span for span in spans if span.text)


def _shortened(text: str, *, is_first: bool, is_last: bool) -> str:
    if len(text) <= 2 * CONTEXT_CHARACTERS:
        return text
    before = "" if is_first else text[:CONTEXT_CHARACTERS]
    after = "" if is_last else text[-CONTEXT_CHARACTERS:]
    return before + LEFT_OUT + after
