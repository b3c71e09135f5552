"""Measures how hard the answers of doubtful records are for a base model."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import torch

from core.curate.examples import examples_of
from core.curate.recipes import DEFAULT_MAX_LENGTH
from core.curate.records_in import record_in
from core.jobs.context import JobContext
from core.nouns import RecordKind
from core.training.answer_difficulty import AnswerDifficulty, answer_difficulties
from core.training.chat_format import chat_format
from core.training.models import load_for_reading, ready_model_folder

SCHEMA = pa.schema(
    [("record_id", pa.string()), ("text_sha256", pa.string()), ("prompted", pa.float64()), ("alone", pa.float64())]
    + [("n_tokens", pa.int64())]
)


def run(context: JobContext) -> dict[str, Any]:
    """Read records.parquet of the inputs, write difficulties.parquet. One that is cancelled keeps what it has measured."""
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(os.cpu_count() or 1)
    context.report(phase="Loading the base model", done=0, total=0)
    folder = ready_model_folder(context.settings["base"], Path(context.settings["models"]))
    form, model = chat_format(folder), load_for_reading(folder)
    rows, chats, without = [], [], []
    for row in parquet.read_table(context.inputs / "records.parquet").to_pylist():
        record = record_in(row | {"content": json.loads(row["content"])})
        # Of a document the opening section stands for it; of anything else no length is too much, since only a part is read.
        longest = DEFAULT_MAX_LENGTH if record.kind is RecordKind.DOCUMENT else sys.maxsize
        examples, _ = examples_of(
            record, max_tokens=longest, count_chat=form.count_chat_tokens, count_text=form.count_text_tokens
        )
        if examples:
            rows.append(row)
            chats.append(examples[0].messages)
        else:
            without.append(row)
    started = time.perf_counter()
    found = answer_difficulties(model, form, chats, context, phase="Reading answers with the base model")
    seconds = time.perf_counter() - started
    if not context.cancelled():
        without += [row for i, row in enumerate(rows) if i not in found]
    columns = [_row(row) for row in without] + [_row(rows[i], one) for i, one in sorted(found.items())]
    parquet.write_table(pa.Table.from_pylist(columns, schema=SCHEMA), context.out / "difficulties.parquet")
    return {
        "n_measured": len(found),
        "n_without_example": len(without),
        "records_per_second": round(len(found) / seconds, 3) if seconds else 0.0,
    }


def _row(row: dict[str, Any], one: AnswerDifficulty | None = None) -> dict[str, Any]:
    """A record's row; without a difficulty it says that it was looked at."""
    losses = {"prompted": one.prompted, "alone": one.alone, "n_tokens": one.n_tokens} if one else {"n_tokens": 0}
    return {"record_id": row["id"], "text_sha256": row["text_sha256"]} | losses
