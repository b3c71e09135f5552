"""Alike records: pairs with their evidence, what a person says of them, and the clusters that follow.

Clusters are those of the merge band and of pairs that a person called the same; what a person called
different is never in one cluster. The one kept is the person's choice, else the longest, else the earliest.
Thresholds only band and cluster the stored pairs anew: nothing is measured again.
"""

from __future__ import annotations

from typing import Any

from core.curate.clusters import Cluster, clusters_of
from core.errors import Invalid, NotFound
from core.review.edits import DiffSpan, word_difference
from core.store import duplicates as duplicate_rows
from core.store import records as record_rows
from core.store.connection import Row, Store, Transaction, new_id
from core.workflows.workspace import Workspace, checked_person, project_named

# No pair below is stored, so no threshold reaches there.
LEAST_ASK, LEAST_MERGE = 0.05, 0.5
ALL_PAIRS = 1_000_000


def duplicate_report(workspace: Workspace, project: str) -> dict[str, Any]:
    """Clusters and ask pairs under external ids, as the command-line contract has them."""
    row = project_named(workspace, project)
    store = workspace.store
    joining = duplicate_rows.joining_pairs(store, row["id"])
    asked = duplicate_rows.open_pairs(store, row["id"], limit=ALL_PAIRS)
    clusters: dict[str, list[Row]] = {}
    for member in duplicate_rows.clusters(store, row["id"]):
        clusters.setdefault(member["cluster"], []).append(member)
    names = {m["record_id"]: m["external_id"] for members in clusters.values() for m in members}
    missing = [r for p in (*joining, *asked) for r in (p["a"], p["b"]) if r not in names]
    names |= {r["id"]: r["external_id"] for r in duplicate_rows.record_order(store, missing)}
    cluster_of = {m["record_id"]: c for c, members in clusters.items() for m in members}
    inside: dict[str, list[dict[str, Any]]] = {}
    for p in joining:
        one = {name: p[name] for name in ("method", "score", "band")} | {"a": names[p["a"]], "b": names[p["b"]]}
        if cluster_of.get(p["a"]) == cluster_of.get(p["b"]):
            inside.setdefault(cluster_of.get(p["a"], ""), []).append(one)
    return {
        "n_records": record_rows.count_records(store, row["id"], record_rows.RecordFilter()),
        "n_clusters": len(clusters),
        "clusters": [
            {
                "canonical": next(m["external_id"] for m in members if m["is_canonical"]),
                "members": [m["external_id"] for m in members],
                "pairs": inside.get(cluster, []),
            }
            for cluster, members in clusters.items()
        ],
        "ask": [{"a": names[p["a"]], "b": names[p["b"]], "score": p["score"], "swapped": p["swapped"]} for p in asked],
        "thresholds": {"merge_at": row["merge_at"], "ask_at": row["ask_at"]},
    }


def list_clusters(
    workspace: Workspace, project: str, *, limit: int | None = None, offset: int = 0
) -> list[dict[str, Any]]:
    """Clusters with their members, the uncertain first: by the lowest score of a pair inside. limit: only so many."""
    row = project_named(workspace, project)
    scores = duplicate_rows.cluster_scores(workspace.store, row["id"], limit=limit, offset=offset)
    members: dict[str, list[Row]] = {cluster: [] for cluster in scores}
    for member in duplicate_rows.clusters(workspace.store, row["id"], only=list(scores)):
        members[member["cluster"]].append(member)
    return [{"cluster": c, "score": scores[c], "members": found} for c, found in members.items()]


def count_clusters(workspace: Workspace, project: str) -> int:
    return duplicate_rows.count_clusters(workspace.store, project_named(workspace, project)["id"])


def ask_pairs(workspace: Workspace, project: str, *, limit: int = 1) -> list[Row]:
    """Pairs that a person has to settle, those first whose answer teaches most; each says how many there are (`n_open`).

    Of the pairs between two clusters one is asked; its answer holds for the others.
    """
    return duplicate_rows.open_pairs(workspace.store, project_named(workspace, project)["id"], limit=limit)


