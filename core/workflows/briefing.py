"""Briefs of a project: read from a file, typed, or taken from what a version holds out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from core.errors import Conflict, Invalid
from core.nouns import Example, Goal, RejectedRow, Split, Use
from core.records.encoding import decode
from core.review import brief_templates
from core.review.brief_templates import TEMPLATES, BriefTemplate
from core.review.briefs import BriefIn, ReadBriefs, brief_from
from core.review.briefs import read_briefs as read_text
from core.store import briefs as brief_rows
from core.store.connection import Row, Transaction, new_id
from core.workflows.freezing import read_frozen
from core.workflows.gates import records_that_forbid
from core.workflows.workspace import Workspace, checked_person, project_named

MAX_FILE_MB = 16


@dataclass(frozen=True, slots=True)
class ImportedBriefs:
    """ids: of the briefs that are stored now, in order; those that were there before included. refused: rows that did not get in."""

    ids: list[str]
    refused: list[RejectedRow]


def read_briefs(content: bytes | str, *, name: str = "The file") -> ReadBriefs:
    """Briefs from JSON Lines or CSV. Raises Invalid or UnreadableFile where there is none to read; rows that are none are listed."""
    if len(content) > MAX_FILE_MB << 20:
        raise Invalid(f"{name} is larger than {MAX_FILE_MB} MB.", remedy="Briefs are short: take a smaller file.")
    return read_text(content if isinstance(content, str) else decode(content, name).text, name=name)


def add_briefs(workspace: Workspace, project: str, briefs: Sequence[BriefIn], *, by: str) -> list[str]:
    """Store briefs; the very same one twice is one. Returns their ids in order.

    Raises Conflict when an id stands for another text. One from the hold-out gets a number behind its id instead: several
    sources may each have a record called 1, and a record is cut otherwise in another version.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        ids = [_add_brief(tx, row["id"], brief, by=person) for brief in briefs]
        tx.event("added", "briefs", row["id"], by=person, project_id=row["id"], n_briefs=len(ids))
    return ids


def import_briefs(
    workspace: Workspace, project: str, content: bytes | str, *, by: str, name: str = "The file"
) -> ImportedBriefs:
    """Store the briefs of a file. Rows that are none, or whose id stands for another text, are listed; the others get in."""
    person = checked_person(by)
    row = project_named(workspace, project)
    found = read_briefs(content, name=name)
    refused, ids = list(found.refused), []
    with workspace.store.transaction() as tx:
        for number, brief in zip(found.rows, found.briefs, strict=True):
            try:
                ids.append(_add_brief(tx, row["id"], brief, by=person))
            except Conflict as error:
                refused.append(RejectedRow(number, str(error), brief.prompt[:200]))
        tx.event(
            "added", "briefs", row["id"], by=person, project_id=row["id"], n_briefs=len(ids), n_refused=len(refused)
        )
    return ImportedBriefs(ids, sorted(refused, key=lambda one: one.row))


def add_typed(workspace: Workspace, project: str, *, by: str, **said: object) -> str:
    """Store one brief under the next free name; said: its fields, named as in a file. Returns its id. Raises Invalid naming the field."""
    gaps = brief_templates.gaps_in(str(said.get("prompt") or ""))
    if gaps:
        raise Invalid(f"There is still something to fill in: {', '.join(gaps)}.", remedy="Put your own words there.")
    taken = {brief["external_id"] for brief in list_briefs(workspace, project)}
    name = next(f"brief-{n}" for n in count(len(taken) + 1) if f"brief-{n}" not in taken)
    (added,) = add_briefs(workspace, project, [brief_from({**said, "id": name})], by=by)
    return added


def briefs_from_hold_out(workspace: Workspace, project: str, version: str, *, limit: int) -> list[BriefIn]:
    """Briefs from what the version held out for the test, one a record, with the real text as the human control.

    Of a post that was cut into sections it is the first one: as long as a draft, so its length does not give it away. What may not be shown to
    reviewers today gives none.
    """
    first: dict[str, Example] = {}
    for example in read_frozen(workspace, project, version).examples[Split.TEST]:
        first.setdefault(example.record_id, example)
    barred = records_that_forbid(workspace, list(first), Use.SHOW) | records_that_forbid(
        workspace, list(first), Use.EVALUATE
    )
    return [_brief_of(example) for record, example in first.items() if record not in barred][:limit]


def list_briefs(workspace: Workspace, project: str) -> list[Row]:
    return brief_rows.briefs(workspace.store, project_named(workspace, project)["id"])


def templates_of(workspace: Workspace, project: str) -> tuple[BriefTemplate, ...]:
    """Briefs to begin with, for the goal of the project."""
    return TEMPLATES[Goal(project_named(workspace, project)["goal"])]


def _add_brief(tx: Transaction, project_id: str, brief: BriefIn, *, by: str) -> str:
    for number in count(1):
        try:
            external_id = brief.id if number == 1 else f"{brief.id}#{number}"
            return brief_rows.insert_brief(tx, new_id("b_"), brief, external_id, project_id=project_id, by=by)
        except Conflict:
            if brief.record_id is None:
                raise
    raise AssertionError("there is always another number")


def _brief_of(example: Example) -> BriefIn:
    roles = [message["role"] for message in example.messages]
    answer = roles.index("assistant")
    asked = max(place for place, role in enumerate(roles[:answer]) if role == "user")
    return BriefIn(
        example.external_id,
        example.messages[asked]["content"],
        reference=example.messages[answer]["content"],
        record_id=example.record_id,
    )
