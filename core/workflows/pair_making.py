"""Pairs of drafts to be judged side by side: which can be made, made, withdrawn. For leads: what is here names systems.

The team's own texts can be compared, but only where somebody asks for it: side by side, a colleague's published text is recognised
for what it is, and tells more than the brief does. It is counted apart and never learnt from.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Invalid, NotFound, Refused
from core.nouns import System
from core.review.pair_drawing import DrawnPair, draw_pairs
from core.review.summary import SYSTEM_LABELS
from core.store import draft_pairs as pair_rows
from core.store import runs as run_rows
from core.store.connection import Row, Store, Transaction
from core.workflows.waiting import note_told
from core.workflows.workspace import Workspace, checked_person, project_named

# What a run's drafts are compared with: the two systems, the run's own first.
KINDS = {
    "base": (System.TUNED, System.BASE),
    "base_fewshot": (System.TUNED, System.BASE_FEWSHOT),
    "base_facts": (System.TUNED_FACTS, System.BASE_FACTS),
    "without_facts": (System.TUNED_FACTS, System.TUNED),
    "human": (System.TUNED, System.HUMAN),
}
OF_RUN = "run:"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two writers. key: as a person names it. run: whose drafts are ours. other: the run of the other tuned drafts, where there is one."""

    key: str
    ours: System
    theirs: System
    run: Row
    other: Row

    @property
    def words(self) -> str:
        theirs = SYSTEM_LABELS[self.theirs]
        of = f" of {self.other['name']}" if self.other is not self.run else ""
        return f"{SYSTEM_LABELS[self.ours]} and {theirs[0].lower()}{theirs[1:]}{of}"


@dataclass(frozen=True, slots=True)
class PossiblePairs:
    """comparison, words: which. n: pairs that can be made now, of this comparison alone. n_made: pairs that there are."""

    comparison: str
    words: str
    n: int
    n_made: int


@dataclass(frozen=True, slots=True)
class PairPlan:
    """run: whose tuned drafts are compared; None where no run has any. runs: those that have. n_open: pairs that wait for a verdict."""

    run: str | None
    runs: tuple[str, ...]
    possible: tuple[PossiblePairs, ...]
    n_open: int


def plan_pairs(workspace: Workspace, project: str, *, run: str | None = None) -> PairPlan:
    """What can be compared side by side, for one run; the newest with drafts, if none is named. Raises NotFound for a run without any."""
    row = project_named(workspace, project)
    found = _Drafts(workspace.store, row["id"])
    n_open = len(pair_rows.open_pairs(workspace.store, row["id"]))
    names = tuple(one["name"] for one in found.runs.values())
    chosen = found.run_named(run)
    if chosen is None:
        return PairPlan(None, names, (), n_open)
    possible = [
        PossiblePairs(one.key, one.words, len(found.new(one, but_taken=True)), found.n_made(one))
        for one in found.comparisons(chosen)
    ]
    return PairPlan(chosen["name"], names, tuple(one for one in possible if one.n or one.n_made), n_open)


