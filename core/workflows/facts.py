"""Facts that go stale: how many records teach one, which, and what a record reads like without them.

They are found when the records are measured, in the text that each has now; an edit is read at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.curate.fact_hiding import FactChoice, hide, placeholder
from core.curate.facts import FACT_PLURALS, FACT_SINGULARS, FactKind, taught_facts
from core.curate.taught import taught_texts
from core.curate.version_card import facts_on
from core.errors import Invalid
from core.nouns import RecordKind
from core.review.edits import DiffSpan
from core.store import facts as fact_rows
from core.store import records as record_rows
from core.store.connection import Transaction
from core.store.records import RecordFilter
from core.workflows.cleaning import difference_of
from core.workflows.projects import curation_is_current
from core.workflows.workspace import Workspace, project_named

__all__ = ["FACT_PLURALS", "FactChoice", "FactKind", "placeholder"]

COMMON_VALUES = 10


@dataclass(frozen=True, slots=True)
class TextWithFacts:
    """What a record teaches before and after facts were put out of it. label: which text. spans: same, removed and added.

    passages: the sentences that moving would keep.
    """

    record: str
    title: str
    label: str
    spans: tuple[DiffSpan, ...]
    passages: tuple[str, ...]


def checked_kind(kind: str) -> FactKind:
    """Raises Invalid with the kinds there are."""
    if kind not in list(FactKind):
        raise Invalid(f"{kind!r} is not a kind of fact.", remedy=f"Choose one of {', '.join(FactKind)}.")
    return FactKind(kind)


def list_facts(workspace: Workspace, project: str) -> dict[str, Any]:
    """n_records; is_current, whether all of them were read; and for each kind its counts, a sentence, and the commonest values."""
    row = project_named(workspace, project)
    n_records = record_rows.count_records(workspace.store, row["id"], RecordFilter())
    common: dict[str, list[dict[str, Any]]] = {}
    for value in fact_rows.commonest_values(workspace.store, row["id"], limit=COMMON_VALUES):
        common.setdefault(value.pop("kind"), []).append(value)
    kinds = [
        counted
        | {"sentence": _sentence(FactKind(counted["kind"]), counted["n_records"], n_records), "values": common[counted["kind"]]}
        for counted in fact_rows.kind_counts(workspace.store, row["id"])
    ]  # fmt: skip
    return {"n_records": n_records, "is_current": curation_is_current(workspace, row["id"]), "kinds": kinds}


def texts_with_facts(
    workspace: Workspace, project: str, kind: str, *, value: str = "", limit: int = 5, offset: int = 0
) -> list[TextWithFacts]:
    """Up to `limit` records that teach a fact of this kind, with and without it, as they read now. value: this one alone."""
    wanted = checked_kind(kind)
    row = project_named(workspace, project)
    shown: list[TextWithFacts] = []
    for identity in fact_rows.records_with(workspace.store, row["id"], wanted.value, value, limit=limit, offset=offset):
        record = record_rows.record(workspace.store, row["id"], identity)
        if record is None:
            continue
        title = record["edited_title"] or record["title"]
        for taught in taught_texts(RecordKind(record["kind"]), title, record["edited_content"] or record["content"]):
            done = hide(taught.text, {wanted: FactChoice.MOVE})
            if done.facts:
                passages = tuple(dict.fromkeys(fact.passage for fact in done.facts))
                spans = difference_of(taught.text, done.changes)
                shown.append(TextWithFacts(record["id"], title or record["external_id"], taught.label, spans, passages))
    return shown


def put_out_in_words(card: Mapping[str, Any]) -> str:
    """What a version's card says of facts, as "3 prices moved, 1 policy masked"; empty where it kept them all."""
    parts = []
    for kind, one in facts_on(card).items():
        many = FACT_PLURALS[FactKind(kind)] if kind in list(FactKind) else kind
        done = {FactChoice.MASK: "masked", FactChoice.MOVE: "moved"}.get(one["choice"], "put out")
        parts.append(f"{one['n_spans']:,} {kind if one['n_spans'] == 1 else many} {done}")
    return ", ".join(parts)


def read_again(tx: Transaction, record_ids: Sequence[str]) -> None:
    """Find the facts of these records anew, in the transaction that gave them another text."""
    for record in fact_rows.texts_now(tx, list(record_ids)):
        spans = taught_facts(RecordKind(record["kind"]), record["title"], record["content"])
        fact_rows.replace_spans_of(tx, record, spans)


def _sentence(kind: FactKind, n: int, n_records: int) -> str:
    return f"{n:,} of {n_records:,} records {'contains' if n == 1 else 'contain'} {FACT_SINGULARS[kind]}."
