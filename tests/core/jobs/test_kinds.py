"""Every kind of job is known wherever jobs are told of, run and taken over."""

from __future__ import annotations

import importlib

import pytest

from core.jobs.supervisor import LANES
from core.jobs.worker import HANDLERS
from core.workflows.job_results import COLLECTORS
from core.workflows.jobs import LABELS
from core.workflows.projects import PAGES_OF_JOBS
from studio.navigation import SPECS


@pytest.mark.parametrize("kind", HANDLERS)
def test_a_kind_has_a_handler_a_lane_a_label_a_collector_and_a_page(kind: str) -> None:
    assert importlib.util.find_spec(f"core.jobs.handlers.{kind}_job") is not None
    assert {kind} <= LANES.keys() & LABELS.keys() & COLLECTORS.keys() & PAGES_OF_JOBS.keys()
    assert PAGES_OF_JOBS[kind] in {page.path for page in SPECS}


def test_nothing_is_told_of_a_kind_that_does_not_exist() -> None:
    assert set(HANDLERS) == LANES.keys() == LABELS.keys() == COLLECTORS.keys() == PAGES_OF_JOBS.keys()
