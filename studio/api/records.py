"""Records: measure, list, decide; duplicates and scores."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, BeforeValidator, Field

from core.nouns import Role
from core.workflows import auditing, curating, deciding, duplicates, exploring, facts, searching
from studio.access import acting_person, needs
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["records"])
By = Annotated[str, Depends(acting_person)]


class NewDecision(BaseModel):
    """edited: title and content, for an edit."""

    decision: str
    note: str = ""
    edited: dict[str, Any] | None = None
    text_sha256: str | None = None


class NewText(BaseModel):
    text: str


class Thresholds(BaseModel):
    merge_at: float
    ask_at: float


class PairJudgement(BaseModel):
    a: str
    b: str
    judgement: Literal["same", "different"]
    keep: str | None = None


def _listed(value: object) -> object:
    return [] if value in ("", None) else [value] if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(_listed)]


class Chosen(BaseModel):
    """Which records: those that every part that is given holds for.

    words: all of them, whole or as beginnings, "phrases in quotes". like: a record; the hundred nearest to it. about: a text; the hundred
    nearest to it in meaning.
    flag, tag: one or several, all of them. signal: NAME:LOW..HIGH. theme: of the map, by number; area: LEFT..RIGHT,LOW..HIGH.
    missing: a source; those that its newest export lacked. fact: a kind; those that teach a fact of it. holds: a wording, marks too.
    """

    words: str = ""
    like: str = ""
    status: Literal["", "undecided", "kept", "edited", "rejected", "deferred"] = ""
    flag: Names = []
    tag: Names = []
    source: str = ""
    is_clean: bool = False
    signal: Names = []
    theme: int | None = None
    area: str = ""
    record: Names = []
    missing: str = ""
    fact: str = ""
    about: str = ""
    holds: str = ""

    def filter(self) -> deciding.RecordFilter:
        return deciding.RecordFilter(
            words=self.words, status=self.status, source=self.source, is_clean=self.is_clean, flags=tuple(self.flag),
            tags=tuple(self.tag), like=self.like, ranges=tuple(exploring.range_from(text) for text in self.signal),
            theme=self.theme, area=exploring.area_from(self.area) if self.area else None,
            ids=tuple(self.record) if self.record else None, missing=self.missing,
            fact=facts.checked_kind(self.fact).value if self.fact else "", about=self.about, holds=self.holds,
        )  # fmt: skip


class BulkDecision(BaseModel):
    """expected: how many records the person saw that it is about."""

    where: Chosen
    decision: str
    expected: int


class OneRecord(BaseModel):
    record: str


class Records(BaseModel):
    records: list[str]


class Filter(Chosen):
    """order: left out, the order of the search, or as imported without one."""

    order: str = "relevance"
    limit: int = Field(1000, ge=1, le=10_000)
    offset: int = Field(0, ge=0)


class MapOf(Chosen):
    colour: str = "theme"
    limit: int = Field(exploring.MAX_POINTS, ge=1, le=200_000)


@router.post("/projects/{project}/measure", dependencies=[needs(Role.LEAD)])
def measure(project: str, by: By) -> dict[str, str | None]:
    """Queue the measuring; `job` is null when nothing changed since the last."""
    return {"job": curating.measure_records(workspace(), project, by=by)}


@router.get("/projects/{project}/duplicates", dependencies=[needs(Role.LEAD)])
def duplicate_report(project: str, by: By) -> dict[str, Any]:
    """Of pairs to be judged also what differs in them, which are words of their records."""
    found = duplicates.duplicate_report(workspace(), project)
    say_who_reads("duplicates", project, by=by, n_records=2 * sum(bool(pair["swapped"]) for pair in found["ask"]))
    return found


@router.post("/projects/{project}/duplicates", dependencies=[needs(Role.LEAD)])
def judge(project: str, body: PairJudgement, by: By) -> dict[str, Any]:
    duplicates.judge_pair(workspace(), project, body.a, body.b, body.judgement, by=by, keep=body.keep)
    return duplicates.duplicate_report(workspace(), project)


@router.post("/projects/{project}/duplicates/canonical", dependencies=[needs(Role.LEAD)])
def keep_one(project: str, body: OneRecord, by: By) -> dict[str, Any]:
    """Of its cluster, keep this record."""
    duplicates.choose_canonical(workspace(), project, body.record, by=by)
    return duplicates.duplicate_report(workspace(), project)


@router.post("/projects/{project}/duplicates/different", dependencies=[needs(Role.LEAD)])
def keep_apart(project: str, body: Records, by: By) -> dict[str, Any]:
    """Say that these records are different, every pair of them."""
    duplicates.keep_all(workspace(), project, body.records, by=by)
    return duplicates.duplicate_report(workspace(), project)


@router.put("/projects/{project}/duplicates/thresholds", dependencies=[needs(Role.LEAD)])
def set_thresholds(project: str, body: Thresholds, by: By) -> dict[str, Any]:
    """From which probability on pairs are merged and asked about; the stored pairs are clustered anew."""
    duplicates.set_thresholds(workspace(), project, merge_at=body.merge_at, ask_at=body.ask_at, by=by)
    return duplicates.duplicate_report(workspace(), project)


@router.post("/projects/{project}/duplicates/undo", dependencies=[needs(Role.LEAD)])
def undo_judgement(project: str, by: By) -> dict[str, bool]:
    return {"undone": duplicates.undo_last_judgement(workspace(), project, by=by)}


@router.get("/projects/{project}/score", dependencies=[needs(Role.LEAD)])
def score(project: str) -> dict[str, Any]:
    return curating.score_report(workspace(), project)


@router.get("/projects/{project}/records", dependencies=[needs(Role.LEAD)])
def listing(project: str, where: Annotated[Filter, Query()], by: By) -> list[dict[str, Any]]:
    """A page of records; with `words` each has a snippet: pieces of its text, the finds marked. The audit trail says who had them."""
    rows = deciding.list_records(
        workspace(), project, where.filter(), order=where.order, limit=where.limit, offset=where.offset
    )
    if where.words.strip():
        found = searching.snippets(workspace(), project, [row["id"] for row in rows], where.words)
        rows = [row | {"snippet": found[row["id"]]} for row in rows]
    auditing.exported(workspace(), "records", by=by, project=project, n_records=len(rows))
    return rows


@router.get("/projects/{project}/records/count", dependencies=[needs(Role.LEAD)])
def count(project: str, where: Annotated[Chosen, Query()]) -> dict[str, Any]:
    """note: what the search could not do yet, as a sentence; mostly empty."""
    found = searching.resolve(workspace(), project, where.filter())
    return {"n_records": deciding.count_records(workspace(), project, found.where), "note": found.note}


@router.post("/projects/{project}/decisions", dependencies=[needs(Role.LEAD)])
def decide_all(project: str, body: BulkDecision, by: By) -> dict[str, int]:
    """One decision on every record of a filter; refused when their number is not the expected one."""
    n = deciding.decide_all(workspace(), project, body.where.filter(), body.decision, by=by, expected=body.expected)
    return {"n_records": n}


@router.post("/projects/{project}/decisions/undo", dependencies=[needs(Role.LEAD)])
def undo_bulk(project: str, by: By) -> dict[str, int]:
    """Take back this person's last decision on many records, whole."""
    return {"n_records": deciding.undo_bulk(workspace(), project, by=by)}


