"""The drafts behind a rate, once it may be told who wrote them: the notable ones, the newest verdicts, and all of them as rows.

Of briefs alone of which no draft and no pair waits any more: whoever reads it here may be the one who judges that.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from core.nouns import System
from core.review.edit_detail import EditDetail, edit_detail
from core.review.edits import word_difference
from core.review.notable import Notable, NotableDraft, OneVerdict, notable
from core.review.provenance import RunTrace
from core.review.sentences import held_back_sentence, no_verdict_sentence
from core.store import reviews as review_rows
from core.store import rubrics as rubric_rows
from core.store.connection import Row, utc_now
from core.workflows.counted import Counted, counted
from core.workflows.given_facts import facts_given
from core.workflows.tracing import traced_runs
from core.workflows.workspace import Workspace

# Of the file of verdicts, in their order.
VERDICT_COLUMNS = (
    "item", "review", "draft", "brief", "system", "run", "run_id", "version", "version_sha256", "adapter_sha256", "base", "seed", "class",
    "decision", "edit_ratio", "sentences", "sentences_untouched", "facts_dropped", "facts_added", "formatting_only", "reasons", "scores", "tags",
    "reviewer", "reviewed_at", "seconds", "notable", "facts_given", "draft_text", "final_text", "report_written_at", "note",
)  # fmt: skip
NOT_SHOWN = "(its terms do not allow it to be shown)"


def notable_drafts(workspace: Workspace, found: Counted, system: System) -> Notable:
    """The worst and the best drafts of a system, and those of any over which reviewers differ; with their texts and facts."""
    by_draft: dict[str, NotableDraft] = {}
    for review in found.told:
        one = OneVerdict(
            review["id"], review["reviewer"], found.class_of(review), review["edit_ratio"], tuple(review["reasons"])
        )
        known = by_draft.pop(review["draft_id"], None)
        verdicts = (*(known.verdicts if known else ()), one)
        # Put in anew: the draft that was judged last stands last.
        by_draft[review["draft_id"]] = NotableDraft(
            review["draft_id"], review["brief"], System(review["system"]), verdicts
        )
    chosen = notable(by_draft.values(), system)
    drafts = {one.draft: one for listed in chosen.by_kind().values() for one in listed}
    texts = texts_of_verdicts(workspace, [one.hardest.review for one in drafts.values()])
    facts = facts_given(workspace, found.project["id"], drafts)

    def with_texts(listed: tuple[NotableDraft, ...]) -> tuple[NotableDraft, ...]:
        return tuple(
            replace(
                one, text=texts[one.hardest.review]["text"], final_text=texts[one.hardest.review]["final_text"],
                facts=facts.get(one.draft, ()),
            )
            for one in listed
        )  # fmt: skip

    return Notable(*(with_texts(listed) for listed in (chosen.worst, chosen.best, chosen.differing)))


def texts_of_verdicts(workspace: Workspace, review_ids: list[str]) -> dict[str, Row]:
    """What drafts read and became, by verdict; where the terms of a team's own text, or of what a brief quotes, forbid showing it, a sentence instead."""
    rows = review_rows.texts_of(workspace.store, review_ids, today=utc_now().date())
    for row in rows.values():
        is_own, is_barred = row.pop("is_own"), row.pop("is_barred")
        if is_barred:
            row |= {"prompt": NOT_SHOWN} | ({"text": NOT_SHOWN, "final_text": NOT_SHOWN} if is_own else {})
    return rows


def newest_verdicts(workspace: Workspace, project: str, *, limit: int) -> tuple[list[dict[str, Any]], int]:
    """The newest verdicts of every run with their draft, class, word difference, what the edit was and the facts that the draft was given, and how
    many may be shown.
    """
    found = counted(workspace, project, only_told=True)
    shown = list(reversed(found.of_all_runs[-limit:]))
    texts = texts_of_verdicts(workspace, [review["id"] for review in shown])
    facts = facts_given(workspace, found.project["id"], {review["draft_id"] for review in shown})
    newest = [
        review
        | {
            "class": found.class_of(review),
            "difference": word_difference(review["text"], review["final_text"]),
            "detail": edit_detail(review["text"], review["final_text"]),
            "facts": facts.get(review["draft_id"], ()),
        }
        for review in ({**one, **texts[one["id"]]} for one in shown)
    ]
    return newest, len(found.of_all_runs)


