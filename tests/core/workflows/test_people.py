"""Accounts, links, sessions and tokens: each begins once, and ends when it should."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from core.errors import Conflict, Invalid, NotFound, Unauthenticated
from core.nouns import Role
from core.people import passwords
from core.people.roles import EVERYWHERE, Need
from core.people.secrets import Secret
from core.store.connection import Row
from core.workflows import access_tokens, people, projects, signing_in
from core.workflows.workspace import Workspace
from tests.core.workflows.accounts_by_hand import PASSWORD, first_owner, joined


@pytest.fixture
def studio(workspace: Workspace) -> Workspace:
    """Two projects, an owner, and a reviewer of the first."""
    for name in ("own", "other"):
        projects.create_project(workspace, name=name, goal="voice", by="Olga")
    first_owner(workspace)
    joined(workspace, "Bo", Role.REVIEWER, "own")
    return workspace


def id_of(workspace: Workspace, project: str) -> str:
    return str(next(row["id"] for row in projects.list_projects(workspace) if row["name"] == project))


def later(workspace: Workspace, table: str, **moved: timedelta) -> None:
    """As if that much time had passed since."""
    with workspace.store.transaction() as tx:
        for column, by in moved.items():
            tx.execute(f"UPDATE {table} SET {column} = {column} - INTERVAL {int(by.total_seconds())} SECOND")


def events(workspace: Workspace) -> list[Row]:
    return workspace.store.read("SELECT * FROM events ORDER BY seq")


def test_the_set_up_link_works_once_and_the_next_start_ends_the_one_before(workspace: Workspace) -> None:
    first, second = people.set_up_link(workspace), people.set_up_link(workspace)
    assert first is not None
    assert second is not None
    with pytest.raises(Unauthenticated):
        people.redeem(workspace, first.shown, name="Eve", password=PASSWORD)
    people.redeem(workspace, second.shown, name="Olga", password=PASSWORD)
    with pytest.raises(Unauthenticated):
        people.redeem(workspace, second.shown, name="Eve", password=PASSWORD)
    assert people.set_up_link(workspace) is None
    (owner,) = people.list_people(workspace)
    assert (owner.name, owner.roles) == ("Olga", {EVERYWHERE: Role.OWNER})


def test_nobody_is_invited_before_there_is_an_owner(workspace: Workspace) -> None:
    with pytest.raises(Conflict, match="Nobody signs in here"):
        people.invite(workspace, "Bo", role="reviewer", project=None, by="local")


@pytest.mark.parametrize("spoil", ["used", "expired", "revoked", "altered"])
def test_a_link_that_is_used_expired_revoked_or_altered_opens_nothing(studio: Workspace, spoil: str) -> None:
    link = people.invite(studio, "Cy", role="lead", project="own", by="Olga")
    shown = link.shown
    if spoil == "used":
        people.redeem(studio, shown, name="", password=PASSWORD)
    elif spoil == "expired":
        later(studio, "invitations", expires_at=timedelta(days=8))
    elif spoil == "revoked":
        people.revoke_invitation(studio, link.id, by="Olga")
    else:
        shown = shown[:-1] + ("A" if shown[-1] != "A" else "B")
    with pytest.raises(Unauthenticated) as refused:
        people.redeem(studio, shown, name="", password=PASSWORD)
    assert refused.value.message == people.NO_INVITATION


def test_a_link_gives_its_own_name_whatever_its_user_asks_for(studio: Workspace) -> None:
    link = people.invite(studio, "Cy", role="reviewer", project="own", by="Olga")
    people.redeem(studio, link.shown, name="Olga", password=PASSWORD)
    assert [one.name for one in people.list_people(studio)] == ["Bo", "Cy", "Olga"]


@pytest.mark.parametrize("name", ["bo", " BO ", "Olga"])
def test_a_name_is_given_once_in_any_case_and_also_after_its_person_left(studio: Workspace, name: str) -> None:
    people.end_account(studio, "Bo", by="Olga")
    with pytest.raises(Conflict):
        people.invite(studio, name, role="reviewer", project="own", by="Olga")


@pytest.mark.parametrize("name", ["Bo (this machine)", "local", "Proofroom", "The Studio", "", "x" * 81, "<b>Bo</b>"])
def test_a_name_that_stands_for_something_else_is_refused(studio: Workspace, name: str) -> None:
    with pytest.raises(Invalid):
        people.invite(studio, name, role="reviewer", project="own", by="Olga")


def test_a_wrong_password_a_wrong_name_and_an_ended_account_are_told_in_the_same_words(studio: Workspace) -> None:
    joined(studio, "Cy", Role.REVIEWER, "own")
    people.end_account(studio, "Cy", by="Olga")
    words = set()
    for name, password in (("Bo", "a wrong sentence here"), ("Nobody", PASSWORD), ("Cy", PASSWORD)):
        with pytest.raises(Unauthenticated) as refused:
            signing_in.sign_in(studio, name, password)
        words.add(str(refused.value))
    assert len(words) == 1


def test_an_account_is_signed_in_to_by_its_name_alone(studio: Workspace) -> None:
    (bo,) = (one for one in people.list_people(studio) if one.name == "Bo")
    with pytest.raises(Unauthenticated):
        signing_in.sign_in(studio, bo.account, PASSWORD)


def test_a_session_says_whose_it_is_until_it_is_signed_out(studio: Workspace) -> None:
    shown = signing_in.sign_in(studio, "bo", PASSWORD).shown
    session = signing_in.session_of(studio, shown)
    assert session is not None
    assert session.name == "Bo"
    signing_in.sign_out(studio, session)
    assert signing_in.session_of(studio, shown) is None
    assert not signing_in.is_open(studio, session.id)
    assert signing_in.caller_of_session(studio, shown) is None


def test_a_session_ends_when_nobody_uses_it_and_after_a_week_in_any_case(studio: Workspace) -> None:
    idle, long = signing_in.sign_in(studio, "Bo", PASSWORD), signing_in.sign_in(studio, "Bo", PASSWORD)
    later(studio, "sessions", used_at=timedelta(hours=3, minutes=59))
    signing_in.note_use(studio, long.id)
    later(studio, "sessions", used_at=timedelta(minutes=2))
    assert not signing_in.is_open(studio, idle.id)
    assert signing_in.is_open(studio, long.id)
    later(studio, "sessions", started_at=timedelta(days=7))
    assert not signing_in.is_open(studio, long.id)


def test_another_password_ends_every_session_and_is_the_only_one_from_then_on(studio: Workspace) -> None:
    here, there = (signing_in.sign_in(studio, "Bo", PASSWORD) for _ in range(2))
    session = signing_in.session_of(studio, here.shown)
    assert session is not None
    with pytest.raises(Unauthenticated):
        signing_in.change_password(studio, session, old="not my password", new="another long sentence")
    signing_in.change_password(studio, session, old=PASSWORD, new="another long sentence")
    assert not signing_in.is_open(studio, here.id)
    assert not signing_in.is_open(studio, there.id)
    with pytest.raises(Unauthenticated):
        signing_in.sign_in(studio, "Bo", PASSWORD)
    signing_in.sign_in(studio, "Bo", "another long sentence")


def test_a_link_for_another_password_makes_no_second_account(studio: Workspace) -> None:
    session = signing_in.sign_in(studio, "Bo", PASSWORD)
    link = people.new_password_link(studio, "Bo", by="Olga")
    people.redeem(studio, link.shown, name="", password="another long sentence")
    assert [one.name for one in people.list_people(studio)] == ["Bo", "Olga"]
    assert not signing_in.is_open(studio, session.id)
    signing_in.sign_in(studio, "Bo", "another long sentence")


class Meanwhile(PasswordHasher):
    """It takes its time, in which something else is done, once."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self._act: Callable[[], object] | None = act

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        is_right = super().verify(hash, password)
        act, self._act = self._act, None
        if act:
            act()
        return is_right


