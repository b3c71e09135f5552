"""Signed-off texts as candidate records: undecided until somebody keeps them, never held out, their origin kept, taken out like an import."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.errors import Invalid, Refused
from core.nouns import AtEnd, ParsedRecord, RecordKind, ReviewDecision, System, Use
from core.records.record_rows import SCHEMA, row_of
from core.review import signed_off
from core.review.edits import classify
from core.review.requests import request_of
from core.store import records as record_rows
from core.store import review_records
from core.store import sources as source_rows
from core.store.connection import Row, new_id, utc_now
from core.workflows.importing import Terms, checked_terms, default_expiry, keep_upload
from core.workflows.review_pairs import Behind
from core.workflows.waiting import waiting_briefs
from core.workflows.workspace import Workspace, as_date, checked_person, project_named

KIND = "reviews"
PURPOSE = "train on texts that reviewers signed off"
FILE = "signed-off.jsonl"
TITLE_CHARACTERS = 80
# Why a draft gives no record, in words that follow "3 drafts:".
WHY = {
    signed_off.WAITING: "on a brief of which a draft still waits for a verdict",
    signed_off.HUMAN: "the team's own texts, which are held out",
    signed_off.ELSEWHERE: "written by a model elsewhere, which none of yours learns from",
    signed_off.FACTS: "written with facts that were looked up, which a model should not learn by heart",
    signed_off.REJECTED: "rejected",
    signed_off.DISAGREEMENT: "on which reviewers disagree",
    signed_off.EMPTY: "without a word",
    "source": "resting on a source that may not be trained on today",
    "withdrawn": "on a brief from a record that is gone",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidates:
    """texts: signed off and not yet a record. left_out: drafts that give none, by reason. n_taken: records that there are.

    n_outdated: of these, those whose verdict was taken back or has another text by now. sources: those that the texts follow from.
    """

    texts: list[Mapping[str, Any]]
    left_out: dict[str, int]
    n_taken: int
    n_outdated: int
    sources: list[Row]


def candidates(workspace: Workspace, project: str) -> Candidates:
    """What signed-off texts could become records now. Reads only."""
    row = project_named(workspace, project)
    waiting = waiting_briefs(workspace.store, row["id"])
    verdicts = review_records.verdicts(workspace.store, row["id"])
    found, left_out = signed_off.signed_off_texts(verdicts, waiting=waiting)
    behind = Behind(workspace, row["id"], [one["record_id"] for one in found])
    texts, source_ids = [], set()
    for text in found:
        reason = behind.against(_learnt_by(text), text["record_id"])
        if reason:
            left_out[reason] += 1
        else:
            texts.append(text)
    there = {one["review"]["draft"]: one["answer"] for one in review_records.taken(workspace.store, row["id"])}
    # Also of briefs that wait again since: their texts are as good as before.
    every, _ = signed_off.signed_off_texts(verdicts, waiting=())
    signed = {text["draft_id"]: text["final_text"].strip() for text in every}
    new = [text for text in texts if text["draft_id"] not in there]
    for text in new:
        source_ids |= behind.sources(_learnt_by(text), text["record_id"])
    return Candidates(
        new,
        dict(left_out.most_common()),
        n_taken=len(there),
        n_outdated=sum(signed.get(draft) != answer for draft, answer in there.items()),
        sources=source_rows.sources_by_id(workspace.store, sorted(source_ids)),
    )


def inherited(sources: Sequence[Row], *, today: date) -> dict[str, Any]:
    """The terms that follow from the sources behind: the tightest of each. basis: empty where they differ, or there is none.

    uses: never to evaluate, so that no such text is held out. expires_on: the first day on which one of them ends. at_end: erase where one of them is
    erased at its end.
    """
    bases = {source["basis"] for source in sources}
    days = [source["expires_on"] for source in sources if source["expires_on"]]
    return {
        "owner": ", ".join(dict.fromkeys(source["owner"] for source in sources)),
        "basis": next(iter(bases)) if len(bases) == 1 else "",
        "purpose": PURPOSE,
        "uses": [use.value for use in (Use.TRAIN, Use.SHOW) if all(use in source["uses"] for source in sources)],
        "expires_on": min([default_expiry(today), *days]),
        "at_end": (AtEnd.ERASE if any(source["at_end"] == AtEnd.ERASE for source in sources) else AtEnd.KEEP).value,
        "licence": ", ".join(dict.fromkeys(source["licence"] for source in sources)) or "own",
        "controller": ", ".join(dict.fromkeys(source["controller"] for source in sources if source["controller"])),
        "special_categories": sorted({one for source in sources for one in source["special_categories"]}),
        "special_condition": " and ".join(
            sorted({source["special_condition"] for source in sources if source["special_condition"]})
        ),
    }


def take_over(
    workspace: Workspace,
    project: str,
    *,
    by: str,
    owner: str = "",
    basis: str = "",
    purpose: str = "",
    expires: str | None = None,
    licence: str = "",
) -> dict[str, Any]:
    """Make records of all texts that `candidates` finds, as a source of their own. Returns it, and how many records it has.

    What is left empty is inherited. Raises Refused when there is no text, Invalid for terms that are missing, or for an expiry after
    that of a source behind.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    found = candidates(workspace, row["id"])
    if not found.texts:
        raise Refused(
            f"No signed-off text is left to become a record: {_in_words(found.left_out) or 'none was signed off'}.",
            remedy="Review some drafts to the end first.",
        )
    terms = _terms(found.sources, owner=owner, basis=basis, purpose=purpose, expires=expires, licence=licence)
    records = [_record(number, text, row) for number, text in enumerate(found.texts, start=1)]
    # Kept as every import's bytes are, and in no other form than the records have.
    lines = "".join(json.dumps(r.content | {"meta": r.meta}, ensure_ascii=False, default=str) + "\n" for r in records)
    upload = keep_upload(workspace, FILE, lines.encode())
    source_id, file_id = new_id("s_"), new_id("f_")
    with tempfile.TemporaryDirectory(dir=workspace.folder.exchange, prefix="reviews_") as scratch:
        file = Path(scratch) / "records.parquet"
        parquet.write_table(pa.Table.from_pylist([row_of(one) for one in records], schema=SCHEMA), file)
        with workspace.store.transaction() as tx:
            # Somebody else may have been quicker.
            there = {one["review"]["draft"] for one in review_records.taken(tx, row["id"])}
            if there & {text["draft_id"] for text in found.texts}:
                raise Refused("Somebody took these texts over just now.", remedy="Look again.")
            source_rows.insert_source(
                tx, source_id, project_id=row["id"], name=f"Signed-off texts {tx.at:%Y-%m-%d %H:%M}", owner=terms.owner,
                basis=terms.basis, purpose=terms.purpose, uses=list(terms.uses), expires_on=terms.expires_on, licence=terms.licence,
                by=person, kind=KIND, controller=terms.controller, special_categories=terms.special_categories,
                special_condition=terms.special_condition, at_end=terms.at_end,
            )  # fmt: skip
            review_records.insert_file(
                tx, file_id, source_id=source_id, project_id=row["id"], path=FILE, sha256=upload.sha256, n_bytes=upload.n_bytes,
                n_records=len(records),
            )  # fmt: skip
            record_rows.insert_records_from(tx, file, project_id=row["id"], source_id=source_id, file_id=file_id)
            tx.event("taken", "signed_off", source_id, by=person, project_id=row["id"], n_records=len(records))
    return {"source": source_id, "n_records": len(records)}