def verdict_file(
    workspace: Workspace, project: str, *, run: str | None = None, system: System | None = None, written_at: datetime
) -> list[dict[str, Any]]:  # fmt: skip
    """The rows of `verdict_rows` under VERDICT_COLUMNS. Each notes what is held back; where there is none, one row that says why stands alone."""
    found = counted(workspace, project, run=run, only_told=True)
    rows = _rows(workspace, found, system)
    held_back = held_back_sentence(found.n_held_back)
    why_none = no_verdict_sentence(n_held_back=found.n_held_back, n_not_blind=found.n_not_blind)
    written = {"report_written_at": f"{written_at.isoformat()}Z"}
    return [row | written | {"note": held_back} for row in rows] or [written | {"note": why_none}]


def verdict_rows(
    workspace: Workspace, project: str, *, run: str | None = None, system: System | None = None
) -> list[dict[str, Any]]:
    """Every verdict that the rates of a run rest on, oldest first, with what the draft came from.

    Rows on other briefs would tell who wrote a draft: by the run whose file they stand in, if by nothing else.
    """
    return _rows(workspace, counted(workspace, project, run=run, only_told=True), system)


def _rows(workspace: Workspace, found: Counted, system: System | None) -> list[dict[str, Any]]:
    texts = texts_of_verdicts(workspace, [review["id"] for review in found.reviews])
    facts = facts_given(workspace, found.project["id"], {review["draft_id"] for review in found.reviews})
    scores: dict[str, list[str]] = {}
    for one in rubric_rows.scores(workspace.store, found.project["id"]):
        scores.setdefault(one["review_id"], []).append(f"{one['criterion']}: {one['score']}")
    runs = {one.id: one for one in traced_runs(workspace, found)}
    named = _names(notable_drafts(workspace, found, system or told_system(found)))
    return [
        {
            "item": review["item_id"],
            "review": review["id"],
            "draft": review["draft_id"],
            "brief": review["brief"],
            "system": review["system"],
            **_origin_cells(review, runs.get(review["run_id"])),
            "class": found.class_of(review).value,
            "decision": review["decision"],
            "edit_ratio": round(review["edit_ratio"], 4),
            **_detail_cells(edit_detail(review["text"], review["final_text"])),
            "reasons": "; ".join(review["reasons"]),
            "scores": "; ".join(scores.get(review["id"], [])),
            "tags": "; ".join(review["tags"]),
            "reviewer": review["reviewer"],
            "reviewed_at": f"{review['reviewed_at'].isoformat()}Z",
            "seconds": round(review["seconds"], 1),
            "notable": "; ".join(named.get(review["draft_id"], [])),
            "facts_given": "\n".join(fact.in_words() for fact in facts.get(review["draft_id"], ())),
            "draft_text": review["text"],
            "final_text": review["final_text"],
        }
        for review in ({**one, **texts[one["id"]]} for one in found.reviews)
    ]


def told_system(found: Counted) -> System:
    """The tuned system whose rate is told: the one with most verdicts."""
    n_verdicts = {system: 0 for system in System if system.is_tuned}
    for review in found.reviews:
        if review["system"] in n_verdicts:
            n_verdicts[System(review["system"])] += 1
    return max(n_verdicts, key=n_verdicts.__getitem__)


def _names(found: Notable) -> dict[str, list[str]]:
    """By draft, of which kinds it is and at which place."""
    names: dict[str, list[str]] = {}
    for kind, drafts in found.by_kind().items():
        for place, one in enumerate(drafts, start=1):
            names.setdefault(one.draft, []).append(f"{kind} {place}")
    return names


def _origin_cells(review: Row, run: RunTrace | None) -> dict[str, Any]:
    return {
        "run": run.name if run else "",
        "run_id": run.id if run else "",
        "version": review["version"],
        "version_sha256": run.version_sha256 if run else "",
        "adapter_sha256": (run.adapter_sha256 or "") if run and System(review["system"]).is_tuned else "",
        "base": run.base if run else "",
        "seed": review["seed"],
    }


def _detail_cells(detail: EditDetail) -> dict[str, Any]:
    return {
        "sentences": detail.n_sentences,
        "sentences_untouched": detail.n_untouched,
        "facts_dropped": "; ".join(detail.dropped),
        "facts_added": "; ".join(detail.added),
        "formatting_only": detail.is_formatting_only,
    }
