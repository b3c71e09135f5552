"""Passwords and secrets."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from core.people.passwords import checked_password, is_password, password_hash
from core.people.secrets import INVITATION, SESSION, fits, new_secret, row_of


def test_a_hash_takes_the_memory_and_the_turns_of_the_second_recommended_setting() -> None:
    """Of RFC 9106: 64 MiB, three turns, four lanes. Most other tests hash with less of each."""
    assert password_hash("a long enough sentence").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_hash_is_argon2id_and_opens_to_its_password_alone() -> None:
    hashed = password_hash("a long enough sentence")
    assert hashed.startswith("$argon2id$")
    assert is_password("a long enough sentence", hashed)
    assert not is_password("another long sentence", hashed)
    assert not is_password("a long enough sentence", None)
    assert not is_password("a long enough sentence", "no hash")


@pytest.mark.parametrize("password", ["short", "x" * 257, "aaaaaaaaaaaaaaaa", "Annemarie Long"])
def test_a_password_that_would_be_tried_first_is_refused_without_being_quoted(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_password(password, name="Annemarie Long")
    assert password not in str(refused.value)


def test_a_secret_names_its_row_and_fits_its_hash_alone() -> None:
    secret, other = new_secret(SESSION), new_secret(SESSION)
    assert row_of(SESSION, secret.shown) == secret.id
    assert row_of(INVITATION, secret.shown) == ""
    assert row_of(SESSION, "session-000000000000-") == ""
    assert fits(secret.shown, secret.sha256)
    assert not fits(other.shown, secret.sha256)
    assert not fits("", None)