def candidates_json(workspace: Workspace, project: str) -> dict[str, Any]:
    """How many texts there are, of which class and system, what stays out, and the terms that they would have."""
    row = project_named(workspace, project)
    found = candidates(workspace, project)
    terms = inherited(found.sources, today=utc_now().date())
    return {
        "n_texts": len(found.texts),
        "classes": dict(Counter(_class(text, row) for text in found.texts)),
        "systems": dict(Counter(text["system"] for text in found.texts)),
        "left_out": found.left_out,
        "left_out_in_words": _in_words(found.left_out),
        "n_taken": found.n_taken,
        "n_outdated": found.n_outdated,
        "terms": terms | {"expires_on": terms["expires_on"].isoformat()},
    }


def origin_in_words(record: Row) -> str:
    """Where a record that came out of a review comes from, in a sentence; empty for any other."""
    told = record["meta"].get("review") if isinstance(record["meta"], dict) else None
    if not isinstance(told, dict):
        return ""
    verdict = str(told.get("verdict", "")).replace("_", " ")
    return (
        f"From a review: written by {_WRITERS.get(str(told.get('system')), 'a model')} (run {told.get('run')}) for the brief {told.get('brief')}, "
        f"signed off by {told.get('reviewer')} ({verdict}, {float(told.get('edit_ratio', 0.0)):.0%} of the words edited)."
    )


