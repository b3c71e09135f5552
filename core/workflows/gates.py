"""Whether sources allow a use today: the lawful basis as a gate, in sentences that name the source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from core.store.connection import Row


def sources_that_forbid(sources: Sequence[Row], use: str, today: date) -> list[str]:
    """One sentence for each source that has expired or does not allow the use; empty when all agree."""
    sentences = []
    for source in sources:
        if source["expires_on"] is not None and source["expires_on"] < today:
            sentences.append(f"The source {source['name']} expired on {source['expires_on']}; today is {today}.")
        elif use not in source["uses"]:
            allowed = ", ".join(source["uses"])
            sentences.append(f"The source {source['name']} may be used to {allowed}, not to {use}.")
    return sentences


def source_ids_behind(run: Row, version: Row) -> list[str]:
    """Whose words a run's model has learnt: the sources of its version, and of the pairs of every run that it went on as."""
    of_pairs = (run["continues"] or {}).get("sources", [])
    return sorted({source["id"] for source in version["card"]["sources"]} | set(of_pairs))
