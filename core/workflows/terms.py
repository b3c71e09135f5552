"""Terms of a source after it came in: change them with a trail of before and after, keep its consent or contract, give that back.

What a text of a term says stays out of the trail, which tells its length and hash; settings and dates are told as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from core.errors import Conflict, Invalid, NotFound, Refused
from core.nouns import AtEnd
from core.privacy.lawful import earlier, erased_on, retention_ends
from core.store import sources as source_rows
from core.store.connection import Row
from core.workflows.importing import checked_terms, keep_document, source_named, today
from core.workflows.uploads import Upload
from core.workflows.workspace import Workspace, as_date, checked_person

SETTINGS = ("basis", "special_categories", "special_condition", "uses", "retention", "expires_on", "at_end")
TEXTS = ("owner", "controller", "reference", "purpose", "licence")
# What may be changed, as people and scripts name it.
CHANGEABLE = (*TEXTS, "basis", "special_categories", "special_condition", "uses", "retention", "expires", "at_end")
LONGEST_TEXT = 500


def change_terms(workspace: Workspace, source: str, changes: Mapping[str, Any], *, by: str) -> Row:
    """Put other terms in the place of some of a source's. changes: by name, as in CHANGEABLE. Returns the source as it now stands.

    expires: a day or never; left out, what it is, or the end of a new retention where that comes first. A retention counts from the day
    on which the source came in. Raises Invalid naming the field, NotFound, Conflict for a source that was taken out, Refused where one that
    came in with a version is to be erased, or where the source would be erased today.
    """
    person = checked_person(by)
    row = source_named(workspace, source)
    if row["undone_at"] is not None:
        raise Conflict(f"{row['name']} was taken out again; its terms are those it had.")
    asked = _checked(row, changes)
    if asked["at_end"] == AtEnd.ERASE and asked["at_end"] != row["at_end"]:
        refuse_of_a_version(workspace, row)
    before = {name: row[name] for name in (*SETTINGS, *TEXTS)}
    changed = [name for name in before if before[name] != asked[name]]
    if not changed:
        return row
    _refuse_to_erase_today(row, asked)
    with workspace.store.transaction() as tx:
        source_rows.set_terms(tx, row["id"], asked)
        tx.event(
            "changed terms", "source", row["id"], by=person, project_id=row["project_id"],
            before={name: _told(row["id"], name, before[name]) for name in changed},
            after={name: _told(row["id"], name, asked[name]) for name in changed},
        )  # fmt: skip
    return source_named(workspace, source)


def add_document(workspace: Workspace, source: str, document: Upload, *, by: str) -> str:
    """Keep a consent or contract of a source beside those that it has. Returns its id."""
    person = checked_person(by)
    row = source_named(workspace, source)
    with workspace.store.transaction() as tx:
        return keep_document(tx, row, document, by=person)


def document_file(workspace: Workspace, document: str) -> tuple[Path, str, str]:
    """Where a consent or contract lies, what it is called, and the id of its project. Raises NotFound."""
    row = source_rows.document(workspace.store, document)
    if row is None:
        raise NotFound(
            f"There is no document {document!r}.", remedy="`proofroom sources show SOURCE` lists those there are."
        )
    return workspace.folder.uploads / row["sha256"], row["name"], row["project_id"]


def refuse_of_a_version(workspace: Workspace, source: Row) -> None:
    """Raises Refused where a source came in with a version: its examples do not say which source they are of."""
    if source_rows.came_with_a_version(workspace.store, source["id"]):
        raise Refused(
            f"{source['name']} came in with a version, whose examples do not say which source they are of, so it cannot be erased by itself.",
            remedy="Keep it, unused, and freeze the version anew from its own sources.",
        )


def _refuse_to_erase_today(source: Row, asked: Mapping[str, Any]) -> None:
    """Raises Refused where the terms would have the source erased in the studio's next round: a slip of the hand must not erase anything."""
    day = erased_on(asked["at_end"], asked["expires_on"])
    if day is not None and day <= today():
        raise Refused(
            f"{source['name']} would be erased today: by these terms its last day was {asked['expires_on']}, and it is erased when that has passed.",
            remedy="Choose a later day or a longer period, keep it at its end, or have an owner of the studio erase it by hand (Erase it now).",
        )


def _checked(row: Row, changes: Mapping[str, Any]) -> dict[str, Any]:
    """All terms as they would be, by column."""
    unknown = sorted(set(changes) - set(CHANGEABLE))
    if unknown:
        raise Invalid(f"A source has no term {unknown[0]!r}.", remedy=f"Terms are {', '.join(CHANGEABLE)}.")
    too_long = [name for name in TEXTS if len(str(changes.get(name, ""))) > LONGEST_TEXT]
    if too_long:
        raise Invalid(
            f"The {too_long[0]} has {len(changes[too_long[0]]):,} characters.", remedy=f"Use up to {LONGEST_TEXT}."
        )
    if "at_end" in changes and not changes["at_end"]:
        raise Invalid(
            "It is not said what becomes of the source at its end.",
            remedy=f"Choose one of {', '.join(AtEnd)}; left out, it stays what it is.",
        )
    wanted = {name: changes.get(name, row[name]) for name in CHANGEABLE if name != "expires"}
    came_in = row["created_at"].date()
    terms = checked_terms(**wanted, expires="never", today=came_in)
    return {
        "owner": terms.owner, "controller": terms.controller, "basis": terms.basis, "special_categories": list(terms.special_categories),
        "special_condition": terms.special_condition, "reference": terms.reference, "purpose": terms.purpose, "uses": list(terms.uses),
        "retention": terms.retention, "at_end": terms.at_end, "licence": terms.licence,
        "expires_on": earlier(_expiry(row, changes), retention_ends(terms.retention, came_in)),
    }  # fmt: skip


def _expiry(row: Row, changes: Mapping[str, Any]) -> date | None:
    """The expiry that is asked for; the one that there is, where none is. Raises Invalid for a day that has passed."""
    if "expires" not in changes:
        expires_on: date | None = row["expires_on"]
        return expires_on
    wanted = as_date(changes["expires"])
    if wanted is not None and wanted != row["expires_on"] and wanted < today():
        raise Invalid(f"The expiry {wanted} has passed.", remedy="Choose a day from today on, or never.")
    return wanted


def _told(source: str, name: str, value: Any) -> Any:
    """A term as the trail tells it: of a text its length and a hash, which the source's id makes one of its own."""
    if name in TEXTS:
        return {"length": len(value), "sha256": hashlib.sha256(f"{source}:{value}".encode()).hexdigest()}
    return value.isoformat() if isinstance(value, date) else value
