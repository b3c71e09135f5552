"""An OpenID Connect provider on this machine, that signs on whoever a test says, and can be told to misbehave.

A browser is asked who sits there, once: a cookie of the provider's own keeps the answer, as a company's provider does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "proofroom", "a secret of both"
COOKIE = "provider_session"


@dataclass
class Provider:
    """subject: who is at its keyboard. claims, description: what it tells otherwise than it should; None leaves a claim out.

    signs_with: another algorithm and key than the one that it publishes; no key for a token without a signature. asked: path and headers of every request.
    people: who may sign in to it in a browser, name to password; `sub` of each is the name with "-there" behind it. sessions: its own, cookie to name.
    """

    issuer: str = ""
    subject: str = "ann-17"
    claims: dict[str, Any] = field(default_factory=dict)
    description: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    signs_with: tuple[str, Any] | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def approve(self, url: str, subject: str | None = None) -> dict[str, str]:
        """The person at the keyboard says yes to a request for authorisation: what the browser is sent back with.

        subject: who that is, where several sit at keyboards.
        """
        wanted = dict(parse_qsl(urlsplit(url).query))
        assert (wanted["response_type"], wanted["client_id"], wanted["scope"]) == ("code", CLIENT, "openid")
        code = secrets.token_urlsafe(16)
        self.codes[code] = wanted | ({"subject": subject} if subject else {})
        return {"code": code, "state": wanted["state"], "iss": self.issuer}

    def exchanged(self, sent: dict[str, str], headers: dict[str, str]) -> dict[str, Any] | None:
        """The token for a code, once, for who knows its verifier and the secret."""
        wanted = self.codes.pop(sent["code"], None)
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        )
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if (
            wanted is None or wanted["code_challenge"] != challenge or sent["redirect_uri"] != wanted["redirect_uri"]
            or headers.get("authorization") != f"Basic {basic}"
        ):  # fmt: skip
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": wanted.get("subject", self.subject), "iat": now, "exp": now + 60, "nonce": wanted["nonce"],
        } | self.claims  # fmt: skip
        told = {name: value for name, value in claims.items() if value is not None}
        algorithm, key = self.signs_with or ("RS256", self.key)
        header = {"alg": algorithm, "kid": "k1"}
        token = unsigned(header, told) if key is None else jwt.encode(header, told, key, algorithms=[algorithm])
        return {"access_token": "a", "token_type": "Bearer", "id_token": token}

    def sent_back(self, url: str, name: str) -> str:
        """Where a browser goes whose person has said who they are."""
        wanted = dict(parse_qsl(urlsplit(url).query))
        return f"{wanted['redirect_uri']}?{urlencode(self.approve(url, subject_of(name)))}"

    def asks(self, url: str, said: str = "") -> str:
        """Its page, where it does not know who sits there."""
        return (
            '<!doctype html><html lang="en"><title>Example Company</title><h1>Example Company</h1>'
            f'<p>{escape(said)}</p><form method="post" action="/signed-in"><input type="hidden" name="url" value="{escape(url)}">'
            '<label>User <input name="name"></label> <label>Secret word <input name="password" type="password"></label> '
            "<button>Continue</button></form></html>"
        )


def subject_of(name: str) -> str:
    """The provider's own id of a person who signs in to it in a browser."""
    return f"{name}-there"


def unsigned(header: dict[str, str], claims: dict[str, Any]) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in (header, claims))
    return ".".join([*parts, ""])


@contextmanager
def identity_provider(host: str = "127.0.0.1") -> Iterator[Provider]:
    """host: the name of this machine under which it is reached. To a browser `localhost` and `127.0.0.1` are two sites."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append((self.path, {n.lower(): v for n, v in self.headers.items()}))
            if self.path == "/.well-known/openid-configuration":
                self.answer(200, {
                    "issuer": provider.issuer, "authorization_endpoint": f"{provider.issuer}/authorize",
                    "token_endpoint": f"{provider.issuer}/token", "jwks_uri": f"{provider.issuer}/keys",
                } | provider.description)  # fmt: skip
            elif self.path == "/keys":
                self.answer(200, KeySet([provider.key]).as_dict(private=False))
            elif self.path.startswith("/authorize?"):
                held = SimpleCookie(self.headers.get("Cookie", "")).get(COOKIE)
                name = provider.sessions.get(held.value) if held else None
                if name is None:
                    self.send(200, provider.asks(self.path).encode(), "Content-Type", "text/html; charset=utf-8")
                else:
                    self.send(302, b"", "Location", provider.sent_back(self.path, name))
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            headers = {n.lower(): v for n, v in self.headers.items()}
            provider.asked.append((self.path, headers))
            sent = dict(parse_qsl(self.rfile.read(int(headers["content-length"])).decode()))
            if self.path == "/signed-in":
                self.sign_in(sent["url"], sent.get("name", ""), sent.get("password", ""))
                return
            token = provider.exchanged(sent, headers)
            self.answer(200 if token else 400, token or {"error": "invalid_grant"})

        def sign_in(self, url: str, name: str, password: str) -> None:
            if not password or provider.people.get(name) != password:
                body = provider.asks(url, "That is not right.").encode()
                self.send(200, body, "Content-Type", "text/html; charset=utf-8")
                return
            session = secrets.token_urlsafe(16)
            provider.sessions[session] = name
            self.send(
                303, b"", "Location", provider.sent_back(url, name), "Set-Cookie", f"{COOKIE}={session}; HttpOnly; Path=/"
            )  # fmt: skip

        def answer(self, status: int, told: Any) -> None:
            self.send(status, json.dumps(told).encode(), "Content-Type", "application/json")

        def send(self, status: int, body: bytes, *headers: str) -> None:
            """headers: names and values in turn."""
            self.send_response(status)
            for name, value in zip(headers[::2], headers[1::2], strict=True):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