def band_counts(workspace: Workspace, project: str, *, merge_at: float, ask_at: float) -> dict[str, int]:
    """How many pairs would be merged, and how many asked about, under these thresholds. Nothing is stored."""
    row = project_named(workspace, project)
    return duplicate_rows.band_counts(workspace.store, row["id"], merge_at=merge_at, ask_at=ask_at)


def set_thresholds(workspace: Workspace, project: str, *, merge_at: float, ask_at: float, by: str) -> Row:
    """Change from which probability on pairs are merged, and asked about; clusters are made anew of the stored pairs.

    Raises Invalid unless 0.05 <= ask_at <= merge_at and 0.5 <= merge_at <= 1: below a half, a merge is likelier wrong than right.
    """
    if not LEAST_ASK <= ask_at <= merge_at or not LEAST_MERGE <= merge_at <= 1.0:
        raise Invalid(
            f"Asking from {ask_at:.2f} and merging from {merge_at:.2f} on is not possible.",
            remedy=f"Merge from {LEAST_MERGE:.2f} to 1.00, and ask from {LEAST_ASK:.2f} up to there.",
        )
    person = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        duplicate_rows.set_thresholds(tx, row["id"], merge_at=merge_at, ask_at=ask_at)
        recluster(tx, row["id"])
        tx.event(
            "changed", "duplicate_thresholds", row["id"], by=person, project_id=row["id"],
            old=[row["merge_at"], row["ask_at"]], new=[merge_at, ask_at],
        )  # fmt: skip
    return project_named(workspace, project)


def marked_sides(a: str, b: str) -> tuple[list[DiffSpan], list[DiffSpan]]:
    """Both texts as spans, with what only the one has marked as removed and what only the other has as added."""
    spans = word_difference(a, b)
    return [s for s in spans if s.kind != "added"], [s for s in spans if s.kind != "removed"]


def judge_pair(
    workspace: Workspace, project: str, a: str, b: str, judgement: str, *, by: str, keep: str | None = None
) -> None:
    """Say that two records are the same or different. keep: which of them stays, when they are the same.

    a, b, keep: ids or external ids. Raises Invalid, NotFound.
    """
    if judgement not in ("same", "different"):
        raise Invalid(f"{judgement!r} is no judgement on a pair.", remedy="Choose same or different.")
    if keep is not None and keep not in (a, b):
        raise Invalid(f"{keep!r} is neither of the two.", remedy="Keep one of the pair.")
    person = checked_person(by)
    row = project_named(workspace, project)
    ids = dict(zip((a, b), _ids(workspace.store, row, [a, b]), strict=True))
    first, second = sorted(ids.values())
    if first == second:
        raise Invalid("A record is no pair with itself.", remedy="Name two records.")
    with workspace.store.transaction() as tx:
        duplicate_rows.insert_judgement(
            tx, new_id("j_"), project_id=row["id"], a=first, b=second, judgement=judgement, by=person
        )
        if keep is not None and judgement == "same":
            duplicate_rows.insert_canonical_choice(
                tx, new_id("c_"), project_id=row["id"], record_id=ids[keep], by=person
            )
        recluster(tx, row["id"])
        tx.event(judgement, "pair", first, by=person, project_id=row["id"], other=second)


def choose_canonical(workspace: Workspace, project: str, record: str, *, by: str) -> None:
    """Keep this record of its cluster, and let the others go. record: its id or external id. Raises NotFound."""
    person = checked_person(by)
    row = project_named(workspace, project)
    (chosen,) = _ids(workspace.store, row, [record])
    with workspace.store.transaction() as tx:
        duplicate_rows.insert_canonical_choice(tx, new_id("c_"), project_id=row["id"], record_id=chosen, by=person)
        recluster(tx, row["id"])
        tx.event("canonical", "record", chosen, by=person, project_id=row["id"])


