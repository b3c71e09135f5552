"""Documents written from the records of a project: gathers what is known, and leaves the words to `core.privacy.documents`. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.curate.version_card import PERSONAL_CHOICES, from_reviews_on, personal_data_on
from core.errors import Invalid, ModelMissing
from core.nouns import Role
from core.privacy.document_words import DocumentFacts
from core.privacy.documents import KINDS, document_of
from core.review.report import html_of, markdown_of
from core.review.report_pdf import pdf_of
from core.store import accounts as account_rows
from core.store import documents as document_rows
from core.store import models as model_rows
from core.store import personal_data as personal_rows
from core.store import runs as run_rows
from core.store import sources as source_rows
from core.store import versions as version_rows
from core.store.connection import Row
from core.training.base_models import base_name, model_folder
from core.workflows import api_keys, fact_pages, gates, single_sign_on
from core.workflows.endpoint import endpoint
from core.workflows.freezing import version_named
from core.workflows.importing import today
from core.workflows.models import APPROVED, state_of
from core.workflows.training import run_named
from core.workflows.workspace import Workspace, project_named

__all__ = ["KINDS"]

FORMS = {"html": "HTML", "pdf": "PDF", "md": "Markdown"}
MIME = {"html": "text/html", "pdf": "application/pdf", "md": "text/markdown"}


def document(
    workspace: Workspace,
    project: str,
    kind: str,
    form: str = "md",
    *,
    run: str | None = None,
    version: str | None = None,
    provider: str = "",
) -> bytes:
    """A document as md, html or pdf. run, version: those that are spoken of; left out, the approved model or the newest, and its version.

    provider: the host of the identity provider that the studio was started with, "" without one.
    Raises Invalid for another kind or form, NotFound.
    """
    if kind not in KINDS:
        raise Invalid(f"There is no document {kind!r}.", remedy=f"Choose {', '.join(KINDS)}.")
    if form not in FORMS:
        raise Invalid(f"A document cannot be written as {form!r}.", remedy=f"Choose {', '.join(FORMS)}.")
    report = document_of(kind, document_facts(workspace, project, kind, run=run, version=version, provider=provider))
    return pdf_of(report) if form == "pdf" else (html_of if form == "html" else markdown_of)(report).encode()


def document_facts(
    workspace: Workspace,
    project: str,
    kind: str,
    *,
    run: str | None = None,
    version: str | None = None,
    provider: str = "",
) -> DocumentFacts:
    """What the records say now. A data sheet is of the version's sources alone, a summary of training content of all that the run learnt; others of all."""
    row = project_named(workspace, project)
    chosen = run_named(workspace, run, project=row["id"]) if run else _usual_run(workspace, row)
    frozen = _version(workspace, row, version, chosen)
    there = elsewhere.host if (elsewhere := endpoint(workspace)) else ""
    return DocumentFacts(
        project=row["name"],
        goal=row["goal"],
        day=today(),
        sources=_sources(
            workspace,
            row,
            frozen if kind in ("datasheet", "training") else None,
            chosen if kind == "training" else None,
        ),
        counts=document_rows.counts(workspace.store, row["id"]),
        kinds=document_rows.records_by_kind(workspace.store, row["id"]),
        endpoint=there,
        provider=provider,
        linked=single_sign_on.linked_by_host(workspace),
        fact_hosts=[one.host for one in fact_pages.allowed_hosts(workspace)],
        keys=[key for key in api_keys.list_keys(workspace) if key["revoked_at"] is None or key["last_used_at"]],
        places=_places(workspace, row["id"]),
        roles=_roles(workspace, row["id"]),
        version=frozen and _version_facts(frozen),
        run=chosen and _run_facts(workspace, chosen),
        dropped=version_rows.dropped_counts(workspace.store, frozen["id"]) if frozen else {},
        lapsed=gates.against_version(workspace, frozen) if frozen else (),
        by_heart=(chosen["metrics"] or {}).get("by_heart") if chosen else None,
    )


def _usual_run(workspace: Workspace, project: Row) -> Row | None:
    """The run whose model is approved; else the newest that has a model."""
    acts = model_rows.current_acts(workspace.store, project["id"])
    runs = [one for one in run_rows.runs(workspace.store, project["id"]) if one["adapter"]]
    approved = [one for one in runs if state_of(acts.get(one["id"])) == APPROVED]
    return next(iter([*approved, *runs]), None)


