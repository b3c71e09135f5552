"""Whether sources and records allow a use today: the lawful basis as a gate, in sentences that name the source.

Asked at freezing, training, drafting, showing, approving, serving and exporting. A record has the terms of its source and limits of its own,
which are never looser. What is taken away from the studio may pass a gate by name, with a reason that is kept, and so may a model that is
approved or served; learning from what lapsed, and showing it, may not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.errors import Invalid, Refused
from core.nouns import Use
from core.store import erasures as erasure_rows
from core.store import limits as limit_rows
from core.store import sources as source_rows
from core.store import versions as version_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.store.overrides import insert_override
from core.workflows.workspace import Workspace

LONGEST_REASON = 500
# Before the id of the erasure, in the key of a lapse that nobody exempts.
ERASED = "erased:"


@dataclass(frozen=True, slots=True)
class Lapse:
    """Something learnt that may not be used so any more. key: the same as long as no more lapses, whatever the day. sentence: why."""

    key: str
    sentence: str


def lapses_of_sources(sources: Sequence[Row], use: str, today: date) -> list[Lapse]:
    """One for each source that was erased, was withdrawn, has expired or does not allow the use."""
    found = []
    for source in sources:
        withdrawn_at = source.get("withdrawn_at")
        if source.get("erasure_id") is not None:
            # A version that was exported before, and taken back, names it still.
            sentence = f"The source {source['name']} was erased on {source['undone_at']:%Y-%m-%d}."
            found.append(Lapse(f"{source.get('id')}:erased", sentence))
        elif withdrawn_at is not None:
            sentence = f"The source {source['name']} was withdrawn on {withdrawn_at:%Y-%m-%d}."
            found.append(Lapse(f"{source.get('id')}:withdrawn", sentence))
        elif source["expires_on"] is not None and source["expires_on"] < today:
            sentence = f"The source {source['name']} expired on {source['expires_on']}; today is {today}."
            found.append(Lapse(f"{source.get('id')}:expired", sentence))
        elif use not in source["uses"]:
            allowed = ", ".join(source["uses"])
            sentence = f"The source {source['name']} may be used to {allowed}, not to {use}."
            found.append(Lapse(f"{source.get('id')}:not_to_{use}", sentence))
    return found


def sources_that_forbid(sources: Sequence[Row], use: str, today: date) -> list[str]:
    """The sentences of these; empty when all agree."""
    return [lapse.sentence for lapse in lapses_of_sources(sources, use, today)]


def records_that_forbid(workspace: Workspace, record_ids: Sequence[str], use: str) -> dict[str, str]:
    """Of these records those that may not be used so today, with the reason: withdrawn, expired or not_to_USE."""
    return limit_rows.against_records(workspace.store, record_ids, use=use, today=utc_now().date())


def source_ids_behind(run: Row, version: Row) -> list[str]:
    """Whose words a run's model has learnt: the sources of its version, and of the pairs of every run that it went on as."""
    of_pairs = (run["continues"] or {}).get("sources", [])
    return sorted({source["id"] for source in version["card"]["sources"]} | set(of_pairs))


def version_lapses(workspace: Workspace, version: Row) -> list[Lapse]:
    """What of a frozen version may not be learnt from any more: by its sources, and by limits on its records."""
    return _lapses_by_id(workspace, [source["id"] for source in version["card"]["sources"]]) + _own(workspace, version)


def run_lapses(workspace: Workspace, run: Row, version: Row) -> list[Lapse]:
    """What a run's model has learnt and may not be used for any more; its version's, and that of the pairs that it went on with."""
    of_pairs = (run["continues"] or {}).get("records", [])
    lapsed = limit_rows.lapsed_among(workspace.store, of_pairs, today=utc_now().date()) if of_pairs else {}
    more = [_of_records("behind the reviews that it learnt from", lapsed, key="pairs")] if lapsed else []
    return (
        _lapses_by_id(workspace, source_ids_behind(run, version))
        + _own(workspace, version)
        + more
        + _erased(workspace, run)
    )


def against_version(workspace: Workspace, version: Row) -> list[str]:
    """Sentences that forbid learning from a version today, or taking it away; empty where nothing does."""
    return [lapse.sentence for lapse in version_lapses(workspace, version)]


def against_run(workspace: Workspace, run: Row, version: Row) -> list[str]:
    """Sentences that forbid using a run's model today; empty where nothing does."""
    return [lapse.sentence for lapse in run_lapses(workspace, run, version)]


def against_hold_out(workspace: Workspace, version: Row) -> list[str]:
    """Sentences that forbid measuring on the held-out texts of a version, as another one's hold-out."""
    lapsed = limit_rows.lapsed_in(workspace.store, version["id"], today=utc_now().date(), held_out_alone=True)
    held = version_rows.held_by_source(workspace.store, version["id"])
    own = [_of_records(f"held out in {version['name']}", lapsed, key="held").sentence] if lapsed else []
    rows = source_rows.sources_by_id(workspace.store, list(held))
    return sources_that_forbid(rows, Use.EVALUATE, utc_now().date()) + own


def against_serving(workspace: Workspace, run: Row, version: Row) -> list[str]:
    """Sentences that forbid approving or serving a run's model, without those that somebody exempted by name."""
    exempted = {key for one in limit_rows.exemptions(workspace.store, run["id"]) for key in one["lapses"]}
    return [
        lapse.sentence
        for lapse in run_lapses(workspace, run, version)
        if lapse.key not in exempted or is_of_an_erasure(lapse)
    ]


def is_of_an_erasure(lapse: Lapse) -> bool:
    """Whether it is about a person or a source that was erased: no name and no reason opens that gate."""
    return lapse.key.startswith(ERASED)


def refuse_erased(workspace: Workspace, run: Row) -> None:
    """Raises Refused where a run's model learnt a person or a source that was erased since."""
    told = [lapse.sentence for lapse in _erased(workspace, run)]
    if told:
        raise Refused(" ".join(told), remedy="Retire it, or train it anew on the page Register.")


def _erased(workspace: Workspace, run: Row) -> list[Lapse]:
    return [
        Lapse(
            f"{ERASED}{one['erasure_id']}",
            f"It learnt {'texts of the source ' + one['source'] + ', which' if one['source'] else 'words of a person who'} was erased on "
            f"{one['erased_at']:%Y-%m-%d}.",
        )
        for one in erasure_rows.marks_on(workspace.store, run["id"])
    ]


def _lapses_by_id(workspace: Workspace, source_ids: Sequence[str]) -> list[Lapse]:
    return lapses_of_sources(source_rows.sources_by_id(workspace.store, list(source_ids)), Use.TRAIN, utc_now().date())


def _own(workspace: Workspace, version: Row) -> list[Lapse]:
    """What lapsed of a version by limits on its records alone, as one."""
    lapsed = limit_rows.lapsed_in(workspace.store, version["id"], today=utc_now().date())
    return [_of_records(f"of the version {version['name']}", lapsed, key=version["id"])] if lapsed else []


def _of_records(whose: str, lapsed: Mapping[str, int], *, key: str) -> Lapse:
    n = sum(lapsed.values())
    why = ", ".join(f"{n_of:,} {reason.replace('_', ' ')}" for reason, n_of in lapsed.items())
    told = f"{n:,} {'record' if n == 1 else 'records'} {whose} {'has' if n == 1 else 'have'} lapsed since: {why}."
    return Lapse(f"{key}:{n}", told)


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
