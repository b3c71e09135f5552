"""Certificates of erasures: what was removed, what was not and why, made when everything was read back, and told again later."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from core.errors import Conflict, Invalid, NotFound
from core.privacy.certificate_words import certificate_report
from core.privacy.erasure_certificate import (
    Certificate,
    Kept,
    MarkedModel,
    Removed,
    RewrittenVersion,
    Verification,
    certificate_from,
)
from core.privacy.person import masked_value
from core.privacy.read_back import Place, ReadBack
from core.review.report import html_of
from core.review.report_pdf import pdf_of
from core.store import erasures as erasure_rows
from core.store import every_text
from core.store.connection import Row, utc_now
from core.workflows.erasure_files import target_of
from core.workflows.erasure_journal import Journal
from core.workflows.erasure_rows import IN_USE
from core.workflows.source_erasure import WHY_NUMBERS, kept_of_source
from core.workflows.workspace import Workspace, project_named

# The forms of a certificate, and what each is called and is.
FORMS = {"pdf": "PDF", "html": "HTML", "json": "JSON"}
MIME = {"pdf": "application/pdf", "html": "text/html", "json": "application/json"}

WHY_TRAIL = "The audit trail is append-only and sealed: it says who did what in the studio, by the name of their account, and never what a text says."
WHY_WEIGHTS = "What a model learnt cannot be taken out of its weights. It is not served, approved or exported until it is retired or trained anew."
WHY_BACKUPS = (
    "Files outside the data folder are not reached. Delete them, or restore each, erase again and back up anew."
)
WHY_TAKEN = "What was copied out of the studio is not reached. Tell whoever received it (Art. 19)."
WHY_ASKED = "It is only alike, or a surname alone, and nobody chose it: it may be somebody else."
WHY_LEFT = "It was left by hand, by who asked for the erasure."
WHY_UNCHANGED = "It could not be changed. Look at it by hand."
WHAT = {"remove": "files removed", "mask": "files masked"}


def certificate(workspace: Workspace, erasure: str) -> Certificate:
    """The certificate of an erasure that has ended. Raises NotFound, Conflict while it is under way."""
    row = erasure_rows.erasure(workspace.store, erasure)
    if row is None:
        raise NotFound(f"There is no erasure {erasure!r}.", remedy="`proofroom erasures list` shows them.")
    if row["certificate"] is None:
        raise Conflict("The erasure has not ended yet.", remedy="It goes on by itself; ask again.")
    return certificate_from(row["certificate"])


def certificate_document(workspace: Workspace, erasure: str, form: str) -> bytes:
    """The certificate as pdf, html or json. Raises Invalid for another form, and what `certificate` raises."""
    if form not in FORMS:
        raise Invalid(f"A certificate cannot be written as {form!r}.", remedy=f"Choose {', '.join(FORMS)}.")
    made = certificate(workspace, erasure)
    if form == "json":
        return json.dumps(made.as_json(), indent=2, ensure_ascii=False).encode()
    report = certificate_report(made)
    return pdf_of(report) if form == "pdf" else html_of(report).encode()


def certified(
    workspace: Workspace, journal: Journal, marked: list[Row], read: ReadBack, n_exports: int, documents: set[str]
) -> Certificate:
    """The certificate of an erasure of which everything was read back. marked: the runs that learnt the person. n_exports: of theirs."""
    store = workspace.store
    row = erasure_rows.erasure(store, journal.id)
    assert row is not None, "the rows were erased before"
    versions = erasure_rows.rewritten_versions(store, journal.id)
    models = tuple(MarkedModel(one["id"], one["name"], one["project"], one["version"] or "") for one in marked)
    left = [place for place in read.places if _n_left(place, journal)]
    return Certificate(
        erasure=journal.id,
        project=project_named(workspace, journal.project_id)["name"] if journal.project_id else "",
        person_macs=tuple(row["person_macs"]),
        alike_from=journal.person.alike_from,
        asked_by=journal.by,
        started_at=journal.started_at,
        ended_at=utc_now().isoformat() + "Z",
        removed=_removed(row["result"], journal, len(versions)),
        kept=(
            *(kept_of_source(workspace, journal, journal.source, [one["id"] for one in marked]) if journal.source else ()),
            *_kept(workspace, journal, left, documents), *_out_of_reach(workspace, row["result"], len(models), n_exports),
        ),
        models=models,
        versions=tuple(
            RewrittenVersion(
                one["version_id"], one["name"], one["project"], one["n_examples"], one["n_masked"], one["sha256_before"], one["sha256_after"],
            )
            for one in versions
        ),
        verification=Verification(
            n_files=read.n_files,
            n_bytes=read.n_bytes,
            n_places_before=journal.n_before,
            n_places_after=len(
                {(place.path, place.inside if place.path == workspace.folder.database.name else "") for place in left}
            ),
            unread=tuple(
                masked_value([f"{one.path}: {one.why}" for one in read.unread], journal.person, whole=journal.whole)
            ),
        ),
        source=journal.source,
    )  # fmt: skip


def _removed(result: dict[str, Any], journal: Journal, n_versions: int) -> tuple[Removed, ...]:
    rows = [
        Removed(table, f"rows {how}", n) for how in ("erased", "masked") for table, n in sorted(result[how].items())
    ]
    files = [Removed(place, WHAT[what], n) for (place, what), n in sorted(journal.removed().items())]
    versions = [Removed("versions", "versions rewritten", n_versions)] if n_versions else []
    return (*rows, *versions, *files, Removed("the database", "files rewritten", 1))


def _kept(workspace: Workspace, journal: Journal, left: list[Place], documents: set[str]) -> list[Kept]:
    """What still holds the person, by place, and why."""
    database = workspace.folder.database.name
    counts: Counter[tuple[str, str]] = Counter()
    in_tables = [place for place in left if place.path == database and place.inside]
    for place in left:
        if place.path != database:
            target = target_of(workspace, place, documents)
            why = WHY_LEFT if target.key in journal.choices.leaves else target.why or _why_unchanged(journal)
            counts[(place.path, why)] += _n_left(place, journal)
        elif place.inside:
            counts[(place.inside, _why_in(place.inside.partition(".")[0], workspace, journal))] += _n_left(
                place, journal
            )
        elif not in_tables:
            counts[(database, _why_unchanged(journal))] += _n_left(place, journal)
    # A file's own name may be the person's.
    return [
        Kept(masked_value(place, journal.person, whole=journal.whole), n, why)
        for (place, why), n in sorted(counts.items())
    ]


def _n_left(place: Place, journal: Journal) -> int:
    """How often a place still holds the person; where it was a source, the number of a record of it."""
    return place.n_ids if journal.source else place.n_certain


def _why_unchanged(journal: Journal) -> str:
    return WHY_NUMBERS if journal.source else WHY_UNCHANGED


def _why_in(table: str, workspace: Workspace, journal: Journal) -> str:
    row = erasure_rows.erasure(workspace.store, journal.id)
    assert row is not None, "the rows were erased before"
    if table in every_text.EXEMPT_TABLES:
        return WHY_TRAIL
    if table in row["result"]["kept"]:
        return IN_USE
    return WHY_LEFT if table in row["result"]["left"] else _why_unchanged(journal)


def _out_of_reach(workspace: Workspace, result: dict[str, Any], n_models: int, n_exports: int) -> list[Kept]:
    kept = [Kept("weights of adapters", n_models, WHY_WEIGHTS)] if n_models else []
    n_backups, _ = erasure_rows.n_backups(workspace.store)
    if n_backups:
        kept.append(Kept("backups", n_backups, WHY_BACKUPS))
    if n_exports:
        kept.append(Kept("exports that were copied", n_exports, WHY_TAKEN))
    if result["n_asked"]:
        kept.append(Kept("possible finds", result["n_asked"], WHY_ASKED))
    return kept
