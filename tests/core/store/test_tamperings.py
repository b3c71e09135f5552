"""A thousand seeded tamperings on the database and on the files beside it: every one is found, and named by number."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import duckdb
import pytest

from core.config import DataFolder
from core.privacy.audit import NOTHING_BEFORE, Entry, Head, Tampering, encoded, head_seal, mac_of
from core.privacy.audit_check import Outcome, verify
from core.store import migrate as migrations
from core.store.connection import Store
from core.store.trail import read_head, read_key
from core.store.trail_start import ENTRY_COLUMNS

N_TAMPERINGS = 1_000
N_OLD, N_NEW = 20, 70
COLUMNS = ("happened_at", "done_by", "project_id", "action", "noun", "object_id", "facts", "previous", "mac")
OTHER_FIRST_BYTE = "unhex(if(hex({0})[1:2] = '00', 'FF', '00') || hex({0})[3:])"
Expected = set[tuple[Tampering, int]]


@dataclass
class Kept:
    """A closed studio, and what a thief has of it: its head when the trail had fewer entries."""

    folder: DataFolder
    last: int
    stolen_head: bytes
    stolen_seq: int


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Old events that were sealed, then acts one by one and some at once."""
    root = tmp_path_factory.mktemp("tampered")
    folder = DataFolder(root)
    older = tmp_path_factory.mktemp("older")
    for file in migrations.MIGRATIONS.glob("*.sql"):
        if file.name < "0039":
            (older / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", older)
        store = Store(folder.database)
        with store.transaction() as tx:
            for n in range(N_OLD):
                tx.execute(
                    "INSERT INTO events (happened_at, done_by, project_id, action, noun, object_id, facts) VALUES (?, 'Ann', 'p', 'keep', 'record', ?, '{}')",
                    [tx.at, f"r_{n}"],
                )
        store.close()
    store = Store(folder.database)
    random, stolen = Random(7), (b"", 0)
    while store.trail.end.seq < N_OLD + 1 + N_NEW:
        with store.transaction() as tx:
            for _ in range(random.choice((1, 1, 1, 3))):
                tx.event(
                    random.choice(("keep", "reject")),
                    "record",
                    f"r_{random.randrange(99)}",
                    by=random.choice(("Ann", "Ben")),
                    project_id="p",
                    n=1,
                )
        if not stolen[1] and store.trail.end.seq > 60:
            stolen = folder.audit_head.read_bytes(), store.trail.end.seq
    last = store.trail.end.seq
    store.close()
    return Kept(folder, last, *stolen)


class Attack:
    """One tampering: what it did is undone when it is over, and `expected` says what has to be found."""

    def __init__(self, kept: Kept, connection: duckdb.DuckDBPyConnection, random: Random) -> None:
        self.kept, self.random, self.expected = kept, random, Expected()
        self.sql = connection.execute
        self.files = kept.folder

    def any(self, first: int = 1, last: int | None = None) -> int:
        return self.random.randint(first, last or self.kept.last)

    def expect(self, kind: Tampering, *numbers: int) -> None:
        self.expected |= {(kind, n) for n in numbers}

    def entries(self) -> list[Entry]:
        return [Entry(*row) for row in self.sql(f"SELECT {ENTRY_COLUMNS} FROM events ORDER BY seq, mac").fetchall()]

    def relink(self, first: int, key: bytes) -> Head:
        """Compute the chain anew from an entry on, under whatever key."""
        entries = self.entries()
        previous = entries[first - 2].mac if first > 1 else NOTHING_BEFORE
        links = []
        for one in entries[first - 1 :]:
            fields = encoded(one.seq, one.at_us, one.by, one.project_id, one.action, one.noun, one.object_id, one.facts)
            mac = mac_of(key, previous, fields)
            links.append((one.seq, previous, mac))
            previous = mac
        self.sql(
            "UPDATE events SET previous = l.previous, mac = l.mac FROM (SELECT unnest(?) AS seq, unnest(?) AS previous, unnest(?) AS mac) l "
            "WHERE events.seq = l.seq",
            [list(column) for column in zip(*links, strict=True)],
        )
        return Head(links[-1][0], previous)

    def write_head(self, head: Head, key: bytes) -> None:
        told = {"entry": head.seq, "mac": head.mac.hex(), "seal": head_seal(key, head).hex()}
        self.files.audit_head.write_text(json.dumps(told), encoding="ascii")


def changed_field(attack: Attack) -> None:
    seq, column = attack.any(), attack.random.choice(COLUMNS)
    value = {
        "happened_at": "happened_at + INTERVAL 1 MICROSECOND", "facts": """'{"n": 2}'::JSON""",
        "previous": OTHER_FIRST_BYTE.format("previous"), "mac": OTHER_FIRST_BYTE.format("mac"),
    }.get(column, f"{column} || 'x'")  # fmt: skip
    attack.sql(f"UPDATE events SET {column} = {value} WHERE seq = ?", [seq])
    attack.expect(Tampering.CHANGED, seq)


def changed_old_event(attack: Attack) -> None:
    seq = attack.any(1, N_OLD)
    attack.sql("UPDATE events SET done_by = 'Cid' WHERE seq = ?", [seq])
    attack.expect(Tampering.CHANGED, seq)


def changed_seal(attack: Attack) -> None:
    attack.sql("""UPDATE events SET facts = '{"n_entries": 0}' WHERE action = 'sealed'""")
    attack.expect(Tampering.CHANGED, N_OLD + 1)


def endless_time(attack: Attack) -> None:
    seq = attack.any()
    attack.sql("UPDATE events SET happened_at = 'infinity' WHERE seq = ?", [seq])
    attack.expect(Tampering.CHANGED, seq)


def deleted_entries(attack: Attack) -> None:
    first = attack.any(1, attack.kept.last - 5)
    last = first + attack.random.randint(0, 3)
    attack.sql("DELETE FROM events WHERE seq BETWEEN ? AND ?", [first, last])
    attack.expect(Tampering.MISSING, *range(first, last + 1))


def deleted_and_closed_up(attack: Attack) -> None:
    seq = attack.any(1, attack.kept.last - 1)
    attack.sql("DELETE FROM events WHERE seq = ?", [seq])
    attack.sql("UPDATE events SET seq = seq - 1 WHERE seq > ?", [seq])
    attack.expect(Tampering.CHANGED, *range(seq, attack.kept.last))


def swapped_entries(attack: Attack) -> None:
    one, other = attack.random.sample(range(1, attack.kept.last + 1), 2)
    attack.sql(
        "UPDATE events SET seq = CASE seq WHEN ? THEN ? ELSE ? END WHERE seq IN (?, ?)", [one, other, one, one, other]
    )
    attack.expect(Tampering.CHANGED, one, other)


def inserted_entry(attack: Attack) -> None:
    seq = attack.any(2)
    attack.sql("UPDATE events SET seq = seq + 1 WHERE seq >= ?", [seq])
    attack.sql(
        "INSERT INTO events SELECT ?, happened_at, 'Eve', project_id, action, noun, object_id, facts, previous, mac FROM events WHERE seq = ?",
        [seq, seq - 1],
    )
    attack.expect(Tampering.CHANGED, *range(seq, attack.kept.last + 2))


def doubled_entry(attack: Attack) -> None:
    seq = attack.any()
    attack.sql("INSERT INTO events SELECT * FROM events WHERE seq = ?", [seq])
    attack.expect(Tampering.DOUBLED, seq)


def cut_tail(attack: Attack) -> None:
    first = attack.any(1, attack.kept.last)
    attack.sql("DELETE FROM events WHERE seq >= ?", [first])
    attack.expect(Tampering.MISSING, *range(first, attack.kept.last + 1))


def cut_tail_with_an_edited_head(attack: Attack) -> None:
    last = attack.any(2, attack.kept.last - 1)
    attack.sql("DELETE FROM events WHERE seq > ?", [last])
    told = json.loads(attack.files.audit_head.read_bytes())
    mac = attack.entries()[-1].mac
    attack.files.audit_head.write_text(json.dumps(told | {"entry": last, "mac": mac.hex()}), encoding="ascii")
    attack.expect(Tampering.HEAD_FORGED, last)


def cut_tail_without_a_head(attack: Attack) -> None:
    last = attack.any(2, attack.kept.last - 1)
    attack.sql("DELETE FROM events WHERE seq > ?", [last])
    attack.files.audit_head.unlink()
    attack.expect(Tampering.HEAD_MISSING, last)


def recomputed_without_the_key(attack: Attack) -> None:
    """The attacker knows how it is done, and keeps what stands before."""
    first, key = attack.any(), attack.random.randbytes(32)
    attack.sql("UPDATE events SET done_by = 'Eve' WHERE seq = ?", [first])
    attack.write_head(attack.relink(first, key), key)
    attack.expect(Tampering.CHANGED, *range(first, attack.kept.last + 1))


def recomputed_wholly_with_a_stolen_head(attack: Attack) -> None:
    attack.sql("DELETE FROM events WHERE seq > ?", [attack.kept.stolen_seq])
    attack.sql("UPDATE events SET object_id = 'other' WHERE seq = ?", [attack.any(1, attack.kept.stolen_seq)])
    attack.relink(1, attack.random.randbytes(32))
    attack.files.audit_head.write_bytes(attack.kept.stolen_head)
    attack.expect(Tampering.CHANGED, *range(1, attack.kept.stolen_seq + 1))
    attack.expect(Tampering.HEAD_DIFFERS, attack.kept.stolen_seq)


def head_put_back(attack: Attack) -> None:
    attack.files.audit_head.write_bytes(attack.kept.stolen_head)
    attack.expect(Tampering.HEAD_BEHIND, *range(attack.kept.stolen_seq + 1, attack.kept.last + 1))


def cut_tail_beyond_a_stolen_head(attack: Attack) -> None:
    last = attack.any(2, attack.kept.stolen_seq - 1)
    attack.sql("DELETE FROM events WHERE seq > ?", [last])
    attack.files.audit_head.write_bytes(attack.kept.stolen_head)
    attack.expect(Tampering.MISSING, *range(last + 1, attack.kept.stolen_seq + 1))


def key_replaced(attack: Attack) -> None:
    attack.files.audit_key.write_text(attack.random.randbytes(32).hex() + "\n", encoding="ascii")
    attack.expect(Tampering.CHANGED, *range(1, attack.kept.last + 1))
    attack.expect(Tampering.HEAD_FORGED, attack.kept.last)


def all_entries_gone(attack: Attack) -> None:
    attack.sql("DELETE FROM events")
    attack.expect(Tampering.MISSING, *range(1, attack.kept.last + 1))


ATTACKS: tuple[Callable[[Attack], None], ...] = (
    changed_field, changed_field, changed_field, changed_old_event, changed_seal, endless_time, deleted_entries, deleted_and_closed_up, swapped_entries,
    inserted_entry, doubled_entry, cut_tail, cut_tail, cut_tail_with_an_edited_head, cut_tail_without_a_head, recomputed_without_the_key,
    recomputed_wholly_with_a_stolen_head, head_put_back, cut_tail_beyond_a_stolen_head, key_replaced, all_entries_gone,
)  # fmt: skip


def checked(attack: Attack) -> Outcome:
    key = read_key(attack.files.audit_key)
    head, is_forged = read_head(attack.files.audit_head, key)
    return verify(attack.entries(), key, head, head_is_forged=is_forged)


def told(found: Outcome) -> Expected:
    return {(one.kind, seq) for one in found.findings for seq in range(one.first, one.last + 1)}


def test_key_and_head_can_be_read_by_their_owner_alone(kept: Kept) -> None:
    assert [file.stat().st_mode & 0o777 for file in (kept.folder.audit_key, kept.folder.audit_head)] == [0o600, 0o600]
    assert len(bytes.fromhex(kept.folder.audit_key.read_text())) == 32
    assert secrets.compare_digest(kept.folder.audit_key.read_bytes()[-1:], b"\n")


def test_a_thousand_tamperings_are_found_and_named_by_number(kept: Kept) -> None:
    files = [(file, file.read_bytes()) for file in (kept.folder.audit_key, kept.folder.audit_head)]
    random, found_by_kind = Random(20_261), Counter[str]()
    with duckdb.connect(str(kept.folder.database)) as connection:
        assert checked(Attack(kept, connection, random)).is_unbroken
        for turn in range(N_TAMPERINGS):
            make = ATTACKS[turn] if turn < len(ATTACKS) else random.choice(ATTACKS)
            connection.execute("BEGIN")
            attack = Attack(kept, connection, random)
            make(attack)
            found = checked(attack)
            assert attack.expected <= told(found), (turn, make.__name__, attack.expected - told(found))
            found_by_kind[make.__name__] += 1
            connection.execute("ROLLBACK")
            for file, content in files:
                file.write_bytes(content)
        assert checked(Attack(kept, connection, random)).is_unbroken
    assert found_by_kind.total() == N_TAMPERINGS
    assert found_by_kind.keys() == {make.__name__ for make in ATTACKS}


def test_the_old_events_are_linked_and_sealed_by_one_entry_over_them(kept: Kept) -> None:
    with duckdb.connect(str(kept.folder.database)) as connection:
        found = checked(Attack(kept, connection, Random(1)))
    assert (found.n_earlier, found.last) == (N_OLD, kept.last)


@pytest.fixture
def copied(kept: Kept, tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    for name in ("database", "audit_key", "audit_head"):
        source: Path = getattr(kept.folder, name)
        (tmp_path / source.name).write_bytes(source.read_bytes())
    return folder


def reopened(folder: DataFolder) -> Outcome:
    """Start the studio's store on it, write on, and verify what there is then."""
    store = Store(folder.database)
    with store.transaction() as tx:
        tx.event("keep", "record", "r", by="Ann")
    store.close()
    key = read_key(folder.audit_key)
    head, is_forged = read_head(folder.audit_head, key)
    with duckdb.connect(str(folder.database)) as connection:
        rows = connection.execute(f"SELECT {ENTRY_COLUMNS} FROM events ORDER BY seq, mac").fetchall()
    return verify((Entry(*row) for row in rows), key, head, head_is_forged=is_forged)


def test_a_cut_tail_is_still_missed_after_the_studio_went_on(kept: Kept, copied: DataFolder) -> None:
    with duckdb.connect(str(copied.database)) as connection:
        connection.execute("DELETE FROM events WHERE seq > 50")
    found = reopened(copied)
    assert told(found) >= {(Tampering.MISSING, n) for n in range(51, kept.last + 1)}
    assert (Tampering.FOUND_AT_START, kept.last + 1) in told(found)


def test_a_database_that_was_taken_away_whole_is_missed(kept: Kept, copied: DataFolder) -> None:
    copied.database.unlink()
    found = reopened(copied)
    assert told(found) >= {(Tampering.MISSING, n) for n in range(1, kept.last + 1)}


def test_a_head_that_was_put_back_or_taken_away_stays_known(kept: Kept, copied: DataFolder) -> None:
    copied.audit_head.write_bytes(kept.stolen_head)
    assert told(reopened(copied)) == {(Tampering.FOUND_AT_START, kept.last + 1)}
    copied.audit_head.unlink()
    assert told(reopened(copied)) == {(Tampering.FOUND_AT_START, kept.last + n) for n in (1, 3)}


def test_a_lost_key_begins_the_trail_again_and_says_so(kept: Kept, copied: DataFolder) -> None:
    copied.audit_key.unlink()
    found = told(reopened(copied))
    assert found == {(Tampering.CHANGED, n) for n in range(1, kept.last + 1)} | {
        (Tampering.FOUND_AT_START, kept.last + 1)
    }


def test_a_head_that_a_killed_process_left_behind_is_brought_up_and_counted(kept: Kept, copied: DataFolder) -> None:
    store = Store(copied.database)
    before = copied.audit_head.read_bytes()
    with store.transaction() as tx:
        for record in ("a", "b"):
            tx.event("keep", "record", record, by="Ann")
    store.close()
    copied.audit_head.write_bytes(before)
    found = reopened(copied)
    assert (found.findings, found.n_followed, found.n_behind) == ([], 1, 0)
