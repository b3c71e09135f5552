"""How a worker is kept off the network, and what is recorded of it.

It is called isolated only where it ran in a network namespace of its own without a route. Elsewhere its Python sockets are
guarded, which is less. Attempts to reach out are refused and counted in both; the guard is there for the count, too.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.outgoing.guard import ATTEMPT, LOG_VARIABLE, Guard, append_line, install
from core.outgoing.namespace import leave_the_network

LOG = "network.log"
BEGUN = "begun "


class Isolation(StrEnum):
    """From the least to the most. NOT_RECORDED: a worker of an earlier version of the studio took part."""

    NOT_RECORDED = "not recorded"
    ALLOWED = "Python sockets guarded, named hosts allowed"
    GUARDED = "Python sockets guarded"
    ISOLATED = "isolated"


MEANING = {
    Isolation.ALLOWED: "Python sockets guarded, and let through to the endpoint that an owner set up",
    Isolation.GUARDED: "Python sockets guarded; what native code does is not seen",
    Isolation.ISOLATED: "isolated, in a network namespace of its own without a route",
}


@dataclass(frozen=True, slots=True)
class KeptOff:
    """This process, kept off the network. why_not: it is not isolated; empty where it is."""

    log: Path
    guard: Guard
    why_not: str

    def facts(self) -> dict[str, Any]:
        """isolation, of all workers that wrote to the log the least; attempts of all of them, and at how many hosts."""
        try:
            lines = self.log.read_text(encoding="ascii").splitlines()
        except OSError:
            # It was taken away: nothing is claimed, and the job still has its last word.
            lines = [BEGUN + Isolation.NOT_RECORDED]
        begun = [Isolation(line.removeprefix(BEGUN)) for line in lines if line.startswith(BEGUN)]
        asked = [line.removeprefix(ATTEMPT) for line in lines if line.startswith(ATTEMPT)]
        return {
            "isolation": min(begun, key=list(Isolation).index).value,
            "why_not": self.why_not,
            "n_attempts": len(asked) + self.guard.n_unnoted,
            "n_hosts": len(set(asked)),
            "n_workers": len(begun),
        }


def keep_off_the_network(log: Path, *, hosts: Collection[str] = (), had_begun: bool = False) -> KeptOff:
    """For good, as strictly as the system allows. Called before the first thread and before any library is loaded.

    log: what earlier workers of the same run wrote is kept. hosts: those it has to reach; then it is not isolated.
    had_begun: an earlier worker did a part of the work; without a log it is not known how.
    """
    why_not = "it has to reach hosts that an owner named" if hosts else leave_the_network()
    reached = Isolation.ALLOWED if hosts else Isolation.GUARDED if why_not else Isolation.ISOLATED
    log.parent.mkdir(parents=True, exist_ok=True)
    if had_begun and not log.exists():
        append_line(log, BEGUN + Isolation.NOT_RECORDED)
    append_line(log, BEGUN + reached)
    guard = Guard(log, hosts=hosts)
    os.environ[LOG_VARIABLE] = str(log)
    install(guard)
    return KeptOff(log, guard, why_not)


def network_words(facts: Mapping[str, Any] | None) -> str:
    """What a person reads of the facts; "not recorded" where there are none."""
    if facts is None or facts["isolation"] == Isolation.NOT_RECORDED:
        return Isolation.NOT_RECORDED.value
    how = MEANING[Isolation(facts["isolation"])]
    why = f" (no namespace: {facts['why_not']})" if facts["isolation"] == Isolation.GUARDED and facts["why_not"] else ""
    whom = "anybody else" if facts["isolation"] == Isolation.ALLOWED else "out"
    return f"{how}{why}; {_attempts(facts['n_attempts'], facts['n_hosts'], whom)}"


def _attempts(n: int, n_hosts: int, whom: str) -> str:
    if not n:
        return f"no attempt to reach {whom}"
    attempts = f"1 attempt to reach {whom} was refused" if n == 1 else f"{n:,} attempts to reach {whom} were refused"
    # Where there was no room to note an attempt, its host is not known.
    return f"{attempts}, at {n_hosts:,} {'host' if n_hosts == 1 else 'hosts'}" if n_hosts else attempts