def _version(workspace: Workspace, project: Row, name: str | None, run: Row | None) -> Row | None:
    if name:
        return version_named(workspace, project["id"], name)
    if run is not None:
        return version_rows.version_named(workspace.store, project["id"], run["version_id"])
    return next(iter(version_rows.versions(workspace.store, project["id"])), None)


def _sources(workspace: Workspace, project: Row, version: Row | None, run: Row | None) -> list[Mapping[str, Any]]:
    """Those that were not taken out, oldest first; of a version those that gave it a record, with how many. On the terms of today.

    run: whose model is spoken of; what it learnt by pairs from reviews is told too.
    """
    n_documents: dict[str, int] = {}
    of_pairs = ((run["continues"] or {}) if run else {}).get("sources", [])
    for one in source_rows.documents(workspace.store, project["id"]):
        n_documents[one["source_id"]] = n_documents.get(one["source_id"], 0) + 1
    if version is None:
        n_records = document_rows.records_by_source(workspace.store, project["id"])
        rows = [one for one in source_rows.sources(workspace.store, project["id"]) if one["undone_at"] is None][::-1]
    else:
        n_records = {one["id"]: one.get("n_records", 0) for one in version["card"]["sources"]}
        behind = gates.source_ids_behind(run, version) if run else list(n_records)
        rows = source_rows.sources_by_id(workspace.store, behind)
    return [
        one
        | {
            "n_records": n_records.get(one["id"], 0),
            "n_documents": n_documents.get(one["id"], 0),
            "of_pairs": one["id"] in of_pairs,
        }
        for one in rows
    ]


def _places(workspace: Workspace, project_id: str) -> dict[str, int] | None:
    """Places of personal data by what was decided on them; None where nobody looked."""
    if not personal_rows.was_searched(workspace.store, project_id):
        return None
    kinds = personal_rows.kind_counts(workspace.store, project_id)
    choices = ("n_keep", "n_mask", "n_replace", "n_undecided")
    counted = {name: sum(kind[name] for kind in kinds) for name in choices}
    return counted | personal_rows.search_state(workspace.store, project_id)


def _roles(workspace: Workspace, project_id: str) -> dict[str, int] | None:
    """How many hold each role, the highest first; None where nobody signs in."""
    if not account_rows.has_accounts(workspace.store):
        return None
    held = account_rows.role_counts(workspace.store, project_id)
    return {role.value: held[role] for role in Role if role in held}


def _version_facts(version: Row) -> dict[str, Any]:
    card = version["card"]
    return {
        "name": version["name"],
        "created_by": version["created_by"],
        "day": version["created_at"].date().isoformat(),
        "content_sha256": version["content_sha256"],
        "n_records": version["n_records"],
        "n_examples": {split: version[f"n_{split}"] for split in ("train", "validation", "test")},
        "n_train_tokens": version["n_train_tokens"],
        "recipe": version["recipe"],
        "recipe_in_words": card.get("recipe_in_words", {}),
        "n_machine_written": from_reviews_on(card).get("n_machine_written", 0),
        "places": _places_in(card),
    }


def _places_in(card: Mapping[str, Any]) -> dict[str, int] | None:
    """What became of places of personal data in a version; None where nobody had looked."""
    if not isinstance(card.get("personal_data"), Mapping):
        return None
    kinds = personal_data_on(card).values()
    return {name: sum(kind[name] for kind in kinds) for name in PERSONAL_CHOICES}


def _run_facts(workspace: Workspace, run: Row) -> dict[str, Any]:
    ended = run["ended_at"] or run["created_at"]
    return {
        "name": run["name"],
        "base": _base(workspace, str(run["config"]["base"])),
        "day": ended.date().isoformat(),
        "n_train_examples": (run["metrics"] or {}).get("n_train_examples"),
    }


def _base(workspace: Workspace, base: str) -> str:
    """What the base model is called; where its files are gone, by the last part of where they lay."""
    try:
        return base_name(model_folder(base, workspace.folder.models))
    except ModelMissing:
        return base.replace("\\", "/").rpartition("/")[2]
