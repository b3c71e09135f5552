"""Take an exported version back as a frozen version with the same content hash.

What is taken back is the content, to the letter: ids, messages, groups and splits. Its sources come with the terms
that its card states, which a person confirms; they hold no records here, but expire and forbid like any other.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from core.config import PARSE_MEMORY_MB
from core.errors import Conflict, Invalid, Refused
from core.jobs.folder import JobFolder
from core.nouns import SpecialCategory, Split, Use
from core.store import sources as source_rows
from core.store import versions as version_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.training.base_models import EMBEDDED
from core.workflows.freezing import collect_version
from core.workflows.gates import sources_that_forbid
from core.workflows.importing import checked_terms
from core.workflows.uploads import Upload, upload_path
from core.workflows.workspace import (
    Workspace,
    as_date,
    checked_name,
    checked_person,
    new_job_folder,
    project_named,
    queue_job,
)

CARD = "version.json"
SPLITS = tuple(split.value for split in Split)
# Files of an exported version by name, and what each is; what else lies in the folder is not read.
KINDS = {CARD: "card", "dropped.parquet": "left_out"} | {
    f"{split}.{form}": split for split in SPLITS for form in ("parquet", "jsonl")
}
# Terms that a card of an older program does not state.
LATER_TERMS = ("controller", "special_categories", "special_condition", "reference", "retention")
MAX_CARD_BYTES = 16 * 1024 * 1024


def read_card(workspace: Workspace, uploads: list[Upload]) -> dict[str, Any]:
    """What the card among the uploads says: name, hash, counts, sources with their terms.

    Raises Invalid where there is none, or it is not a card of a frozen version.
    """
    card_file = _files_of_version(uploads)[CARD]
    path = upload_path(workspace, card_file)
    if card_file.n_bytes > MAX_CARD_BYTES:
        raise Invalid(
            f"{card_file.path} has {card_file.n_bytes:,} bytes, which is no card.", remedy="Export the version again."
        )
    try:
        card = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{card_file.path} cannot be read: {error}.", remedy="Export the version again.") from None
    if (
        not isinstance(card, dict)
        or not isinstance(card.get("content_sha256"), str)
        or not isinstance(card.get("name"), str)
    ):
        raise Invalid(f"{card_file.path} states no name and content hash.", remedy="Export the version again.")
    if not isinstance(card.get("sources"), list) or not card["sources"]:
        raise Invalid(
            f"{card_file.path} states no sources.", remedy="A version without its sources' terms is not taken."
        )
    for source in card["sources"]:
        _terms(source)
    return card


def import_version(
    workspace: Workspace, project: str, uploads: list[Upload], *, by: str, confirmed: bool, name: str = ""
) -> dict[str, str]:
    """Queue the taking back of an exported version. Returns the ids of version and job.

    confirmed: that the terms of its sources, as the card states them, hold here. name: another than the card's.
    Raises Refused without the confirmation, or where a source has expired or does not allow training.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    card = read_card(workspace, uploads)
    wanted = checked_name(name or card["name"], "version")
    if version_rows.version_named(workspace.store, row["id"], wanted):
        raise Conflict(
            f"A version called {wanted!r} exists already.", remedy="Give the one that you import another name."
        )
    if not confirmed:
        listed = "; ".join(
            f"{one['name']}: {one['owner']}, {one['basis']}, {one['purpose']}, expires {one['expires_on'] or 'never'}, {one['licence']}"
            for one in card["sources"]
        )
        raise Refused(
            f"The version was made of sources with terms of their own: {listed}.",
            remedy="Confirm that these terms hold here.",
        )
    placed = _sources_here(workspace, row, card["sources"])
    forbidding = sources_that_forbid(placed, Use.TRAIN, utc_now().date())
    if forbidding:
        raise Refused(" ".join(forbidding), remedy="Renew the terms where the version comes from, and export it again.")
    version_id = new_id("v_")
    job_id, folder = new_job_folder(workspace)
    own_card = card | {
        "name": wanted,
        "project": row["name"],
        "imported_by": person,
        "imported_at": utc_now().isoformat() + "Z",
        "sources": [told | {"id": here["id"]} for told, here in zip(card["sources"], placed, strict=True)],
    }
    settings = {
        "files": {kind: str(upload_path(workspace, upload)) for kind, upload in _files_of_version(uploads).items()},
        "memory_mb": PARSE_MEMORY_MB,
        "base": EMBEDDED,
        "models": str(workspace.folder.models),
        "card": own_card,
    }
    facts = {"version": version_id, "name": wanted, "recipe": str(card.get("recipe", "")), "seed": _seed(card)}
    new_sources = [source for source in placed if source["is_new"]]
    with workspace.store.transaction() as tx:
        queue_job(
            tx, folder, project_id=row["id"], kind="version", settings=settings, by=person,
            facts=facts | {"new_sources": [one | {"expires_on": str(one["expires_on"] or "never")} for one in new_sources]},
        )  # fmt: skip
    workspace.supervisor.wake()
    return {"version": version_id, "job": job_id}


