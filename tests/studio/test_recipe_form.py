"""The recipe as the form shows it: what a saved recipe says is what its fields say."""

from __future__ import annotations

from core.curate.recipes import recipe_from
from studio.parts.recipe_form import FIELDS, _values


def test_a_balance_by_share_comes_into_the_form_as_a_share() -> None:
    shown = _values(recipe_from({"take": "recommended", "balance": {"by": "tag", "share": 0.125}}))
    assert (shown["balance_by"], shown["is_share"], shown["share"]) == ("tag", True, 12.5)


def test_a_balance_by_number_comes_in_as_a_number() -> None:
    shown = _values(recipe_from({"take": "recommended", "balance": {"by": "year", "at_most": 7}}))
    assert (shown["balance_by"], shown["is_share"], shown["at_most"]) == ("year", False, 7)


def test_every_field_of_the_form_has_a_value() -> None:
    assert set(_values(recipe_from({"take": "everything"}))) == set(FIELDS)
