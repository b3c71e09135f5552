"""A person in the rows of the database: what would go, and its going, in one transaction with that from versions and models.

A record that holds the person goes whole, with every row that names it; everywhere else the mention is masked, so that a verdict or a decision
stays. Which tables there are is asked of the engine, never listed here.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.privacy.person import Person, fold, masked_value
from core.store import erasures as erasure_rows
from core.store import every_text
from core.store.connection import Row, Transaction
from core.store.every_text import Column, Read, TextTable
from core.workflows.duplicates import recluster
from core.workflows.erasure_journal import RECORDS, Choices, Journal
from core.workflows.erasure_models import out_of_versions_and_models, runs_by_pairs
from core.workflows.workspace import Workspace

ERASE, MASK, REMOVE, REWRITE, KEEP, ASK, LEAVE = "erase", "mask", "remove", "rewrite", "keep", "ask", "leave"
MOST_SPELLED = 5
IN_USE = "It is the name of an account that is in use. End the account first, then erase again."


@dataclass(frozen=True, slots=True)
class Find:
    """A place that holds the person. key: by which it is chosen. place: the table, or the folder. where: columns, or the path.

    treatment: erase, mask, remove, rewrite; ask: possible alone, and not chosen; keep: cannot go, and why; leave: left by hand.
    spelled: some of the mentions as they stand there.
    """

    key: str
    place: str
    where: str
    n_certain: int
    n_possible: int
    spelled: tuple[str, ...]
    treatment: str
    why: str = ""


@dataclass(slots=True)
class _Counted:
    n_certain: int = 0
    n_possible: int = 0


def find_rows(read: Read, person: Person, choices: Choices, in_use: Collection[str]) -> Iterator[Find]:
    """Every row that holds the person, and what would become of it. in_use: the names of accounts that have not ended."""
    for table in every_text.text_tables(read):
        for find, _, _ in _finds_in(read, table, person, choices, in_use):
            yield find


def names_in_use(read: Read, person: Person) -> frozenset[str]:
    """The folded names of open accounts that are the person's, or a namesake's."""
    return frozenset(fold(name)[0] for name in erasure_rows.open_accounts_in(read) if person.certain(name))


def _finds_in(
    read: Read, table: TextTable, person: Person, choices: Choices, in_use: Collection[str]
) -> Iterator[tuple[Find, int, Row]]:
    """The finds of one table, with the engine's number of the row and its texts that may change."""
    columns = every_text.swept(table)
    for key, rowid, row in every_text.rows_of(read, table, columns):
        kept = [one for one in columns if _is_in_use(table, one, row, in_use)]
        spelled: dict[str, None] = {}
        count, where = _Counted(), []
        for column in columns:
            found = _Counted()
            for text in every_text.texts_of(row[column.name]):
                for one in person.anyhow(text):
                    found.n_certain += one.is_certain
                    found.n_possible += not one.is_certain
                    spelled[text[one.start : one.end]] = None
            if found.n_certain or found.n_possible:
                where.append(column.name)
                if column not in kept:
                    count.n_certain += found.n_certain
                    count.n_possible += found.n_possible
        told = (tuple(spelled)[:MOST_SPELLED],)
        if kept:
            names = ", ".join(one.name for one in kept)
            yield Find(f"{key}:name", table.name, names, len(kept), 0, *told, KEEP, IN_USE), rowid, {}
        is_by_hand = table.name == RECORDS and key.partition(":")[2] in choices.records
        if count.n_certain or count.n_possible or is_by_hand:
            treatment = _treatment(table, key, count, choices, is_by_hand=is_by_hand)
            values = {one.name: row[one.name] for one in columns if one not in kept}
            yield (
                Find(key, table.name, ", ".join(where), count.n_certain, count.n_possible, *told, treatment),
                rowid,
                values,
            )


def _treatment(table: TextTable, key: str, count: _Counted, choices: Choices, *, is_by_hand: bool) -> str:
    if key in choices.leaves:
        return LEAVE
    if not (count.n_certain or is_by_hand or key in choices.takes):
        return ASK
    return ERASE if table.name == RECORDS and key not in choices.masks else MASK


def _is_in_use(table: TextTable, column: Column, row: Row, in_use: Collection[str]) -> bool:
    value = row[column.name]
    is_name = column.is_actor or (table.name == "accounts" and column.name in ("name", "name_key"))
    return is_name and isinstance(value, str) and fold(value)[0] in in_use