_WRITERS = {
    System.TUNED.value: "the tuned model",
    System.BASE.value: "the base model",
    System.BASE_FEWSHOT.value: "the base model with examples",
}


def _terms(sources: Sequence[Row], *, owner: str, basis: str, purpose: str, expires: str | None, licence: str) -> Terms:
    """Raises Invalid."""
    today = utc_now().date()
    told = inherited(sources, today=today)
    ends = [source for source in sources if source["expires_on"]]
    wanted = as_date(expires) if expires else told["expires_on"]
    first = min(ends, key=lambda source: source["expires_on"], default=None)
    if first is not None and (wanted is None or wanted > first["expires_on"]):
        raise Invalid(
            f"The texts follow from the source {first['name']}, which expires on {first['expires_on']}.",
            remedy="Choose that day or an earlier one.",
        )
    if not (basis or told["basis"]):
        raise Invalid(
            "The sources behind these texts have different lawful bases, or there is none.",
            remedy="Say on which basis they are kept.",
        )
    terms = checked_terms(
        owner=owner or told["owner"], basis=basis or told["basis"], purpose=purpose or told["purpose"], uses=told["uses"],
        expires=wanted.isoformat() if wanted else "never", licence=licence or told["licence"], today=today,
    )  # fmt: skip
    # The conditions of all sources behind hold, which is more than one may choose for a source of one's own.
    return replace(
        terms, controller=told["controller"], special_categories=tuple(told["special_categories"]), special_condition=told["special_condition"],
        at_end=told["at_end"],
    )  # fmt: skip


def _record(number: int, text: Mapping[str, Any], project: Row) -> ParsedRecord:
    asked = request_of(dict(text))
    title = " ".join(str(text["prompt"]).split())
    meta = {
        "created_at": f"{text['reviewed_at'].isoformat()}Z",
        "review": {
            "brief": text["brief"], "brief_id": text["brief_id"], "brief_record": text["record_id"], "draft": text["draft_id"],
            "system": text["system"], "run": text["run"], "verdict": _class(text, project), "edit_ratio": round(text["edit_ratio"], 4),
            "reviewer": text["reviewer"], "reasons": text["reasons"],
        },
    }  # fmt: skip
    if text["customer"]:
        # A customer's records go to one split.
        meta["customer"] = text["customer"]
    messages = [{"role": "user", "content": asked}, {"role": "assistant", "content": text["final_text"].strip()}]
    return ParsedRecord(
        f"signed-off-{text['item_id']}",
        number,
        RecordKind.CHAT,
        title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1] + "…",
        {"messages": messages},
        meta,
    )


def _class(text: Mapping[str, Any], project: Row) -> str:
    return classify(
        ReviewDecision(text["decision"]), text["edit_ratio"], light_edit_limit=project["light_edit_limit"],
        is_critical_fail=text["is_critical_fail"],
    ).value  # fmt: skip


def _learnt_by(text: Mapping[str, Any]) -> list[str]:
    """The run whose version's words may stand in a text; the base model alone has read nothing of it."""
    return [] if text["system"] == System.BASE else [text["run_id"]]


def _in_words(left_out: Mapping[str, int]) -> str:
    return "; ".join(f"{n:,} {'draft' if n == 1 else 'drafts'}: {WHY[reason]}" for reason, n in left_out.items())