def make_pairs(
    workspace: Workspace, project: str, comparisons: Sequence[str], *, by: str, run: str | None = None
) -> dict[str, int]:
    """Make every pair that there can be of these comparisons. Returns how many are to be judged (made) and how many are one text twice (same).

    They are asked about once every draft of their brief has its verdicts. Raises Invalid for a comparison that there is not, Refused
    where there is no new pair.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        found = _Drafts(tx, row["id"])
        chosen = found.run_named(run)
        known = {one.key: one for one in found.comparisons(chosen)} if chosen else {}
        unknown = [key for key in comparisons if key not in known]
        if unknown or not comparisons:
            raise Invalid(
                f"{', '.join(unknown) or 'Nothing'} cannot be compared side by side.",
                remedy=f"Choose from {', '.join(known)}." if known else "Write drafts first.",
            )
        drawn, same = _drawn(tx, found, [known[key] for key in dict.fromkeys(comparisons)])
        if not drawn and not same:
            raise Refused(
                "There is no new pair to make.",
                remedy="Write more drafts, or have the pairs that wait judged first: a draft waits in one pair at a time.",
            )
        for one in [*drawn, *same]:
            pair_rows.insert_pair(
                tx, "sp_" + secrets.token_hex(12), project_id=row["id"], brief_id=one.brief, first_draft=one.first,
                second_draft=one.second, is_same=one in same, sides_seed=secrets.token_hex(12), by=person,
            )  # fmt: skip
        tx.event(
            "made", "draft_pairs", row["id"], by=person, project_id=row["id"], n_pairs=len(drawn), n_same=len(same)
        )
    return {"made": len(drawn), "same": len(same)}


def withdraw_pairs(workspace: Workspace, project: str, *, by: str) -> int:
    """Ask about no pair any more that waits for a verdict; those that were given count on. Returns how many pairs."""
    person = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        ids = [one["id"] for one in pair_rows.open_pairs(tx, row["id"])]
        if ids:
            pair_rows.withdraw(tx, ids, by=person)
            note_told(tx, row["id"])
            tx.event("withdrawn", "draft_pairs", row["id"], by=person, project_id=row["id"], n_pairs=len(ids))
    return len(ids)


class _Drafts:
    """The drafts of a project by writer and brief, and the pairs that they stand in."""

    def __init__(self, store: Store | Transaction, project_id: str) -> None:
        drafts = pair_rows.drafts_and_writers(store, project_id)
        runs = run_rows.runs(store, project_id)
        pairs = pair_rows.pairs(store, project_id)
        judged = {row["pair_id"] for row in pair_rows.verdicts(store, project_id)}
        self._base_of = {run["id"]: run["config"]["base"] for run in runs}
        self._newest: dict[tuple[System, str], dict[str, Row]] = {}
        for draft in drafts:
            self._newest.setdefault(self._writer(draft), {})[draft["brief_id"]] = draft
        # One that was withdrawn before anybody said a word on it can be made again.
        self._made = [
            frozenset((row["first_draft"], row["second_draft"]))
            for row in pairs
            if not row["withdrawn_at"] or row["id"] in judged
        ]
        waiting = pair_rows.open_pairs(store, project_id)
        self.taken = {draft for row in waiting for draft in (row["first_draft"], row["second_draft"])}
        self.runs = {run["id"]: run for run in runs if self._of(System.TUNED, run) or self._of(System.TUNED_FACTS, run)}

    def run_named(self, run: str | None) -> Row | None:
        """The newest where none is named. Raises NotFound."""
        if run is None:
            return next(iter(self.runs.values()), None)
        found = next((row for row in self.runs.values() if run in (row["id"], row["name"])), None)
        if found is None:
            names = ", ".join(row["name"] for row in self.runs.values())
            raise NotFound(
                f"There is no draft of a run called {run!r}.", remedy=f"Runs with drafts: {names or 'none yet'}."
            )
        return found

    def comparisons(self, run: Row) -> list[Comparison]:
        kinds = [Comparison(key, ours, theirs, run, run) for key, (ours, theirs) in KINDS.items()]
        others = [other for other in self.runs.values() if other["id"] != run["id"]]
        return kinds + [Comparison(OF_RUN + one["name"], System.TUNED, System.TUNED, run, one) for one in others]

    def pairs(self, comparison: Comparison) -> dict[str, tuple[str, str]]:
        """The two newest drafts of the comparison, by brief, where there are both."""
        ours, theirs = self._of(comparison.ours, comparison.run), self._of(comparison.theirs, comparison.other)
        return {brief: (ours[brief]["id"], theirs[brief]["id"]) for brief in sorted(ours.keys() & theirs.keys())}

    def new(self, comparison: Comparison, *, but_taken: bool = False) -> dict[str, tuple[str, str]]:
        """Those that were not made. but_taken: nor hold a draft that waits in another pair."""
        made = set(self._made)
        return {
            brief: drafts
            for brief, drafts in self.pairs(comparison).items()
            if frozenset(drafts) not in made and not (but_taken and self.taken & set(drafts))
        }

    def n_made(self, comparison: Comparison) -> int:
        made = set(self._made)
        return sum(frozenset(drafts) in made for drafts in self.pairs(comparison).values())

    def _writer(self, draft: Row) -> tuple[System, str]:
        """A tuned draft is its run's; the base model's is that model's, a person's nobody's."""
        system = System(draft["system"])
        if system.is_tuned:
            return system, draft["run_id"]
        return system, "" if system is System.HUMAN else self._base_of[draft["run_id"]]

    def _of(self, system: System, run: Row) -> Mapping[str, Row]:
        key = run["id"] if system.is_tuned else "" if system is System.HUMAN else run["config"]["base"]
        return self._newest.get((system, key), {})


def _drawn(
    tx: Transaction, found: _Drafts, comparisons: Sequence[Comparison]
) -> tuple[list[DrawnPair], list[DrawnPair]]:
    """The new pairs to be asked about, and those whose two texts are one but for white space."""
    new = {one.key: found.new(one) for one in comparisons}
    texts = pair_rows.texts_of(tx, [draft for pairs in new.values() for drafts in pairs.values() for draft in drafts])
    asked: dict[str, dict[str, tuple[str, str]]] = {key: {} for key in new}
    same = []
    for key, pairs in new.items():
        for brief, (first, second) in pairs.items():
            if texts[first].split() == texts[second].split():
                same.append(DrawnPair(key, brief, first, second))
            else:
                asked[key][brief] = first, second
    made = {one.key: found.n_made(one) for one in comparisons}
    return draw_pairs(asked, taken=found.taken, made=made, seed=secrets.randbits(32)), same


def plan_json(plan: PairPlan) -> dict[str, Any]:
    return {
        "run": plan.run,
        "runs": list(plan.runs),
        "possible": [
            {"comparison": one.comparison, "words": one.words, "n": one.n, "n_made": one.n_made}
            for one in plan.possible
        ],
        "n_open": plan.n_open,
    }
