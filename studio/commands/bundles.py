"""Commands on bundles: write one, and train from one."""

from __future__ import annotations

import json
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import Conflict, Invalid
from studio.client import Client
from studio.commands.common import By, Data, Json, Override, Project, connect, show
from studio.commands.data import files_of

FACTS, VERSION = "bundle.json", "version/"
# Of all files of a bundle together, unpacked.
MOST_BYTES = 2 * 1024**3
# A damaged or locked ZIP file fails in as many ways as it has fields; RuntimeError stands for a password, and for nesting without end.
BROKEN = (OSError, EOFError, zipfile.BadZipFile, zlib.error, struct.error, KeyError, ValueError, RuntimeError)
Run = Annotated[str, typer.Argument(help="Its id or name.")]


def write(
    run: Run,
    project: Project,
    to: Annotated[Path, typer.Option(help="A file that does not exist yet.")],
    override: Override = "",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Write a run's bundle: all that is needed to make the same adapter again."""
    if to.exists():
        raise Conflict(f"{to} exists already.", remedy="Name a file that does not.")
    content = connect(data, by).get_bytes("projects", project, "runs", run, "bundle", override=override)
    to.write_bytes(content)
    show({"file": str(to), "n_bytes": len(content)}, as_json, lambda: f"Written to {to}, {len(content):,} bytes.")


def start_from(
    client: Client, project: str, file: Path, *, base: str | None, confirm_terms: bool, quiet: bool
) -> dict[str, str]:
    """Start the run of a bundle; its version is taken in first where the project does not have the content."""
    with tempfile.TemporaryDirectory(prefix="proofroom-bundle-") as folder:
        facts = unpacked(file, Path(folder))
        if client.post("projects", project, "bundles", "version", body={"facts": facts})["version"] is None:
            uploads = [client.upload(path, name) for path, name in files_of([Path(folder) / VERSION])]
            body = {
                "files": [{"sha256": one["sha256"], "path": one["path"]} for one in uploads],
                "confirm_terms": confirm_terms,
                "name": f"{facts.get('version', 'v')} of {facts.get('run', 'a bundle')}",
            }
            client.wait(client.post("projects", project, "version-imports", body=body)["job"], quiet=quiet)
    started: dict[str, str] = client.post("projects", project, "bundles", "runs", body={"facts": facts, "base": base})
    return started


def unpacked(file: Path, folder: Path) -> dict[str, Any]:
    """The facts of a bundle; its version's files are put into the folder. Raises Invalid where it is no bundle."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if sum(one.file_size for one in members) > MOST_BYTES:
                raise Invalid(
                    f"{file} holds more than {MOST_BYTES // 1024**3} GB.", remedy="That is no bundle of a run."
                )
            facts = json.loads(archive.read(FACTS))
            if not isinstance(facts, dict):
                raise Invalid(
                    f"{FACTS} of {file} holds no facts.", remedy="Write one with `proofroom runs bundle RUN`."
                )
            for member in members:
                if member.filename.startswith(VERSION):
                    # Members lie where their names say; the library takes out what would lead elsewhere.
                    archive.extract(member, folder)
    except BROKEN as error:
        raise Invalid(f"{file} is no bundle: {error}.", remedy="Write one with `proofroom runs bundle RUN`.") from error
    return facts


def words(told: dict[str, Any]) -> str:
    """How a run compares with the one that it makes again."""
    if told["is_identical"]:
        return f"The same weights as {told['of']}, to the byte."
    differs = (
        "; ".join(f"{name} {was} there, {now} here" for name, (was, now) in told["differs"].items())
        or "nothing that is known"
    )
    loss = f"{told['loss_difference']:+.4f} nats per token" if told["loss_difference"] is not None else "not measured"
    within = "within" if told["is_within"] else "outside of"
    return f"Not the bytes of {told['of']}: the hold-out loss differs by {loss}, {within} the tolerance of {told['tolerance']}. Different: {differs}."
