"""The key of the endpoint elsewhere goes to the address for which it was given, and to no other."""

from __future__ import annotations

import pytest

from core.outgoing.endpoint_key import FOR_VARIABLE, KEY_VARIABLE, key_for

URL = "https://models.example/v1"


def environment(key: str = "secret", told: str = URL) -> dict[str, str]:
    return {KEY_VARIABLE: key, FOR_VARIABLE: told}


@pytest.mark.parametrize("told", [URL, "https://models.example/v1/", " HTTPS://Models.Example:443/v1 "])
def test_it_is_sent_to_its_address_however_that_is_spelt(told: str) -> None:
    assert key_for(URL, environment(told=told)).value == "secret"


@pytest.mark.parametrize(
    "told",
    ["https://other.example/v1", "https://models.example.evil.example/v1", "https://models.example:8443/v1", "http://models.example/v1",
     "https://models.example/other/v1", "https://models.example", "models.example", "https://models.example:port/v1", "https://x@models.example/v1", "*"],
)  # fmt: skip
def test_it_is_not_sent_to_any_other(told: str) -> None:
    found = key_for(URL, environment(told=told))
    assert (found.value, found.is_kept_back) == ("", True)
    assert found.why_not == (
        "The key is not sent, since it was given for another address, the one in PROOFROOM_ENDPOINT_KEY_FOR where the studio is started."
    )


def test_it_is_not_sent_where_nothing_says_whom_it_is_for() -> None:
    found = key_for(URL, {KEY_VARIABLE: "secret"})
    assert (found.value, found.is_kept_back) == ("", True)
    assert (
        "whoever starts the studio writes PROOFROOM_ENDPOINT_KEY_FOR=https://models.example/v1 beside it."
        in found.why_not
    )


def test_without_one_there_is_nothing_to_keep_back() -> None:
    found = key_for(URL, {})
    assert (found.value, found.is_kept_back) == ("", False)
    assert found.why_not == "No key is sent, since there is none in PROOFROOM_ENDPOINT_KEY where the studio is started."


def test_the_end_of_a_line_of_the_file_that_it_came_from_is_no_part_of_it() -> None:
    assert key_for(URL, environment(key="secret\n")).value == "secret"


@pytest.mark.parametrize("key", ["sec\nret", "sec ret", "sécret", "“secret”", "sec\x00ret"])
def test_what_no_header_can_hold_is_not_sent_and_not_shown(key: str) -> None:
    found = key_for(URL, environment(key=key))
    assert (found.value, found.is_kept_back) == ("", True)
    assert "holds characters that no key has" in found.why_not
    assert key not in found.why_not


def test_it_is_in_no_text_that_is_made_of_it() -> None:
    assert "secret" not in repr(key_for(URL, environment()))
