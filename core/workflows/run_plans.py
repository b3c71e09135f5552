"""The run card: what a run would be set to, what it would take, and what stands in its way. Nothing is stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from core.errors import Invalid, Refused
from core.nouns import Goal
from core.store import runs as run_rows
from core.store import versions as version_rows
from core.store.connection import Row
from core.training.base_models import (
    EMBEDDED,
    EMBEDDED_CONTEXT_TOKENS,
    EMBEDDED_SHAPE,
    BaseShape,
    base_shape,
    context_tokens,
    model_folder,
)
from core.training.estimates import EarlierRun, estimate_run
from core.training.hardware import Hardware, hardware
from core.training.presets import CURVE_EXAMPLES, TAKE, TrainConfig, config_from, differing_settings, n_taken, preset
from core.workflows.freezing import version_named
from core.workflows.frozen_counts import counted_answer_tokens, known_answer_tokens, longest_answers
from core.workflows.gates import against_version
from core.workflows.run_checks import tried, why_not_ended
from core.workflows.workspace import Workspace, project_named

# Estimates learn from so many runs at most.
MOST_EARLIER = 5


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a run learns from in one pass. answer_share: what its answers are of the version's, in [0, 1]."""

    n: int
    n_tokens: int
    answer_share: float


def plan_run(
    workspace: Workspace,
    project: str,
    version: str | None,
    *,
    preset_name: str = "auto",
    settings: dict[str, Any] | None = None,
    counts_answers: bool = False,
) -> dict[str, Any]:
    """The run card: version, goal of the preset, configuration, what differs from the preset, estimate, and what stands in the way.

    version: None for the newest. counts_answers: also those of a version from before freezing counted them, which takes a while the first
    time; a run that is to end by them always counts. n_train: examples that it would learn from. `obstacles` are sentences; a run
    starts only when there are none. check_broke_off: why the newest check of these settings did not come to its end, else None.
    """
    row = project_named(workspace, project)
    chosen = _version(workspace, row, version)
    goal = Goal(row["goal"]) if preset_name == "auto" else _goal(preset_name)
    # By its kind first: it is looked for on the disk before the other settings are read over the preset.
    base = config_from({"base": (settings or {}).get("base", EMBEDDED)}).base
    shape = shape_of(base, workspace)
    longest = _longest(chosen, base, workspace)
    reference = replace(
        preset(goal, n_examples=chosen["n_train"], longest_tokens=longest, width=shape.width), base=base
    )
    config = config_from(settings or {}, base=reference)
    taken = _taken(workspace, chosen, config)
    counts_answers |= bool(config.train_answer_tokens)
    n_answers = counted_answer_tokens(workspace, chosen, base) if counts_answers else known_answer_tokens(chosen)
    estimate = estimate_run(
        config,
        n_train=taken.n,
        n_train_tokens=taken.n_tokens,
        n_answer_tokens=round(n_answers * taken.answer_share),
        **held_out_tokens(chosen),
        earlier=earlier_runs_on(hardware(), workspace, base, processes=config.processes),
        tried=tried(workspace, chosen, config.to_dict()),
        shape=shape,
    )
    return {
        "version": chosen,
        "goal": goal,
        "n_train": taken.n,
        "config": config.to_dict(),
        "differs": differing_settings(config, reference),
        "estimate": asdict(estimate),
        "obstacles": obstacles_of(workspace, chosen, config),
        "check_broke_off": why_not_ended(workspace, chosen, config.to_dict()),
    }


def _longest(version: Row, base: str, workspace: Workspace) -> int:
    """Tokens of the longest example; for another base model than the one that they were counted with, twice that if it reads as many."""
    counted: int = version["card"].get("longest_tokens", 1024)
    return min(counted if base == EMBEDDED else 2 * counted, context_of(base, workspace))


def shape_of(base: str, workspace: Workspace) -> BaseShape:
    """How large the base model is. Raises ModelMissing."""
    return EMBEDDED_SHAPE if base == EMBEDDED else base_shape(model_folder(base, workspace.folder.models))


def context_of(base: str, workspace: Workspace) -> int:
    """How many tokens the base model reads at most: no example may be longer."""
    return EMBEDDED_CONTEXT_TOKENS if base == EMBEDDED else context_tokens(model_folder(base, workspace.folder.models))


def held_out_tokens(version: Row) -> dict[str, int]:
    """What of a version's held-out texts is read, as `estimate_run` takes it: the test split, and a part of the validation."""
    tokens, n = version["card"].get("n_tokens", {}), version["n_validation"]
    curve = tokens.get("validation", 0) * min(n, CURVE_EXAMPLES) // max(1, n)
    return {"n_test_tokens": tokens.get("test", 0), "n_curve_tokens": curve}


def earlier_runs_on(here: Hardware, workspace: Workspace, base: str, *, processes: int) -> list[EarlierRun]:
    """What the last runs with this base took on such a machine, the newest first.

    Where there is none, those that do not say where they ran; what ran elsewhere says nothing.
    """
    rows = run_rows.earlier_runs(workspace.store, base, processes=processes, processor=here.processor, cores=here.cores)
    own = [row for row in rows if row["gpu"] is not None and here.may_have(row["gpu"])]
    # One library sees the graphics processor and another does not: the newest run says which it is now.
    alike = [row for row in own if row["gpu"] == own[0]["gpu"]] or [row for row in rows if row["gpu"] is None]
    return [EarlierRun(**{name: row[name] for name in row if name != "gpu"}) for row in alike[:MOST_EARLIER]]


def _taken(workspace: Workspace, version: Row, config: TrainConfig) -> _Taken:
    """Where it takes the longest answers, of these very examples; else as long as the version's are on average."""
    found = TAKE.fullmatch(config.take)
    if found is not None and found[1] == "longest" and version["n_train"]:
        longest = longest_answers(workspace, version, config)
        n_tokens = version_rows.n_tokens_of(workspace.store, version["id"], longest.ids)
        return _Taken(len(longest.ids), n_tokens, longest.answer_share)
    n = n_taken(config, version["n_train"])
    share = n / max(1, version["n_train"])
    return _Taken(n, round(version["n_train_tokens"] * share), share)


def _version(workspace: Workspace, project: Row, name: str | None) -> Row:
    if name is not None:
        return version_named(workspace, project["id"], name)
    versions = version_rows.versions(workspace.store, project["id"])
    if not versions:
        raise Refused(f"{project['name']} has no frozen version.", remedy="Freeze one first: `proofroom freeze`.")
    return versions[0]


def _goal(name: str) -> Goal:
    if name not in list(Goal):
        raise Invalid(f"{name!r} is not a preset.", remedy=f"Choose auto, {', '.join(Goal)}.")
    return Goal(name)


def obstacles_of(workspace: Workspace, version: Row, config: TrainConfig) -> list[str]:
    obstacles = against_version(workspace, version)
    if not version["n_train"]:
        obstacles.append(f"The version {version['name']} has no training example.")
    if config.base != EMBEDDED:
        model_folder(config.base, workspace.folder.models)
    return obstacles
