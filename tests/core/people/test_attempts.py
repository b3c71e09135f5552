"""How often somebody may try."""

from __future__ import annotations

import pytest

from core.errors import Busy
from core.people.attempts import Attempts, place_of


def test_the_one_over_the_limit_is_refused_until_the_first_is_old() -> None:
    attempts = Attempts(3, window_seconds=900)
    for now in (0.0, 60.0, 120.0):
        attempts.begin("ann", now=now)
    with pytest.raises(Busy, match="possible in 5 min") as refused:
        attempts.begin("ann", now=600.0)
    assert refused.value.facts == {"retry_after_seconds": 300}
    attempts.begin("bo", now=600.0)
    attempts.begin("ann", now=900.0)


def test_what_went_well_is_taken_back_and_what_failed_before_still_counts() -> None:
    attempts = Attempts(2)
    attempts.begin("address", now=0.0)
    attempts.begin("address", now=1.0)
    attempts.take_back("address")
    attempts.begin("address", now=2.0)
    with pytest.raises(Busy):
        attempts.begin("address", now=3.0)
    attempts.forget("address")
    attempts.begin("address", now=4.0)


def test_it_remembers_no_more_keys_than_it_should() -> None:
    attempts = Attempts(1, remembers=100)
    for n in range(1_000):
        attempts.begin(f"name {n}", now=0.0)
    assert len(attempts._times) == 100


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_counts_by_its_network_in_ipv6(address: str, place: str) -> None:
    assert place_of(address) == place
