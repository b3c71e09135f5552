"""The adviser: fine-tune, retrieve or both, with the counts of the project behind it. The formula is core/curate/advice.py."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.curate.advice import WORDS_A_FACT, Advice, Change, Teaching, advise, in_words
from core.curate.facts import QUIET_KINDS, FactKind
from core.store import facts as fact_rows
from core.store import measures as measure_rows
from core.workflows.readiness import Readiness, readiness
from core.workflows.workspace import Workspace, project_named


def advice(workspace: Workspace, project: str, *, ready: Readiness | None = None) -> dict[str, Any]:
    """advice, its sentence, and the counts: records, shares, good examples against the goal's range, how often facts change.

    ready: where the project stands, for who has counted it already.
    """
    row = project_named(workspace, project)
    quiet = sorted(kind.value for kind in QUIET_KINDS)
    counted = fact_rows.teaching_counts(workspace.store, row["id"], quiet, words_a_fact=WORDS_A_FACT)
    is_measured = measure_rows.curation(workspace.store, row["id"]) is not None
    names = ("n_with_fact", "n_dense", "n_good", "n_behaviour")
    teaching = Teaching(n=counted["n_measured"] if is_measured else 0, **{name: counted[name] for name in names})
    changes = [
        Change(FactKind(one["kind"]), one["n_values"], one["n_months"], one["n_later"], one["n_new"])
        for one in fact_rows.value_turnover(workspace.store, row["id"], quiet)
    ]
    ready = ready or readiness(workspace, project)
    said = advise(teaching, changes)
    return {
        "advice": said.value,
        "sentence": in_words(said, teaching, n_good=ready.n_good, low=ready.low),
        "n_records": counted["n"],
        "n_measured": teaching.n,
        "n_behaviour": teaching.n_behaviour if said is not Advice.UNKNOWN else 0,
        "n_facts": teaching.n_dense,
        "n_with_fact": teaching.n_with_fact,
        "n_good": teaching.n_good if said is not Advice.UNKNOWN else 0,
        "behaviour_share": teaching.behaviour_share,
        "fact_share": teaching.fact_share,
        "examples": {"n_good": ready.n_good, "is_estimated": ready.is_estimated, "low": ready.low, "high": ready.high},
        "changes": [
            {name: value for name, value in asdict(change).items() if name != "kind"}
            | {"kind": change.kind.value, "new_share": change.new_share, "pace": change.pace.value, "sentence": change.sentence}
            for change in changes
        ],
    }  # fmt: skip
