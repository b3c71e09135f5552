"""Find records by words and by likeness: turns both into an order of records that a listing can be filtered by.

The word index is a side file: a few changed records are put into it at the next search, many are left to a job,
and until that is done the words are looked for as they were typed. A missing or unreadable index is made anew.
"""

from __future__ import annotations

import json
import shutil
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.curate.fusion import fuse
from core.curate.search_index import SearchIndex
from core.curate.search_terms import Wanted, wanted
from core.curate.snippets import Piece, snippet
from core.errors import Invalid, NotFound, Refused
from core.jobs.folder import JobFolder, write_json
from core.nouns import FINAL_JOB_STATES, JobState
from core.store import jobs as job_rows
from core.store import likeness, searchable
from core.store import records as record_rows
from core.store.connection import Row, Transaction
from core.store.record_filter import RecordFilter
from core.workflows.workspace import Workspace, new_job_folder, project_named, queue_job

# So many nearest records are "like" one: beyond them likeness means little.
N_ALIKE = 100
# So many changed records are indexed while the person waits, a quarter of a second's work; more are left to a job.
MAX_INDEXED_AT_ONCE = 1_000
INDEXER = "Proofroom"
_FORMAT = 1
# What was typed is looked for again at every click on the page, so its vector is kept for a while.
MAX_ABOUT_CHARACTERS, MOST_VECTORS_KEPT = 2_000, 64
_writing = threading.Lock()
_embedding = threading.Lock()
_vectors: dict[tuple[str, str], list[float]] = {}

__all__ = ["Piece"]


@dataclass(frozen=True, slots=True)
class Found:
    """where: the filter with words and likeness turned into ids. note: a sentence on what the search could not do, or empty."""

    where: RecordFilter
    note: str = ""


def resolve(workspace: Workspace, project: str, where: RecordFilter) -> Found:
    """Look up the words, the likeness and the meaning; several are fused by reciprocal rank. Raises NotFound, Refused, Invalid, Unavailable."""
    row = project_named(workspace, project)
    if not (where.words.strip() or where.like or where.about.strip()):
        return Found(replace(where, words="", about=""))
    rest = replace(where, words="", like="", about="")
    rankings, note = [], ""
    if where.words.strip():
        looked_for = wanted(where.words)
        if not looked_for:
            raise Invalid(f"{where.words!r} holds no word.", remedy="Type letters or digits; marks are not indexed.")
        index = _current_index(workspace, row)
        if index is None:
            note = "The words are being indexed; until that is done they are looked for exactly as typed."
            rankings.append(
                record_rows.record_ids(workspace.store, row["id"], RecordFilter(words=where.words.strip('" ')))
            )
        else:
            rankings.append(index.search(looked_for))
    if where.like:
        rankings.append(_alike(workspace, row, where.like, rest))
    if where.about.strip():
        rankings.append(_about(workspace, row, where.about, rest))
    ids = fuse(*rankings) if len(rankings) > 1 else rankings[0]
    if rest.ids is not None:
        allowed = set(rest.ids)
        ids = [one for one in ids if one in allowed]
    return Found(replace(rest, ids=tuple(ids)), note)


def forget_indexes(workspace: Workspace) -> None:
    """Remove every word index, and what was typed to search: a record that was taken out stays in an index's files. The next search makes them anew."""
    with _writing:
        for folder in workspace.folder.search.iterdir():
            shutil.rmtree(folder, ignore_errors=True)
    with _embedding:
        _vectors.clear()


def snippets(workspace: Workspace, project: str, ids: list[str], words: str) -> dict[str, list[Piece]]:
    """The place in each record's text where most of the words stand, in pieces; the finds are marked."""
    row = project_named(workspace, project)
    looked_for: list[Wanted] = wanted(words)
    texts = searchable.texts(workspace.store, row["id"], ids)
    return {one: snippet(text, looked_for) for one, text in texts.items()}


def _alike(workspace: Workspace, project: Row, like: str, rest: RecordFilter) -> list[str]:
    record = record_rows.record(workspace.store, project["id"], like)
    if record is None:
        raise NotFound(
            f"There is no record {like!r} in {project['name']}.",
            remedy="Use an id or external id that `proofroom records` lists.",
        )
    if not likeness.has_vector(workspace.store, record["id"]):
        raise Refused(
            f"{record['external_id']} was not measured yet, so nothing can be compared with it.",
            remedy="Measure the records first.",
        )
    return likeness.nearest_ids(workspace.store, project["id"], record["id"], rest, limit=N_ALIKE)


