"""What people send: bytes kept under their hash, until nothing holds them any more."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.config import MAX_UPLOAD_BYTES
from core.errors import Invalid, NotFound, StoreFull
from core.full_disk import says_full
from core.store import jobs as job_rows
from core.store import sources as source_rows
from core.store.connection import new_id
from core.workflows.workspace import Workspace

SHA256 = re.compile(r"[0-9a-f]{64}")
SEND_AGAIN = "Free some space, and send it again."
UNUSED_UPLOAD_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes kept under their SHA-256, and the path that they had where they came from."""

    sha256: str
    path: str
    n_bytes: int


class UploadWriter:
    """Takes one upload piece by piece, counting as it goes; the file appears only when it is whole."""

    def __init__(self, workspace: Workspace, path: str, *, limit: int = MAX_UPLOAD_BYTES) -> None:
        self._folder = workspace.folder.uploads
        self._path = path
        self._limit = limit
        self._hash = hashlib.sha256()
        self._n_bytes = 0
        self._temporary = self._folder / (new_id("incoming_") + ".part")
        self._file = self._temporary.open("wb")

    def write(self, piece: bytes) -> None:
        """Raises Invalid once the upload is over the limit."""
        self._n_bytes += len(piece)
        if self._n_bytes > self._limit:
            raise Invalid(
                f"{self._path} is larger than {self._limit // 2**20} MB, the most that one upload may be.",
                remedy="Split it, or compress it as a ZIP.",
            )
        self._hash.update(piece)
        self._file.write(piece)

    def finish(self) -> Upload:
        self._file.close()
        sha256 = self._hash.hexdigest()
        self._temporary.replace(self._folder / sha256)
        return Upload(sha256, self._path, self._n_bytes)

    def discard(self) -> None:
        # On a full disk closing fails too, for what was still to be written.
        with suppress(OSError):
            self._file.close()
        self._temporary.unlink(missing_ok=True)


@contextmanager
def _whole_upload(workspace: Workspace, path: str) -> Iterator[UploadWriter]:
    """Nothing of an upload stays that breaks off. Raises StoreFull where the disk has no room for it."""
    writer = UploadWriter(workspace, path)
    try:
        yield writer
    except BaseException as error:
        writer.discard()
        if isinstance(error, OSError) and says_full(error):
            raise StoreFull(f"The disk is full: {path} could not be kept.", remedy=SEND_AGAIN) from error
        raise


def keep_upload(workspace: Workspace, path: str, content: bytes) -> Upload:
    """Keep bytes that are in memory already. Raises Invalid, StoreFull."""
    with _whole_upload(workspace, path) as writer:
        writer.write(content)
        return writer.finish()


async def keep_stream(workspace: Workspace, path: str, pieces: AsyncIterator[bytes]) -> Upload:
    """Keep a stream; the size is counted while it comes in, whatever a header says. Raises Invalid, StoreFull."""
    with _whole_upload(workspace, path) as writer:
        async for piece in pieces:
            writer.write(piece)
        return writer.finish()


def uploads_named(workspace: Workspace, uploads: list[dict[str, str]]) -> list[Upload]:
    """Uploads by hash and path. Raises NotFound for bytes that were never sent."""
    found = []
    for upload in uploads:
        sha256 = upload["sha256"]
        file = workspace.folder.uploads / sha256
        if not SHA256.fullmatch(sha256) or not file.is_file():
            raise NotFound(f"No upload has the hash {sha256[:80]!r}.", remedy="Send the file first.")
        found.append(Upload(sha256, upload["path"], file.stat().st_size))
    return found


def upload_path(workspace: Workspace, upload: Upload) -> Path:
    return workspace.folder.uploads / upload.sha256


def drop_old_uploads(workspace: Workspace) -> int:
    """Delete what was sent more than a day ago and never imported, or refused. Returns how many files went."""
    oldest = time.time() - UNUSED_UPLOAD_SECONDS
    return drop_unused(workspace, [f for f in workspace.folder.uploads.iterdir() if f.stat().st_mtime < oldest])


def drop_unused(workspace: Workspace, files: Iterable[Path]) -> int:
    """Delete those uploads that no source holds and no job is about to read. Returns how many files went."""
    wanted = source_rows.uploads_in_use(workspace.store) | about_to_be_read(workspace)
    unused = [file for file in files if file.name not in wanted]
    for file in unused:
        file.unlink(missing_ok=True)
    return len(unused)


def about_to_be_read(workspace: Workspace) -> set[str]:
    """The hashes of what jobs read that wait, run, or are not taken over yet: sources, documents of facts, exported versions."""
    found: set[str] = set()
    for job in job_rows.unsettled_jobs(workspace.store):
        folder = workspace.supervisor.folder(job["id"])
        # After a backup was restored a job has no folder any more, and ends as lost.
        files = folder.spec()["settings"].get("files", ()) if folder.has_spec() else ()
        paths = files.values() if isinstance(files, dict) else [one["path"] for one in files]
        found |= {Path(path).name for path in paths}
    return found
