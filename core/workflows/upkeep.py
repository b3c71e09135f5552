"""Backup, restore and doctor: the studio's own health; and what it does by itself while it is open."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from core.config import DataFolder
from core.curate.versions import read_version
from core.errors import Conflict, Invalid, ProofroomError, StoreFull
from core.full_disk import says_full
from core.privacy.audit import NOUN, RESTORED, Head
from core.store import integrity
from core.store.connection import Store, new_id, utc_now
from core.store.engine import LOG_ENDING
from core.store.sources import uploads_in_use
from core.store.trail import read_head, read_key, write_head
from core.training.base_models import file_sha256
from core.training.manifests import read_manifest
from core.whole_files import cannot_be_written
from core.workflows import erasing, lapsing, retaining
from core.workflows.workspace import Workspace, checked_person

# Jobs, models and exports are left out: the first are work in progress (what a run told is kept with it), the second come with the
# set-up, the third are large and can be made again from their runs.
KEPT_FOLDERS = ("uploads", "versions", "runs")
# Endings of what is still being written.
UNFINISHED = (".part", ".tmp")
MAKE_ROOM = "Free some space, or name a file on another disk."
DATABASE, KEY, HEAD = "proofroom.duckdb", "audit.key", "audit.head"
LOG = DATABASE + LOG_ENDING
# Whose act it is where nobody says a name: of whoever has an account on this machine.
LOCAL = "local"


def look_after(workspace: Workspace, *, today: date | None = None, now: datetime | None = None) -> None:
    """Put on the trail what expired by today, with what follows from it, start the runs that wait for their version, and erase what is to be erased.

    today: by which expiry is judged; the day that it is, in UTC. now: by which it is told when to try again what failed.
    """
    at = now or utc_now()
    day = today or at.date()
    lapsing.note_expired(workspace, today=day)
    lapsing.start_retrains(workspace)
    erasing.go_on(workspace, now=at)
    retaining.erase_due(workspace, today=day, now=at)


def back_up(workspace: Workspace, target: Path, *, by: str = LOCAL) -> dict[str, Any]:
    """Write one file that `restore` turns into the same studio. The studio goes on meanwhile. Raises Conflict, Invalid, StoreFull.

    It holds the key and the head of the audit trail as well, so only its owner can read it.
    """
    person = checked_person(by)
    if target.exists():
        raise Conflict(f"{target} exists already.", remedy="Name a file that does not.")
    scratch, unfinished = workspace.folder.exchange / new_id("backup_"), target.with_name(target.name + ".part")
    copy, head = scratch / DATABASE, scratch / HEAD
    try:
        scratch.mkdir(mode=0o700)
        with workspace.store.no_writes():
            end = workspace.store.copy_to(copy)
            files = _pinned(workspace.folder, scratch / "files")
        write_head(head, workspace.store.trail.key, end)
        unfinished.touch(mode=0o600)
        with tarfile.open(unfinished, "w:gz", compresslevel=1) as archive:
            for file in (copy, copy.with_name(LOG)):
                if file.exists():
                    archive.add(file, file.name)
            archive.add(head, HEAD)
            archive.add(workspace.folder.audit_key, KEY)
            for kept in KEPT_FOLDERS:
                archive.add((workspace.folder.root / kept).resolve(), kept, recursive=False)
            for name, file in files.items():
                archive.add(file, name)
        unfinished.replace(target)
    except OSError as error:
        if says_full(error):
            raise StoreFull(f"The disk is full: {target} could not be written.", remedy=MAKE_ROOM) from error
        raise cannot_be_written(target, error) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    sha256, n_bytes = file_sha256(target), target.stat().st_size
    with workspace.store.transaction() as tx:
        tx.event("backed_up", "studio", sha256, by=person, n_bytes=n_bytes, last_entry=end.seq)
    return {"file": str(target), "n_bytes": n_bytes, "sha256": sha256, "at": utc_now().isoformat() + "Z"}


def _pinned(folder: DataFolder, links: Path) -> dict[str, Path]:
    """Every file of the kept folders by its name in the backup; linked, so that one that is deleted before it is packed is packed all the same.

    Nobody deletes one that the database speaks of while this goes on. Files that are still being written are nobody's yet, and may go at any moment.
    """
    found: dict[str, Path] = {}
    for kept in KEPT_FOLDERS:
        for file in _files_below(folder.root / kept):
            name = file.relative_to(folder.root).as_posix()
            link = links / name
            link.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(file, link)
            except FileNotFoundError:
                continue
            except OSError as error:
                if says_full(error):
                    raise
                # Another disk, or one that knows no links: it is packed from where it lies.
                link = file
            found[name] = link
    return found


def _files_below(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(here) / name for name in sorted(names) if not name.endswith(UNFINISHED))


def restore(backup: Path, folder: DataFolder, *, by: str = LOCAL) -> None:
    """Unpack a backup into a data folder that holds no database. The audit trail goes on from the backup's, and says so.

    Raises Invalid, Conflict: also where the folder keeps the key of another trail.
    """
    person = checked_person(by)
    if folder.database.exists():
        raise Conflict(f"{folder.root} holds a studio already.", remedy="Restore into an empty folder, then use that.")
    folder.create()
    with tempfile.TemporaryDirectory(dir=folder.root, prefix="restore_") as temporary:
        try:
            with tarfile.open(backup, "r:gz") as archive:
                # The data filter refuses absolute names, `..`, links out and devices.
                archive.extractall(temporary, filter="data")
        except (tarfile.TarError, OSError, EOFError) as error:
            raise Invalid(f"{backup} is not a backup that can be read: {error}.") from error
        unpacked = DataFolder(Path(temporary))
        if not unpacked.database.exists():
            raise Invalid(f"{backup} holds no Proofroom database.")
        _say_restored(unpacked, folder, by=person)
        for name in KEPT_FOLDERS:
            shutil.rmtree(folder.root / name, ignore_errors=True)
            if (unpacked.root / name).exists():
                (unpacked.root / name).rename(folder.root / name)
        unpacked.audit_key.replace(folder.audit_key)
        unpacked.audit_head.replace(folder.audit_head)
        # Last, so that a kill in the middle leaves no database that lacks its files.
        unpacked.database.rename(folder.database)


def _say_restored(unpacked: DataFolder, folder: DataFolder, *, by: str) -> None:
    """Append to the backup's trail that it goes on here, and how many entries of the studio that was here are no longer there."""
    if folder.audit_key.exists() and not unpacked.audit_key.exists():
        # A backup from before the trail: its events are linked under the key that this folder has.
        shutil.copy2(folder.audit_key, unpacked.audit_key)
    store = Store(unpacked.database)
    try:
        trail = store.trail
        here = _head_here(folder, trail.key)
        last, n_gone = trail.end.seq, None
        if here is not None and here.seq >= last:
            # Their numbers are not given again.
            n_gone, trail.end = here.seq - last, Head(here.seq, trail.end.mac)
        with store.transaction() as tx:
            tx.event(RESTORED, NOUN, str(last), by=by, continues_after=last, n_gone=n_gone)
        store.checkpoint()
    finally:
        store.close()


