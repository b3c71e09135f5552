"""SQL that counts the records whose text holds a wording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.curate.wording import wording_pattern
from core.store.connection import Store


def counts(store: Store, project_id: str, wordings: Sequence[str]) -> list[tuple[int, int]]:
    """For each wording: records whose text, as it now stands, holds it, and those of them that somebody keeps. One look at all texts."""
    if not wordings:
        return []
    parameters: dict[str, Any] = {f"w{place}": wording_pattern(one) for place, one in enumerate(wordings)}
    columns = ", ".join(
        f"count(*) FILTER (h{place}) AS n{place}, count(*) FILTER (h{place} AND is_kept) AS k{place}"
        for place in range(len(wordings))
    )
    held = ", ".join(f"regexp_matches(said, $w{place}) AS h{place}" for place in range(len(wordings)))
    row = store.read_one(
        f"SELECT {columns} FROM (SELECT is_kept, {held} FROM ("
        "SELECT coalesce(d.edited_text, r.text) AS said, coalesce(d.decision IN ('keep', 'edit'), false) AS is_kept "
        "FROM records r LEFT JOIN current_decisions d ON d.record_id = r.id WHERE r.project_id = $project))",
        parameters | {"project": project_id},
    )
    assert row is not None
    return [(int(row[f"n{place}"]), int(row[f"k{place}"])) for place in range(len(wordings))]
