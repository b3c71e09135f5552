"""What a role may do, and how a token narrows it."""

from __future__ import annotations

import pytest

from core.nouns import Role
from core.people.roles import EVERYWHERE, Caller, Limits, Need


@pytest.mark.parametrize(
    ("need", "may"),
    [
        (Need(Role.REVIEWER), {"owner", "engineer", "lead", "reviewer"}),
        (Need(Role.LEAD), {"owner", "engineer", "lead"}),
        (Need(Role.LEAD, auditors=True), {"owner", "engineer", "lead", "auditor"}),
        (Need(Role.ENGINEER), {"owner", "engineer"}),
        (Need(Role.OWNER), {"owner"}),
        (Need(Role.AUDITOR), {"owner", "auditor"}),
    ],
)
def test_each_role_may_what_the_lesser_one_may_and_an_auditor_stands_beside(need: Need, may: set[str]) -> None:
    assert {role.value for role in Role if need.is_met(role)} == may


def test_a_role_in_one_project_is_none_in_another_and_none_in_the_studio() -> None:
    caller = Caller("Bo", {"p_a": Role.OWNER})
    assert caller.may(Need(Role.OWNER), "p_a")
    assert not caller.may_see("p_b")
    assert not caller.may(Need(Role.REVIEWER), "p_b")
    assert not caller.may(Need(Role.REVIEWER), EVERYWHERE)


def test_a_role_everywhere_holds_in_every_project() -> None:
    assert Caller("Bo", {EVERYWHERE: Role.LEAD}).may(Need(Role.LEAD), "p_that_will_come")


def test_of_two_roles_the_one_that_allows_it_counts() -> None:
    caller = Caller("Bo", {EVERYWHERE: Role.AUDITOR, "p_a": Role.ENGINEER})
    assert caller.may(Need(Role.ENGINEER), "p_a")
    assert not caller.may(Need(Role.ENGINEER), "p_b")


def test_a_token_narrows_what_its_person_may_and_never_widens_it() -> None:
    owner = {EVERYWHERE: Role.OWNER}
    narrow = Caller("Ann", owner, "a_1", Limits(Role.REVIEWER, "p_a"))
    assert narrow.may(Need(Role.REVIEWER), "p_a")
    assert not narrow.may(Need(Role.LEAD), "p_a")
    assert not narrow.may_see("p_b")
    assert not narrow.may(Need(Role.REVIEWER), EVERYWHERE)
    assert not Caller("Bo", {"p_a": Role.REVIEWER}, "a_2", Limits(Role.OWNER)).may(Need(Role.LEAD), "p_a")
