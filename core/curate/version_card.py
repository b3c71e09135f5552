"""The card of a frozen version: a Markdown file that a person reads and whose header dataset loaders read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import yaml

from core.nouns import Dropped, Split

# A careful limit, not a measured one.
MOST_MACHINE_WRITTEN = 0.25
PERSONAL_CHOICES = ("keep", "mask", "replace", "masked_undecided")


def with_header_for(text: str, counts: Mapping[str, int], *, schema: pa.Schema, ending: str) -> str:
    """The card `text` with a header that names files of another ending."""
    _, _, body = text.removeprefix("---\n").partition("\n---\n")
    return _header(counts, schema, ending) + body


def card_text(card: dict[str, Any], dropped: Sequence[Dropped], *, schema: pa.Schema) -> str:
    """A dataset card: a header that dataset loaders read, then what a person wants to know."""
    counts = card["n_examples"]
    reasons: dict[str, int] = {}
    for one in dropped:
        reasons[one.reason] = reasons.get(one.reason, 0) + 1
    left_out = "\n".join(f"| {reason} | {n} |" for reason, n in sorted(reasons.items(), key=lambda x: -x[1]))
    recipe = "\n".join(f"| {name} | {words} |" for name, words in card.get("recipe_in_words", {}).items())
    cleaned = "\n".join(f"| {step} | {n} |" for step, n in card.get("cleaned", {}).items()) or "| none | 0 |"
    facts = "\n".join(
        f"| {kind} | {one['choice']} | {one['n_spans']} | {one['n_examples']} |" for kind, one in facts_on(card).items()
    )
    sources = "\n".join(
        f"| {s['name']} | {s['owner']} | {s['basis']} | {s['purpose']} | {', '.join(s['uses'])} | {s['expires_on'] or 'never'} | {s['licence']} | "
        f"{s.get('controller') or 'not stated'} | {_special(s)} | {s.get('reference') or 'none stated'} |"
        for s in card.get("sources", [])
    )
    return f"""{_header(counts, schema, "parquet")}
# {card.get("name", "Dataset version")}

Made for {card.get("goal", "a goal")} from {card.get("n_records", 0)} records by the recipe `{card.get("recipe", "")}`, seed {card.get("seed", "")}.

| split | examples |
|---|---|
| train | {counts["train"]} |
| validation | {counts["validation"]} |
| test | {counts["test"]} |

Content SHA-256: `{card["content_sha256"]}`
{_erased(card)}
Splits are grouped: records of one duplicate cluster, document, thread or customer stand in one split.{_hold_out(card)}

## Sources

| name | owner | lawful basis | purpose | uses | expires | licence | controller | special categories | consent or contract |
|---|---|---|---|---|---|---|---|---|---|
{sources}

## Recipe

| setting | value |
|---|---|
{recipe}

## Cleaned

Examples whose text a cleaning step changed; the stored records are as they were. Each example names its steps.

| step | examples |
|---|---|
{cleaned}

## Facts that go stale

Places in the answers where a placeholder such as `[price]` stands instead of the fact. What was asked is as it was. Of facts that were
moved the sentence was kept in the fact store of the project. Each example names the kinds that were put out of it.

| kind | choice | places | examples |
|---|---|---|---|
{facts or "| none | keep | 0 | 0 |"}

{_personal_data(card)}{_from_reviews(card)}## Left out

| reason | count |
|---|---|
{left_out}

