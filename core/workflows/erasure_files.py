"""A person in the files under the data folder: what would become of each, and its becoming so.

What is a copy of something, or can be made again, goes whole: job folders, exports, word indexes, copies of the database, uploads, archives. What
tells how a model was made keeps all but the mention. Every step may be done twice: an erasure that was cut off begins here anew.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.privacy.person import Person, masked_value
from core.privacy.pieces import Unread
from core.privacy.read_back import ITS_NAME, Place, ReadBack, read_back
from core.store import jobs as job_rows
from core.workflows.erasure_journal import Choices, Journal, journals_folder
from core.workflows.erasure_rows import ASK, KEEP, LEAVE, MASK, REMOVE, REWRITE, Find
from core.workflows.looking_apart import looking_apart
from core.workflows.searching import forget_indexes
from core.workflows.training import run_folder
from core.workflows.workspace import Workspace

# Keys and tokens are random digits; the server's own.
RANDOM = frozenset({"token", "audit.key", "audit.head", "server.json"})
LETTERS_OF_BYTES = {0xDC00 + byte: byte for byte in range(0x80, 0x100)}
WEIGHTS = frozenset({".safetensors", ".bin", ".pt", ".gguf", ".npz"})
WHY_WEIGHTS = (
    "It stands beside weights. They are hashed as they are; a model is retired or trained anew, never changed."
)
WHY_CONSENT = "It is the consent or contract that a source rests on, and the proof that the data was lawful (Art. 7(1), 17(3)). Choose it to remove it."
WHY_RANDOM = "It is a key of random digits."
WHY_SHIPPED = "the programme came with it; what was imported from it is erased"


@dataclass(frozen=True, slots=True)
class Target:
    """What is done with a file that holds the person. path: the file, or the folder that goes with it."""

    path: Path
    key: str
    treatment: str
    why: str = ""


def look_through(
    workspace: Workspace, person: Person, *, record_ids: Collection[str] = (), database: Path | None = None, is_to_be_shown: bool = False
) -> ReadBack:  # fmt: skip
    """Read every file under the data folder but what the programme came with. database: a copy of the database to be read in its place; None to leave it out.

    is_to_be_shown: as looking_apart has it.
    """
    live, shipped = workspace.folder.database, workspace.folder.shipped
    log_file = live.with_name(live.name + ".wal")
    skip = {journals_folder(workspace), workspace.folder.exchange, *shipped} | (set() if database else {live, log_file})
    with (
        scratch(workspace) as folder,
        looking_apart(person, scratch=folder, record_ids=record_ids, is_to_be_shown=is_to_be_shown) as look,
    ):
        found = read_back(workspace.folder.root, look, skip=skip, instead={live: database} if database else {})
    # Word indexes are packed, and go whole whatever they hold.
    unread = tuple(one for one in found.unread if not one.path.startswith(f"{workspace.folder.search.name}/"))
    return replace(found, unread=unread + tuple(Unread(one.name, WHY_SHIPPED) for one in shipped if one.exists()))


@contextmanager
def scratch(workspace: Workspace) -> Iterator[Path]:
    """An empty folder among what is emptied at every start."""
    with tempfile.TemporaryDirectory(dir=workspace.folder.exchange, prefix="erasing_") as folder:
        yield Path(folder)


def find_files(
    workspace: Workspace, person: Person, choices: Choices, documents: Collection[str], *, is_to_be_shown: bool = False
) -> tuple[list[Find], ReadBack]:
    """Every file that holds the person, and what would become of it. documents: hashes of consents and contracts; is_to_be_shown: as looking_apart has it."""
    found = look_through(workspace, person, is_to_be_shown=is_to_be_shown)
    by_target: dict[str, list[tuple[Target, Place]]] = {}
    for place in found.places:
        target = target_of(workspace, place, documents)
        by_target.setdefault(target.key, []).append((target, place))
    return [_find(key, places, choices) for key, places in by_target.items()], found


def take_files(
    workspace: Workspace,
    journal: Journal,
    *,
    uploads: Collection[str],
    documents: Collection[str],
    marked: Collection[str],
    shared: Collection[str] = (),
) -> None:
    """Remove or mask every file that holds the person or the rows of an erased record, and what is made from either.

    uploads: hashes of files that erased records came in with. marked: ids of the runs that learnt them. shared: hashes of uploads that stay whatever
    they hold, since a source rests on them that is not erased.
    """
    _take_what_goes_unread(workspace, journal, uploads=set(uploads) - set(documents), marked=marked)
    under_way = {workspace.folder.jobs / job["id"] for job in job_rows.unsettled_jobs(workspace.store)}
    found = look_through(workspace, journal.person, record_ids=journal.record_ids)
    done: set[str] = set()
    # Told for all of them before the first goes: what a file is, is read from it.
    targets = [(target_of(workspace, place, documents), place) for place in found.places]
    # What holds one mention that can be masked, and another that cannot, goes whole.
    for target, place in sorted(targets, key=lambda one: one[0].treatment != REMOVE):
        is_taken = target.key in journal.choices.takes
        is_copy = bool(place.n_ids) and target.treatment == REMOVE
        if target.key in done or target.key in journal.choices.leaves or target.path in under_way:
            continue
        if not (place.n_certain or is_taken or is_copy):
            continue
        if target.path.parent == workspace.folder.uploads and target.path.name in shared:
            continue
        if target.treatment == REMOVE or (target.treatment == KEEP and is_taken and target.why == WHY_CONSENT):
            remove_path(workspace, journal, target.path)
        elif target.treatment == MASK and target.path.exists():
            _mask(workspace, journal, target.path, takes_possible=is_taken)
        done.add(target.key)


def target_of(workspace: Workspace, place: Place, documents: Collection[str]) -> Target:
    """What is done with a file, by where it lies."""
    root = workspace.folder.root
    parts = Path(place.path).parts
    top, file = parts[0], root / place.path
    within = root / top / parts[1] if len(parts) > 1 else file
    if len(parts) == 1:
        return _target(root, file, *_at_the_top(file, place))
    if top == workspace.folder.uploads.name:
        is_document = file.name in documents
        return _target(root, file, KEEP if is_document else REMOVE, WHY_CONSENT if is_document else "")
    if top in (workspace.folder.jobs.name, workspace.folder.exports.name, workspace.folder.search.name):
        return _target(root, within, REMOVE)
    if top == workspace.folder.versions.name:
        return _target(root, within, REWRITE)
    if top == "keys":
        return _target(root, file, KEEP, WHY_RANDOM)
    if top == workspace.folder.runs.name and file.suffix in WEIGHTS:
        return _target(root, file, KEEP, WHY_WEIGHTS)
    can_be_masked = place.inside != ITS_NAME and _is_text(file)
    return _target(root, file, MASK if can_be_masked else REMOVE)


def _target(root: Path, path: Path, treatment: str, why: str = "") -> Target:
    return Target(path, f"file:{path.relative_to(root).as_posix()}", treatment, why)


def _at_the_top(file: Path, place: Place) -> tuple[str, str]:
    if file.name in RANDOM:
        return KEEP, WHY_RANDOM
    if file.suffix == ".log":
        return MASK, ""
    # In a mail, or in base64, no mention can be masked by itself.
    stands_plain = file.suffix == ".parquet" or not place.inside or place.inside.startswith("(")
    return (MASK if _is_text(file) and stands_plain else REMOVE), ""


def _is_text(file: Path) -> bool:
    """Whether a mention can be taken out of the file by itself: of text, JSON and Parquet."""
    if file.suffix == ".parquet":
        return True
    with file.open("rb") as opened:
        head = opened.read(65_536)
    return b"\0" not in head and not head.startswith((b"\x1f\x8b", b"BZh", b"PK\x03\x04", b"%PDF"))


def _find(key: str, places: list[tuple[Target, Place]], choices: Choices) -> Find:
    target = places[0][0]
    treatment = next((one.treatment for one, _ in places if one.treatment == REMOVE), target.treatment)
    n_certain, n_possible = sum(p.n_certain for _, p in places), sum(p.n_possible for _, p in places)
    if key in choices.leaves:
        treatment = LEAVE
    elif key in choices.takes and target.why == WHY_CONSENT:
        treatment = REMOVE
    elif not n_certain and key not in choices.takes:
        treatment = ASK
    path = key.removeprefix("file:")
    inside = dict.fromkeys(place.inside for _, place in places if place.inside)
    spelled = dict.fromkeys(one for _, place in places for one in place.spelled)
    where = f"{path} ({', '.join(list(inside)[:5])})" if inside else path
    return Find(key, Path(path).parts[0], where, n_certain, n_possible, tuple(spelled)[:5], treatment, target.why)


def _take_what_goes_unread(
    workspace: Workspace, journal: Journal, *, uploads: Collection[str], marked: Collection[str]
) -> None:
    """Word indexes keep what was taken out of them, copies of the database from before a change of shape all that was ever in it."""
    folder, leaves = workspace.folder, journal.choices.leaves
    for index in sorted(folder.search.iterdir()):
        journal.note_removed(folder.search.name, str(index), REMOVE)
    forget_indexes(workspace)
    for copy in sorted(folder.root.glob(f"{folder.database.name}.before-*")):
        remove_path(workspace, journal, copy)
    for spilled in (folder.root / f"{folder.database.name}.tmp", folder.root / f"{folder.database.name}.new"):
        if spilled.exists():
            remove_path(workspace, journal, spilled)
    for sha256 in sorted(uploads):
        if (folder.uploads / sha256).exists() and f"file:{folder.uploads.name}/{sha256}" not in leaves:
            remove_path(workspace, journal, folder.uploads / sha256)
    for run in marked:
        checkpoint = run_folder(workspace, run) / "checkpoint"
        if checkpoint.exists():
            remove_path(workspace, journal, checkpoint)


def remove_exports(workspace: Workspace, journal: Journal, exports: Collection[str]) -> None:
    """Files of models that learnt the person are not there to be taken away."""
    for export in exports:
        if (workspace.folder.exports / export).exists():
            remove_path(workspace, journal, workspace.folder.exports / export)


def remove_path(workspace: Workspace, journal: Journal, path: Path) -> None:
    relative = path.relative_to(workspace.folder.root)
    journal.note_removed(
        relative.parts[0] if len(relative.parts) > 1 else "the data folder", relative.as_posix(), REMOVE
    )
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _mask(workspace: Workspace, journal: Journal, file: Path, *, takes_possible: bool) -> None:
    relative = file.relative_to(workspace.folder.root)
    journal.note_removed(relative.parts[0] if len(relative.parts) > 1 else "the data folder", relative.as_posix(), MASK)

    def clean(value: Any) -> Any:
        return masked_value(value, journal.person, whole=journal.whole, takes_possible=takes_possible)

    if file.suffix == ".parquet":
        table = parquet.read_table(file)
        parquet.write_table(pa.Table.from_pylist(clean(table.to_pylist()), schema=table.schema.remove_metadata()), file)
        return
    text = _as_text(file.read_bytes())
    # In place: whoever has a log open goes on writing to it.
    with file.open("r+b", buffering=0) as opened:
        content = _clean_text(text, clean, is_lines=file.suffix == ".jsonl").encode()
        os.pwrite(opened.fileno(), content, 0)
        opened.truncate(len(content))


def _as_text(content: bytes) -> str:
    """In UTF-8; a byte that does not belong there is the letter that it was before UTF-8, so that a name written so is seen and nothing is lost."""
    return content.decode("utf-8", "surrogateescape").translate(LETTERS_OF_BYTES)


def _clean_text(text: str, clean: Any, *, is_lines: bool) -> str:
    """JSON and lines of JSON by their values, so that an escaped letter hides nothing; any other text as it stands.

    is_lines: whether it is lines of JSON, which stay lines although one alone is JSON by itself: another may be written behind it.
    """
    if not is_lines:
        with suppress(ValueError):
            return json.dumps(clean(json.loads(text)), ensure_ascii=False, indent=2 if "\n" in text.strip() else None)
    lines = text.splitlines(keepends=True)
    return str(clean("".join(_clean_line(line, clean) for line in lines)))


def _clean_line(line: str, clean: Any) -> str:
    if not line.startswith(("{", "[")):
        return line
    try:
        value = json.loads(line)
    except ValueError:
        return line
    cleaned = clean(value)
    return json.dumps(cleaned, ensure_ascii=False) + "\n" if cleaned != value else line
