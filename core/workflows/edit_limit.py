"""Calibrating the light-edit limit: people call real edits what they are, and the limit that serves them best is found.

Whoever labels sees the draft and the final text: no ratio, no reviewer, no system. Only edits on briefs of which no draft and no pair waits
any more are shown: what somebody else made of a draft must not be seen before one's own verdict.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.errors import Conflict, Invalid, NotEnoughReviews, NotFound
from core.nouns import EditLabel
from core.review.calibration import MIN_PAIRS, Calibration, LabelledPair, asking_order, calibrate, origin
from core.review.calibration_words import sentences
from core.review.edits import DiffSpan, word_difference
from core.store import edit_labels as label_rows
from core.store import projects as project_rows
from core.store import reviews as review_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.workflows.waiting import waiting_briefs
from core.workflows.workspace import Workspace, checked_person, project_named

__all__ = ["MIN_PAIRS"]


@dataclass(frozen=True, slots=True)
class EditToLabel:
    """An edit as it is shown. difference: spans that make up both texts."""

    edit: str
    draft: str
    final: str

    @property
    def difference(self) -> list[DiffSpan]:
        return word_difference(self.draft, self.final)


@dataclass(frozen=True, slots=True)
class Labelling:
    """current: None when nothing is left to label. n_done, n_left: by and for this person; n_left with the current one."""

    current: EditToLabel | None
    n_done: int
    n_left: int


def next_edit(workspace: Workspace, project: str, *, by: str) -> Labelling:
    """The edit that this person is to label next: the most telling one first."""
    person = checked_person(by)
    row = project_named(workspace, project)
    done = {one["review_id"] for one in label_rows.labels(workspace.store, row["id"]) if one["labelled_by"] == person}
    edits = {one["id"]: one for one in _shown(workspace, row["id"]) if one["id"] not in done}
    order = asking_order({name: one["edit_ratio"] for name, one in edits.items()}, limit=row["light_edit_limit"])
    if not order:
        return Labelling(None, len(done), 0)
    first = edits[order[0]]
    return Labelling(EditToLabel(first["id"], first["draft"], first["final"]), len(done), len(order))


def label_edit(workspace: Workspace, project: str, edit: str, label: str, *, by: str) -> None:
    """Store what a person calls an edit. Raises NotFound for one that is not shown to them, Conflict for one that they have labelled."""
    person = checked_person(by)
    if label not in list(EditLabel):
        raise Invalid(f"{label!r} is no label.", remedy=f"Choose {', '.join(EditLabel)}.")
    row = project_named(workspace, project)
    if edit not in {one["id"] for one in _shown(workspace, row["id"])}:
        raise NotFound(f"There is no edit {edit!r} for you to label.", remedy="Ask for the next one.")
    with workspace.store.transaction() as tx:
        if any(one["review_id"] == edit and one["labelled_by"] == person for one in label_rows.labels(tx, row["id"])):
            raise Conflict("You have labelled this edit already.", remedy="Take your label back first, or go on.")
        _write(tx, row, edit, label, person)


def undo_label(workspace: Workspace, project: str, *, by: str) -> str | None:
    """Take back this person's last label. Returns the edit, None when there is none."""
    person = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        last = label_rows.last_label(tx, row["id"], person)
        if last is None:
            return None
        _write(tx, row, last["review_id"], "undo", person, undoes=last["id"])
    return str(last["review_id"])


def calibration(workspace: Workspace, project: str) -> Calibration | None:
    """What the labels say of the limit in force and of the one that would serve best; None where there is no label."""
    row = project_named(workspace, project)
    labels = label_rows.labels(workspace.store, row["id"])
    pairs = _pairs(labels)
    if not pairs:
        return None
    people = {one["labelled_by"] for one in labels}
    return calibrate(pairs, limit=row["light_edit_limit"], n_people=len(people))


def calibration_json(workspace: Workspace, project: str) -> dict[str, Any]:
    """The same as plain values, with the limit in force and where it comes from."""
    row = project_named(workspace, project)
    found = calibration(workspace, project)
    return {
        "light_edit_limit": row["light_edit_limit"],
        "origin": origin(row["light_edit_limit"], row["limit_calibration"]),
        "n_pairs_needed": MIN_PAIRS,
        "calibration": asdict(found) if found else None,
        "best_limit": found.best.limit if found and found.best else None,
        "in_words": sentences(found) if found else ["No edit has a label."],
    }


def take_best_limit(workspace: Workspace, project: str, *, limit: float, by: str) -> Row:
    """Put the best limit in force; every rate is computed anew from then on.

    limit: the one that was shown. Raises NotEnoughReviews where there is none, Conflict where the labels by now say another.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    found = calibration(workspace, project)
    if found is None or found.best is None:
        raise NotEnoughReviews(
            f"No limit can be told yet. {found.why_not if found else 'No edit has a label.'}",
            remedy="Label more edits.",
        )
    if found.best.limit != limit:
        raise Conflict(
            f"The labels now say {found.best.limit:.0%}, not {limit:.0%}.", remedy="Look at them again, then take that."
        )
    with workspace.store.transaction() as tx:
        told = {"limit": limit, "n_pairs": found.n_pairs, "n_people": found.n_people, "at": tx.at.isoformat()}
        project_rows.set_setting(tx, row["id"], "light_edit_limit", limit)
        project_rows.set_limit_calibration(tx, row["id"], told)
        tx.event("calibrated", "light_edit_limit", row["id"], by=person, project_id=row["id"], old=row["light_edit_limit"],
                 new=limit, n_pairs=found.n_pairs)  # fmt: skip
    return project_named(workspace, project)


def _shown(workspace: Workspace, project_id: str) -> list[Row]:
    """Edits that may be seen: of briefs alone of which no draft and no pair waits any more, and of no text whose terms forbid showing it."""
    waiting = waiting_briefs(workspace.store, project_id)
    edits = label_rows.edited_reviews(workspace.store, project_id)
    texts = review_rows.texts_of(workspace.store, [one["id"] for one in edits], today=utc_now().date())
    barred = {review for review, text in texts.items() if text["is_own"] and text["is_barred"]}
    return [one for one in edits if one["brief_id"] not in waiting and one["id"] not in barred]


def _pairs(labels: list[Row]) -> list[LabelledPair]:
    by_edit: dict[str, list[Row]] = {}
    for one in labels:
        by_edit.setdefault(one["review_id"], []).append(one)
    return [
        LabelledPair(found[0]["edit_ratio"], tuple(EditLabel(one["label"]) for one in found))
        for found in by_edit.values()
    ]


def _write(tx: Transaction, project: Row, edit: str, label: str, by: str, *, undoes: str | None = None) -> None:
    label_rows.insert_label(
        tx, new_id("el_"), project_id=project["id"], review_id=edit, label=label, by=by, undoes=undoes
    )
    tx.event("undo" if undoes else "labelled", "edit", edit, by=by, project_id=project["id"])
