"""Takes an exported version back: reads its files, checks every example and the hash, and writes it as it was.

The files come from outside: memory is limited, and nothing of them is believed but what the hash covers and
the check of each example lets in.
"""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.versions import content_sha256, example_of_row, write_version
from core.errors import Invalid
from core.jobs.context import JobContext
from core.jobs.handlers.freeze_job import write_trace
from core.nouns import Dropped, Example, Split
from core.training.base_models import model_folder
from core.training.batches import token_counts
from core.training.chat_format import ChatFormat, chat_format

ROLES = frozenset({"system", "user", "assistant"})
REMEDY = "Export the version again; what was changed since cannot come in under its name."


def run(context: JobContext) -> dict[str, Any]:
    """Read the files named; write the version folder and the trace. Raises Invalid where the content is not what its card says."""
    settings = context.settings
    limit = settings["memory_mb"] * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    card, files = settings["card"], {name: Path(path) for name, path in settings["files"].items()}
    form = chat_format(model_folder(settings["base"], Path(settings["models"])))
    splits: dict[Split, list[Example]] = {split: [] for split in Split}
    for name, path in files.items():
        split = name.partition(".")[0]
        if split in list(Split):
            context.report(phase=f"Reading {name}", done=0, total=0)
            splits[Split(split)] = [_checked(row, name, n, form) for n, row in enumerate(_rows(name, path), start=1)]
    ids = [example.id for examples in splits.values() for example in examples]
    if len(set(ids)) < len(ids):
        raise Invalid("An example stands in the version twice.", remedy=REMEDY)
    found = content_sha256(splits)
    if found != card["content_sha256"]:
        raise Invalid(
            f"The content has the hash {found[:12]}…, its card says {str(card['content_sha256'])[:12]}….", remedy=REMEDY
        )
    examples = [example for of_split in splits.values() for example in of_split]
    n_tokens, n_answer = {}, {}
    for n, example in enumerate(examples, start=1):
        n_tokens[example.id], n_answer[example.id] = token_counts(form, example)
        context.report(phase="Counting tokens", done=n, total=len(examples))
    dropped = _dropped(files["dropped.parquet"]) if "dropped.parquet" in files else []
    n_records = len({example.record_id for example in examples})
    write_version(context.out / "version", splits, dropped, card | {"n_records": n_records})
    write_trace(context.out / "trace.parquet", splits, n_tokens)
    return {
        "content_sha256": found,
        "n_records": n_records,
        "n_examples": {split.value: len(splits[split]) for split in Split},
        "n_tokens": {split.value: sum(n_tokens[e.id] for e in splits[split]) for split in Split},
        "n_answer_tokens": {split.value: sum(n_answer[e.id] for e in splits[split]) for split in Split},
        "longest_tokens": max(n_tokens.values(), default=0),
    }


def _rows(name: str, path: Path) -> Iterator[Any]:
    """Rows of a split. Raises Invalid for a file that cannot be read."""
    try:
        if name.endswith(".parquet"):
            yield from parquet.read_table(path).to_pylist()
            return
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except (ValueError, RecursionError, OSError, pa.ArrowException) as error:
        raise Invalid(f"{name} cannot be read: {str(error)[:200]}.", remedy=REMEDY) from None


def _checked(row: Any, name: str, number: int, form: ChatFormat) -> Example:
    """The example of a row. Raises Invalid naming the row: it comes from outside, and will be learnt from."""
    where = f"Row {number} of {name}"
    try:
        example = example_of_row(row)
        texts = [example.id, example.record_id, example.external_id, example.group, example.title]
        texts += [*example.tags, *example.cleaned, *example.hidden, *(m["content"] for m in example.messages)]
        "".join(texts).encode("utf-8")
    except (KeyError, TypeError, AttributeError, UnicodeEncodeError) as error:
        raise Invalid(f"{where} is no example of a version: {str(error)[:120]}.", remedy=REMEDY) from None
    roles = [message["role"] for message in example.messages]
    if not set(roles) <= ROLES or "assistant" not in roles:
        raise Invalid(f"{where} has messages of {', '.join(map(str, roles))[:80] or 'nobody'}.", remedy=REMEDY)
    control = form.control_token_in(example.messages)
    if control is not None:
        raise Invalid(
            f"{where} holds {control}, which steers the model.", remedy="Leave that record out, and freeze it anew."
        )
    return example


def _dropped(path: Path) -> list[Dropped]:
    try:
        rows = parquet.read_table(path, columns=["record_id", "external_id", "reason", "detail"]).to_pylist()
    except (ValueError, OSError, KeyError, pa.ArrowException) as error:
        raise Invalid(f"The list of what was left out cannot be read: {str(error)[:200]}.", remedy=REMEDY) from None
    return [Dropped(*(str(row[name]) for name in ("record_id", "external_id", "reason", "detail"))) for row in rows]