@router.get("/projects/{project}/themes", dependencies=[needs(Role.LEAD)])
def themes(project: str) -> list[dict[str, Any]]:
    """Groups of records alike in meaning, as the last measurement found and named them."""
    return exploring.themes(workspace(), project)


@router.get("/projects/{project}/map", dependencies=[needs(Role.LEAD)])
def map_of_records(project: str, where: Annotated[MapOf, Query()], by: By) -> dict[str, Any]:
    """Where each record lies; an even sample of `limit` points where there are more than that (n)."""
    found = exploring.map_of_records(workspace(), project, where.filter(), colour=where.colour, limit=where.limit)
    say_who_reads("map", project, by=by, n_records=len(found.points))
    return {"n": found.n, "points": found.points, "themes": found.themes}


@router.get("/projects/{project}/signals", dependencies=[needs(Role.LEAD)])
def signals(project: str, where: Annotated[Chosen, Query()]) -> dict[str, Any]:
    """Histograms of every signal and the score: of all records, and of those that fit."""
    return exploring.signal_histograms(workspace(), project, where.filter())


@router.get("/projects/{project}/records/{record:path}/details", dependencies=[needs(Role.LEAD)])
def details(project: str, record: str, by: By) -> dict[str, Any]:
    found = deciding.record_details(workspace(), project, record)
    say_who_reads("a record", project, by=by, n_records=1, record=found["id"])
    return found


@router.post("/projects/{project}/records/{record:path}/decisions", dependencies=[needs(Role.LEAD)])
def decide(project: str, record: str, body: NewDecision, by: By) -> dict[str, Any]:
    return deciding.decide(
        workspace(),
        project,
        record,
        body.decision,
        by=by,
        note=body.note,
        edited=body.edited,
        expected_text_sha256=body.text_sha256,
    )


@router.put("/projects/{project}/records/{record:path}/text", dependencies=[needs(Role.LEAD)])
def edit(project: str, record: str, body: NewText, by: By) -> dict[str, Any]:
    """An edit of the part that is learnt: the body, the accepted answer, the comment, the last reply."""
    return deciding.edit_text(workspace(), project, record, body.text, by=by)