def keep_all(workspace: Workspace, project: str, records: list[str], *, by: str) -> None:
    """Say that the members of a cluster are different after all: every pair among them.

    records: ids or external ids. Raises NotFound, Invalid for fewer than two.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    ordered = sorted(set(_ids(workspace.store, row, records)))
    if len(ordered) < 2:
        raise Invalid("One record alone differs from nothing.", remedy="Name at least two.")
    with workspace.store.transaction() as tx:
        duplicate_rows.insert_differences(tx, row["id"], ordered, by=person)
        recluster(tx, row["id"])
        tx.event("different", "cluster", ordered[0], by=person, project_id=row["id"], n_records=len(ordered))


def undo_last_judgement(workspace: Workspace, project: str, *, by: str) -> bool:
    """Take back this person's last act on duplicates. False when there is none."""
    person = checked_person(by)
    row = project_named(workspace, project)
    acts = duplicate_rows.last_act(workspace.store, row["id"], by=person)
    if not acts:
        return False
    with workspace.store.transaction() as tx:
        for act in acts:
            if act["noun"] == "judgement":
                duplicate_rows.insert_judgement(
                    tx,
                    new_id("j_"),
                    project_id=row["id"],
                    a=act["a"],
                    b=act["b"],
                    judgement="undo",
                    by=person,
                    undoes=act["id"],
                )
            else:
                duplicate_rows.insert_canonical_choice(
                    tx, new_id("c_"), project_id=row["id"], record_id=act["record_id"], by=person, undoes=act["id"]
                )
        recluster(tx, row["id"])
        tx.event("undo", "duplicates", acts[0]["id"], by=person, project_id=row["id"], n_acts=len(acts))
    return True


def recluster(tx: Transaction, project_id: str) -> None:
    """Make clusters and duplicate flags anew from the stored pairs and judgements."""
    pairs = sorted(duplicate_rows.joining_pairs(tx, project_id), key=lambda p: (-p["score"], p["a"], p["b"]))
    apart = [(p["a"], p["b"]) for p in duplicate_rows.pairs_apart(tx, project_id)]
    ids = sorted({r for p in pairs for r in (p["a"], p["b"])})
    chosen = {row["record_id"]: row["seq"] for row in duplicate_rows.canonical_choices(tx, project_id)}
    facts = {row["id"]: row for row in duplicate_rows.record_order(tx, ids)}
    order = {
        r: (-chosen.get(r, 0), -f["n_words"], f["written_at"] or "9", f["created_at"], f["row_number"])
        for r, f in facts.items()
    }
    clusters = clusters_of([(p["a"], p["b"]) for p in pairs], order, apart=apart)
    members = [(c.canonical, r, r == c.canonical) for c in clusters for r in c.members]
    duplicate_rows.replace_clusters(tx, project_id, members)
    duplicate_rows.insert_duplicate_flags(tx, project_id, _flags(clusters, facts, pairs))


def _flags(clusters: list[Cluster], facts: dict[str, Row], pairs: list[Row]) -> list[tuple[str, str, str, float]]:
    exact = {frozenset((p["a"], p["b"])) for p in pairs if p["method"] == "exact"}
    best: dict[str, float] = {}
    for p in pairs:
        for record in (p["a"], p["b"]):
            best[record] = max(best.get(record, 0.0), p["score"])
    flags = []
    for cluster in clusters:
        kept = facts[cluster.canonical]
        for record in cluster.members[1:]:
            same = frozenset((record, cluster.canonical)) in exact
            name, says = (
                ("exact_duplicate", "Has the same words as") if same else ("near_duplicate", "Says nearly the same as")
            )
            flags.append(
                (record, name, f"{says} {kept['title'] or kept['external_id']} ({kept['external_id']}).", best[record])
            )
    return flags


def _ids(store: Store, project: Row, records: list[str]) -> list[str]:
    """The ids of records that are named by id or external id."""
    ids = []
    for record in records:
        found = record_rows.record(store, project["id"], record)
        if found is None:
            raise NotFound(
                f"There is no record {record!r} in {project['name']}.",
                remedy="Use an id or external id that `proofroom records` lists.",
            )
        ids.append(found["id"])
    return ids
