"""A recipe in words: for its card, for the page, and for what differs between two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.curate.cleaning.steps import STEPS
from core.curate.fact_hiding import FactChoice
from core.curate.facts import FACT_PLURALS
from core.curate.flags.registry import BY_NAME, DUPLICATES
from core.curate.recipes import Balance, Recipe

BASES = {
    "recommended": "kept and edited records, and undecided ones without a defect",
    "everything": "every record that was not rejected",
}
# Reasons that come of what a person set beside the base.
FILTERS = (
    "other_source", "no_date", "too_early", "too_late", "other_tag", "tag_left_out", "group_is_full", "not_drawn",
)  # fmt: skip
# What its owner's terms say against a record.
LAPSES = ("withdrawn", "expired", "not_to_train")
NAMED_DEFECTS = 3


def settings_in_words(recipe: Recipe, source_names: Mapping[str, str]) -> dict[str, str]:
    """Setting and value, both as a person says them; source_names: by the source's id."""
    sources = [source_names.get(source, source) for source in recipe.sources]
    return {
        "Takes": _base(recipe),
        "Cleaning": "; ".join(STEPS[step].title.lower() for step in recipe.clean) or "none",
        "Score": f"at least {recipe.min_score:.2f}, unless a person kept it" if recipe.min_score else "any",
        "Flags left out": _listed(recipe.flags_out, "none beside the base"),
        "Defects allowed": _listed(recipe.flags_allowed, "none"),
        "Tags": _listed(recipe.tags, "any, or none", between=" or "),
        "Tags left out": _listed(recipe.tags_out, "none"),
        "Sources": _listed(sources, "all"),
        "Written": _period(recipe),
        "Balance": _balance(recipe.balance),
        "Per cluster of doubles": f"{recipe.cap_of_cluster:,} at most" if recipe.cap_of_cluster else "all",
        "Facts that go stale": _facts(recipe),
        "Length of an example": f"at most {recipe.max_length_tokens:,} tokens",
    }


def differences(older: Recipe, newer: Recipe, source_names: Mapping[str, str]) -> list[str]:
    """One sentence for each setting that differs."""
    before, after = settings_in_words(older, source_names), settings_in_words(newer, source_names)
    return [f"{name}: {after[name]}; before: {before[name]}." for name in after if after[name] != before[name]]


def left_out_in_words(reasons: Mapping[str, int]) -> str:
    """Why records are left out, the most frequent first: "30 have a defect (20 truncated, 10 others), 12 say what another one says".

    reasons: records by reason, as a recipe's rules give them; what a recipe does not leave out itself is not told.
    """
    doubles = sum(n for reason, n in reasons.items() if reason in DUPLICATES or reason == "duplicate")
    defects = {reason: n for reason, n in reasons.items() if reason in BY_NAME and reason not in DUPLICATES}
    put_off = sum(reasons.get(reason, 0) for reason in ("rejected", "deferred"))
    filtered = sum(reasons.get(reason, 0) for reason in FILTERS)
    lapsed = sum(reasons.get(reason, 0) for reason in LAPSES)
    groups = [
        (lapsed, f"{lapsed:,} may not be trained on by {'its' if lapsed == 1 else 'their'} terms"),
        (doubles, f"{doubles:,} {'says' if doubles == 1 else 'say'} what another one says"),
        (sum(defects.values()), _defects(defects)),
        (put_off, f"{put_off:,} {'was' if put_off == 1 else 'were'} put off or rejected"),
        (reasons.get("low_score", 0), f"{reasons.get('low_score', 0):,} below the score"),
        (filtered, f"{filtered:,} by its other filters"),
    ]
    return ", ".join(words for n, words in sorted(groups, key=lambda group: -group[0]) if n)


def _defects(defects: Mapping[str, int]) -> str:
    ranked = sorted(defects.items(), key=lambda one: (-one[1], one[0]))
    named = [f"{n:,} {name.replace('_', ' ')}" for name, n in ranked[:NAMED_DEFECTS]]
    rest = sum(n for _, n in ranked[NAMED_DEFECTS:])
    total = sum(defects.values())
    return f"{total:,} {'has' if total == 1 else 'have'} a defect ({', '.join([*named, *([f'{rest:,} others'] if rest else [])])})"


def _base(recipe: Recipe) -> str:
    if recipe.size:
        drawn = "drawn by the seed" if recipe.base == "random" else "the longest ones"
        return f"{recipe.size:,} of the records that were not rejected, {drawn}"
    return BASES[recipe.base]


def _listed(names: Sequence[str], without: str, *, between: str = ", ") -> str:
    return between.join(name.replace("_", " ") for name in names) or without


def _period(recipe: Recipe) -> str:
    parts = [
        f"from {recipe.written_from}" if recipe.written_from else "",
        f"to {recipe.written_to}" if recipe.written_to else "",
    ]
    return " ".join(part for part in parts if part) or "at any time"


def _facts(recipe: Recipe) -> str:
    parts = [
        f"{FACT_PLURALS[kind]} {'masked' if choice is FactChoice.MASK else 'moved to the fact store'}"
        for kind, choice in recipe.fact_choices.items()
    ]
    return "; ".join(parts) or "kept"


def _balance(balance: Balance) -> str:
    if not balance.by:
        return "none"
    limit = f"{balance.at_most:,} records" if balance.at_most else f"{balance.share:.0%} of all"
    return f"at most {limit} of each {balance.by}"
