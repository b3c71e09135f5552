"""Reproduce a run: a bundle holds its data and all that it was set to, and a run from it is compared with the first.

On the same processor with the same libraries and threads the weights come out the same to the byte. Elsewhere sums are made in
another order: the hold-out loss then agrees within TOLERANCE.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from core.curate.versions import read_version
from core.errors import Invalid, ModelMissing, NotFound, Refused
from core.store import versions as version_rows
from core.store.connection import Row
from core.training.base_models import EMBEDDED, HUB_ID, folder_sha256, model_folder
from core.training.manifests import read_manifest
from core.workflows.freezing import version_folder
from core.workflows.gates import against_run, passed
from core.workflows.training import Part, adapter_folder, run_named, start_runs
from core.workflows.workspace import Workspace, checked_person, project_named

FORM = 1
FACTS = "bundle.json"
VERSION = "version/"
# Nats per token.
TOLERANCE = 0.01
NEEDED = ("form", "run", "content_sha256", "config", "base", "weights_sha256", "losses", "libraries", "machine")


def bundle_facts(workspace: Workspace, run: str, *, project: str | None = None) -> dict[str, Any]:
    """What is needed to make a run's adapter again, but the data: hashes, split ids, settings, versions, hardware.

    Raises Refused where the run has no adapter or went on from another, Invalid where its weights are no longer those that were trained.
    """
    row = run_named(workspace, run, project=project)
    if row["continues"]:
        raise Refused(
            f"The run {row['name']} went on from {row['continues']['name']}, so its data alone does not make it again.",
            remedy=f"Make it again here: `proofroom runs continue {row['continues']['name']} --pairs-from {row['name']}`.",
        )
    manifest = read_manifest(adapter_folder(workspace, row))
    frozen = read_version(
        version_folder(workspace, row["version_id"]), expected_sha256=manifest["dataset"]["content_sha256"]
    )
    metrics = manifest["metrics"]
    return {
        "form": FORM,
        "run": row["name"],
        "version": row["version"],
        "content_sha256": manifest["dataset"]["content_sha256"],
        "splits": {split.value: [example.id for example in examples] for split, examples in frozen.examples.items()},
        "config": manifest["config"] | {"base": _travelling(manifest)},
        "base": manifest["base"],
        "weights_sha256": manifest["weights_sha256"],
        "losses": {"base": metrics["base_eval_loss"], "tuned": metrics["eval_loss"]},
        "libraries": manifest["libraries"],
        "machine": manifest["machine"],
    }


def bundle(workspace: Workspace, run: str, *, by: str, project: str | None = None, override: str = "") -> bytes:
    """A ZIP of bundle.json and the version's folder, by value. The same run gives the same bytes.

    override: why it is taken away although a source of its data forbids training today. Raises Refused with what they say.
    """
    person = checked_person(by)
    row = run_named(workspace, run, project=project)
    version = version_rows.version_named(workspace.store, row["project_id"], row["version_id"])
    assert version is not None, "a run's version is never deleted"
    taken = passed(against_run(workspace, row, version), override, by=person)
    facts = bundle_facts(workspace, row["id"])
    folder = version_folder(workspace, row["version_id"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        _write(archive, FACTS, json.dumps(facts, indent=2, ensure_ascii=False).encode())
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            _write(archive, VERSION + file.relative_to(folder).as_posix(), file.read_bytes())
    with workspace.store.transaction() as tx:
        tx.event("bundled", "run", row["id"], by=person, project_id=row["project_id"])
        taken.note(tx, "run", row["id"], project_id=row["project_id"], what="bundle")
    return packed.getvalue()


def version_of_bundle(workspace: Workspace, project: str, facts: dict[str, Any]) -> Row | None:
    """The version of the project that has the bundle's content, under whichever name; None where it has to be taken in first."""
    checked = checked_facts(facts)
    row = project_named(workspace, project)
    found = version_rows.versions(workspace.store, row["id"])
    return next((one for one in found if one["content_sha256"] == checked["content_sha256"]), None)


