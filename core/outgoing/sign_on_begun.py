"""What a single sign-on is held against, apart from the protocol, whose libraries only a studio with a provider loads."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import SIGN_ON_SECRET

SECRET_VARIABLE = SIGN_ON_SECRET


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """secret: empty for a public client. allows_private: the provider may stand on one's own network, and there without https."""

    issuer: str
    client_id: str
    secret: str = ""
    allows_private: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-on under way: where the person is sent, and what the answer is held against."""

    url: str
    state: str
    nonce: str
    verifier: str
    redirect_uri: str
