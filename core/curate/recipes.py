"""A recipe as a value: which records go into a version, and how their texts are cleaned.

take          recommended   kept and edited ones; of the undecided, those without a defect
              everything    all but the rejected
              random:K, longest:K   K of `everything`, drawn by the seed, or the longest
filters       score, flags, tags, sources, period; the cap per cluster; the balance between groups
clean         the cleaning steps that are on
facts         the kinds of fact that are masked, or moved to the fact store; the others are kept

What a recipe chooses is told by one query (core/store/selection.py), for the live counts and for freezing alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from core.curate.cleaning.steps import DEFAULT_STEPS, checked_steps
from core.curate.fact_hiding import FactChoice
from core.curate.facts import FactKind
from core.errors import Invalid

BASES = ("recommended", "everything", "random", "longest")
PATTERN = re.compile(r"(recommended|everything)|(random|longest):([1-9]\d{0,8})")
BALANCES = ("tag", "author", "month", "year")
DEFAULT_MAX_LENGTH = 1024
MIN_LENGTH, MAX_LENGTH = 64, 32_768
MAX_CAP = 1_000_000


@dataclass(frozen=True, slots=True)
class Balance:
    """No group gives more than so many records. by: one of BALANCES, or empty for none.

    at_most: records of a group. share: instead of it, of all records left by the rules before, in (0, 1].
    """

    by: str = ""
    at_most: int = 0
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """take: the base. Lists that are empty do not filter.

    min_score: in [0, 1], asked of records that no person kept. flags_out: records with one of these are left out, whoever
    kept them. flags_allowed: defects that do not keep an undecided record out. written_from, written_to: days, both
    counted in; empty for no limit. per_cluster: records taken of those that say the same, kept ones always; 0 for all,
    None for 1 with `recommended` and all otherwise. clean: steps in the order in which they work. facts_masked, facts_moved:
    kinds of fact of which a placeholder stands in the answers; of a moved one the sentence is kept in the fact store.
    """

    take: str = "recommended"
    clean: tuple[str, ...] = DEFAULT_STEPS
    min_score: float = 0.0
    flags_out: tuple[str, ...] = ()
    flags_allowed: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tags_out: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    written_from: str = ""
    written_to: str = ""
    balance: Balance = field(default_factory=Balance)
    per_cluster: int | None = None
    max_length_tokens: int = DEFAULT_MAX_LENGTH
    facts_masked: tuple[str, ...] = ()
    facts_moved: tuple[str, ...] = ()

    @property
    def fact_choices(self) -> dict[FactKind, FactChoice]:
        """What becomes of each kind of fact that is not kept."""
        masked = {FactKind(kind): FactChoice.MASK for kind in self.facts_masked}
        return masked | {FactKind(kind): FactChoice.MOVE for kind in self.facts_moved}

    @property
    def base(self) -> str:
        """recommended, everything, random or longest."""
        return self.take.partition(":")[0]

    @property
    def size(self) -> int:
        """K of random:K and longest:K; 0 for the others."""
        return int(self.take.partition(":")[2] or 0)

    @property
    def cap_of_cluster(self) -> int:
        """Records taken of a cluster; 0 for all."""
        return (1 if self.base == "recommended" else 0) if self.per_cluster is None else self.per_cluster


def parse_recipe(text: str) -> Recipe:
    """A recipe with nothing but its base. Raises Invalid with those that there are."""
    return Recipe(take=_checked_base(text))


def recipe_from(value: Mapping[str, Any]) -> Recipe:
    """A recipe from JSON; what is missing has its default. Raises Invalid naming the setting, its value and what is allowed."""
    known = [one.name for one in fields(Recipe)]
    unknown = sorted(value.keys() - set(known))
    if unknown:
        raise Invalid(f"A recipe has no setting {unknown[0]!r}.", remedy=f"Settings are {', '.join(known)}.")
    recipe = Recipe(
        take=_checked_base(_text(value, "take", "recommended")),
        clean=checked_steps(_texts(value, "clean", DEFAULT_STEPS)),
        min_score=_number(value, "min_score", 0.0, 0.0, 1.0),
        flags_out=_texts(value, "flags_out"),
        flags_allowed=_texts(value, "flags_allowed"),
        tags=_texts(value, "tags"),
        tags_out=_texts(value, "tags_out"),
        sources=_texts(value, "sources"),
        written_from=_day(value, "written_from"),
        written_to=_day(value, "written_to"),
        balance=_balance(value.get("balance") or {}),
        per_cluster=None if value.get("per_cluster") is None else _whole(value, "per_cluster", 0, 0, MAX_CAP),
        max_length_tokens=_whole(value, "max_length_tokens", DEFAULT_MAX_LENGTH, MIN_LENGTH, MAX_LENGTH),
        facts_masked=_fact_kinds(value, "facts_masked"),
        facts_moved=_fact_kinds(value, "facts_moved"),
    )
    both = sorted(set(recipe.facts_masked) & set(recipe.facts_moved))
    if both:
        raise Invalid(f"{both[0]!r} is to be masked and moved.", remedy="Choose one: what is moved is masked as well.")
    if recipe.written_from and recipe.written_to and recipe.written_from > recipe.written_to:
        raise Invalid(
            f"The period from {recipe.written_from} to {recipe.written_to} ends before it begins.",
            remedy="Let written_from be the earlier day.",
        )
    return recipe


def recipe_as_json(recipe: Recipe) -> dict[str, Any]:
    """The recipe as `recipe_from` reads it."""
    value = asdict(recipe)
    return {name: list(one) if isinstance(one, tuple) else one for name, one in value.items()}


def _checked_base(text: str) -> str:
    if PATTERN.fullmatch(text) is None:
        raise Invalid(f"{text!r} is not a recipe.", remedy="Choose recommended, everything, random:K or longest:K.")
    return text


def _balance(value: Any) -> Balance:
    if not isinstance(value, Mapping) or value.keys() - {"by", "at_most", "share"}:
        raise Invalid(
            f"The balance {str(value)[:80]} cannot be read.", remedy='Write {"by": "tag", "at_most": 50}, or a share.'
        )
    by = _text(value, "by", "")
    at_most = _whole(value, "at_most", 0, 0, MAX_CAP)
    share = _number(value, "share", 0.0, 0.0, 1.0)
    if not by and not at_most and not share:
        return Balance()
    if by not in BALANCES:
        raise Invalid(f"Records cannot be balanced by {by!r}.", remedy=f"Choose {', '.join(BALANCES)}.")
    if bool(at_most) == bool(share):
        raise Invalid(
            f"The balance by {by} {'has two limits' if at_most else 'has no limit'}.",
            remedy="Give it at_most, a number of records, or share, a part of all from 0 to 1.",
        )
    return Balance(by, at_most, share)


def _text(value: Mapping[str, Any], name: str, default: str) -> str:
    found = value.get(name, default)
    if not isinstance(found, str):
        raise Invalid(f"{name} is {found!r}, which is no text.", remedy="Write it in quotes.")
    return found


def _texts(value: Mapping[str, Any], name: str, default: Sequence[str] = ()) -> tuple[str, ...]:
    found = value.get(name, default)
    if isinstance(found, str) or not isinstance(found, Sequence) or not all(isinstance(one, str) for one in found):
        raise Invalid(f"{name} is {str(found)[:80]!r}, which is no list of texts.", remedy='Write ["one", "two"].')
    return tuple(dict.fromkeys(found))


def _fact_kinds(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """In the order in which the kinds are listed, so that two recipes that do the same are the same."""
    wanted = _texts(value, name)
    unknown = sorted(set(wanted) - set(FactKind))
    if unknown:
        raise Invalid(f"{unknown[0]!r} is not a kind of fact.", remedy=f"Choose among {', '.join(FactKind)}.")
    return tuple(kind.value for kind in FactKind if kind in wanted)


def _number(value: Mapping[str, Any], name: str, default: float, low: float, high: float) -> float:
    found = value.get(name, default)
    if isinstance(found, bool) or not isinstance(found, int | float) or not low <= found <= high:
        raise Invalid(f"{name} is {found!r}.", remedy=f"Choose a number from {low:g} to {high:g}.")
    return float(found)


def _whole(value: Mapping[str, Any], name: str, default: int, low: int, high: int) -> int:
    found = _number(value, name, default, low, high)
    if found != int(found):
        raise Invalid(f"{name} is {found!r}.", remedy=f"Choose a whole number from {low:,} to {high:,}.")
    return int(found)


def _day(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name) or ""
    try:
        return date.fromisoformat(found).isoformat() if found else ""
    except (TypeError, ValueError):
        raise Invalid(f"{name} is {found!r}, which is no day.", remedy="Write YYYY-MM-DD.") from None
