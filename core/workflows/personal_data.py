"""Personal data that was found: listed by kind, decided on, and seen as it would be frozen.

Decisions are append-only, on one place, on all places of a value, or on a whole kind; the narrower one counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.cleaning.changes import Change
from core.curate.version_card import personal_data_on
from core.errors import Invalid, NotFound
from core.nouns import RecordKind
from core.privacy.pseudonyms import NOT_REPLACED, known_as, placeholder, pseudonym
from core.privacy.putting_out import Put, put_out
from core.privacy.spans import PersonalType
from core.records.text import record_text
from core.review.edits import DiffSpan
from core.store import personal_data as personal_rows
from core.store import records as record_rows
from core.store.connection import Row, Snapshot, new_id
from core.workflows import auditing
from core.workflows.cleaning import difference_of
from core.workflows.pseudonym_keys import key_of
from core.workflows.workspace import Workspace, checked_person, project_named

KEEP, MASK, REPLACE = "keep", "mask", "replace"
KINDS = [kind.value for kind in PersonalType]
KIND_WORDS = {kind.value: kind.in_words for kind in PersonalType}
CHOICES = (KEEP, MASK, REPLACE)
BLOCK = "block"
COMMON_VALUES = 50
CONTEXT_CHARACTERS = 160
PSEUDONYMS = pa.schema([(name, pa.string()) for name in ("type", "value", "pseudonym")])


@dataclass(frozen=True, slots=True)
class Passage:
    """One place: before, value and after are pieces of the record's text. instead: what would stand there, by choice."""

    id: str
    record: str
    title: str
    type: str
    before: str
    value: str
    after: str
    value_sha256: str
    score: float
    found_by: str
    choice: str | None
    instead: dict[str, str]


# ---- what was found


def list_kinds(workspace: Workspace, project: str) -> dict[str, Any]:
    """kinds with their counts; n_records, n_searched; undecided: block or mask, what a version does with what nobody decided on."""
    row = project_named(workspace, project)
    state = personal_rows.search_state(workspace.store, row["id"])
    kinds = personal_rows.kind_counts(workspace.store, row["id"])
    return {
        "n_records": state["n_records"],
        "n_searched": state["n_searched"],
        "was_searched": personal_rows.was_searched(workspace.store, row["id"]),
        "n_undecided": sum(one["n_undecided"] for one in kinds),
        "undecided": personal_rows.choice_for_undecided(workspace.store, row["id"]) or BLOCK,
        "kinds": [one | {"may_be_replaced": PersonalType(one["type"]) not in NOT_REPLACED} for one in kinds],
    }


def before_freezing(workspace: Workspace, project: str) -> str:
    """A sentence on what freezing would do with undecided personal data; empty where all was looked for and decided."""
    if not personal_rows.was_searched(workspace.store, project_named(workspace, project)["id"]):
        return "Nobody has looked for personal data in these records."
    found = list_kinds(workspace, project)
    n_unread, n_undecided = found["n_records"] - found["n_searched"], found["n_undecided"]
    if not n_unread and not n_undecided:
        return ""
    parts = [f"{n_undecided:,} places of personal data are undecided"] if n_undecided else []
    parts += [f"{n_unread:,} records were not looked through since they came in or changed"] if n_unread else []
    does = "this stops a version that takes them" if found["undecided"] == BLOCK else "what is undecided is masked"
    return f"{' and '.join(parts)}: {does}."


def list_values(workspace: Workspace, project: str, kind: str, *, limit: int = COMMON_VALUES) -> list[dict[str, Any]]:
    """The commonest values of a kind with their numbers. Raises Invalid for a kind that there is not."""
    row = project_named(workspace, project)
    return personal_rows.value_counts(workspace.store, row["id"], checked_kind(kind).value, limit=limit)


def list_passages(
    workspace: Workspace,
    project: str,
    *,
    kind: str = "",
    value_sha256: str = "",
    only_undecided: bool = False,
    limit: int = 20,
    offset: int = 0,
) -> list[Passage]:
    """Places in their text. value_sha256: of this value alone, as list_values names it."""
    row = project_named(workspace, project)
    found = personal_rows.spans(
        workspace.store, row["id"], kind=checked_kind(kind).value if kind else "", value_sha256=value_sha256,
        only_undecided=only_undecided, limit=limit, offset=offset,
    )  # fmt: skip
    key = key_of(workspace, row["id"]) if found else b""
    return [_passage(one, key) for one in found]


