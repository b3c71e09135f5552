"""How many inputs the fuzzing here tries: the tests take their budgets from here, so that what is said of their number is what was tried.

The same ones every time: what a new seed finds is found while one works on it. `python -m tests.security.tried` tells the number.
"""

from __future__ import annotations

# Of each kind of file, and of each file that teams write by hand.
PER_KIND_OF_FILE = 60
PER_RULE_FILE = 200
PER_COUNTED_TABLE = 100
# Of each route of the API: what its description allows, and what it does not.
ALLOWED_BY_OWNER, NOT_ALLOWED_BY_OWNER, ALLOWED_BY_REVIEWER = 4, 2, 1


def n_of_files() -> int:
    from tests.security.test_reader_fuzz import COUNTED, RULE_FILES, SEEDS

    return PER_KIND_OF_FILE * len(SEEDS) + PER_RULE_FILE * len(RULE_FILES) + PER_COUNTED_TABLE * len(COUNTED)


def n_of_requests() -> int:
    from tests.studio.role_table import routes

    return (ALLOWED_BY_OWNER + NOT_ALLOWED_BY_OWNER + ALLOWED_BY_REVIEWER) * len(routes())


if __name__ == "__main__":
    print(n_of_files(), "files,", n_of_requests(), "requests at most")
