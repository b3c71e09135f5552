"""How a worker is kept off the network, and what is recorded of it.

It is called isolated only where it ran in a network namespace of its own without a route. Elsewhere its Python sockets are
guarded, which is less. Attempts to reach out are refused and counted in both: those of Python by the guard, and in a namespace
those of native code by the kernel, which the guard leaves nothing else to count.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.outgoing.guard import ATTEMPT, LOG_VARIABLE, Guard, append_line, install
from core.outgoing.namespace import count_unrouted, leave_the_network

LOG = "network.log"
BEGUN = "begun "
NATIVE = "native "


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


@dataclass(slots=True)
class KeptOff:
    """This process, kept off the network. why_not: it is not isolated; empty where it is."""

    log: Path
    guard: Guard
    why_not: str
    n_told: int = 0

    def facts(self) -> dict[str, Any]:
        """isolation, of all workers that wrote to the log the least; attempts of all of them, and at how many hosts.

        n_native: what native code tried, and is not in n_attempts; None where one of the workers was not isolated, or cannot say.
        """
        self.tell_native()
        try:
            lines = self.log.read_text(encoding="ascii").splitlines()
        except OSError:
            # It was taken away: nothing is claimed, and the job still has its last word.
            lines = [BEGUN + Isolation.NOT_RECORDED]
        begun = [Isolation(line.removeprefix(BEGUN)) for line in lines if line.startswith(BEGUN)]
        asked = [line.removeprefix(ATTEMPT) for line in lines if line.startswith(ATTEMPT)]
        native = [int(line.removeprefix(NATIVE)) for line in lines if line.startswith(NATIVE)]
        return {
            "isolation": min(begun, key=list(Isolation).index).value,
            "why_not": self.why_not,
            "n_attempts": len(asked) + self.guard.n_unnoted,
            "n_hosts": len(set(asked)),
            "n_native": sum(native) if native.count(0) == len(begun) else None,
            "n_workers": len(begun),
        }

    def tell_native(self) -> None:
        """Note what native code tried since it was told last, so that it is known of a worker that is killed, too."""
        n = None if self.why_not else count_unrouted()
        if n is None or n <= self.n_told:
            return
        with suppress(OSError):
            append_line(self.log, f"{NATIVE}{n - self.n_told}")
            self.n_told = n


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
    if reached is Isolation.ISOLATED and count_unrouted() == 0:
        append_line(log, f"{NATIVE}0")
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
    return f"{how}{why}; {_attempts(facts['n_attempts'], facts['n_hosts'], whom)}{_native(facts)}"


def _native(facts: Mapping[str, Any]) -> str:
    """Of what was isolated alone: elsewhere nobody sees it, which is said already. Not counted: by a version of the studio that did not."""
    if facts["isolation"] != Isolation.ISOLATED:
        return ""
    n = facts.get("n_native")
    if n is None:
        return "; what native code tried was not counted"
    return f"; {n:,} more, of native code, found no route" if n else ""


def _attempts(n: int, n_hosts: int, whom: str) -> str:
    if not n:
        return f"no attempt to reach {whom}"
    attempts = f"1 attempt to reach {whom} was refused" if n == 1 else f"{n:,} attempts to reach {whom} were refused"
    # Where there was no room to note an attempt, its host is not known.
    return f"{attempts}, at {n_hosts:,} {'host' if n_hosts == 1 else 'hosts'}" if n_hosts else attempts
