"""What edits and reasons say of the data: wordings that reviewers take out, the records that hold them, and a rule against each.

Only verdicts on briefs of which no draft waits any more, and only on what a machine wrote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import NotFound, Refused
from core.nouns import ReviewDecision, System
from core.review.guide.check import check_draft
from core.review.guide.document import Guide
from core.review.recurring import STYLE_MARKS, RecurringEdit, recurring_edits, tokens
from core.review.rubric import ReasonSearch
from core.store import measures as measure_rows
from core.store import review_records, wordings
from core.store.connection import Row
from core.workflows import guiding
from core.workflows.rubrics import rubric_of
from core.workflows.waiting import waiting_briefs
from core.workflows.workspace import Workspace, project_named

LEAST_REASONS = 3
# Which flag finds, among the records, what a reason speaks of; where the team's rubric names nothing else.
FLAG_OF_REASON = {
    "too long": "too_long",
    "not our voice": "off_voice",
    "wrong tone": "off_voice",
    "wrong tone for the audience": "off_voice",
    "wrong fact": "stale_fact",
    "wrong claim": "stale_fact",
    "off the brief": "off_topic",
    "does not answer": "closing_without_help",
}
PRESET_OF_MARK = {"!": "no-exclamation-marks", "—": "no-em-dashes"}


def lessons(workspace: Workspace, project: str) -> dict[str, Any]:
    """n_edits, n_verdicts; edits: those that recur, with the records that hold what they take out; reasons: with the records flagged alike.

    holds, flag: the filter of Explore that shows these records; of a reason one of the two. in_guide: whether the guide in force objects already.
    """
    row = project_named(workspace, project)
    verdicts = _verdicts(workspace, row)
    edits = _edits(verdicts)
    found = recurring_edits(edits)
    guide = guiding.guide_of(workspace, row["id"]).guide
    counts = wordings.counts(workspace.store, row["id"], [edit.removed for edit in found])
    return {
        "n_edits": len(edits),
        "n_verdicts": len(verdicts),
        "edits": [
            {
                "removed": edit.removed,
                "added": edit.added,
                "n": edit.n,
                "n_drafts": edit.n_drafts,
                "n_records": n_records,
                "n_kept": n_kept,
                "holds": edit.removed,
                "in_guide": _objects(guide, edit),
                "sentence": f"{edit.in_words}: {_held(n_records, n_kept)}.",
            }
            for edit, (n_records, n_kept) in zip(found, counts, strict=True)
        ],
        "reasons": _reasons(workspace, row, verdicts),
    }


def add_rule(workspace: Workspace, project: str, removed: str, *, by: str) -> str:
    """Put the rule against a wording that edits take out into the brand guide. Returns its name. Raises NotFound, Refused."""
    row = project_named(workspace, project)
    edit = next((e for e in recurring_edits(_edits(_verdicts(workspace, row))) if e.removed == removed), None)
    if edit is None:
        raise NotFound(f"No recurring edit takes out {removed!r}.", remedy="Look at the list again.")
    if _objects(guiding.guide_of(workspace, row["id"]).guide, edit):
        raise Refused(f"The brand guide objects to “{removed}” already.")
    if removed in PRESET_OF_MARK:
        guiding.add_preset(workspace, row["id"], PRESET_OF_MARK[removed], by=by)
        return PRESET_OF_MARK[removed]
    rule = rule_against(edit)
    guiding.add_rule(workspace, row["id"], rule, by=by)
    return str(rule["name"])


def rule_against(edit: RecurringEdit) -> dict[str, Any]:
    """As a guide's file writes it; its name says what it is against."""
    # Its name stands in an address.
    name = f"not {STYLE_MARKS.get(edit.removed, edit.removed)}".replace("/", " ")
    if edit.added:
        return {"name": name, "kind": "substitution", "swap": {edit.removed: edit.added}}
    return {"name": name, "kind": "existence", "tokens": [edit.removed]}


def _verdicts(workspace: Workspace, project: Row) -> list[Row]:
    waiting = waiting_briefs(workspace.store, project["id"])
    return [
        one
        for one in review_records.verdicts(workspace.store, project["id"])
        if one["brief_id"] not in waiting and one["system"] != System.HUMAN
    ]


def _edits(verdicts: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(draft, final) of what was signed off with other words or marks of style."""
    return [
        (one["text"], one["final_text"])
        for one in verdicts
        if one["decision"] == ReviewDecision.SIGN_OFF
        and one["text"] != one["final_text"]
        and tokens(one["text"]) != tokens(one["final_text"])
    ]


def _objects(guide: Guide, edit: RecurringEdit) -> bool:
    """Whether the guide objects to the wording, tried on it alone."""
    tried = f"Well{edit.removed}" if edit.removed in STYLE_MARKS else edit.removed
    spans = [(note.start, note.end) for note in check_draft(tried, guide.all_rules()).notes]
    return any(start < len(tried) and end > len(tried) - len(edit.removed) for start, end in spans)


def _reasons(workspace: Workspace, project: Row, verdicts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    given = Counter(reason for one in verdicts for reason in one["reasons"])
    searches = {reason: ReasonSearch(reason, flag=flag) for reason, flag in FLAG_OF_REASON.items()}
    searches |= {search.reason: search for search in rubric_of(workspace.store, project).searches}
    asked = [(searches[reason], n) for reason, n in given.most_common() if n >= LEAST_REASONS and reason in searches]
    flagged = measure_rows.flag_counts(workspace.store, project["id"])
    worded = [search.holds for search, _ in asked if search.holds]
    holding = dict(zip(worded, wordings.counts(workspace.store, project["id"], worded), strict=True))
    found = []
    for search, n in asked:
        n_records = holding[search.holds][0] if search.holds else flagged.get(search.flag, 0)
        if n_records:
            found.append(
                {
                    "reason": search.reason,
                    "n": n,
                    "flag": search.flag,
                    "holds": search.holds,
                    "n_records": n_records,
                    "sentence": f"{n:,} of {len(verdicts):,} verdicts give the reason “{search.reason}”: {_alike(search, n_records)}.",
                }
            )
    return found


def _alike(search: ReasonSearch, n_records: int) -> str:
    records = "1 record" if n_records == 1 else f"{n_records:,} records"
    if search.holds:
        return f"{records} {'holds' if n_records == 1 else 'hold'} “{search.holds}”"
    return f"{records} {'carries' if n_records == 1 else 'carry'} the flag “{search.flag.replace('_', ' ')}”"


def _held(n_records: int, n_kept: int) -> str:
    if not n_records:
        return "no record holds it, so the data does not teach it"
    holds = "1 record holds" if n_records == 1 else f"{n_records:,} records hold"
    return f"{holds} it, {n_kept:,} of them kept"
