"""SQL of the checks that foreign keys would make, and of what must lie on disk."""

from __future__ import annotations

from core.store.connection import Row, Store

REFERENCES = (
    ("sources", "project_id", "projects"),
    ("records", "project_id", "projects"),
    ("records", "source_id", "sources"),
    ("source_files", "source_id", "sources"),
    ("source_updates", "source_id", "sources"),
    ("earlier_texts", "record_id", "records"),
    ("vectors", "record_id", "records"),
    ("flags", "record_id", "records"),
    ("difficulties", "record_id", "records"),
    ("tag_suggestions", "record_id", "records"),
    ("fact_spans", "record_id", "records"),
    ("personal_spans", "record_id", "records"),
    ("personal_searches", "record_id", "records"),
    ("fact_moves", "fact_id", "facts"),
    ("fact_moves", "version_id", "versions"),
    ("cluster_members", "record_id", "records"),
    ("runs", "version_id", "versions"),
    ("runs", "job_id", "jobs"),
    ("exports", "run_id", "runs"),
    ("drafts", "brief_id", "briefs"),
    ("drafts", "run_id", "runs"),
    ("review_items", "draft_id", "drafts"),
    ("draft_chances", "draft_id", "drafts"),
    ("reviews", "item_id", "review_items"),
    ("draft_pairs", "brief_id", "briefs"),
    ("draft_pairs", "first_draft", "drafts"),
    ("draft_pairs", "second_draft", "drafts"),
    ("draft_pair_verdicts", "pair_id", "draft_pairs"),
    ("repeat_items", "item_id", "review_items"),
    ("repeat_reviews", "item_id", "repeat_items"),
    ("assignments", "brief_id", "briefs"),
    ("edit_labels", "review_id", "reviews"),
    ("source_documents", "source_id", "sources"),
    ("removed_records", "source_id", "sources"),
    ("limited_records", "limit_id", "limits"),
    ("limits_lifted", "limit_id", "limits"),
    ("exemptions", "run_id", "runs"),
    ("retrains", "of_run", "runs"),
    ("erased_runs", "erasure_id", "erasures"),
    ("erased_runs", "run_id", "runs"),
    ("erased_versions", "version_id", "versions"),
    ("erased_uploads", "erasure_id", "erasures"),
)
COUNTED = ("projects", "sources", "records", "decisions", "versions", "runs", "briefs", "drafts", "reviews", "events")


def orphans(store: Store) -> list[str]:
    """A sentence for each kind of row that points at nothing."""
    problems = []
    for table, column, target in REFERENCES:
        rows = store.read(f"SELECT count(*) AS n FROM {table} t ANTI JOIN {target} x ON x.id = t.{column}")
        if rows[0]["n"]:
            problems.append(f"{rows[0]['n']} rows of {table} point at {target} that do not exist.")
    n_behind = states_behind(store)
    if n_behind:
        problems.append(f"{n_behind} rows of record_states are not what the decisions and measures say.")
    return problems


def states_behind(store: Store) -> int:
    """Rows by which `record_states` differs from what is true."""
    differing = (
        "((FROM stated_records EXCEPT FROM record_states) UNION ALL (FROM record_states EXCEPT FROM stated_records))"
    )
    rows = store.read(f"SELECT count(*) AS n FROM {differing}")
    return int(rows[0]["n"])


def table_counts(store: Store) -> dict[str, int]:
    return {table: store.read(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in COUNTED}


def all_versions(store: Store) -> list[Row]:
    return store.read("SELECT id, name, content_sha256 FROM versions")


def runs_with_adapter(store: Store) -> list[Row]:
    return store.read("SELECT name, adapter FROM runs WHERE adapter IS NOT NULL")
