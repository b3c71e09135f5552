"""Single sign-on against a provider that speaks OpenID Connect on this machine: who comes in by it, and who does not."""

from __future__ import annotations

import html
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.jwk import OctKey, RSAKey
from starlette.testclient import TestClient

from core.config import DataFolder
from core.errors import Conflict, Invalid, Refused
from core.nouns import Role
from core.outgoing.asking import NotReached
from core.outgoing.identity_provider import IdentityProvider
from core.outgoing.sign_on_begun import ProviderSettings
from core.workflows import access_tokens, people, projects
from studio import running, sign_on
from studio.gate import COOKIE
from studio.server import serve
from tests.core.workflows.accounts_by_hand import first_owner
from tests.studio.identity_provider import CLIENT, SECRET, Provider, identity_provider
from tests.studio.signed_in import form_in, signed_in_app

HTML = {"accept": "text/html"}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with identity_provider() as made:
        yield made


def settings(provider: Provider, *, allows_private: bool = True) -> ProviderSettings:
    return ProviderSettings(provider.issuer, CLIENT, SECRET, allows_private)


@pytest.fixture
def client(folder: DataFolder, provider: Provider) -> Iterator[TestClient]:
    """A stranger's browser; the studio has one project and Olga, who owns everything and has a password."""
    folder.create()
    workspace = running.start(folder, sign_in=True)
    projects.create_project(workspace, name="own", goal="voice", by="Olga")
    first_owner(workspace)
    running.set_identity_provider(IdentityProvider(settings(provider)))
    with signed_in_app(folder) as opened:
        yield opened


def leave(client: TestClient, path: str = "/sign-in", **sent: str) -> str:
    """Press the button; the provider's address that the browser is led to."""
    answer = client.post("/sign-on", data=form_in(client, path) | sent)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text.split('content="0;url=', 1)[1].split('"', 1)[0])


def come_back(client: TestClient, provider: Provider, url: str, **changed: str) -> tuple[int, str]:
    """Status, and where to or what is said."""
    answer = client.get("/sign-on", params=provider.approve(url) | changed)
    return answer.status_code, answer.headers.get("location", answer.text)


def is_in(client: TestClient) -> bool:
    return client.get("/", headers=HTML).status_code == 200


def bo_joins(client: TestClient, provider: Provider) -> None:
    link = people.invite(running.workspace(), "Bo", role=Role.REVIEWER, project="own", by="Olga")
    url = leave(client, joins=link.shown)
    assert come_back(client, provider, url) == (303, "/")


def test_the_record_of_processing_names_the_provider_as_a_recipient(client: TestClient, provider: Provider) -> None:
    bo_joins(client, provider)
    token = access_tokens.make_token(
        running.workspace(), "a script", account="Olga", role=Role.AUDITOR, project=None, by="Olga"
    ).shown
    answer = client.get("/api/projects/own/documents/record", headers={"Authorization": f"Bearer {token}"})
    (line,) = [one for one in answer.text.splitlines() if "identity provider for single sign-on" in one]
    assert "127.0.0.1: learns who signs on" in line
    assert "1 account is linked to it" in line


def test_an_invitation_is_used_without_a_password_and_lets_in_from_then_on(
    client: TestClient, provider: Provider
) -> None:
    bo_joins(client, provider)
    assert is_in(client)
    client.cookies.clear()
    assert not is_in(client)
    url = leave(client, next="/review?project=own")
    assert come_back(client, provider, url) == (303, "/review?project=own")
    assert is_in(client)
    assert {one.name: one.signs_on for one in people.list_people(running.workspace())} == {"Bo": True, "Olga": False}


def test_the_first_owner_may_come_in_by_it(folder: DataFolder, provider: Provider) -> None:
    folder.create()
    workspace = running.start(folder, sign_in=True)
    link = people.set_up_link(workspace)
    assert link is not None
    running.set_identity_provider(IdentityProvider(settings(provider)))
    with signed_in_app(folder) as client:
        url = leave(client, "/join", joins=link.shown, name="Olga")
        assert come_back(client, provider, url) == (303, "/")
        (owner,) = people.list_people(running.workspace())
        assert (owner.name, owner.roles, owner.signs_on) == ("Olga", {"": Role.OWNER}, True)


def test_who_is_linked_to_no_account_stays_outside_and_is_told_why(client: TestClient, provider: Provider) -> None:
    status, said = come_back(client, provider, leave(client))
    assert status == 401
    assert "no account here is linked to you there" in said
    assert not is_in(client)


