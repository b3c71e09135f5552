"""Rows of README's table on faults and bad input: how many the tests bring about, counted where the tests take them from.

None of it is timed, and no peer does the same. A run of CI that passes is what says that nothing was lost.
"""

from __future__ import annotations

from tests.reliability.faults import n_faults
from tests.security.inputs import counts
from tests.security.tried import n_of_files, n_of_requests

Row = tuple[str, str, str, str, str, str]


def rows() -> list[Row]:
    by_name = sum(counts().values())
    return [
        (
            "Faults brought about by the tests: killed with -9, a full disk, two servers, migrations, backups under load", "what was acknowledged before", "none of it lost", "",
            "every one is followed by a look at all that was acknowledged", f"{n_faults()} faults by name",
        ),
        (
            "Hostile inputs tried by the tests", "accepted, crashed or dropped silently", "none", "",
            f"files are damaged at seeded places; every route is asked by its own description, up to {n_of_requests():,} requests",
            f"{by_name:,} inputs by name, {n_of_files():,} damaged files",
        ),
    ]  # fmt: skip