Every one is listed in `left_out/dropped.parquet`.
"""


def _special(source: Mapping[str, Any]) -> str:
    """Special categories of a source and the condition that allows them, as Art. 9 calls both."""
    named = ", ".join(source.get("special_categories") or []).replace("_", " ")
    return f"{named}; {str(source.get('special_condition')).replace('_', ' ')}" if named else "none known"


def _hold_out(card: Mapping[str, Any]) -> str:
    """A sentence on whose validation and test examples these are; empty where they were drawn for this version."""
    held = card.get("hold_out")
    if not isinstance(held, Mapping):
        return ""
    return (
        f" Validation and test are those of the version {held.get('name')} (content SHA-256 `{held.get('content_sha256')}`), so that runs "
        "on both are measured on the same texts; what belongs together with them is not in train."
    )


def from_reviews_on(card: Mapping[str, Any]) -> dict[str, int]:
    """n, n_machine_written and n_train, where a card says how much of the version came out of reviews. A card may come from outside."""
    told = card.get("from_reviews")
    names = ("n", "n_machine_written", "n_train")
    if not isinstance(told, Mapping) or not all(isinstance(told.get(name), int) for name in names):
        return {}
    return {name: told[name] for name in names} if told["n"] else {}


def from_reviews_in_words(card: Mapping[str, Any]) -> tuple[str, str]:
    """How much came out of reviews, and a warning where machines wrote much of it; both empty where there is nothing to say."""
    told = from_reviews_on(card)
    if not told:
        return "", ""
    share = told["n_machine_written"] / max(1, told["n_train"])
    said = (
        f"Of {told['n_train']:,} examples to train on, {told['n']:,} came out of reviews; {told['n_machine_written']:,} of these "
        f"({share:.0%} of all) a model wrote and a person signed off as they were or after a light edit. None is held out."
    )
    if share <= MOST_MACHINE_WRITTEN:
        return said, ""
    return said, (
        f"A model wrote {share:.0%} of what is learnt, more than {MOST_MACHINE_WRITTEN:.0%}: one that learns from its own texts grows more "
        "alike with every round. Keep more of the team's own writing, or of what reviewers wrote anew."
    )


def personal_data_on(card: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """By kind of personal data how many places were kept, masked, replaced or masked without a decision. A card may come from outside."""
    told = card.get("personal_data")
    kinds = told.get("kinds") if isinstance(told, Mapping) else None
    return {
        str(kind): {name: n if isinstance(n := counts.get(name), int) else 0 for name in PERSONAL_CHOICES}
        for kind, counts in (kinds.items() if isinstance(kinds, Mapping) else ())
        if isinstance(counts, Mapping)
    }


def _personal_data(card: Mapping[str, Any]) -> str:
    """A table of what became of personal data; empty where nobody looked for any."""
    told = card.get("personal_data")
    if not isinstance(told, Mapping):
        return ""
    rows = "\n".join(
        f"| {kind} | " + " | ".join(str(counts.get(name, 0)) for name in PERSONAL_CHOICES) + " |"
        for kind, counts in personal_data_on(card).items()
    )
    return f"""## Personal data

Places in the records that the recipe took, as the team decided on them. A placeholder such as `[person]` stands for what was masked,
a made-up value of the same form for what was replaced. Nobody looked through {told.get("n_records_not_searched", 0)} of the records.

| kind | kept | masked | replaced | masked without a decision |
|---|---|---|---|---|
{rows or "| none | 0 | 0 | 0 | 0 |"}

"""


def erased_on(card: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a card says of persons who were erased from the version since it was frozen. A card may come from outside."""
    told = card.get("erased")
    return [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []


def _erased(card: Mapping[str, Any]) -> str:
    """A paragraph for each person who was erased; empty where no example changed."""
    if not any(one.get("n_erased") or one.get("n_masked") for one in erased_on(card)):
        return ""
    return "".join(
        f"""
Rows of a person were erased from this version on {str(one.get("at"))[:10]}: {one.get("n_erased")} examples went, {one.get("n_masked")} were
masked. Before, its content had the SHA-256 `{one.get("content_sha256_before")}`; a run that was trained on that cannot be made again.
"""
        for one in erased_on(card)
    )


def _from_reviews(card: Mapping[str, Any]) -> str:
    said, warning = from_reviews_in_words(card)
    return f"## From reviews\n\n{said}{' ' + warning if warning else ''}\n\n" if said else ""


def facts_on(card: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By kind what a card says of facts that were put out: choice, n_spans, n_examples. A card may come from outside."""
    told = card.get("facts")
    return {
        str(kind): {"choice": str(one.get("choice")), "n_spans": one["n_spans"], "n_examples": one["n_examples"]}
        for kind, one in (told.items() if isinstance(told, Mapping) else ())
        if isinstance(one, Mapping) and all(isinstance(one.get(name), int) for name in ("n_spans", "n_examples"))
    }


def _header(counts: Mapping[str, int], schema: pa.Schema, ending: str) -> str:
    """Files by split, and the columns' types: a split without a tag or a cleaned example does not tell them."""
    files = [{"split": split.value, "path": f"{split.value}.{ending}"} for split in Split if counts[split.value]]
    facts = {
        "configs": [{"config_name": "default", "data_files": files}],
        "dataset_info": {"features": [{"name": field.name} | _feature(field.type) for field in schema]},
    }
    return f"---\n{yaml.safe_dump(facts, sort_keys=False)}---\n"


def _feature(kind: pa.DataType) -> dict[str, Any]:
    """A column's type in the words of a dataset card."""
    if pa.types.is_list(kind):
        (of,) = _feature(kind.value_type).values()
        return {"list": of}
    if pa.types.is_struct(kind):
        return {"struct": [{"name": field.name} | _feature(field.type) for field in kind]}
    return {"dtype": str(kind)}
