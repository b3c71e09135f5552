"""Freezes a dataset version: cleans the chosen records, makes examples, puts facts out, splits, writes by value.

Which records are chosen was told by the query that wrote them here; every other one comes with its reason.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.cleaning.boilerplate import framing_lines
from core.curate.cleaning.record import clean_record, texts_of
from core.curate.duplicates.find import find_near_duplicates
from core.curate.examples import examples_of
from core.curate.recipes import Recipe, recipe_from
from core.curate.records_in import RecordIn, record_in
from core.curate.splits import groups_of
from core.curate.versions import write_version
from core.errors import Refused
from core.jobs.context import JobContext
from core.jobs.handlers.hide_step import Hiding, as_compared, hide_facts
from core.jobs.handlers.hold_out_step import HoldOut, read_hold_out
from core.jobs.handlers.privacy_step import put_personal_data_out
from core.jobs.handlers.reviews_step import FromReviews
from core.nouns import Band, Dropped, Example, RecordKind, ScoredPair, Split
from core.training.base_models import model_folder
from core.training.batches import token_counts
from core.training.chat_format import ChatFormat, chat_format

TRACE = pa.schema(
    [("example_id", pa.string()), ("record_id", pa.string()), ("split", pa.string()), ("n_tokens", pa.int64())]
)


def run(context: JobContext) -> dict[str, Any]:
    """Read records.parquet; write the version folder and the trace. Raises Refused when nothing is left to learn from."""
    settings = context.settings
    recipe = recipe_from(settings["recipe"])
    rows = parquet.read_table(context.inputs / "records.parquet").to_pylist()
    rows, personal = _without_personal_data(context, rows)
    dropped = [Dropped(r["id"], r["external_id"], r["reason"], r["detail"]) for r in rows if r["reason"] is not None]
    form = chat_format(model_folder(settings["base"], Path(settings["models"])))
    by_id = {row["id"]: row for row in rows if row["reason"] is None}
    records, cleaning = _cleaned(context, rows, recipe)
    made, left_out = _examples(context, records, form, recipe.max_length_tokens, cleaning.steps)
    hiding = hide_facts(made, recipe.fact_choices, form, max_tokens=recipe.max_length_tokens)
    examples = hiding.examples
    dropped += left_out + hiding.dropped
    if not examples:
        raise Refused(
            "The recipe leaves no example: " + _counted(dropped) + ".",
            remedy="Keep some records in Curate, or choose another recipe.",
        )
    context.report(phase="Splitting", done=0, total=len(examples))
    hold_out = read_hold_out(settings.get("hold_out"))
    from_reviews = FromReviews(rows)
    if hold_out is None:
        used = Counter(e.record_id for e in examples)
        compared = [as_compared(r, hiding.choices) for r in records if r.id in used]
        pairs = _alike(compared)
        groups = _groups(compared, by_id, used, pairs, from_reviews)
        # What came out of reviews must not move what is held out, nor tie two texts that have nothing to do with each other.
        own = [record for record in compared if record.id not in from_reviews.ids]
        drawn = _groups(own, by_id, used, pairs, from_reviews) if len(own) < len(compared) else groups
        train_only = {i for i in used if not by_id[i]["may_evaluate"]}
        splits, kept_apart = from_reviews.split(examples, groups, drawn, seed=settings["seed"], train_only=train_only)
    else:
        splits, kept_apart = _with_hold_out(hold_out, rows, records, hiding, recipe, from_reviews)
    dropped += kept_apart
    examples = [e for split in Split for e in splits[split]]
    counts = {e.id: token_counts(form, e) for e in examples}
    n_tokens = {name: n for name, (n, _) in counts.items()}
    n_records = len({e.record_id for e in examples})
    cleaned = {step: n for step in recipe.clean if (n := sum(step in e.cleaned for e in examples))}
    done: dict[str, Any] = {"cleaned": cleaned, "left_whole": dict(cleaning.left_whole), "facts": hiding.counts()}
    if personal is not None:
        done["personal_data"] = personal
    if from_reviews.ids:
        done["from_reviews"] = from_reviews.counted(splits)
    facts = settings["card"] | {"n_records": n_records} | done
    sha256 = write_version(context.out / "version", splits, dropped, facts)
    write_trace(context.out / "trace.parquet", splits, n_tokens)
    hiding.write_moved(context.out / "moved.parquet", {record: row["source_id"] for record, row in by_id.items()})
    return {
        "content_sha256": sha256,
        "n_records": n_records,
        "n_examples": {split.value: len(splits[split]) for split in Split},
        "n_tokens": {split.value: sum(n_tokens[e.id] for e in splits[split]) for split in Split},
        "n_answer_tokens": {split.value: sum(counts[e.id][1] for e in splits[split]) for split in Split},
        "longest_tokens": max(n_tokens.values()),
        "dropped": dict(Counter(d.reason for d in dropped)),
    } | done


def _without_personal_data(
    context: JobContext, rows: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """The rows as decided on the personal data in them, and what the card says of it; None where nobody looked for any."""
    undecided = context.settings.get("personal_data")
    return put_personal_data_out(rows, context.inputs, undecided) if undecided else (rows, None)


@dataclass(slots=True)
class Cleaning:
    """What the recipe's steps did. steps: those that changed a record's text, by record. left_whole: records by step."""

    steps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_whole: Counter[str] = field(default_factory=Counter)


def _cleaned(context: JobContext, rows: Sequence[dict[str, Any]], recipe: Recipe) -> tuple[list[RecordIn], Cleaning]:
    """The chosen records, their texts cleaned."""
    chosen = [row for row in rows if row["reason"] is None]
    common = _framing_lines(rows) if "drop_boilerplate" in recipe.clean else frozenset()
    records, cleaning = [], Cleaning()
    for i, row in enumerate(chosen, start=1):
        done = clean_record(RecordKind(row["kind"]), json.loads(row["content"]), recipe.clean, common=common)
        records.append(record_in(row | {"content": done.content}))
        cleaning.steps[row["id"]] = done.steps
        cleaning.left_whole.update(done.left_whole_by)
        context.report(phase="Cleaning", done=i, total=len(chosen))
    return records, cleaning


def _framing_lines(rows: Sequence[dict[str, Any]]) -> frozenset[str]:
    """Told from every record of the project, those that the recipe leaves out too."""
    return framing_lines(texts_of(RecordKind(row["kind"]), json.loads(row["content"])) for row in rows)


def _examples(
    context: JobContext,
    records: Sequence[RecordIn],
    form: ChatFormat,
    max_tokens: int,
    steps: dict[str, tuple[str, ...]],
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
                examples.append(replace(example, cleaned=steps[record.id]))
            else:
                detail = f"the text holds {control}, which steers the model"
                left_out.append(Dropped(record.id, record.external_id, "control_token", detail))
        dropped += left_out
        context.report(phase="Making examples", done=i, total=len(records))
    return examples, dropped


def _alike(records: Sequence[RecordIn]) -> list[ScoredPair]:
    return [pair for pair in find_near_duplicates(records, None) if pair.band() is not Band.LEAVE]


def _groups(
    records: Sequence[RecordIn],
    rows: dict[str, dict[str, Any]],
    n_examples: Counter[str],
    pairs: Sequence[ScoredPair],
    from_reviews: FromReviews,
) -> dict[str, str]:
    """The group of each record: by its duplicate cluster, its customer, the text that its brief was taken from, and every other one
    that it shares phrases with.

    Phrases are compared anew (pairs): records may have come since the last measuring, and a pair that a person was only
    asked about, or called different, must not stand in two splits either. Where that ties more than half of all
    examples into one group (answers from a template), only the pairs that are certain count.
    """
    keys = {
        r.id: [f"{kind}:{row[kind]}" for kind in ("cluster", "customer") if (row := rows.get(r.id, {})).get(kind)]
        + from_reviews.keys(r.id)
        for r in records
    }
    known = [pair for pair in pairs if pair.a in keys and pair.b in keys]
    groups = groups_of(_with_pairs(keys, known))
    sizes = Counter[str]()
    for record in keys:
        sizes[groups[record]] += n_examples[record]
    if sizes and max(sizes.values()) > sizes.total() / 2:
        return groups_of(_with_pairs(keys, [pair for pair in known if pair.band() is Band.MERGE]))
    return groups


def _with_pairs(keys: dict[str, list[str]], pairs: Sequence[ScoredPair]) -> dict[str, list[str]]:
    tied = {record: list(own) for record, own in keys.items()}
    for pair in pairs:
        for one in (pair.a, pair.b):
            tied[one].append(f"alike:{pair.a}:{pair.b}")
    return tied


def _with_hold_out(
    hold_out: HoldOut,
    rows: Sequence[dict[str, Any]],
    records: Sequence[RecordIn],
    hiding: Hiding,
    recipe: Recipe,
    from_reviews: FromReviews,
) -> tuple[dict[Split, list[Example]], list[Dropped]]:
    """Another version's hold-out as it is, and of the examples those that do not belong to it. Raises Refused when none is left."""
    common = _framing_lines(rows) if "drop_boilerplate" in recipe.clean else frozenset()

    def cleaned(row: Mapping[str, Any]) -> RecordIn:
        done = clean_record(RecordKind(row["kind"]), json.loads(row["content"]), recipe.clean, common=common)
        return record_in(dict(row) | {"content": done.content})

    used = Counter(e.record_id for e in hiding.examples)
    compared = [r for r in records if r.id in used and r.id not in hold_out.records]
    compared += hold_out.compared(rows, cleaned)
    counts = used + Counter(e.record_id for held in hold_out.examples.values() for e in held)
    by_id = {row["id"]: row for row in rows}
    found = [as_compared(r, hiding.choices) for r in compared]
    groups = _groups(found, by_id, counts, _alike(found), from_reviews)
    left, dropped = hold_out.keep_apart(hiding.examples, groups)
    if not left:
        raise Refused(
            f"Every record that the recipe takes belongs to what is held out in {hold_out.name}.",
            remedy="Choose another recipe, or draw the hold-out anew.",
        )
    train = [replace(e, group=groups[e.record_id]) for e in left]
    return {Split.TRAIN: train} | {split: list(held) for split, held in hold_out.examples.items()}, dropped


def write_trace(file: Path, splits: dict[Split, list[Example]], n_tokens: dict[str, int]) -> None:
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