@dataclass(frozen=True, slots=True)
class Erased:
    """What went out of the database. erased, masked: rows by table. kept: names of accounts in use, and what was left by hand, by table."""

    erased: Mapping[str, int]
    masked: Mapping[str, int]
    kept: Mapping[str, int]
    left: Mapping[str, int]
    n_asked: int
    n_versions: int
    n_runs: int

    def as_json(self) -> dict[str, Any]:
        return {
            "erased": dict(self.erased), "masked": dict(self.masked), "kept": dict(self.kept), "left": dict(self.left),
            "n_asked": self.n_asked, "n_versions": self.n_versions, "n_runs": self.n_runs,
        }  # fmt: skip


def erase_rows(workspace: Workspace, tx: Transaction, journal: Journal, person_macs: list[str]) -> Erased:
    """Take the person out of every row and, beside their folders, out of the versions; mark the runs that learnt them."""
    person = journal.person
    in_use = names_in_use(tx.execute, person)
    gone, masked = _records(tx, journal, in_use)
    uploads = every_text.uploads_behind(tx.execute, gone) | every_text.uploads_behind(tx.execute, list(masked))
    projects = [row["id"] for row in erasure_rows.projects_of_records(tx, [*gone, *masked])]
    n_values = every_text.forget_decided_values(tx, _hashes_of_values(tx, person))
    # Looked for before rows go: afterwards nothing tells which version held them.
    learnt = runs_by_pairs(workspace, tx, person, gone)
    erased = every_text.delete_with_records(tx, gone) + Counter(personal_decisions=n_values)
    counts, kept, left, n_asked, behind = _sweep(tx, journal, in_use)
    every_text.measure_anew(tx, masked)
    every_text.forget_counted(tx)
    for project in projects:
        recluster(tx, project)
    rewritten, marked = out_of_versions_and_models(workspace, tx, journal, gone, masked, learnt)
    done = Erased(+erased, +counts, +kept, +left, n_asked, len(rewritten), len(marked))
    erasure_rows.insert_erasure(
        tx, journal.id, project_id=journal.project_id, person_macs=person_macs, result=done.as_json(), by=journal.by
    )
    erasure_rows.insert_uploads(tx, journal.id, uploads | behind)
    tx.event(
        "erased", "person", journal.id, by=journal.by, project_id=journal.project_id, n_records=len(gone), n_rows=erased.total() + counts.total(),
        n_versions=len(rewritten), n_runs=len(marked),
    )  # fmt: skip
    journal.record_ids, journal.masked = gone, masked
    # Before the commit: after it nothing else tells which records went.
    journal.save()
    return done


def _records(tx: Transaction, journal: Journal, in_use: Collection[str]) -> tuple[list[str], dict[str, bool]]:
    """Ids of the records that go, and of those that are masked, with whether their possible mentions go too."""
    table = next(one for one in every_text.text_tables(tx.execute) if one.name == RECORDS)
    gone, masked = [], {}
    for find, _, _ in _finds_in(tx.execute, table, journal.person, journal.choices, in_use):
        record = find.key.partition(":")[2]
        if find.treatment == ERASE:
            gone.append(record)
        elif find.treatment == MASK:
            masked[record] = find.key in journal.choices.takes
    return gone, masked


def _sweep(
    tx: Transaction, journal: Journal, in_use: Collection[str]
) -> tuple[Counter[str], Counter[str], Counter[str], int, set[str]]:
    """Mask every mention that is left. Returns how many rows were masked, kept and left by hand, by table, how many are possible alone, and the
    hashes of the uploads that masked rows came in with: what a row says stands in them as well, however they pack it.
    """
    masked: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    left: Counter[str] = Counter()
    n_asked, facts = 0, []
    uploads: set[str] = set()
    for table in every_text.text_tables(tx.execute):
        for find, rowid, row in _finds_in(tx.execute, table, journal.person, journal.choices, in_use):
            if find.treatment == KEEP:
                kept[table.name] += 1
            elif find.treatment == LEAVE:
                left[table.name] += 1
            elif find.treatment == ASK:
                n_asked += 1
            elif find.treatment == MASK:
                takes = find.key in journal.choices.takes
                clean = {
                    name: masked_value(value, journal.person, whole=journal.whole, takes_possible=takes)
                    for name, value in row.items()
                }
                changed = {name: value for name, value in clean.items() if value != row[name]}
                uploads |= every_text.uploads_of_row(tx.execute, table, rowid)
                every_text.change_row(tx, table, rowid, changed)
                masked[table.name] += 1
                facts += [find.key.partition(":")[2]] if table.name in ("facts", "fact_passages") else []
    every_text.forget_vectors_of_facts(tx, facts)
    return masked, kept, left, n_asked, uploads


def _hashes_of_values(tx: Transaction, person: Person) -> set[str]:
    """As decisions on values keep them: of every spelling, and of what was found in the texts."""
    values = {row["value"] for row in erasure_rows.found_values(tx) if person.certain(row["value"])}
    return {hashlib.sha256(value.lower().encode()).hexdigest() for value in {*values, *person.spellings}}