def test_a_name_that_the_provider_tells_links_nobody(client: TestClient, provider: Provider) -> None:
    provider.claims = {"name": "Olga", "email": "Olga", "email_verified": True, "preferred_username": "Olga"}
    assert come_back(client, provider, leave(client))[0] == 401


def test_an_account_with_a_password_is_linked_on_its_own_page(client: TestClient, provider: Provider) -> None:
    from tests.core.workflows.accounts_by_hand import PASSWORD

    client.post("/sign-in", data=form_in(client, "/sign-in") | {"name": "Olga", "password": PASSWORD})
    assert come_back(client, provider, leave(client, "/account", links="yes")) == (303, "/account")
    assert "It is linked to you at 127.0.0.1" in client.get("/account").text
    client.cookies.clear()
    assert come_back(client, provider, leave(client)) == (303, "/")


def test_it_links_nothing_when_the_session_has_ended_meanwhile(client: TestClient, provider: Provider) -> None:
    from tests.core.workflows.accounts_by_hand import PASSWORD

    client.post("/sign-in", data=form_in(client, "/sign-in") | {"name": "Olga", "password": PASSWORD})
    url = leave(client, "/account", links="yes")
    client.cookies.delete(COOKIE)
    assert come_back(client, provider, url)[0] == 401
    assert not any(one.signs_on for one in people.list_people(running.workspace()))


def test_one_person_there_is_one_account_here(client: TestClient, provider: Provider) -> None:
    bo_joins(client, provider)
    client.cookies.clear()
    link = people.invite(running.workspace(), "Cy", role=Role.LEAD, project="own", by="Olga")
    status, said = come_back(client, provider, leave(client, joins=link.shown))
    assert status == 422
    assert "linked to you at 127.0.0.1 already" in said
    assert not is_in(client)
    # The link was not used up by that.
    provider.subject = "cy-3"
    assert come_back(client, provider, leave(client, joins=link.shown)) == (303, "/")


def test_an_unlinked_account_is_let_in_no_more_and_its_session_ends(client: TestClient, provider: Provider) -> None:
    bo_joins(client, provider)
    people.unlink_sign_on(running.workspace(), "Bo", by="Olga")
    assert not is_in(client)
    assert come_back(client, provider, leave(client))[0] == 401
    with pytest.raises(Conflict):
        people.unlink_sign_on(running.workspace(), "Bo", by="Olga")


def test_an_account_that_ended_is_free_to_be_invited_anew_under_another_name(
    client: TestClient, provider: Provider
) -> None:
    bo_joins(client, provider)
    people.end_account(running.workspace(), "Bo", by="Olga")
    assert come_back(client, provider, leave(client))[0] == 401
    link = people.invite(running.workspace(), "Bo Berg", role=Role.REVIEWER, project="own", by="Olga")
    assert come_back(client, provider, leave(client, joins=link.shown)) == (303, "/")


def test_who_is_signed_in_and_cannot_link_is_led_back_to_her_account(client: TestClient, provider: Provider) -> None:
    from tests.core.workflows.accounts_by_hand import PASSWORD

    bo_joins(client, provider)
    client.cookies.clear()
    client.post("/sign-in", data=form_in(client, "/sign-in") | {"name": "Olga", "password": PASSWORD})
    status, said = come_back(client, provider, leave(client, "/account", links="yes"))
    assert status == 422
    assert "linked to you at 127.0.0.1 already" in said
    assert "Nothing was linked." in said
    assert 'href="/account"' in said
    assert "not signed in" not in said


def test_no_password_opens_an_account_that_has_none(client: TestClient, provider: Provider) -> None:
    bo_joins(client, provider)
    client.cookies.clear()
    for password in ("", " ", "None"):
        answer = client.post("/sign-in", data=form_in(client, "/sign-in") | {"name": "Bo", "password": password})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "another"}, "another client's token"), ({"iss": "http://evil.example"}, "another issuer"), ({"nonce": "x"}, "another sign-on"),
        ({"nonce": None}, "no nonce"), ({"exp": int(time.time()) - 600}, "an old token"), ({"exp": None}, "no end"), ({"sub": None}, "nobody"),
        ({"sub": ""}, "nobody"), ({"sub": 7}, "no text"), ({"aud": [CLIENT, "another"]}, "no authorised party"),
        ({"azp": "another"}, "another authorised party"),
    ],
)  # fmt: skip
def test_a_token_that_is_not_for_this_sign_on_lets_nobody_in(
    client: TestClient, provider: Provider, claims: dict[str, object], why: str
) -> None:
    bo_joins(client, provider)
    client.cookies.clear()
    provider.claims = claims
    assert come_back(client, provider, leave(client))[0] == 401, why
    assert not is_in(client)