def _head_here(folder: DataFolder, key: bytes) -> Head | None:
    """With which entry the trail ended whose database is gone from this folder; None where nothing says it. Raises Conflict for another trail's key."""
    if not folder.audit_key.exists():
        return None
    if read_key(folder.audit_key) != key:
        raise Conflict(
            f"{folder.audit_key} is the key of another audit trail than the backup's.",
            remedy="Restore into an empty folder, or move audit.key and audit.head away.",
        )
    head, _ = read_head(folder.audit_head, key)
    return head


def examine(workspace: Workspace) -> dict[str, Any]:
    """Check what no foreign key checks, and the files behind the rows. `problems` are sentences."""
    problems = integrity.orphans(workspace.store)
    for version in integrity.all_versions(workspace.store):
        problems += _version_problems(workspace, version)
    for run in integrity.runs_with_adapter(workspace.store):
        try:
            read_manifest(workspace.folder.root / run["adapter"])
        except Invalid as error:
            problems.append(f"The adapter of the run {run['name']} is not as it was trained. {error.message}")
    for sha256 in sorted(uploads_in_use(workspace.store)):
        if not (workspace.folder.uploads / sha256).exists():
            problems.append(f"The upload {sha256[:12]}… is not on disk.")
    return {"ok": not problems, "problems": problems, "counts": integrity.table_counts(workspace.store)}


def _version_problems(workspace: Workspace, version: dict[str, Any]) -> list[str]:
    try:
        read_version(workspace.folder.versions / version["id"], expected_sha256=version["content_sha256"])
    except (ProofroomError, OSError, ValueError) as error:
        return [f"The version {version['name']} cannot be read as it was frozen: {error}"]
    return []
