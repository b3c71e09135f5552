"""Whether sources allow a use today: the lawful basis as a gate, in sentences that name the source.

What is taken away from the studio may pass a gate by name, with a reason that is kept; what is done within it may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.errors import Invalid, Refused
from core.nouns import Use
from core.store import sources as source_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.store.overrides import insert_override
from core.workflows.workspace import Workspace

LONGEST_REASON = 500


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


def against_training(workspace: Workspace, source_ids: Sequence[str]) -> list[str]:
    """Sentences of the sources that do not allow training today; empty where all do. Their terms are those of today."""
    return sources_that_forbid(
        source_rows.sources_by_id(workspace.store, list(source_ids)), Use.TRAIN, utc_now().date()
    )


@dataclass(frozen=True, slots=True)
class Passed:
    """What stood in the way of taking something away, and who took it all the same, and why; nothing and "" where nothing did."""

    obstacles: list[str]
    reason: str
    by: str

    def note(self, tx: Transaction, kind: str, thing: str, *, project_id: str, **facts: str) -> None:
        """Keep it, where there was an obstacle, and say so in the trail. kind: what was taken away, as the trail calls it."""
        if not self.obstacles:
            return
        override = new_id("ov_")
        insert_override(
            tx, override, project_id=project_id, kind=kind, object_id=thing, reason=self.reason, obstacles=self.obstacles, by=self.by,
        )  # fmt: skip
        # The reason is a person's own words, and obstacles quote names of sources: the trail holds neither.
        tx.event(
            "overridden", kind, thing, by=self.by, project_id=project_id, override=override, n_obstacles=len(self.obstacles),
            n_characters=len(self.reason), **facts,
        )  # fmt: skip


def passed(obstacles: list[str], override: str, *, by: str) -> Passed:
    """What a reason lets through. Raises Refused where there are obstacles and no reason, Invalid for one that is no sentence."""
    reason = checked_reason(override)
    if obstacles and not reason:
        raise Refused(
            " ".join(obstacles), remedy="Say why it is to be exported all the same (--override), or leave it."
        )
    return Passed(obstacles, reason if obstacles else "", by)


def checked_reason(reason: str) -> str:
    cleaned = " ".join(reason.split())
    if reason and not cleaned:
        raise Invalid("The reason to export all the same is empty.", remedy="Write it in a sentence.")
    if len(cleaned) > LONGEST_REASON:
        raise Invalid(f"The reason has {len(cleaned):,} characters.", remedy=f"Use up to {LONGEST_REASON}.")
    return cleaned