def start_from_bundle(
    workspace: Workspace, project: str, facts: dict[str, Any], *, by: str, base: str | None = None
) -> dict[str, str]:
    """Start the run that a bundle describes, on the same content with the same settings. Returns the ids of run and job.

    base: where its base model lies here, if not where the bundle says. Raises NotFound where the project does not have the data, Refused where the base model is another.
    """
    checked = checked_facts(facts)
    version = version_of_bundle(workspace, project, checked)
    if version is None:
        raise NotFound(
            f"The project has no version with the content {checked['content_sha256'][:12]}….",
            remedy="Take the bundle's version in first: `proofroom train --bundle FILE` does both.",
        )
    config = dict(checked["config"]) | ({"base": base} if base else {})
    try:
        here = model_folder(config["base"], workspace.folder.models)
    except ModelMissing as error:
        raise ModelMissing(
            f"The base model {config['base']} is not found here: {error.message}",
            remedy="Say where it lies: `proofroom train --bundle FILE --base FOLDER`.",
        ) from error
    if folder_sha256(here) != checked["base"]["sha256"]:
        raise Refused(
            f"The base model {checked['base']['name']} here is not the one that was trained on: {folder_sha256(here)[:12]}… "
            f"instead of {checked['base']['sha256'][:12]}….",
            remedy="Put the same base model into its place, or say where it lies (--base).",
        )
    told = {name: checked[name] for name in ("run", "weights_sha256", "losses", "libraries", "machine")}
    part = Part("", config, version["name"], reproduces=told)
    return start_runs(workspace, project, [part], by=by)[0]


def reproduction(row: Row) -> dict[str, Any] | None:
    """How a run compares with the one that it makes again: is_identical, loss_difference in nats per token, and what differs.

    is_within: the loss agrees within TOLERANCE, or the bytes are the same. None for a run that reproduces nothing, or has not ended.
    """
    told, metrics = row["reproduces"], row["metrics"]
    if not told or not metrics:
        return None
    is_identical = metrics["weights_sha256"] == told["weights_sha256"]
    was, now = told["losses"]["tuned"], metrics["eval_loss"]
    difference = now - was if was is not None and now is not None else None
    differs = {
        name: [value, metrics.get(group, {}).get(name)]
        for group in ("libraries", "machine")
        for name, value in told[group].items()
        if metrics.get(group, {}).get(name) != value
    }
    is_within = is_identical or (difference is not None and abs(difference) <= TOLERANCE)
    return {"of": told["run"], "is_identical": is_identical, "is_within": is_within, "loss_difference": difference, "differs": differs,
            "tolerance": TOLERANCE}  # fmt: skip


def checked_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a bundle. Raises Invalid naming what is missing."""
    missing = [name for name in NEEDED if name not in facts]
    if missing:
        raise Invalid(
            f"The bundle does not say its {missing[0]}.", remedy="Write it anew: `proofroom runs bundle RUN`."
        )
    if facts["form"] != FORM:
        raise Invalid(
            f"The bundle has the form {facts['form']}; this program reads {FORM}.",
            remedy="Use the program that wrote it.",
        )
    if not _is_readable(facts):
        raise Invalid("The bundle's settings are not readable.", remedy="Write it anew: `proofroom runs bundle RUN`.")
    return facts


def _is_readable(facts: dict[str, Any]) -> bool:
    """Whether what is looked up in them is there, and is what it is taken for."""
    if not all(isinstance(facts[name], dict) for name in ("config", "base", "losses", "libraries", "machine")):
        return False
    texts = [facts[name] for name in ("run", "content_sha256", "weights_sha256")]
    texts += [facts["base"].get(name) for name in ("name", "sha256")] + [facts["config"].get("base")]
    losses = [facts["losses"].get(name, "") for name in ("base", "tuned")]
    return all(isinstance(one, str) for one in texts) and all(isinstance(one, int | float | None) for one in losses)


def _travelling(manifest: dict[str, Any]) -> str:
    """The base model by a name that means the same elsewhere; where it lies on this machine is nobody's business."""
    base = str(manifest["config"]["base"])
    return base if base == EMBEDDED or HUB_ID.fullmatch(base) else str(manifest["base"]["name"])


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)