def test_a_signature_by_another_key_or_by_the_shared_secret_lets_nobody_in(
    client: TestClient, provider: Provider
) -> None:
    bo_joins(client, provider)
    client.cookies.clear()
    for algorithm, key in (
        ("RS256", RSAKey.generate_key(2048)), ("HS256", OctKey.import_key(SECRET * 3)), ("none", None),
    ):  # fmt: skip
        provider.signs_with = (algorithm, key)
        assert come_back(client, provider, leave(client))[0] == 401, algorithm


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(client: TestClient, provider: Provider) -> None:
    bo_joins(client, provider)
    client.cookies.clear()
    url = leave(client)
    answer = provider.approve(url)
    own = client.cookies[sign_on.COOKIE]
    client.cookies.delete(sign_on.COOKIE)
    assert client.get("/sign-on", params=answer).status_code == 401
    client.cookies.set(sign_on.COOKIE, own)
    assert client.get("/sign-on", params=answer).status_code == 303
    client.cookies.set(sign_on.COOKIE, own)
    assert client.get("/sign-on", params=answer).status_code == 401


def test_an_answer_that_comes_too_late_is_none(
    client: TestClient, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    bo_joins(client, provider)
    client.cookies.clear()
    monkeypatch.setattr(sign_on, "SECONDS", -1.0)
    assert come_back(client, provider, leave(client))[0] == 401


def test_a_refusal_at_the_provider_is_told(client: TestClient, provider: Provider) -> None:
    leave(client)
    state = client.cookies[sign_on.COOKIE]
    answer = client.get("/sign-on", params={"error": "access_denied", "state": state})
    assert answer.status_code == 401
    assert "it let nobody in" in answer.text


def test_what_the_provider_says_is_shown_as_text(client: TestClient, provider: Provider) -> None:
    leave(client)
    state = client.cookies[sign_on.COOKIE]
    answer = client.get("/sign-on", params={"iss": "<script>alert(1)</script>", "code": "x", "state": state})
    assert "<script>alert" not in answer.text


def test_without_a_provider_there_is_no_button_and_no_way(client: TestClient) -> None:
    assert "Sign in with" in client.get("/sign-in").text
    running.set_identity_provider(None)
    assert "Sign in with" not in client.get("/sign-in").text
    assert client.post("/sign-on", data=form_in(client, "/sign-in")).headers["location"] == "/sign-in"
    assert client.get("/sign-on?code=1&state=2").headers["location"] == "/sign-in"


def test_a_form_of_another_site_begins_nothing(client: TestClient, provider: Provider) -> None:
    assert client.post("/sign-on", data={"next": "/"}).status_code == 403
    assert provider.asked == []


def test_a_provider_on_ones_own_network_is_asked_only_where_that_was_said(provider: Provider) -> None:
    with pytest.raises(Refused, match="Without https"):
        IdentityProvider(settings(provider, allows_private=False))
    strict = IdentityProvider(ProviderSettings(provider.issuer.replace("http:", "https:"), CLIENT))
    with pytest.raises(Refused, match="no public address"):
        strict.begin("http://127.0.0.1/sign-on")
    assert provider.asked == []


def test_a_description_of_another_issuer_is_not_believed(provider: Provider) -> None:
    provider.description = {"issuer": "http://evil.example"}
    with pytest.raises(NotReached, match="does not describe itself"):
        IdentityProvider(settings(provider)).begin("http://127.0.0.1/sign-on")


def test_it_wants_sign_in_and_both_of_its_settings(tmp_path: Path, provider: Provider) -> None:
    with pytest.raises(Invalid, match="Nobody signs on where nobody signs in"):
        serve(DataFolder(tmp_path / "data"), host="127.0.0.1", port=0, provider=settings(provider))


def test_the_trail_tells_what_was_linked_and_not_who_that_is_there(client: TestClient, provider: Provider) -> None:
    bo_joins(client, provider)
    told = running.workspace().store.read("SELECT * FROM events ORDER BY seq")
    assert "sign_on_linked" in [row["action"] for row in told]
    assert provider.subject not in str(told)
