"""A network namespace of its own for this process: no interface but its own loopback, no route, and none that comes later.

Linux gives one to root, and to anybody else together with a user namespace, where it is set up to. A process with several
threads gets none: those that run already would stay on the network.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
OWN = Path("/proc/self")
# For machines on which a namespace gets in the way of something; the manifest then says that there was none.
SWITCH = "PROOFROOM_NAMESPACE"
# The kernel's routes: of IPv4 with a head and without those of the machine to itself, of IPv6 with them.
ROUTES, ROUTES_6 = OWN / "net" / "route", OWN / "net" / "ipv6_route"
COUNTERS, COUNTERS_6 = OWN / "net" / "snmp", OWN / "net" / "snmp6"
LOOPBACK = "lo"


def leave_the_network() -> str:
    """Go on in a network namespace of its own. Returns why not; empty where the process has no route any more.

    Called before the first thread is started. What the process starts goes with it.
    """
    if sys.platform != "linux":
        return "this system knows no network namespaces"
    if os.environ.get(SWITCH) == "off":
        return f"{SWITCH}=off switches it off"
    try:
        if len(list((OWN / "task").iterdir())) > 1:
            return "the process had several threads already"
        if os.geteuid() != 0:
            _try_in_a_child()
        _enter()
        # Asked of the kernel, not taken for granted: what is called isolated has no way out.
        return "there is a route all the same" if has_a_route() else ""
    except OSError as error:
        return f"the system gives it no network namespace ({error.strerror})"


def has_a_route() -> bool:
    """Whether the kernel knows any way out of this machine. Raises OSError where it cannot be asked."""
    used = {line.split()[0] for line in ROUTES.read_text(encoding="ascii").splitlines()[1:]}
    # Not there where IPv6 is switched off.
    if ROUTES_6.exists():
        used |= {line.split()[-1] for line in ROUTES_6.read_text(encoding="ascii").splitlines()}
    return bool(used - {LOOPBACK})


def count_unrouted() -> int | None:
    """Connections and packets for which the kernel has found no route in this namespace, whoever asked, native code too.

    None where the kernel does not say. Names count where their lookup would have to leave the machine, each packet of it; raw packets of IPv4 do not. Source: RFC 4293, ipSystemStatsOutNoRoutes.
    """
    try:
        heads, values = (
            line.split() for line in COUNTERS.read_text(encoding="ascii").splitlines() if line.startswith("Ip:")
        )
        n = int(values[heads.index("OutNoRoutes")])
        if COUNTERS_6.exists():
            n += int(
                dict(line.split() for line in COUNTERS_6.read_text(encoding="ascii").splitlines())["Ip6OutNoRoutes"]
            )
    except (OSError, ValueError, KeyError):
        return None
    return n


def _try_in_a_child() -> None:
    """Raises OSError where any of it is refused. A user namespace without its map would leave this process without an owner."""
    child = os.fork()
    if child == 0:
        code = errno.EPERM
        try:
            _enter()
            code = 0
        except OSError as error:
            code = error.errno or code
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        raise OSError(code, os.strerror(code) if code > 0 else f"a child that asked for it ended by signal {-code}")


def _enter() -> None:
    """Raises OSError where any of it is refused."""
    user, group = os.geteuid(), os.getegid()
    # Root keeps its user namespace: in another one it could not write what belongs to anybody else.
    flags = CLONE_NEWNET if user == 0 else CLONE_NEWUSER | CLONE_NEWNET
    if ctypes.CDLL(None, use_errno=True).unshare(flags):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    if flags & CLONE_NEWUSER:
        # Everybody keeps their number, so that files have the owners that they had.
        (OWN / "setgroups").write_text("deny", encoding="ascii")
        (OWN / "uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        (OWN / "gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        # The loopback of the namespace alone: processes that train together talk over it.
        fcntl.ioctl(asking, SIOCSIFFLAGS, struct.pack("16sH22x", LOOPBACK.encode("ascii"), IFF_UP))
