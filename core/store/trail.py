"""Where the audit trail ends, and what keeps it: a key and a head, in two small files beside the database.

audit.key  64 hexadecimal digits that only the owner of the process can read; made with the first database, never changed
audit.head the number and MAC of the last entry, sealed with the key; written after every commit that appends

Both are written under the lock of the one writer. The head is replaced in one step, and where the disk is full it is
written in place: it always has the same length. A process that is killed between commit and head leaves a head that is one commit behind, which the next
start tells from an older head that somebody put back.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.config import DataFolder
from core.errors import Invalid
from core.incidents import in_a_word
from core.privacy.audit import KEY_BYTES, Head, as_bytes, head_seal, mac_of, microseconds
from core.whole_files import replacing

log = logging.getLogger(__name__)
HEAD_FILE_BYTES = 256


@dataclass(frozen=True, slots=True)
class Acts:
    """Acts of one kind by one person at one moment, on one thing or on many: facts holds one text for each of the ids."""

    at: datetime
    by: str
    project_id: str
    action: str
    noun: str
    object_ids: Sequence[str]
    facts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Links:
    """What acts become in the trail: number, MAC of the entry before and own MAC, for each of them."""

    numbers: list[int]
    previous: list[bytes]
    macs: list[bytes]


class Trail:
    """The key, and where the trail ends. Its owner holds the write lock whenever it links or moves on."""

    def __init__(self, folder: DataFolder, end: Head) -> None:
        """end: with which entry the database ends. Makes the key where there is none. Raises Invalid where the key cannot be read."""
        self.head_file = folder.audit_head
        self.key_file = folder.audit_key
        self.has_new_key = not folder.audit_key.exists()
        self.key = ensure_key(folder.audit_key)
        self.end = end

    def linked(self, acts: Acts, end: Head) -> tuple[Links, Head]:
        """The acts as entries after `end`, and with which one the trail ends then. Nothing is written."""
        at_us, previous = microseconds(acts.at), end.mac
        links = Links(list(range(end.seq + 1, end.seq + 1 + len(acts.object_ids))), [], [])
        # Alike for all of them, so made into bytes once.
        same = as_bytes(at_us, acts.by, acts.project_id, acts.action, acts.noun)
        for seq, object_id, facts in zip(links.numbers, acts.object_ids, acts.facts, strict=True):
            links.previous.append(previous)
            previous = mac_of(self.key, previous, as_bytes(seq) + same + as_bytes(object_id, facts))
            links.macs.append(previous)
        return links, Head(end.seq + len(links.numbers), previous)

    def move_to(self, end: Head) -> None:
        """After a commit: the trail ends here from now on."""
        self.end = end
        write_head(self.head_file, self.key, end)


def ensure_key(file: Path) -> bytes:
    """The key in a file; made on first use, whole or not at all. Raises Invalid where the file holds something else."""
    if not file.exists():
        with replacing(file) as unfinished:
            unfinished.touch(mode=0o600)
            unfinished.write_text(secrets.token_hex(KEY_BYTES) + "\n", encoding="ascii")
    file.chmod(0o600)
    return read_key(file)


def read_key(file: Path) -> bytes:
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Invalid(
            f"{file} holds no key of the audit trail.",
            remedy="Put the file back from a backup. Without it (move it away) the trail begins again under a new key, and says so.",
        )
    return key


def write_head(file: Path, key: bytes, head: Head) -> None:
    """Replace the head. A disk that refuses it leaves it behind until the next commit; what was committed stays."""
    told = {"entry": head.seq, "mac": head.mac.hex(), "seal": head_seal(key, head).hex()}
    content = json.dumps(told).ljust(HEAD_FILE_BYTES - 1).encode("ascii") + b"\n"
    try:
        try:
            with replacing(file) as unfinished:
                unfinished.touch(mode=0o600)
                unfinished.write_bytes(content)
        except OSError:
            with file.open("r+b", buffering=0) as opened:
                os.pwrite(opened.fileno(), content, 0)
    except OSError as error:
        log.error("the head of the audit trail could not be written: %s", in_a_word(error))


def read_head(file: Path, key: bytes) -> tuple[Head | None, bool]:
    """The head in a file, and whether there is one that is not genuine: (head, False), (None, True), or (None, False) where there is no file."""
    try:
        return head_in(file.read_bytes(), key)
    except FileNotFoundError:
        return None, False


def head_in(content: bytes | None, key: bytes) -> tuple[Head | None, bool]:
    """The same for the file's content, None where there is none."""
    if content is None:
        return None, False
    try:
        told = json.loads(content)
        head, seal = Head(int(told["entry"]), bytes.fromhex(told["mac"])), bytes.fromhex(told["seal"])
        is_genuine = secrets.compare_digest(head_seal(key, head), seal)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None, True
    return (head, False) if is_genuine else (None, True)
