"""The measuring job's step that asks the base model whether texts without a last stop are whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.config import models_folder
from core.curate.flags.completeness import cut_off, may_break_off
from core.curate.flags.view import View
from core.curate.records_in import RecordIn
from core.errors import ModelMissing
from core.jobs.context import JobContext
from core.nouns import Flag, Goal
from core.training.base_models import EMBEDDED

PHASE = "Reading texts without an end"


def flag_cut_texts(context: JobContext, records: Sequence[RecordIn], goal: Goal, flags: list[list[Flag]]) -> None:
    """Add the flag to the records that seem cut. The model is loaded only when there is such a text.

    Settings: `models`, where it lies. Where it cannot be loaded the step is left out, with an event that says so.
    """
    views = [View(record, goal) for record in records]
    asked = [
        i for i, view in enumerate(views) if may_break_off(view) and all(flag.name != "truncated" for flag in flags[i])
    ]
    if not asked:
        return
    from core.training.chat_format import chat_format
    from core.training.models import load_for_reading, ready_model_folder
    from core.training.text_end import end_probabilities

    context.report(phase=PHASE, done=0, total=len(asked))
    try:
        folder = ready_model_folder(EMBEDDED, Path(context.settings.get("models") or models_folder()))
        model = load_for_reading(folder)
    except (ModelMissing, OSError) as error:
        # Measuring is worth more than this one flag.
        context.event("not_read", reason=str(error), n_records=len(asked))
        return
    texts = [views[i].taught.rstrip() for i in asked]
    shares = end_probabilities(
        model, chat_format(folder).tokenizer, texts, lambda n: context.report(phase=PHASE, done=n, total=len(asked))
    )
    for i, share in zip(asked, shares, strict=True):
        if flag := cut_off(views[i], share):
            flags[i].append(flag)
