"""Single sign-on with a provider that speaks OpenID Connect: the authorisation code flow with PKCE.

Asked are the issuer that whoever starts the studio names, and the hosts that the issuer's own document names. Protocol and
claims are Authlib's, signatures joserfc's. Source: OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3; RFC 7636; RFC 9207.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from core.errors import Refused, Unauthenticated
from core.outgoing.asking import NotReached, ask
from core.outgoing.sign_on_begun import Begun, ProviderSettings

DISCOVERY = "/.well-known/openid-configuration"
# Signed with a key that the provider alone holds; never "none", and never with the secret that both know.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
CLOCKS_APART_SECONDS = 60
MOST_CHARACTERS = 255


class IdentityProvider:
    """One provider. Raises Refused where its address is none that a secret may be sent to."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self.issuer = settings.issuer
        self._check_address(settings.issuer)
        self._described: Mapping[str, Any] | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.issuer).hostname or ""

    def begin(self, redirect_uri: str) -> Begun:
        """Raises NotReached, Refused."""
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        url = prepare_grant_uri(
            self._description()["authorization_endpoint"], self._settings.client_id, "code", redirect_uri=redirect_uri,
            scope="openid", state=state, nonce=nonce, code_challenge=create_s256_code_challenge(verifier), code_challenge_method="S256",
        )  # fmt: skip
        return Begun(url, state, nonce, verifier, redirect_uri)

    def subject(self, begun: Begun, answer: Mapping[str, str]) -> str:
        """Who the provider says has signed in: its own id of the person. answer: what it sent the person back with.

        Raises Unauthenticated where the answer is none, or none to what was begun; NotReached, Refused.
        """
        if not secrets.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            raise _not_signed_on("its answer belongs to another sign-on")
        if answer.get("iss", self.issuer) != self.issuer:
            raise _not_signed_on("another provider answered")
        if answer.get("error") or not answer.get("code"):
            raise _not_signed_on("it let nobody in")
        description = self._description()
        token = self._token(description["token_endpoint"], begun, answer["code"])
        keys = _object(ask("GET", description["jwks_uri"], allows_private=self._settings.allows_private).content)
        try:
            signed = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
            claims = CodeIDToken(
                signed.claims, signed.header,
                options={"iss": {"essential": True, "value": self.issuer}, "aud": {"essential": True, "value": self._settings.client_id}},
                params={"nonce": begun.nonce, "client_id": self._settings.client_id},
            )  # fmt: skip
            claims.validate(leeway=CLOCKS_APART_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _not_signed_on(f"its token is not valid ({type(error).__name__})") from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= MOST_CHARACTERS:
            raise _not_signed_on("it does not say who that is")
        return subject

    def _token(self, endpoint: str, begun: Begun, code: str) -> str:
        body = prepare_token_request(
            "authorization_code", redirect_uri=begun.redirect_uri, code=code, code_verifier=begun.verifier
        )
        method = "client_secret_basic" if self._settings.secret else "none"
        client = ClientAuth(self._settings.client_id, self._settings.secret, auth_method=method)
        url, headers, body = client.prepare(
            "POST", endpoint, {"Content-Type": "application/x-www-form-urlencoded"}, body
        )
        answer = ask("POST", url, allows_private=self._settings.allows_private, headers=headers, content=body.encode())
        token = _object(answer.content).get("id_token") if answer.status == 200 else None
        if not isinstance(token, str):
            raise _not_signed_on(f"it exchanged no token (status {answer.status})")
        return token

    def _description(self) -> Mapping[str, Any]:
        """The issuer's own document; asked for once it is needed, and kept."""
        if self._described is None:
            answer = ask("GET", self.issuer.rstrip("/") + DISCOVERY, allows_private=self._settings.allows_private)
            found = _object(answer.content) if answer.status == 200 else {}
            if found.get("issuer") != self.issuer or not all(isinstance(found.get(name), str) for name in ENDPOINTS):
                raise NotReached(
                    f"{self.host} does not describe itself as the provider {self.issuer}.",
                    remedy=f"Look at what stands at {self.issuer.rstrip('/')}{DISCOVERY}.",
                )
            for name in ENDPOINTS:
                self._check_address(found[name])
            self._described = found
        return self._described

    def _check_address(self, url: str) -> None:
        parts = urlsplit(url)
        if not parts.hostname or parts.username or parts.scheme not in ("https", "http"):
            raise Refused(f"{url!r} is no address of an identity provider.", remedy="Write it as https://host.")
        if parts.scheme == "http" and not self._settings.allows_private:
            raise Refused(
                f"Without https everybody on the way to {parts.hostname} could sign in as somebody else.",
                remedy="Use https, or allow private addresses where the provider stands on your own network.",
            )


def _object(content: bytes) -> dict[str, Any]:
    """Raises NotReached where it is no JSON object."""
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NotReached("The identity provider answers with no JSON object.")
    return found


def _not_signed_on(why: str) -> Unauthenticated:
    return Unauthenticated(f"The identity provider did not sign you on: {why}.", remedy="Begin again.")
