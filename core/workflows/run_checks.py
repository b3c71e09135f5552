"""The newest check of a run that was not started yet: of which version and settings it holds, and what it measured."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from core.nouns import JobState
from core.store import jobs as job_rows
from core.store.connection import Row
from core.training.estimates import Tried
from core.workflows.workspace import Workspace

# What changes nothing of what a check looks at.
BESIDE = ("epochs", "max_steps", "learning_rate", "warmup_share", "weight_decay", "n_evaluations", "checkpoint_minutes", "patience",
          "keep_best", "schedule", "clip_norm", "n_drafts", "ask_again", "train_tokens", "train_answer_tokens")  # fmt: skip


def mark_of(version: Row, config: Mapping[str, Any]) -> str:
    """What a check is of: the version's content and the settings that matter to it, as one hash."""
    facts = {name: value for name, value in config.items() if name not in BESIDE}
    return hashlib.sha256(json.dumps([version["content_sha256"], facts], sort_keys=True).encode()).hexdigest()[:16]


def checks_of(workspace: Workspace, version: Row, config: Mapping[str, Any]) -> list[Row]:
    """The jobs that checked this version with these settings, the newest first."""
    return [job for job in _ended(workspace, version, config) if job["state"] == JobState.DONE]


def why_not_ended(workspace: Workspace, version: Row, config: Mapping[str, Any]) -> str | None:
    """Why the newest check of this version with these settings did not come to its end; None where it did, or there is none.

    A check whose worker died, as for want of memory, says more against a run than an older one that went through.
    """
    newest = next(iter(_ended(workspace, version, config)), None)
    return None if newest is None or newest["state"] == JobState.DONE else str(newest["reason"])


def _ended(workspace: Workspace, version: Row, config: Mapping[str, Any]) -> list[Row]:
    mark = mark_of(version, config)
    ended = job_rows.ended_jobs(workspace.store, version["project_id"], "preflight")
    return [job for job in ended if job["facts"]["checked"] == mark]


def tried(workspace: Workspace, version: Row, config: Mapping[str, Any]) -> Tried | None:
    """Speed and memory as the newest such check measured them; None where none did, and for several processes, as it tries one."""
    if config["processes"] > 1:
        return None
    for job in checks_of(workspace, version, config):
        dry = job["result"]["dry_step"]
        if dry:
            return Tried(dry["tokens_per_second"], dry["peak_memory_mb"], dry.get("device_memory_mb"))
    return None
