"""The card of a run's model, gathered from the records: what it is, learnt from, how good it is, and who decided what on it.

Reads only. The words are core/training/model_card.py's.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from core.curate.versions import tag_counts
from core.errors import Invalid, ModelMissing, NotFound
from core.markdown import Escape, escaped
from core.nouns import Split
from core.review.summary import SYSTEM_LABELS
from core.review.summary_json import as_json
from core.store import versions as version_rows
from core.store.connection import Row, utc_now
from core.training.base_models import model_folder
from core.training.licences import licence_of
from core.training.manifests import manifest_of
from core.training.model_card import card_text, not_measured
from core.workflows import bundles, models, results, run_evidence
from core.workflows.freezing import version_folder
from core.workflows.training import adapter_folder, run_named, run_preflight
from core.workflows.workspace import Workspace, project_named

__all__ = ["card_text"]

FIGURES = (
    "n_steps", "best_step", "stopped_early", "n_train_tokens", "n_answer_tokens", "seconds", "job_seconds", "tokens_per_second", "peak_memory_mb",
    "device_memory_mb", "energy_wh", "energy_is_measured",
)  # fmt: skip


def card_facts(workspace: Workspace, run: str, *, project: str | None = None) -> dict[str, Any]:
    """What the card of a run's model says, as JSON. Raises NotFound, Refused where the run has no model, Invalid where its files are gone."""
    row = run_named(workspace, run, project=project)
    trained = manifest_of(adapter_folder(workspace, row))
    version = version_rows.version_named(workspace.store, row["project_id"], row["version_id"])
    assert version is not None, "a run's version is never deleted"
    owner = project_named(workspace, row["project_id"])
    model = models.model_of(workspace, row["id"])
    facts = {
        "written_at": _told(utc_now()),
        "project": owner["name"],
        "goal": owner["goal"],
        "base": trained["base"] | {"licence": licence_of(trained["base"]["name"], _base_folder(workspace, row))},
        "run": {
            "id": row["id"],
            "name": row["name"],
            "part": row["part"],
            "by": row["created_by"],
            "started_at": _told(row["created_at"]),
        },
        "version": _version_facts(version),
        "weights_sha256": trained["weights_sha256"],
        "data": _data(workspace, row, version),
        "training": _training(row),
        "quality": _quality(workspace, owner, row),
        "state": model.state,
        "acts": _acts(models.history(workspace, row["id"])),
        "reproduction": bundles.reproduction(row),
        "continues": _continues(row),
    }
    return facts | {"not_measured": not_measured(facts)}


def _continues(run: Row) -> dict[str, Any] | None:
    """Of a run that went on from another one with its reviewers' verdicts: that run, and what it learnt from; None of any other."""
    told = run["continues"]
    return told and {name: told.get(name) for name in ("run", "n_pairs", "pairs_sha256", "beta", "nll_weight")}


def card(
    workspace: Workspace, run: str, form: str = "md", *, project: str | None = None, escape: Escape = escaped
) -> str:
    """The card as md or json. Raises Invalid for another form, and what `card_facts` raises."""
    facts = card_facts(workspace, run, project=project)
    if form == "md":
        return card_text(facts, escape=escape)
    if form == "json":
        return json.dumps(facts, indent=2, ensure_ascii=False)
    raise Invalid(f"A model card cannot be written as {form!r}.", remedy="Choose md or json.")


def _base_folder(workspace: Workspace, run: Row) -> Path | None:
    try:
        return model_folder(run["config"]["base"], workspace.folder.models)
    except ModelMissing:
        return None


def _version_facts(version: Row) -> dict[str, Any]:
    return {
        "name": version["name"],
        "content_sha256": version["content_sha256"],
        "recipe": version["recipe"],
        "recipe_in_words": version["card"].get("recipe_in_words", {}),
        "seed": version["seed"],
        "n_records": version["n_records"],
        "by": version["created_by"],
        "frozen_at": _told(version["created_at"]),
    }


def _data(workspace: Workspace, run: Row, version: Row) -> dict[str, Any]:
    tokens = version["card"].get("n_tokens", {})
    checked = run_preflight(workspace, run["id"])
    return {
        "sources": version["card"]["sources"],
        "splits": {
            split.value: {"examples": version[f"n_{split.value}"], "tokens": tokens.get(split.value)} for split in Split
        },
        "left_out": version_rows.dropped_counts(workspace.store, version["id"]),
        "tags": tag_counts(version_folder(workspace, version["id"]), Split.TRAIN),
        "n_learnt_from": (run["metrics"] or {}).get("n_train_examples"),
        "fell_out": _fell_out(checked) if checked else None,
    }


def _fell_out(checked: dict[str, Any]) -> dict[str, Any]:
    """n by split, and the reasons: what the run itself could not use of the version."""
    listed = [one["reason"] for rows in checked["dropped"].values() for one in rows]
    return {"n": checked["n_dropped"], "reasons": [reason for reason, _ in Counter(listed).most_common()]}


def _training(run: Row) -> dict[str, Any]:
    metrics = run["metrics"] or {}
    # Where the base model lies on this machine is nobody's business who reads the card.
    config = {name: value for name, value in run["config"].items() if name != "base"}
    told = {"config": config, "differs": run["differs"]} | {name: metrics.get(name) for name in FIGURES}
    return told | {
        "machine": metrics.get("machine", {}),
        "libraries": metrics.get("libraries", {}),
        "network": metrics.get("network"),
    }


def _quality(workspace: Workspace, project: Row, run: Row) -> dict[str, Any]:
    canaries = (run["metrics"] or {}).get("canaries")
    told = run_evidence.measured(run)
    return {
        "hold_out": {"base": told["base_loss"], "tuned": told["loss"]} if told["loss"] else None,
        "by_tag": run_evidence.by_tag(run),
        "plain_questions": told["general_ability"],
        **{name: told[name] for name in ("by_heart", "voice", "consistency")},
        "canaries": _without_codes(canaries) if canaries else None,
        "reviews": _reviews(workspace, project, run),
        "findings": run_evidence.findings(run),
    }


def _without_codes(canaries: dict[str, Any]) -> dict[str, Any]:
    """What was planted is no secret of anybody's, but it is asked for by its words: they stay here."""
    return {"n": len(canaries["canaries"]), "mean_bits": canaries["mean_bits"], "most_bits": canaries["most_bits"]}


def _reviews(workspace: Workspace, project: Row, run: Row) -> dict[str, Any] | None:
    """What reviewers made of the run's drafts, None where none has a verdict."""
    try:
        told = as_json(results.results(workspace, project["id"], run=run["id"], only_told=True))
    except NotFound:
        return None
    systems = [
        {"label": SYSTEM_LABELS[system], "system": system.value} | told["systems"][system.value]
        for system in SYSTEM_LABELS
        if system.value in told["systems"]
    ]
    return {
        name: told[name]
        for name in ("headline", "uneven_in_words", "n_reviewers", "n_open", "light_edit_limit", "light_edit_origin")
    } | {"systems": systems}


def _acts(acts: list[Row]) -> list[dict[str, Any]]:
    undone = {act["undoes"] for act in acts}
    return [
        {
            "act": act["act"],
            "by": act["done_by"],
            "at": _told(act["done_at"]),
            "reason": act["reason"],
            "evidence": act["evidence"],
            "is_taken_back": act["id"] in undone,
        }
        for act in acts
    ]


def _told(moment: datetime) -> str:
    return f"{moment.isoformat()}Z"
