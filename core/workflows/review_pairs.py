"""Preference pairs of a project: from its verdicts, or as another run was started with, as far as they may be learnt from today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import Invalid
from core.nouns import PairChoice, PairOrigin, PreferencePair, ReviewDecision, System, Use
from core.review import pairs as pairing
from core.review.requests import request_of
from core.review.side_by_side import outcome
from core.store import draft_pairs as pair_rows
from core.store import reviews as review_rows
from core.store import runs as run_rows
from core.store import sources as source_rows
from core.store import versions as version_rows
from core.store.connection import Row
from core.workflows.gates import against_run, records_that_forbid, source_ids_behind
from core.workflows.pair_results import votes_by_pair
from core.workflows.training import run_folder, run_named
from core.workflows.waiting import waiting_briefs
from core.workflows.workspace import Workspace

PAIRS = "pairs.jsonl"
REVIEWS = "reviews"
# Asked the very same; with facts a model is asked something else.
ANSWER_THE_SAME = (System.TUNED, System.BASE, System.BASE_FEWSHOT)
# Why a verdict is in no pair, in words that follow "3 verdicts:".
WHY = {
    pairing.AS_IS: "signed off without an edit, so nothing says what would be better",
    pairing.ALONE: "rejected, and no draft for the same brief was signed off",
    pairing.EMPTY: "on a draft without a word",
    pairing.DISAGREEMENT: "on a draft that reviewers disagree on",
    pairing.SAME: "the same two texts as in another pair",
    pairing.NOT_SIGNED_OFF: "for a draft that was preferred side by side, and not signed off by itself",
    "no_preference": "side by side, where neither draft was preferred",
    "waiting": "on a brief of which somebody has a draft to judge yet",
    "other_system": "on what the base model or a person wrote; only a tuned model's own drafts say how it should write",
    "other_base": "on a draft of a run with another base model",
    "source": "resting on a source that may not be trained on today",
    "withdrawn": "on a brief from a record that is gone",
    "learnt": "learnt already by this run or the one before it",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PairsFound:
    """pairs: to learn from. left_out: how many verdicts (of frozen pairs, pairs) are in none, by reason."""

    pairs: list[PreferencePair]
    left_out: dict[str, int]

    @property
    def n_edits(self) -> int:
        return sum(pair.origin is PairOrigin.EDIT for pair in self.pairs)

    @property
    def n_preferred(self) -> int:
        return sum(pair.origin is PairOrigin.PREFERRED for pair in self.pairs)


def pairs_of(workspace: Workspace, project: str, run: str) -> PairsFound:
    """The pairs that the verdicts of a project make for going on from a run.

    Only drafts that a tuned model on the same base wrote: what the base model wrote, this one would not write, and learning
    to avoid it teaches little and harms what it can (Ren and Sutherland, 2024). The team's own texts are never the better one:
    they are held out, or have no source. Side by side the better one may be the base model's: people preferred it and signed it off, and
    the request was the same. Nothing whose sources forbid training today, and nothing of a brief that waits for a verdict: how many
    pairs there are would tell who wrote the draft that was judged last.
    """
    row = run_named(workspace, run, project=project)
    verdicts = review_rows.judged_drafts(workspace.store, row["project_id"])
    gate = Gate(workspace, row, [verdict["record_id"] for verdict in verdicts])
    waiting = waiting_briefs(workspace.store, row["project_id"])
    left_out: Counter[str] = Counter()
    judged = []
    for verdict in verdicts:
        if reason := "waiting" if verdict["brief_id"] in waiting else _against(gate, verdict):
            left_out[reason] += 1
        else:
            judged.append(_judged(verdict))
    pairs, others = pairing.make_pairs(judged)
    preferred, not_preferred = _preferred_pairs(workspace, row["project_id"], verdicts, gate, waiting)
    found = {pair.id: pair for pair in [*preferred, *pairs]}
    known = _learnt_already(workspace, row)
    left_out["learnt"] = sum(pair in known for pair in found)
    left_out[pairing.SAME] += len(preferred) + len(pairs) - len(found)
    kept = [found[i] for i in sorted(found) if i not in known]
    return PairsFound(kept, dict((left_out + others + not_preferred).most_common()))


def _against(gate: Gate, verdict: Row) -> str:
    if verdict["system"] != System.TUNED:
        return "other_system"
    return gate.against([verdict["run_id"]], verdict["record_id"])


def _preferred_pairs(
    workspace: Workspace, project_id: str, verdicts: list[Row], gate: Gate, waiting: set[str]
) -> tuple[list[PreferencePair], Counter[str]]:
    """The pairs of what was preferred side by side, and how many comparisons are in none, by reason; those on a brief that still waits not yet."""
    by_draft: dict[str, list[Row]] = {}
    for verdict in verdicts:
        by_draft.setdefault(verdict["draft_id"], []).append(verdict)
    votes = votes_by_pair(workspace, project_id)
    left_out: Counter[str] = Counter()
    preferred = []
    for row in pair_rows.pairs(workspace.store, project_id):
        if row["id"] not in votes or row["brief_id"] in waiting:
            continue
        choice = outcome(votes[row["id"]])
        if choice not in (PairChoice.FIRST, PairChoice.SECOND):
            left_out["no_preference"] += 1
            continue
        better, worse = ("first", "second") if choice is PairChoice.FIRST else ("second", "first")
        chosen = by_draft.get(row[f"{better}_draft"], [])
        rejected = by_draft.get(row[f"{worse}_draft"], [])
        if row[f"{worse}_system"] != System.TUNED or row[f"{better}_system"] not in ANSWER_THE_SAME:
            left_out["other_system"] += 1
        elif not chosen or not rejected:
            left_out[pairing.NOT_SIGNED_OFF] += 1
        elif reason := gate.against([row["first_run"], row["second_run"]], rejected[0]["record_id"]):
            left_out[reason] += 1
        else:
            preferred.append(pairing.Preferred([_judged(one) for one in chosen], _judged(rejected[0])))
    pairs, others = pairing.make_preferred_pairs(preferred)
    return pairs, left_out + others


def found_pairs(workspace: Workspace, project: str, row: Row, pairs_from: str) -> PairsFound:
    """Pairs from the reviews, or those that another continuation was started with, as far as they may be learnt from today."""
    if pairs_from == REVIEWS:
        return pairs_of(workspace, project, row["id"])
    other = run_named(workspace, pairs_from, project=project)
    if not other["continues"]:
        raise Invalid(
            f"The run {other['name']} has no pairs.", remedy=f"Choose {REVIEWS}, or a run that went on from another."
        )
    pairs = frozen_pairs(workspace, other)
    gate = Gate(workspace, row, [pair.record_id for pair in pairs])
    against = [gate.against(pair.run_ids, pair.record_id) for pair in pairs]
    kept = [pair for pair, reason in zip(pairs, against, strict=True) if not reason]
    return PairsFound(kept, dict(Counter(filter(None, against))))


def frozen_pairs(workspace: Workspace, row: Row) -> list[PreferencePair]:
    return pairing.read_pairs(
        run_folder(workspace, row["id"]) / PAIRS, expected_sha256=row["continues"]["pairs_sha256"]
    )


def _learnt_already(workspace: Workspace, row: Row) -> set[str]:
    """Ids of the pairs that a run went on with, and those before it."""
    known: set[str] = set()
    while row["continues"]:
        known |= {pair.id for pair in frozen_pairs(workspace, row)}
        row = run_named(workspace, row["continues"]["run"])
    return known


class Behind:
    """The sources that a text follows from, and whether they may be learnt from today."""

    def __init__(self, workspace: Workspace, project_id: str, record_ids: Iterable[str | None]) -> None:
        store = workspace.store
        self._runs = {one["id"]: one for one in run_rows.runs(store, project_id)}
        self._versions = {one["id"]: one for one in version_rows.versions(store, project_id)}
        self._source_of = source_rows.source_ids_of(store, sorted({one for one in record_ids if one is not None}))
        self._barred_records = records_that_forbid(workspace, list(self._source_of), Use.TRAIN)
        self._barred_runs = {
            one["id"] for one in self._runs.values() if against_run(workspace, one, self._versions[one["version_id"]])
        }

    def against(self, run_ids: Iterable[str], record_id: str | None) -> str:
        """The reason against it; empty where there is none."""
        if record_id is not None and record_id not in self._source_of:
            return "withdrawn"
        return "source" if record_id in self._barred_records or self._barred_runs.intersection(run_ids) else ""

    def sources(self, run_ids: Iterable[str], record_id: str | None) -> set[str]:
        """The sources that a text follows from: those that the runs which wrote it learnt from, and that of the brief's record."""
        found: set[str] = set()
        for one in run_ids:
            run = self._runs[one]
            found |= set(source_ids_behind(run, self._versions[run["version_id"]]))
        return found | ({self._source_of[record_id]} if record_id is not None else set())


class Gate(Behind):
    """Whether what a run wrote, for a brief from a record, may be learnt from today by going on from another run."""

    def __init__(self, workspace: Workspace, run: Row, record_ids: Iterable[str | None]) -> None:
        super().__init__(workspace, run["project_id"], record_ids)
        self._base = run["config"]["base"]

    def against(self, run_ids: Iterable[str], record_id: str | None) -> str:
        runs = list(run_ids)
        if any(self._runs[one]["config"]["base"] != self._base for one in runs):
            return "other_base"
        return super().against(runs, record_id)


def _judged(verdict: Row) -> pairing.JudgedDraft:
    return pairing.JudgedDraft(
        draft_id=verdict["draft_id"],
        brief_id=verdict["brief_id"],
        record_id=verdict["record_id"],
        run_id=verdict["run_id"],
        request=request_of(verdict),
        text=verdict["text"],
        is_signed_off=verdict["decision"] == ReviewDecision.SIGN_OFF,
        final_text=verdict["final_text"],
        edit_ratio=verdict["edit_ratio"],
    )