def test_a_password_that_is_changed_while_it_is_checked_begins_no_session(
    studio: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = people.new_password_link(studio, "Bo", by="Olga")
    monkeypatch.setattr(
        passwords,
        "_hasher",
        Meanwhile(lambda: people.redeem(studio, link.shown, name="", password="another long sentence")),
    )
    with pytest.raises(Unauthenticated):
        signing_in.sign_in(studio, "Bo", PASSWORD)
    assert signing_in.list_sessions(studio) == []
    signing_in.sign_in(studio, "Bo", "another long sentence")


@pytest.mark.parametrize("what", ["a link was used", "the session was ended"])
def test_what_was_done_while_a_password_was_checked_is_not_undone_by_another_one(
    studio: Workspace, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    session = signing_in.session_of(studio, signing_in.sign_in(studio, "Bo", PASSWORD).shown)
    assert session is not None
    link = people.new_password_link(studio, "Bo", by="Olga")
    acts = {
        "a link was used": lambda: people.redeem(studio, link.shown, name="", password="the one by the link"),
        "the session was ended": lambda: signing_in.end_session(studio, session.id, by="Olga"),
    }
    monkeypatch.setattr(passwords, "_hasher", Meanwhile(acts[what]))
    with pytest.raises(Unauthenticated):
        signing_in.change_password(studio, session, old=PASSWORD, new="another long sentence")
    signing_in.sign_in(studio, "Bo", "the one by the link" if what == "a link was used" else PASSWORD)


def is_refused(workspace: Workspace, link: Secret) -> bool:
    """Whether it opens nothing, told in the words for every link that does not."""
    try:
        people.invited(workspace, link.shown)
    except Unauthenticated as refused:
        return refused.message == people.NO_INVITATION
    return False


def test_of_the_links_for_another_password_the_newest_alone_can_be_used(studio: Workspace) -> None:
    first, second = (people.new_password_link(studio, "Bo", by="Olga") for _ in range(2))
    assert is_refused(studio, first)
    assert not is_refused(studio, second)


@pytest.mark.parametrize("how", ["by a link", "by its person"])
def test_another_password_ends_every_link_for_one(studio: Workspace, how: str) -> None:
    session = signing_in.session_of(studio, signing_in.sign_in(studio, "Bo", PASSWORD).shown)
    assert session is not None
    first = people.new_password_link(studio, "Bo", by="Olga")
    # As one that was made before an earlier one ended with it.
    second = people.new_password_link(studio, "Bo", by="Olga")
    with studio.store.transaction() as tx:
        tx.execute("UPDATE invitations SET revoked_at = NULL WHERE id = ?", [first.id])
    if how == "by a link":
        people.redeem(studio, second.shown, name="", password="another long sentence")
    else:
        signing_in.change_password(studio, session, old=PASSWORD, new="another long sentence")
    assert is_refused(studio, first)
    assert is_refused(studio, second)


def test_with_an_account_its_links_end_and_those_that_its_person_made(studio: Workspace) -> None:
    people.set_role(studio, "Bo", role="owner", project=None, by="Olga")
    own = people.new_password_link(studio, "Bo", by="Olga")
    for_olga = people.new_password_link(studio, "Olga", by="Bo")
    invitation = people.invite(studio, "Cy", role="owner", project=None, by="Bo")
    stays = people.invite(studio, "Di", role="lead", project="own", by="Olga")
    people.end_account(studio, "Bo", by="Olga")
    assert [is_refused(studio, link) for link in (own, for_olga, invitation, stays)] == [True, True, True, False]
    revoked = {row["object_id"] for row in events(studio) if (row["noun"], row["action"]) == ("invitation", "revoked")}
    assert revoked == {own.id, for_olga.id, invitation.id}


def test_a_link_of_an_account_that_has_ended_tells_a_stranger_no_names(studio: Workspace) -> None:
    link = people.new_password_link(studio, "Bo", by="Olga")
    people.end_account(studio, "Bo", by="Olga")
    with studio.store.transaction() as tx:
        # As it was left by a studio that did not take it back.
        tx.execute("UPDATE invitations SET revoked_at = NULL WHERE id = ?", [link.id])
    assert is_refused(studio, link)
    with pytest.raises(Unauthenticated) as refused:
        people.redeem(studio, link.shown, name="", password="another long sentence")
    assert "Olga" not in str(refused.value)


def test_a_role_that_is_changed_or_taken_ends_the_sessions_and_a_first_one_does_not(studio: Workspace) -> None:
    session = signing_in.sign_in(studio, "Bo", PASSWORD)
    people.set_role(studio, "Bo", role="lead", project="other", by="Olga")
    assert signing_in.is_open(studio, session.id)
    caller = signing_in.caller_of_session(studio, session.shown)
    assert caller is not None
    assert caller.may(Need(Role.LEAD), id_of(studio, "other"))
    people.set_role(studio, "Bo", role=None, project="other", by="Olga")
    assert not signing_in.is_open(studio, session.id)


def test_the_last_owner_everywhere_cannot_be_ended_or_made_less(studio: Workspace) -> None:
    for role in ("lead", None):
        with pytest.raises(Conflict, match="only owner"):
            people.set_role(studio, "Olga", role=role, project=None, by="Olga")
    with pytest.raises(Conflict, match="only owner"):
        people.end_account(studio, "Olga", by="Olga")
    people.set_role(studio, "Bo", role="owner", project=None, by="Olga")
    people.end_account(studio, "Olga", by="Bo")


def test_an_ended_account_opens_nothing_any_more(studio: Workspace) -> None:
    session = signing_in.sign_in(studio, "Bo", PASSWORD)
    token = access_tokens.make_token(studio, "script", account="Bo", role="reviewer", project=None, by="Olga")
    people.end_account(studio, "Bo", by="Olga")
    assert signing_in.session_of(studio, session.shown) is None
    with pytest.raises(Unauthenticated):
        access_tokens.caller_of_token(studio, token.shown)
    with pytest.raises(NotFound):
        people.new_password_link(studio, "Bo", by="Olga")


def test_a_token_is_narrowed_to_its_role_and_project(studio: Workspace) -> None:
    token = access_tokens.make_token(studio, "ci", account="Olga", role="lead", project="own", by="Olga")
    caller = access_tokens.caller_of_token(studio, token.shown)
    assert caller.name == "Olga"
    assert caller.may(Need(Role.LEAD), id_of(studio, "own"))
    assert not caller.may(Need(Role.ENGINEER), id_of(studio, "own"))
    assert not caller.may_see(id_of(studio, "other"))


@pytest.mark.parametrize(("role", "project"), [("lead", "own"), ("reviewer", "other"), ("auditor", "own")])
def test_a_token_beyond_its_person_is_not_made(studio: Workspace, role: str, project: str) -> None:
    with pytest.raises(Conflict, match="cannot do more than its person"):
        access_tokens.make_token(studio, "ci", account="Bo", role=role, project=project, by="Olga")


@pytest.mark.parametrize("spoil", ["revoked", "expired", "role taken"])
def test_a_token_ends(studio: Workspace, spoil: str) -> None:
    token = access_tokens.make_token(studio, "ci", account="Bo", role="reviewer", project=None, by="Olga", days=30)
    own = id_of(studio, "own")
    assert access_tokens.caller_of_token(studio, token.shown).may_see(own)
    if spoil == "role taken":
        people.set_role(studio, "Bo", role=None, project="own", by="Olga")
        assert not access_tokens.caller_of_token(studio, token.shown).may_see(own)
        return
    if spoil == "revoked":
        access_tokens.revoke_token(studio, "ci", by="Olga")
    else:
        later(studio, "access_tokens", expires_at=timedelta(days=31))
    with pytest.raises(Unauthenticated, match="no valid token"):
        access_tokens.caller_of_token(studio, token.shown)


def test_every_act_is_in_the_trail_and_no_secret_is_anywhere_in_the_database(studio: Workspace) -> None:
    link = people.invite(studio, "Cy", role="lead", project="own", by="Olga")
    session = signing_in.sign_in(studio, "Bo", PASSWORD)
    token = access_tokens.make_token(studio, "ci", account="Bo", role="reviewer", project=None, by="Olga")
    with pytest.raises(Unauthenticated):
        signing_in.sign_in(studio, "my password by mistake", "whatever it was")
    signing_in.end_session(studio, session.id, by="Olga")
    access_tokens.revoke_token(studio, "ci", by="Olga")
    people.end_account(studio, "Bo", by="Olga")
    acts = {(row["noun"], row["action"]) for row in events(studio)}
    assert acts >= {
        ("set_up_link", "made"), ("account", "joined"), ("account", "role_changed"), ("invitation", "invited"), ("account", "signed_in"),
        ("account", "sign_in_failed"), ("account", "session_ended"), ("access_token", "made"), ("access_token", "revoked"), ("account", "ended"),
    }  # fmt: skip
    tables = [row["table_name"] for row in studio.store.read("SELECT table_name FROM duckdb_tables()")]
    stored = json.dumps([studio.store.read(f"SELECT * FROM {table}") for table in tables], default=str)
    for secret in (link.shown, session.shown, token.shown):
        assert secret not in stored
        assert secret.split("-", 2)[2] not in stored
    assert PASSWORD not in stored
    assert "my password by mistake" not in stored


def test_a_wrong_password_is_not_told_as_an_act_of_the_account(studio: Workspace) -> None:
    session = signing_in.session_of(studio, signing_in.sign_in(studio, "Bo", PASSWORD).shown)
    assert session is not None
    for name in ("Bo", "Nobody"):
        with pytest.raises(Unauthenticated):
            signing_in.sign_in(studio, name, "a wrong sentence here")
    with pytest.raises(Unauthenticated):
        signing_in.change_password(studio, session, old="a wrong sentence here", new="another long sentence")
    failed = [(row["done_by"], row["object_id"]) for row in events(studio) if row["action"] == "sign_in_failed"]
    assert failed == [("the studio", session.account), ("the studio", ""), ("the studio", session.account)]


def test_a_run_of_another_project_is_as_if_there_were_none(studio: Workspace) -> None:
    caller = access_tokens.caller_of_token(
        studio, access_tokens.make_token(studio, "ci", account="Bo", role="reviewer", project=None, by="Olga").shown
    )
    with pytest.raises(NotFound) as refused:
        people.project_for(studio, "other", caller)
    assert refused.value.remedy == "Projects here: own."
    with pytest.raises(NotFound):
        people.home_of(studio, "job", "job_nowhere", caller)
