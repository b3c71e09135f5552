"""What is known of a run before its first step: the findings, kept and told, a trial of its longest rows, and where it goes on from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import Refused
from core.jobs.broken_off import is_out_of_memory
from core.jobs.context import JobContext
from core.jobs.folder import write_json
from core.nouns import Dropped
from core.training.checkpoints import step_of
from core.training.dry_step import DryStep
from core.training.preflight import LESS_MEMORY, Finding, on_memory


def tell_dropped(dropped: Sequence[Dropped], context: JobContext, *, split: str) -> None:
    """An event for each example, or pair, that does not fit."""
    for one in dropped:
        context.event("dropped", split=split, external_id=one.external_id, reason=one.reason, detail=one.detail)


def tell_findings(told: dict[str, Any], findings: Sequence[Finding], context: JobContext) -> None:
    """Keep what was checked, with an event for each of these findings. Raises Refused where the run must not go on."""
    write_json(context.out / "preflight.json", told)
    for finding in findings:
        context.event("finding", level=finding.level, name=finding.name, sentence=finding.sentence)
        if finding.level == "stop":
            raise Refused(finding.sentence)


def tell_resumed(checkpoint: Path, context: JobContext) -> None:
    """Say in the job's events from which step the run goes on; nothing where it begins."""
    if step := step_of(checkpoint):
        context.event("resumed", step=step, sentence=f"Goes on from step {step:,}.")


def tried(
    step: Callable[[], DryStep], *, free_mb: float | None, of: str = "examples", remedy: str = LESS_MEMORY
) -> tuple[dict[str, Any] | None, list[Finding]]:
    """What the step measured, None where it ran out of memory; and what that says, in these words. free_mb: before it, None where nobody knows."""
    try:
        measured = step()
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return None, on_memory(None, free_mb, of=of, remedy=remedy)
    return asdict(measured), on_memory(measured.peak_memory_mb, free_mb, of=of, remedy=remedy)
