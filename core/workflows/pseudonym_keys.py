"""The keys of pseudonyms: one a project, in files that only their owner can read, apart from the database and from its backups.

Without its key a project's pseudonyms cannot be traced back, and new versions get others.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from core.workflows.workspace import Workspace

KEY_BYTES = 32


def keys_folder(workspace: Workspace) -> Path:
    """PROOFROOM_KEYS, for a folder on another disk; else `keys` in the data folder, which no backup takes along."""
    return Path(os.environ.get("PROOFROOM_KEYS") or workspace.folder.root / "keys")


def key_of(workspace: Workspace, project_id: str) -> bytes:
    """The key of a project; made on first use."""
    file = keys_folder(workspace) / f"{project_id}.key"
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whole or not at all: two requests at once must not read half a key, nor each another one.
        written = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(secrets.token_bytes(KEY_BYTES))
        with suppress(FileExistsError):
            os.link(written, file)
        written.unlink()
    return file.read_bytes()
