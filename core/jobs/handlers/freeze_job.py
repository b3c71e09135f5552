"""Freezes a dataset version: chooses records, makes examples, splits them, writes them by value."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.duplicates.find import find_near_duplicates
from core.curate.examples import examples_of
from core.curate.recipes import Candidate, choose, parse_recipe
from core.curate.records_in import RecordIn, record_in
from core.curate.splits import groups_of, split_groups
from core.curate.versions import write_version
from core.errors import Refused
from core.jobs.context import JobContext
from core.nouns import Band, Dropped, Example, RecordStatus, ScoredPair, Split
from core.training.base_models import model_folder
from core.training.chat_format import ChatFormat, chat_format

TRACE = pa.schema(
    [("example_id", pa.string()), ("record_id", pa.string()), ("split", pa.string()), ("n_tokens", pa.int64())]
)


def run(context: JobContext) -> dict[str, Any]:
    """Read records.parquet; write the version folder and the trace. Raises Refused when nothing is left to learn from."""
    settings = context.settings
    rows = parquet.read_table(context.inputs / "records.parquet").to_pylist()
    chosen, dropped = choose([_candidate(r) for r in rows], parse_recipe(settings["recipe"]), seed=settings["seed"])
    form = chat_format(model_folder(settings["base"], Path(settings["models"])))
    wanted = set(chosen)
    by_id = {row["id"]: row for row in rows if row["id"] in wanted}
    records = [record_in(by_id[i] | {"content": json.loads(by_id[i]["content"])}) for i in chosen]
    examples, left_out = _examples(context, records, form, settings["max_length_tokens"])
    dropped += left_out
    if not examples:
        raise Refused(
            f"The recipe {settings['recipe']} leaves no example: " + _counted(dropped) + ".",
            remedy="Keep some records in Curate, or choose another recipe.",
        )
    context.report(phase="Splitting", done=0, total=len(examples))
    used = Counter(e.record_id for e in examples)
    groups = _groups([r for r in records if r.id in used], by_id, used)
    forbidding = set(settings["train_only_sources"])
    train_only = {i for i in used if by_id[i]["source_id"] in forbidding}
    splits = _splits(examples, groups, train_only, settings["seed"])
    n_tokens = {e.id: form.count_chat_tokens(e.messages) for e in examples}
    n_records = len({e.record_id for e in examples})
    facts = settings["card"] | {"n_records": n_records, "max_length_tokens": settings["max_length_tokens"]}
    sha256 = write_version(context.out / "version", splits, dropped, facts)
    _write_trace(context.out / "trace.parquet", splits, n_tokens)
    return {
        "content_sha256": sha256,
        "n_records": n_records,
        "n_examples": {split.value: len(splits[split]) for split in Split},
        "n_tokens": {split.value: sum(n_tokens[e.id] for e in splits[split]) for split in Split},
        "longest_tokens": max(n_tokens.values()),
        "dropped": dict(Counter(d.reason for d in dropped)),
    }


def _candidate(row: dict[str, Any]) -> Candidate:
    return Candidate(
        row["id"],
        row["external_id"],
        RecordStatus(row["status"]),
        tuple(row["defects"]),
        len(row["text"]),
        row["cluster"] or "",
        row["is_canonical"],
    )


def _examples(
    context: JobContext, records: Sequence[RecordIn], form: ChatFormat, max_tokens: int
) -> tuple[list[Example], list[Dropped]]:
    examples: list[Example] = []
    dropped: list[Dropped] = []
    for i, record in enumerate(records, start=1):
        made, left_out = examples_of(
            record, max_tokens=max_tokens, count_chat=form.count_chat_tokens, count_text=form.count_text_tokens
        )
        for example in made:
            control = form.control_token_in(example.messages)
            if control is None:
                examples.append(example)
            else:
                detail = f"the text holds {control}, which steers the model"
                left_out.append(Dropped(record.id, record.external_id, "control_token", detail))
        dropped += left_out
        context.report(phase="Making examples", done=i, total=len(records))
    return examples, dropped


def _groups(records: Sequence[RecordIn], rows: dict[str, dict[str, Any]], n_examples: Counter[str]) -> dict[str, str]:
    """The group of each record: by its duplicate cluster, its customer, and every other one that it shares phrases with.

    Phrases are compared here anew: records may have come since the last measuring, and a pair that a person was only
    asked about, or called different, must not stand in two splits either. Where that ties more than half of all
    examples into one group (answers from a template), only the pairs that are certain count.
    """
    keys = {
        r.id: [f"{kind}:{rows[r.id][kind]}" for kind in ("cluster", "customer") if rows[r.id][kind]] for r in records
    }
    pairs = [pair for pair in find_near_duplicates(records, None) if pair.band() is not Band.LEAVE]
    groups = groups_of(_with_pairs(keys, pairs))
    sizes = Counter[str]()
    for record, n in n_examples.items():
        sizes[groups[record]] += n
    if max(sizes.values()) > n_examples.total() / 2:
        return groups_of(_with_pairs(keys, [pair for pair in pairs if pair.band() is Band.MERGE]))
    return groups


def _with_pairs(keys: dict[str, list[str]], pairs: Sequence[ScoredPair]) -> dict[str, list[str]]:
    tied = {record: list(own) for record, own in keys.items()}
    for pair in pairs:
        for one in (pair.a, pair.b):
            tied[one].append(f"alike:{pair.a}:{pair.b}")
    return tied


def _splits(
    examples: Sequence[Example], groups: dict[str, str], train_only: set[str], seed: int
) -> dict[Split, list[Example]]:
    """Examples by split. groups: of each record. train_only: records whose source does not allow evaluation."""
    assigned = split_groups(
        Counter(groups[e.record_id] for e in examples), seed=seed, train_only={groups[record] for record in train_only}
    )
    splits: dict[Split, list[Example]] = {split: [] for split in Split}
    for e in examples:
        group = groups[e.record_id]
        splits[assigned[group]].append(Example(e.id, e.record_id, e.external_id, group, e.messages, e.title, e.tags))
    return splits


def _write_trace(file: Path, splits: dict[Split, list[Example]], n_tokens: dict[str, int]) -> None:
    rows = [
        {"example_id": e.id, "record_id": e.record_id, "split": split.value, "n_tokens": n_tokens[e.id]}
        for split, examples in splits.items()
        for e in examples
    ]
    parquet.write_table(pa.Table.from_pylist(rows, schema=TRACE), file)


def _counted(dropped: Sequence[Dropped]) -> str:
    return ", ".join(
        f"{n} {reason.replace('_', ' ')}" for reason, n in Counter(d.reason for d in dropped).most_common(4)
    )
