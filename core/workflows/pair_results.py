"""What people said side by side, for each two writers of a project: read from the stored choices."""

from __future__ import annotations

from collections.abc import Collection

from core.nouns import PairChoice, System
from core.review.side_by_side import PairVote, SideBySide, count_pairs, mirrored
from core.review.summary import SYSTEM_LABELS
from core.store import draft_pairs as pair_rows
from core.store import runs as run_rows
from core.store.connection import Row
from core.workflows.workspace import Workspace

# Whose draft it is: the system, and the run where a tuned model wrote it.
Writer = tuple[System, str]


def side_by_side(
    workspace: Workspace, project_id: str, *, run: str | None, but: Collection[str] = ()
) -> tuple[tuple[SideBySide, ...], int]:
    """Each two writers with pairs, and how many pairs with a verdict are held back. run: those with a draft of this run alone, by its id.

    but: briefs that do not count. A pair is told of with the run's own drafts first.
    """
    votes = votes_by_pair(workspace, project_id)
    n_held_back, groups = 0, dict[tuple[Writer, Writer], list[Row]]()
    open_ids = {row["id"] for row in pair_rows.open_pairs(workspace.store, project_id)}
    for row in pair_rows.pairs(workspace.store, project_id):
        first, second = _writer(row, "first"), _writer(row, "second")
        is_told_of = row["is_same"] or row["id"] in votes or row["id"] in open_ids
        if not is_told_of or (run is not None and run not in (first[1], second[1])):
            continue
        n_held_back += row["brief_id"] in but and row["id"] in votes
        # Pairs of two runs may have been made from either one's side.
        is_other_way = first[0] is second[0] and first[1] > second[1]
        groups.setdefault((second, first) if is_other_way else (first, second), []).append(row)
    names = {one["id"]: one["name"] for one in run_rows.runs(workspace.store, project_id)}
    found = [
        _counted(pair, rows, votes, open_ids, but, run, names) for pair, rows in sorted(groups.items(), key=_place)
    ]
    return tuple(found), n_held_back


def votes_by_pair(workspace: Workspace, project_id: str) -> dict[str, list[PairVote]]:
    """The current choices on each pair that has some."""
    votes: dict[str, list[PairVote]] = {}
    for row in pair_rows.verdicts(workspace.store, project_id):
        votes.setdefault(row["pair_id"], []).append(PairVote(PairChoice(row["verdict"]), row["is_first_left"]))
    return votes


def _counted(
    pair: tuple[Writer, Writer],
    rows: list[Row],
    votes: dict[str, list[PairVote]],
    open_ids: set[str],
    but: Collection[str],
    run: str | None,
    names: dict[str, str],
) -> SideBySide:
    first, second = pair
    # Of two runs the one that is looked at comes first.
    is_turned = run is not None and run == second[1] != first[1]
    ours, theirs = (second, first) if is_turned else (first, second)
    told = [row for row in rows if row["brief_id"] not in but]
    return count_pairs(
        _name(ours, theirs, names),
        _name(theirs, ours, names),
        [_in_order(votes[row["id"]], row, first) for row in told if row["id"] in votes],
        same=sum(row["is_same"] for row in told),
        waiting=sum(row["id"] in open_ids for row in rows),
        is_turned=is_turned,
    )


def _in_order(votes: list[PairVote], row: Row, first: Writer) -> list[PairVote]:
    """The votes as if the draft of this writer were the pair's first."""
    return votes if _writer(row, "first") == first else [mirrored(vote) for vote in votes]


def _writer(row: Row, place: str) -> Writer:
    system = System(row[f"{place}_system"])
    return system, row[f"{place}_run"] if system.is_tuned else ""


def _place(group: tuple[tuple[Writer, Writer], list[Row]]) -> tuple[int, int, str, str]:
    (first, second), _ = group
    systems = list(System)
    return systems.index(first[0]), systems.index(second[0]), first[1], second[1]


def _name(writer: Writer, beside: Writer, names: dict[str, str]) -> str:
    """With the run where the other one is of another run."""
    system, run = writer
    of = f" of {names[run]}" if run and beside[1] and run != beside[1] else ""
    return SYSTEM_LABELS[system] + of
