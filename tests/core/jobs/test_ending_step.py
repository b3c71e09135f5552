"""Which texts the measuring job asks the base model about, and that it goes on without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.curate.flags.completeness import cut_off
from core.curate.flags.view import View
from core.errors import ModelMissing
from core.jobs.context import JobContext
from core.jobs.folder import JobFolder
from core.jobs.handlers.ending_step import flag_cut_texts
from core.nouns import Flag, Goal
from core.training import models, text_end
from tests.core.curate.test_flags import thread
from tests.core.training.tiny import tiny_folder

OPEN = "Open the settings of the account and look at what a clerk called"
WHOLE = "Open the settings of the account."


@pytest.fixture
def context(tmp_path: Path) -> JobContext:
    job = JobFolder(tmp_path / "job")
    job.create({"id": "job", "kind": "curate", "project_id": "p", "settings": {"models": str(tmp_path)}})
    return JobContext(job)


def flagged(context: JobContext, *answers: str, known: tuple[str, ...] = ()) -> list[list[Flag]]:
    """known: the flag that each record has already, empty for none."""
    flags = [[Flag(name, "known")] if name else [] for name in known] or [[] for _ in answers]
    flag_cut_texts(context, [thread(answer) for answer in answers], Goal.SUPPORT, flags)
    return flags


def test_texts_that_are_whole_or_known_to_be_cut_load_no_model(
    context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("no model is to be loaded")

    monkeypatch.setattr(models, "ready_model_folder", refuse)
    assert flagged(context, WHOLE, OPEN, known=("", "truncated")) == [[], [Flag("truncated", "known")]]


def test_without_the_model_measuring_goes_on_and_says_what_it_left_out(
    context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise ModelMissing("There is no base model.")

    monkeypatch.setattr(models, "ready_model_folder", missing)
    assert flagged(context, OPEN) == [[]]
    (event,) = context.folder.events()
    assert (event["kind"], event["n_records"], event["reason"]) == ("not_read", 1, "There is no base model.")


@pytest.mark.parametrize("share", [0.001, 0.5])
def test_the_model_decides_on_the_open_text_alone(
    context: JobContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, share: float
) -> None:
    asked: list[str] = []

    def shares(model: object, tokenizer: object, texts: list[str], told: object) -> list[float]:
        asked.extend(texts)
        return [share] * len(texts)

    monkeypatch.setattr(models, "ready_model_folder", lambda *_: tiny_folder(tmp_path / "tiny"))
    monkeypatch.setattr(text_end, "end_probabilities", shares)
    found = flagged(context, WHOLE, OPEN)
    assert asked == [OPEN]
    expected = cut_off(View(thread(OPEN), Goal.SUPPORT), share)
    assert found == [[], [expected] if expected else []]
    assert bool(expected) is (share < 0.02)