def preview_record(workspace: Workspace, project: str, record: str) -> dict[str, str]:
    """A record's text as it is, and as a version would have it, with what was decided and what is done with the undecided."""
    row = project_named(workspace, project)
    found = record_rows.record(workspace.store, row["id"], record)
    if found is None:
        raise NotFound(f"There is no record {record!r} in {row['name']}.")
    kind = RecordKind(found["kind"])
    title, content = found["edited_title"] or found["title"], found["edited_content"] or found["content"]
    after = put_out(kind, title, content, _puts(workspace, row["id"], found["id"]))
    return {"before": record_text(kind, title, content), "after": record_text(kind, *after)}


def preview_difference(workspace: Workspace, project: str, record: str) -> list[DiffSpan]:
    """The same as pieces: same, removed and added. Raises NotFound."""
    row = project_named(workspace, project)
    found = record_rows.record(workspace.store, row["id"], record)
    if found is None:
        raise NotFound(f"There is no record {record!r} in {row['name']}.")
    changes = [
        Change(put.start, put.end, put.text, "personal data") for put in _puts(workspace, row["id"], found["id"])
    ]
    return list(difference_of(found["edited_text"] or found["text"], changes))


def _puts(workspace: Workspace, project_id: str, record_id: str) -> list[Put]:
    """What stands elsewhere in a version of the record; of what nobody decided on its placeholder."""
    key = key_of(workspace, project_id)
    puts = []
    for span in personal_rows.spans_of(workspace.store, project_id, record_id):
        choice = span["choice"] or MASK
        if choice != KEEP:
            instead = _instead(span["value"], PersonalType(span["type"]), key)[choice]
            puts.append(Put(span["start_char"], span["end_char"], instead))
    return puts


def who_is(workspace: Workspace, project: str, name: str, *, by: str) -> list[str]:
    """The values that a pseudonym of this project may stand for; needs the key, and the values in the records as they are now.

    That it was asked is an entry of the trail.
    """
    row = project_named(workspace, project)
    values = personal_rows.replaced_values(workspace.store, row["id"])
    found = known_as([(one["value"], PersonalType(one["type"])) for one in values], key_of(workspace, row["id"]))(name)
    auditing.viewed(workspace, "pseudonym", by=by, project=row["id"], n_values=len(found))
    return found


def put_out_in_words(card: Mapping[str, Any]) -> str:
    """What a version's card says of personal data, as "12 masked, 31 replaced"; empty where nothing was put out."""
    counts: Counter[str] = Counter()
    for kind in personal_data_on(card).values():
        counts.update({"mask": kind["mask"] + kind["masked_undecided"], "replace": kind["replace"]})
    done = [f"{counts[name]:,} {word}" for name, word in ((MASK, "masked"), (REPLACE, "replaced")) if counts[name]]
    return ", ".join(done)


def treatment(snapshot: Snapshot, project_id: str) -> str | None:
    """What a version does with what nobody decided on, block or mask; None where nobody ever looked for personal data."""
    if not personal_rows.was_searched(snapshot, project_id):
        return None
    return personal_rows.choice_for_undecided(snapshot, project_id) or BLOCK


def write_decided(workspace: Workspace, snapshot: Snapshot, project_id: str, folder: Path) -> None:
    """Write what the freezing job needs: spans with their choices, and the pseudonyms; the key stays here."""
    personal_rows.copy_decided_to(snapshot, project_id, folder)
    key = key_of(workspace, project_id)
    rows = [
        one | {"pseudonym": pseudonym(one["value"], PersonalType(one["type"]), key)}
        for one in personal_rows.replaced_values(snapshot, project_id)
    ]
    parquet.write_table(pa.Table.from_pylist(rows, schema=PSEUDONYMS), folder / "pseudonyms.parquet")


# ---- deciding


def decide_kind(workspace: Workspace, project: str, kind: str, choice: str, *, by: str) -> None:
    """Keep, mask or replace all of a kind that nobody decides on more narrowly. Raises Invalid."""
    wanted = _checked(kind, choice)
    _write(workspace, project, by=by, scope="type", kind=wanted.value, choice=choice)


