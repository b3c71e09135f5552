"""The faults that the tests here put the studio through, by the line of the security checklist that asks for them.

The tests take them from here, so that what is said of their number is what was survived. `python -m tests.reliability.faults` tells it.
"""

from __future__ import annotations

N_KILLS_AMONG_WRITES = 4
N_KILLS_OF_ONE_STORE = 12

FAULTS: dict[int, tuple[str, ...]] = {
    16: (
        *(f"the server killed with -9 among many kinds of writes, {n}" for n in range(1, N_KILLS_AMONG_WRITES + 1)),
        *(f"four writers of one store killed with -9, {n}" for n in range(1, N_KILLS_OF_ONE_STORE + 1)),
        "the server killed with -9 while records are decided on",
        "the server killed with -9 while a run goes on",
    ),
    17: (
        "the worker of a run killed with -9",
        "the worker of an import killed with -9",
        "the worker of a freeze killed with -9",
        "a run cancelled",
    ),
    18: (
        "no room for a decision",
        "no room for a verdict",
        "no room for a tag",
        "no room for the guide",
        "no room for an account",
        "no room for an upload",
        "no room for an import",
        "no room for what an import read",
        "no room for a freeze",
        "no room for a version taken away",
        "no room for a model taken away",
        "no room for a backup",
        "no room to move the log into the database",
        "no room for a checkpoint of a run",
        "no room, and the worker killed with -9",
    ),
    19: (
        "a second server beside the first",
        "two servers at the same moment",
        "a second server after kill -9 of the first",
    ),
    20: ("the server killed with -9 while fifty review",),
    21: ("a migration that fails half way",),
    22: (
        "a backup while everybody writes, 1",
        "a backup while everybody writes, 2",
        "a backup while everybody writes, 3",
    ),
}


def faults_of(line: int, words: str = "") -> tuple[str, ...]:
    """Those of one line whose name holds the words."""
    return tuple(name for name in FAULTS[line] if words in name)


def n_faults() -> int:
    return sum(len(names) for names in FAULTS.values())


if __name__ == "__main__":
    print(n_faults())
