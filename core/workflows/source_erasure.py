"""A source in rows and files: everything that came in with it or was made of its records, taken out in the steps of any erasure.

Its records go as an erased person's do, with every row that names one. Beside them go what a person's erasure masks by its mention, since a source
has no spelling: refused rows, names of files, passages in the figures and files of runs, and the folders of all jobs of the projects that held it.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from core.errors import Conflict
from core.nouns import AtEnd
from core.privacy.erasure_certificate import ErasedSource, Kept
from core.privacy.without_records import names_one, without_records
from core.store import erasures as erasure_rows
from core.store import every_text
from core.store import source_erasures as rows
from core.store import sources as source_rows
from core.store.connection import Row, Transaction
from core.workflows.duplicates import recluster
from core.workflows.erasure_files import remove_path, take_files
from core.workflows.erasure_journal import Journal
from core.workflows.erasure_models import out_of_versions_and_models, runs_by_pairs
from core.workflows.erasure_rows import MASK, Erased
from core.workflows.training import DRAFTS, PREFLIGHT, run_folder
from core.workflows.uploads import about_to_be_read
from core.workflows.workspace import Workspace

WHY_SHARED = "It belongs to {names} as well, as a file that came in or as a consent or contract, and stays for that."
WHY_ANEW = "The same file was sent again after the source's rows had gone, and is being imported anew."
WHY_NUMBERS = "Only numbers of records stand there, which are made of a hash and lead to nothing any more."
WHY_THE_ROW = "The source's terms stay on the register: they are the proof that the data was lawful while it was used (Art. 5(2))."
WHY_DOCUMENTS = "It is the consent or contract that the source rested on, and the proof that the data was lawful (Art. 7(1), 17(3))."
WHY_REVIEWS = "Its texts were signed off in reviews, where they stand as verdicts on drafts; a person is erased from them, a source is not."
WHY_DRAFTS = "Models wrote them that had learnt the source or read examples of it. Where one repeats a text word for word, its words are still there."
WHY_NEAR = "Models that had not learnt the source wrote them on briefs that were taken from its records, or with a passage of it before them."
WHY_SIGNED = "They are verdicts on these drafts, and may repeat what the drafts repeat."
WHY_RECORDS = (
    "They are a source of their own, on the tightest terms of those behind them, and stay until it ends or is erased."
)


def erase_source_rows(workspace: Workspace, tx: Transaction, journal: Journal, source: ErasedSource) -> Erased:
    """Take a source out of every row and, beside their folders, out of the versions; mark the runs that learnt it.

    Raises Conflict where it was erased meanwhile, or is no longer to be erased at its end.
    """
    row = _as_it_stands(tx, source)
    # Counted now, not when it was begun: a newer export may have come in between.
    gone = rows.record_ids_of(tx, row["id"])
    uploads = rows.uploads_of_source(tx, row["id"])
    uploads -= set(rows.living_uses(tx, uploads, but=row["id"]))
    projects = {one["id"] for one in erasure_rows.projects_of_records(tx, gone)}
    learnt = runs_by_pairs(workspace, tx, journal.person, gone)
    drafts = rows.drafts_near(tx, gone)
    n_values = every_text.forget_decided_values(tx, rows.values_of_them_alone(tx, gone))
    erased = every_text.delete_with_records(tx, gone) + Counter(personal_decisions=n_values)
    came_in = rows.erase_what_came_in(tx, row["id"])
    erased["rejected_rows"] += came_in.pop("rejected_rows")
    every_text.forget_counted(tx)
    for project in sorted(projects):
        recluster(tx, project)
    rewritten, marked = out_of_versions_and_models(workspace, tx, journal, gone, {}, learnt)
    rows.forget_source_of_pairs(tx, row["id"])
    masked = Counter(came_in) + _out_of_json(tx, frozenset(gone))
    done = Erased(+erased, +masked, {}, {}, 0, len(rewritten), len(marked))
    erasure_rows.insert_erasure(
        tx, journal.id, project_id=journal.project_id, person_macs=[], result=done.as_json(), by=journal.by
    )
    erasure_rows.insert_uploads(tx, journal.id, uploads)
    rows.mark_erased(tx, row["id"], journal.id, by=journal.by)
    tx.event(
        "erased", "source", row["id"], by=journal.by, project_id=journal.project_id, erasure=journal.id, n_records=len(gone),
        n_rows=erased.total() + masked.total(), n_versions=len(rewritten), n_runs=len(marked), ended_on=source.ended_on,
    )  # fmt: skip
    journal.record_ids, journal.drafts = gone, drafts
    # Before the commit: after it nothing else tells which records went.
    journal.save()
    return done


def take_files_of_source(workspace: Workspace, journal: Journal, source: ErasedSource, marked: Collection[str]) -> None:
    """Remove its uploads that no other source holds, and every file that quotes its records. marked: ids of the runs that learnt them."""
    store = workspace.store
    versions = rows.runs_of_versions(store, journal.id)
    runs = {one["id"] for one in versions} | set(marked)
    projects = {journal.project_id} | {one["project_id"] for one in versions}
    projects |= {one["project_id"] for one in erasure_rows.marked_runs(store, journal.id)}
    for job in rows.settled_jobs(store, projects):
        if (workspace.folder.jobs / job).exists():
            remove_path(workspace, journal, workspace.folder.jobs / job)
    for run in sorted(runs):
        # The first batch as it was tokenised names no record; nor do drafts say which texts they repeat.
        for name in (PREFLIGHT, *((DRAFTS,) if run in marked else ())):
            if (run_folder(workspace, run) / name).exists():
                remove_path(workspace, journal, run_folder(workspace, run) / name)
    ids = frozenset(journal.record_ids)
    for file in sorted(workspace.folder.runs.rglob("*.json*")):
        _out_of_file(workspace, journal, file, ids)
    # Somebody may have sent the same bytes since its rows went, and a job be about to read them.
    in_use = source_rows.uploads_in_use(store) | about_to_be_read(workspace)
    documents = erasure_rows.documents(store)
    uploads = erasure_rows.uploads_of(store, journal.id) - in_use
    take_files(workspace, journal, uploads=uploads, documents=documents, marked=sorted(runs), shared=in_use)


def kept_of_source(workspace: Workspace, journal: Journal, source: ErasedSource, marked: Collection[str]) -> list[Kept]:
    """What of a source stays on purpose, and why: its row, its consent, what another source holds too, what models wrote."""
    store = workspace.store
    shared = rows.living_uses(store, rows.uploads_of_source(store, source.source), but=source.source)
    kept = [Kept("the register's row of the source", 1, WHY_THE_ROW)]
    n_documents = rows.n_documents_of(store, source.source)
    if n_documents:
        kept.append(Kept("consents and contracts of the source", n_documents, WHY_DOCUMENTS))
    kept += [
        Kept(f"uploads/{sha256}", 1, WHY_SHARED.format(names=", ".join(names)))
        for sha256, names in shared.items()
        if names
    ]
    anew = erasure_rows.uploads_of(store, journal.id) - set(shared)
    kept += [Kept(f"uploads/{one}", 1, WHY_ANEW) for one in sorted(anew) if (workspace.folder.uploads / one).exists()]
    row = source_rows.source(store, source.source)
    if row is not None and row["kind"] == "reviews":
        kept.append(Kept("verdicts of reviewers", 0, WHY_REVIEWS))
    wrote = rows.what_models_wrote(store, marked, journal.drafts)
    told = (
        ("drafts by these models", wrote["n_learnt"], WHY_DRAFTS),
        ("drafts by other models", wrote["n_near"], WHY_NEAR),
        ("texts that reviewers signed off", wrote["n_signed"], WHY_SIGNED),
        ("records of signed-off texts", wrote["n_records"], WHY_RECORDS),
    )
    return kept + [Kept(place, n, why) for place, n, why in told if n]


def _as_it_stands(tx: Transaction, source: ErasedSource) -> Row:
    row = rows.source_row(tx, source.source)
    if row["erasure_id"] is not None:
        raise Conflict(f"{row['name']} was erased already.")
    is_due = row["at_end"] == AtEnd.ERASE and row["expires_on"] is not None
    if source.ended_on and not (is_due and row["expires_on"].isoformat() <= source.ended_on):
        raise Conflict(f"{row['name']} is not to be erased any more: its terms were changed.")
    return row


def _out_of_json(tx: Transaction, ids: frozenset[str]) -> Counter[str]:
    """Take what names a record out of figures that stand as JSON. Returns how many rows of each table changed."""
    changed: Counter[str] = Counter()
    for table in rows.json_tables(tx):
        for _, rowid, row in every_text.rows_of(tx.execute, table, rows.json_columns(table)):
            clean = {name: without_records(value, ids) for name, value in row.items()}
            new = {name: value for name, value in clean.items() if value != row[name]}
            if new:
                every_text.change_row(tx, table, rowid, new)
                changed[table.name] += 1
    return changed


def _out_of_file(workspace: Workspace, journal: Journal, file: Path, ids: frozenset[str]) -> None:
    """Take what names a record out of a file of JSON, or of a line of it each; one that says nothing of them stays as it is."""
    text = file.read_text(encoding="utf-8", errors="replace")
    if not names_one(text, ids):
        return
    journal.note_removed(workspace.folder.runs.name, file.relative_to(workspace.folder.root).as_posix(), MASK)
    clean = _without_lines(text, ids)
    # A line of JSON Lines goes whole, also where it is the only one and so is JSON by itself.
    if file.suffix != ".jsonl":
        with suppress(ValueError):
            clean = json.dumps(without_records(json.loads(text), ids), ensure_ascii=False, indent=2)
    new = file.with_name(file.name + ".part")
    new.write_text(clean, encoding="utf-8")
    shutil.copymode(file, new)
    new.replace(file)


def _without_lines(text: str, ids: frozenset[str]) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not names_one(line, ids))