def decide_value(workspace: Workspace, project: str, kind: str, value_sha256: str, choice: str, *, by: str) -> None:
    """The same for every place of one value, in whatever case it is written. value_sha256: its hash, or the beginning of it.

    Raises NotFound where it names no value, or several.
    """
    wanted = _checked(kind, choice)
    row = project_named(workspace, project)
    hashes = personal_rows.value_hashes(workspace.store, row["id"], wanted.value, value_sha256)
    if len(hashes) != 1:
        raise NotFound(
            f"{len(hashes)} values of the kind {wanted} have a hash that begins with {value_sha256[:64]!r}.",
            remedy="Take the hash that the list of values names.",
        )
    _write(workspace, project, by=by, scope="value", kind=wanted.value, value_sha256=hashes[0], choice=choice)


def decide_passage(workspace: Workspace, project: str, passage: str, choice: str, *, by: str) -> None:
    """The same for one place. passage: its id. Raises NotFound where the record does not read so any more."""
    row = project_named(workspace, project)
    record, _, rest = passage.partition(":")
    text_sha256, _, start = rest.partition(":")
    for span in personal_rows.spans_of(workspace.store, row["id"], record):
        if span["text_sha256"] == text_sha256 and str(span["start_char"]) == start:
            kind = _checked(span["type"], choice)
            _write(
                workspace, project, by=by, scope="span", kind=kind.value, record_id=record, text_sha256=text_sha256,
                start_char=span["start_char"], choice=choice,
            )  # fmt: skip
            return
    raise NotFound("This place is not there any more.", remedy="The record was edited; look through it again.")


def decide_undecided(workspace: Workspace, project: str, choice: str, *, by: str) -> None:
    """What freezing does with what nobody decided on: block it, or mask it. Raises Invalid."""
    if choice not in (BLOCK, MASK):
        raise Invalid(f"{choice!r} is not possible for what is undecided.", remedy=f"Choose {BLOCK} or {MASK}.")
    _write(workspace, project, by=by, scope="undecided", choice=choice)


def undo_last(workspace: Workspace, project: str, *, by: str) -> bool:
    """Take the person's last decision on personal data back, on however many places it was; false where there is none."""
    person = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        last = personal_rows.last_decision(tx, row["id"], person)
        if last is None:
            return False
        personal_rows.insert_decision(
            tx, new_id("pd_"), project_id=row["id"], scope=last["scope"], kind=last["type"], choice="undo",
            undoes=last["id"], by=person,
        )  # fmt: skip
        tx.event("undone", "personal_data", last["id"], by=person, project_id=row["id"])
    return True


def checked_kind(kind: str) -> PersonalType:
    """Raises Invalid with the kinds there are."""
    if kind not in KINDS:
        raise Invalid(f"{kind!r} is not a kind of personal data.", remedy=f"Choose one of {', '.join(KINDS)}.")
    return PersonalType(kind)


def _checked(kind: str, choice: str) -> PersonalType:
    wanted = checked_kind(kind)
    if choice not in CHOICES:
        raise Invalid(f"{choice!r} is no decision on personal data.", remedy=f"Choose {', '.join(CHOICES)}.")
    if choice == REPLACE and wanted in NOT_REPLACED:
        raise Invalid(f"{wanted} has no pseudonym.", remedy="Keep or mask it.")
    return wanted


def _write(workspace: Workspace, project: str, *, by: str, scope: str, choice: str, **where: Any) -> None:
    person = checked_person(by)
    row = project_named(workspace, project)
    decision = new_id("pd_")
    with workspace.store.transaction() as tx:
        personal_rows.insert_decision(
            tx, decision, project_id=row["id"], scope=scope, choice=choice, by=person, **where
        )
        tx.event(choice, "personal_data", decision, by=person, project_id=row["id"], scope=scope)


def _passage(row: Row, key: bytes) -> Passage:
    text, start, end = row["text"], row["start_char"], row["end_char"]
    kind = PersonalType(row["type"])
    return Passage(
        f"{row['record_id']}:{row['text_sha256']}:{start}", row["record_id"], row["title"] or row["external_id"], kind.value,
        text[max(0, start - CONTEXT_CHARACTERS) : start], text[start:end], text[end : end + CONTEXT_CHARACTERS],
        row["value_sha256"], row["score"], row["found_by"], row["choice"], _instead(row["value"], kind, key),
    )  # fmt: skip


def _instead(value: str, kind: PersonalType, key: bytes) -> dict[str, str]:
    return {KEEP: value, MASK: placeholder(kind), REPLACE: pseudonym(value, kind, key)}