def _about(workspace: Workspace, project: Row, about: str, rest: RecordFilter) -> list[str]:
    text = " ".join(about.split())
    if len(text) > MAX_ABOUT_CHARACTERS:
        raise Invalid(
            f"The text has {len(text):,} characters.", remedy=f"Use up to {MAX_ABOUT_CHARACTERS:,}: a sentence or two."
        )
    if not likeness.has_vectors(workspace.store, project["id"]):
        raise Refused(
            "The records were not measured yet, so nothing can be compared with the text.",
            remedy="Measure the records first.",
        )
    key = (str(workspace.folder.root), text)
    with _embedding:
        if key not in _vectors:
            (vector,) = workspace.embedder.embed([text])
            while len(_vectors) >= MOST_VECTORS_KEPT:
                del _vectors[next(iter(_vectors))]
            _vectors[key] = [float(x) for x in vector]
        found = _vectors[key]
    return likeness.nearest_to(workspace.store, project["id"], found, rest, limit=N_ALIKE)


def _current_index(workspace: Workspace, project: Row) -> SearchIndex | None:
    """The project's index, brought up to date; None while a job makes it."""
    folder = workspace.folder.search / project["id"]
    with _writing:
        _take_over_built(folder)
        try:
            if _revision_of(folder) == searchable.revision(workspace.store, project["id"]):
                return SearchIndex(folder)
            return _brought_up_to_date(workspace, project, folder)
        except (ValueError, OSError, KeyError):
            # Cut short by a full disk, or written by another version: what it held is in the database.
            shutil.rmtree(folder, ignore_errors=True)
            return _brought_up_to_date(workspace, project, folder)


def _revision_of(folder: Path) -> str:
    """What the index in this folder was last brought up to; empty where there is none."""
    try:
        state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    return str(state["revision"]) if state["format"] == _FORMAT else ""


def _brought_up_to_date(workspace: Workspace, project: Row, folder: Path) -> SearchIndex | None:
    """A few changed records are indexed at once, and so is a small project; the rest is left to a job."""
    marks, new_marks = folder / "marks.parquet", folder / "marks.new.parquet"
    has_index = bool(_revision_of(folder)) and marks.exists()
    if not has_index:
        shutil.rmtree(folder, ignore_errors=True)
        if record_rows.count_records(workspace.store, project["id"], RecordFilter()) > MAX_INDEXED_AT_ONCE:
            _queue_indexing(workspace, project)
            return None
        folder.mkdir(parents=True, mode=0o700)
    # Nothing is written meanwhile, so texts, marks and revision are of one moment.
    with workspace.store.transaction() as tx:
        revision = searchable.revision(tx, project["id"])
        if has_index:
            changed = searchable.changed_since(tx, project["id"], marks, limit=MAX_INDEXED_AT_ONCE)
            gone = searchable.gone_since(tx, project["id"], marks)
        else:
            changed, gone = searchable.all_texts(tx, project["id"]), []
        if len(changed) <= MAX_INDEXED_AT_ONCE:
            searchable.copy_marks_to(tx, project["id"], new_marks)
    if len(changed) > MAX_INDEXED_AT_ONCE:
        _queue_indexing(workspace, project)
        return None
    texts = ((row["id"], row["text"]) for row in changed)
    if has_index:
        index = SearchIndex(folder)
        index.update(texts, gone)
    else:
        SearchIndex.build(folder, texts)
        index = SearchIndex(folder)
    new_marks.replace(marks)
    write_json(folder / "state.json", {"format": _FORMAT, "revision": revision})
    return index


def _queue_indexing(workspace: Workspace, project: Row) -> None:
    """Queue the job that makes the whole index, unless it is under way, or failed twice on these very texts."""
    with workspace.store.transaction() as tx:
        revision = searchable.revision(tx, project["id"])
        earlier = [row for row in job_rows.jobs_of(workspace.store, project["id"]) if row["kind"] == "index"]
        if any(row["state"] not in FINAL_JOB_STATES for row in earlier):
            return
        if sum(row["facts"].get("revision") == revision and row["state"] != JobState.DONE for row in earlier) >= 2:
            return
        _, folder = new_job_folder(workspace)
        folder.inputs.mkdir(parents=True)
        searchable.copy_texts_to(tx, project["id"], folder.inputs / "texts.parquet")
        queue_job(
            tx, folder, project_id=project["id"], kind="index", settings={"project_id": project["id"]},
            facts={"revision": revision}, by=INDEXER,
        )  # fmt: skip
    workspace.supervisor.wake()


def collect_index(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    """Lay the index beside the one in use; the next search takes it over, so that none is changed under a reader."""
    made = folder.out / "index"
    if made.exists():
        write_json(made / "state.json", {"format": _FORMAT, "revision": job["facts"]["revision"]})
        made.rename(workspace.folder.search / f"{job['project_id']}.{job['id']}")
    tx.event("indexed", "records", job["id"], by=job["created_by"], project_id=job["project_id"], **result)


def _take_over_built(folder: Path) -> None:
    built = sorted(folder.parent.glob(f"{folder.name}.*"), key=lambda path: path.stat().st_mtime)
    if built:
        shutil.rmtree(folder, ignore_errors=True)
        built.pop().rename(folder)
        for older in built:
            shutil.rmtree(older, ignore_errors=True)
