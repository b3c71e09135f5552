"""The gate and the pages before it: who has not signed in gets nothing, and a session ends for its websockets too."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.config import DataFolder
from core.errors import Busy
from core.nouns import Role
from core.people.attempts import MOST_BY_ACCOUNT, MOST_BY_ACCOUNT_AND_ADDRESS, MOST_BY_ADDRESS, MOST_PASSWORD_CHANGES
from core.workflows import people, signing_in
from studio import running
from studio.access import ensure_token
from studio.gate import COOKIE, note_streamlit_session
from studio.sign_in import HASHES_AT_ONCE, MOST_WAITING, SignIn
from studio.sign_in_pages import MOST_FORM_BYTES, own_page
from tests.core.workflows.accounts_by_hand import PASSWORD, first_owner
from tests.studio.opened_app import ADDRESS
from tests.studio.signed_in import MACHINE, form_in, sign_in, signed_in_app, with_people

# Whole, since the client would ask another host.
STREAM = "ws://127.0.0.1:8501/_stcore/stream"
HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFolder, dict[Role, str]]:
    """A folder with people, and their tokens: hashing their passwords takes its time."""
    made = DataFolder(tmp_path_factory.mktemp("people") / "data")
    tokens = with_people(made)
    running.stop()
    return made, tokens


@pytest.fixture
def peopled(folder: DataFolder, prepared: tuple[DataFolder, dict[Role, str]]) -> DataFolder:
    shutil.copytree(prepared[0].root, folder.root)
    return folder


@pytest.fixture
def client(peopled: DataFolder) -> Iterator[TestClient]:
    with signed_in_app(peopled) as opened:
        yield opened


@pytest.mark.parametrize(
    "path", ["/", "/train?project=own", "/_stcore/health", "/_stcore/host-config", "/media/a.png", "/static/js/index.js", "/sign-in/more", "/app/static/x"]
)  # fmt: skip
def test_a_stranger_is_shown_the_way_in_and_nothing_else(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    assert client.get(path, headers={"accept": "*/*"}).status_code == 401


def listen(socket: WebSocketTestSession) -> None:
    while True:
        socket.receive_bytes()


def test_a_stranger_gets_no_websocket(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(STREAM):
        pass
    assert refused.value.code == 1008


def test_a_forged_cookie_opens_nothing(client: TestClient) -> None:
    client.cookies.set(COOKIE, "session-0123456789ab-" + "A" * 43)
    assert client.get("/", headers=HTML).status_code == 303
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM):
        pass


def test_health_tells_a_stranger_nothing_but_that_it_is_well(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_who_signs_in_gets_a_cookie_that_scripts_cannot_read_and_the_page_that_was_asked_for(
    client: TestClient,
) -> None:
    hidden = form_in(client, "/sign-in?next=/review%3Fproject%3Down")
    answer = client.post(
        "/sign-in", data=hidden | {"name": "Olga", "password": PASSWORD, "next": "/review?project=own"}
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == "/review?project=own"
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(COOKIE))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/", headers=HTML).status_code == 200
    with client.websocket_connect(STREAM):
        pass


@pytest.mark.parametrize("asked", ["https://evil.example", "//evil.example", "/\\evil.example", "review", "/a\nb"])
def test_nobody_is_sent_to_another_site_after_signing_in(asked: str) -> None:
    assert own_page(asked) == "/"


def test_a_websocket_ends_with_its_session(client: TestClient) -> None:
    sign_in(client, "Olga", PASSWORD)
    session = signing_in.session_of(running.workspace(), client.cookies[COOKIE])
    assert session is not None
    with client.websocket_connect(STREAM) as socket:
        signing_in.end_session(running.workspace(), session.id, by="Olga")
        with pytest.raises(WebSocketDisconnect) as ended:
            listen(socket)
    assert ended.value.code == 1008
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM):
        pass
    assert client.get("/", headers=HTML).status_code == 303


def test_a_message_after_the_end_of_the_session_is_not_heard(client: TestClient) -> None:
    sign_in(client, "Olga", PASSWORD)
    session = signing_in.session_of(running.workspace(), client.cookies[COOKIE])
    assert session is not None
    with client.websocket_connect(STREAM) as socket:
        signing_in.sign_out(running.workspace(), session)
        socket.send_bytes(b"")
        with pytest.raises(WebSocketDisconnect):
            listen(socket)


def test_a_tab_is_not_gone_on_with_by_another_person_in_the_same_browser(client: TestClient) -> None:
    from studio.gate import _with_own_tab

    sign_in(client, "Olga", PASSWORD)
    olga = signing_in.session_of(running.workspace(), client.cookies[COOKIE])
    sign_in(client, "the lead", PASSWORD)
    lead = signing_in.session_of(running.workspace(), client.cookies[COOKIE])
    assert olga is not None
    assert lead is not None
    note_streamlit_session("tab-of-olga", olga)
    asked = {"headers": [(b"sec-websocket-protocol", b"streamlit, xsrf, tab-of-olga")]}
    assert _with_own_tab(asked, olga)["headers"][0][1] == b"streamlit, xsrf, tab-of-olga"
    assert _with_own_tab(asked, lead)["headers"][0][1] == b"streamlit, xsrf"


def test_signing_out_ends_the_session(client: TestClient) -> None:
    sign_in(client, "Olga", PASSWORD)
    kept = client.cookies[COOKIE]
    answer = client.post("/sign-out", data=form_in(client, "/account"))
    assert answer.headers["location"] == "/sign-in"
    client.cookies.set(COOKIE, kept)
    assert client.get("/", headers=HTML).status_code == 303


def test_ones_account_ends_with_signing_out_which_is_not_its_first_button(client: TestClient) -> None:
    sign_in(client, "Olga", PASSWORD)
    buttons = re.findall(r"<button[^>]*>([^<]+)</button>", client.get("/account").text)
    assert buttons == ["Change the password", "Sign out"]


def test_another_password_is_chosen_on_the_page_of_the_account(client: TestClient) -> None:
    sign_in(client, "Olga", PASSWORD)
    hidden = form_in(client, "/account")
    wrong = client.post(
        "/account",
        data=hidden | {"old": "not it at all", "new": "x" * 6 + " another one", "again": "x" * 6 + " another one"},
    )
    assert wrong.status_code == 401
    differs = client.post(
        "/account", data=hidden | {"old": PASSWORD, "new": "one long sentence", "again": "another sentence"}
    )
    assert "not the same" in differs.text
    client.post("/account", data=hidden | {"old": PASSWORD, "new": "another long one", "again": "another long one"})
    assert client.get("/", headers=HTML).status_code == 303
    sign_in(client, "Olga", "another long one")


@pytest.mark.parametrize("path", ["/sign-in", "/join", "/account", "/sign-out"])
def test_a_form_that_no_page_of_ours_sent_is_refused(client: TestClient, path: str) -> None:
    sent = {"name": "Olga", "password": PASSWORD, "form": "guessed"}
    assert client.post(path, data=sent).status_code == 403
    form_in(client, "/sign-in")
    assert client.post(path, data=sent).status_code == 403
    assert client.post(path, data=sent, headers={"origin": "https://evil.example"}).status_code == 403


def test_a_form_without_end_is_not_read_to_its_end(client: TestClient) -> None:
    hidden = form_in(client, "/sign-in")
    answer = client.post("/sign-in", data=hidden | {"name": "x" * MOST_FORM_BYTES})
    assert answer.status_code == 403


def test_too_many_attempts_on_one_account_are_refused_and_the_right_password_too(client: TestClient) -> None:
    hidden = form_in(client, "/sign-in")
    for _ in range(MOST_BY_ACCOUNT_AND_ADDRESS):
        wrong = client.post("/sign-in", data=hidden | {"name": "the lead", "password": "wrong"})
        assert wrong.status_code == 401
    refused = client.post("/sign-in", data=hidden | {"name": "The Lead", "password": PASSWORD})
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    sign_in(client, "Olga", PASSWORD)


def test_a_stranger_who_knows_a_name_keeps_its_person_neither_out_nor_from_another_password(client: TestClient) -> None:
    elsewhere = TestClient(client.app, base_url=ADDRESS, client=("198.51.100.9", 50_000), follow_redirects=False)
    hidden = form_in(elsewhere, "/sign-in")
    for _ in range(MOST_BY_ACCOUNT_AND_ADDRESS):
        elsewhere.post("/sign-in", data=hidden | {"name": "the lead", "password": "wrong"})
    refused = elsewhere.post("/sign-in", data=hidden | {"name": "the lead", "password": PASSWORD})
    assert refused.status_code == 429
    sign_in(client, "the lead", PASSWORD)
    other = {"old": PASSWORD, "new": "another long one", "again": "another long one"}
    changed = client.post("/account", data=form_in(client, "/account") | other)
    assert changed.status_code == 303


def test_who_is_signed_in_may_try_the_old_password_a_few_times(client: TestClient) -> None:
    sign_in(client, "the lead", PASSWORD)
    sent = form_in(client, "/account") | {"old": "wrong", "new": "another long one", "again": "another long one"}
    for _ in range(MOST_PASSWORD_CHANGES):
        assert client.post("/account", data=sent).status_code == 401
    assert client.post("/account", data=sent | {"old": PASSWORD}).status_code == 429
    sign_in(client, "the lead", PASSWORD)


def asked_from(address: str) -> Request:
    return Request({"type": "http", "headers": [], "client": (address, 50_000)})


def test_an_account_is_tried_a_hundred_times_from_everywhere_together() -> None:
    door, at_each = SignIn(), MOST_BY_ACCOUNT_AND_ADDRESS
    for n in range(MOST_BY_ACCOUNT):
        door.begin(asked_from(f"192.0.2.{n // at_each}"), "Bo")
    door.went_well(asked_from("192.0.2.0"), "Bo")
    door.begin(asked_from("192.0.2.100"), "Bo")
    with pytest.raises(Busy):
        door.begin(asked_from("192.0.2.101"), "bo")
    door.begin(asked_from("192.0.2.101"), "Cy")


def test_what_one_address_is_refused_counts_against_nobody_elsewhere() -> None:
    door, n_refused = SignIn(), 0
    for _ in range(MOST_BY_ACCOUNT + 1):
        try:
            door.begin(asked_from("192.0.2.1"), "Bo")
        except Busy:
            n_refused += 1
    assert n_refused == MOST_BY_ACCOUNT + 1 - MOST_BY_ACCOUNT_AND_ADDRESS
    door.begin(asked_from("192.0.2.2"), "Bo")


def test_all_addresses_of_one_network_of_ipv6_are_one_that_tries() -> None:
    door = SignIn()
    for n in range(MOST_BY_ADDRESS):
        door.begin(asked_from(f"2001:db8:1:2::{n:x}"), f"name {n}")
    with pytest.raises(Busy):
        door.begin(asked_from("2001:db8:1:2:ffff::1"), "Bo")
    door.begin(asked_from("2001:db8:1:3::1"), "Bo")


def test_passwords_wait_in_a_queue_with_an_end_and_who_is_refused_there_has_not_tried(peopled: DataFolder) -> None:
    running.start(peopled, sign_in=True)
    door = SignIn()
    client = TestClient(Starlette(routes=door.routes()), base_url=ADDRESS, follow_redirects=False)
    sent = form_in(client, "/sign-in") | {"name": "Olga", "password": PASSWORD}
    with ExitStack() as queue:
        for _ in range(HASHES_AT_ONCE + MOST_WAITING):
            queue.enter_context(door._place_in_queue())
        for _ in range(MOST_BY_ACCOUNT_AND_ADDRESS + 1):
            refused = client.post("/sign-in", data=sent)
            assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
    assert client.post("/sign-in", data=sent).status_code == 303
    running.stop()


def test_a_password_is_not_taken_over_a_connection_that_can_be_read(peopled: DataFolder) -> None:
    with signed_in_app(peopled, names=["proofroom.example.org"]) as client:
        answer = client.get("/sign-in", headers={"host": "proofroom.example.org"})
        assert answer.status_code == 403
        assert "<form" not in answer.text
        sent = client.post(
            "/sign-in", headers={"host": "proofroom.example.org"}, data={"name": "Olga", "password": PASSWORD}
        )
        assert sent.status_code == 403
        assert client.get("/sign-in", headers={"host": "evil.example"}).status_code == 403


def test_over_https_the_cookies_are_for_https_alone(peopled: DataFolder) -> None:
    with signed_in_app(peopled, names=["proofroom.example.org"]) as client:
        client.base_url = client.base_url.join("https://proofroom.example.org")
        hidden = form_in(client, "/sign-in")
        answer = client.post("/sign-in", data=hidden | {"name": "Olga", "password": PASSWORD})
        assert answer.status_code == 303
        assert all("Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize(
    ("asked_from", "host", "proto", "is_told"),
    [
        ("10.0.0.5", "proofroom.example.org", "https", True),
        ("10.0.0.5", "proofroom.example.org", "http", False),
        ("192.0.2.7", "proofroom.example.org", "https", False),
        ("10.0.0.5", "127.0.0.1:8501", "https", False),
    ],
    ids=["by the proxy", "unencrypted", "by a stranger who says so", "on this machine"],
)
def test_a_browser_is_told_to_stay_encrypted_where_the_proxy_says_that_it_is(
    peopled: DataFolder, asked_from: str, host: str, proto: str, is_told: bool
) -> None:
    with signed_in_app(peopled, names=["proofroom.example.org"]) as client:
        behind = ProxyHeadersMiddleware(client.app, trusted_hosts="10.0.0.5")
        proxied = TestClient(behind, base_url=ADDRESS, client=(asked_from, 50_000), follow_redirects=False)  # type: ignore[arg-type]
        for path in ("/", "/sign-in", "/api/projects", "/healthz"):
            answer = proxied.get(path, headers={"host": host, "x-forwarded-proto": proto})
            assert answer.headers.get("strict-transport-security") == ("max-age=31536000" if is_told else None), path


def test_the_first_account_is_made_with_the_link_and_goes_in(
    folder: DataFolder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    folder.create()
    running.start(folder, sign_in=True)
    link = people.set_up_link(running.workspace())
    assert link is not None
    with signed_in_app(folder) as client:
        assert client.get("/", headers=HTML).status_code == 303
        hidden = form_in(client, "/join")
        asked = client.post("/join", data=hidden | {"link": f"http://127.0.0.1:8501{people.link_of(link)}"})
        assert "Your name" in asked.text
        sent = hidden | {"link": link.shown, "name": "Olga", "password": PASSWORD, "again": PASSWORD}
        short = client.post("/join", data=sent | {"password": "short", "again": "short"})
        assert short.status_code == 422
        assert client.post("/join", data=sent | {"again": "another one"}).status_code == 422
        assert client.post("/join", data=sent).status_code == 303
        assert client.get("/", headers=HTML).status_code == 200
        again = client.post("/join", data=sent | {"name": "Eve"})
        assert again.status_code == 401
        assert client.cookies[COOKIE].split("-", 2)[2] not in caplog.text
    assert PASSWORD not in caplog.text
    assert link.shown.split("-", 2)[2] not in caplog.text


def test_a_link_that_was_used_says_its_name_first_and_then_leads_to_the_sign_in(folder: DataFolder) -> None:
    folder.create()
    running.start(folder, sign_in=True)
    first_owner(running.workspace())
    link = people.invite(running.workspace(), "Bea Brand", role=Role.REVIEWER, project=None, by="Olga")
    with signed_in_app(folder) as client:
        hidden = form_in(client, "/join")
        asked = client.post("/join", data=hidden | {"link": link.shown})
        assert "sign in with it and with this name: Bea Brand." in asked.text
        sent = hidden | {"link": link.shown, "password": PASSWORD, "again": PASSWORD}
        assert client.post("/join", data=sent).status_code == 303
        client.cookies.delete(COOKIE)
        again = client.post("/join", data=hidden | {"link": link.shown})
        assert "If you came in by it before, sign in" in again.text
        assert '<a href="/">Go in with your name and password</a>' in again.text
        assert client.get("/", headers=HTML).headers["location"].startswith("/sign-in")


def test_the_pages_run_no_script_but_their_own(client: TestClient) -> None:
    policy = client.get("/join").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy


def test_what_a_stranger_typed_is_shown_as_text(client: TestClient) -> None:
    hidden = form_in(client, "/sign-in")
    answer = client.post("/sign-in", data=hidden | {"name": '"><script>x</script>', "password": "x", "next": '/"><b>'})
    assert "<script>x" not in answer.text
    assert "<b>" not in answer.text


def test_the_token_of_the_data_folder_is_for_commands_at_the_machine(peopled: DataFolder) -> None:
    headers = {"Authorization": f"Bearer {ensure_token(peopled.token_file)}", "X-Proofroom-By": "Olga"}
    with signed_in_app(peopled, client=MACHINE) as client:
        assert client.get("/api/accounts", headers=headers).status_code == 200
        made = client.post("/api/projects", headers=headers, json={"name": "third", "goal": "voice"}).json()
        assert made["created_by"] == "Olga (this machine)"
    with signed_in_app(peopled) as client:
        assert client.get("/api/accounts", headers=headers).status_code == 401


def test_who_acts_is_who_the_token_says_and_not_who_the_request_claims(
    peopled: DataFolder, prepared: tuple[DataFolder, dict[Role, str]]
) -> None:
    headers = {"Authorization": f"Bearer {prepared[1][Role.LEAD]}", "X-Proofroom-By": "Olga"}
    with signed_in_app(peopled) as client:
        assert client.put("/api/projects/own/pass-target", headers=headers, json={"target": 0.7}).is_success
        assert client.get("/api/projects", headers=headers).json()[0]["name"] == "own"
        recent = client.get("/api/projects/own", headers=headers).json()["recent"]
    assert next(one["done_by"] for one in recent if one["noun"] == "pass_target") == "the lead"


def test_a_folder_with_accounts_asks_for_sign_in_at_every_start(peopled: DataFolder) -> None:
    running.start(peopled)
    assert running.asks_for_sign_in()
    running.stop()


def test_a_request_without_a_token_is_refused_before_its_body_is_read(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        yield b"{"
        raise AssertionError("the body was read on")

    answer = client.post("/api/projects", content=endless(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthenticated")
