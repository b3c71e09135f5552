"""Erasures that the studio tried by itself and that failed: why, when each is tried again, and which of them another has to wait for.

They are known as long as the studio is open; after a start each is tried at once.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from core.errors import ProofroomError
from core.incidents import note_incident
from core.workflows.erasure_journal import Journal, subjects_waiting
from core.workflows.erasure_models import has_rewritten
from core.workflows.workspace import FailedErasure, Workspace

log = logging.getLogger(__name__)

TRIED_AGAIN_AFTER = timedelta(hours=1)


def note_failure(workspace: Workspace, journal: Journal, error: Exception, *, now: datetime) -> None:
    """Remember why an erasure failed; what the error quotes is neither kept nor logged, unless it was written for people."""
    incident = note_incident(log, f"the erasure {journal.id}", error)
    workspace.failed_erasures[journal.subject] = FailedErasure(now, _in_words(error, incident))


def has_failed_lately(workspace: Workspace, subject: str, *, now: datetime) -> bool:
    """Whether it is not yet time to try again. subject: as a journal has it."""
    failed = workspace.failed_erasures.get(subject)
    return failed is not None and now - failed.at < TRIED_AGAIN_AFTER


def why_not(workspace: Workspace, subject: str) -> str:
    """Why the erasure of a source failed when it was tried last; empty where it did not."""
    failed = workspace.failed_erasures.get(subject)
    return failed.why if failed else ""


def is_in_the_way(workspace: Workspace) -> bool:
    """Whether another erasure has to wait for one that has not ended.

    One that failed with its files alone left to do is not waited for. Where its versions were not put into their places yet it is: they are
    written from what lies there.
    """
    waiting = subjects_waiting(workspace)
    has_not_failed = any(subject not in workspace.failed_erasures for subject in waiting)
    return has_not_failed or (bool(waiting) and has_rewritten(workspace))


def _in_words(error: Exception, incident: str) -> str:
    if isinstance(error, ProofroomError):
        return error.message
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({incident} in the log)."
    return f"An error of the program, {incident} in the log."