def collect_imported_version(
    workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]
) -> None:
    """Register the version, and its sources where this project has not got them."""
    for source in job["facts"]["new_sources"]:
        expires_on = None if source["expires_on"] == "never" else date.fromisoformat(source["expires_on"])
        source_rows.insert_source(
            tx, source["id"], project_id=job["project_id"], name=source["name"], owner=source["owner"], basis=source["basis"],
            purpose=source["purpose"], uses=source["uses"], expires_on=expires_on, licence=source["licence"], by=job["created_by"],
            **{name: source[name] for name in LATER_TERMS},
        )  # fmt: skip
        tx.event("confirmed", "source", source["id"], by=job["created_by"], project_id=job["project_id"])
    collect_version(workspace, tx, job, folder, result, action="imported")


def _files_of_version(uploads: list[Upload]) -> dict[str, Upload]:
    """The uploads by what they are. Raises Invalid where the card, or every split, is missing, or one is there twice."""
    found: dict[str, Upload] = {}
    for upload in uploads:
        name = PurePosixPath(upload.path.replace("\\", "/")).name
        if name not in KINDS:
            continue
        if name in found or any(KINDS[name] == KINDS[other] for other in found):
            raise Invalid(f"{name} is there twice, or in two forms.", remedy="Send the files of one exported version.")
        found[name] = upload
    if CARD not in found or not any(KINDS[name] in SPLITS for name in found):
        raise Invalid(
            f"{CARD} and the splits of a version are not all among the files.",
            remedy="Send the whole folder of an exported version.",
        )
    return found


def _terms(source: Any) -> dict[str, Any]:
    """The terms of a source as the card states them, an expiry that has passed included. Raises Invalid."""
    texts = ("name", "owner", "basis", "purpose", "licence")
    if not isinstance(source, dict) or not all(isinstance(source.get(name), str) for name in texts):
        raise Invalid("A source on the card lacks a name or its terms.", remedy="Export the version again.")
    uses = source.get("uses")
    if not isinstance(uses, list) or not all(isinstance(use, str) for use in uses):
        raise Invalid(f"The source {source['name']} states no uses.", remedy="Export the version again.")
    later = _later_terms(source)
    expires_on = as_date(source.get("expires_on"))
    checked = checked_terms(
        owner=source["owner"], basis=source["basis"], purpose=source["purpose"], uses=uses, expires="never",
        licence=source["licence"], today=utc_now().date(), retention=later["retention"],
    )  # fmt: skip
    return later | {
        "name": source["name"],
        "owner": checked.owner,
        "basis": checked.basis,
        "purpose": checked.purpose,
        "uses": list(checked.uses),
        "expires_on": expires_on,
        "licence": checked.licence,
        "retention": checked.retention,
    }


def _later_terms(source: dict[str, Any]) -> dict[str, Any]:
    """What a card of this program states beside, or nothing. Raises Invalid."""
    told = {name: source.get(name) or "" for name in LATER_TERMS if name != "special_categories"}
    categories = source.get("special_categories") or []
    if (
        not all(isinstance(text, str) for text in told.values())
        or not isinstance(categories, list)
        or set(map(str, categories)) - set(SpecialCategory)
    ):
        raise Invalid(f"The terms of the source {source['name']} cannot be read.", remedy="Export the version again.")
    return told | {"special_categories": categories}


def _sources_here(workspace: Workspace, project: Row, sources: list[dict[str, Any]]) -> list[Row]:
    """Each source of the card as this project knows it, with the terms of today; one that it does not know is new."""
    placed = []
    for told in sources:
        known = source_rows.source(workspace.store, str(told.get("id")))
        if known is not None and known["project_id"] == project["id"]:
            placed.append(known | {"is_new": False})
        else:
            placed.append(_terms(told) | {"id": new_id("s_"), "is_new": True})
    return placed


def _seed(card: dict[str, Any]) -> int:
    seed = card.get("seed")
    return seed if isinstance(seed, int) else 0
