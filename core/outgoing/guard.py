"""Keeps the Python of this process off the network: an audit hook on its sockets, which cannot be removed again.

What it refuses fails as it would on a machine without a network, and is noted in a log that the process shares with those
that it starts: one line an attempt, with a hash of the host, so that neither names nor what hides in them stand there.

Not seen: what native code does by itself, and sockets that are files of this machine.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable, Collection
from functools import wraps
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Any

LOG_VARIABLE = "PROOFROOM_NETWORK_LOG"
ATTEMPT = "attempt "
WORDS = "Proofroom keeps this process off the network"
SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
NAMES = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
ADDRESSES = frozenset({"socket.gethostbyaddr", "socket.getnameinfo"})
INTERNET = frozenset({int(socket.AF_INET), int(socket.AF_INET6)})
# Files of this machine and its own kernel; -1 is whatever an open descriptor is of.
NO_NETWORK = frozenset(
    int(getattr(socket, name)) for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG") if hasattr(socket, name)
) | {-1}
KNOWN = INTERNET | NO_NETWORK


class Guard:
    """hosts: those alone may be asked for, at addresses that were checked. allows_loopback: what this machine sends to itself."""

    def __init__(self, log: Path | None, *, hosts: Collection[str] = (), allows_loopback: bool = False) -> None:
        """log: where attempts are noted; None where nobody counts them."""
        self._log, self._hosts, self._allows_loopback = log, frozenset(hosts), allows_loopback
        self._checked: set[tuple[str, int]] = set()
        self.n_unnoted = 0

    def permit(self, host: str, address: str, port: int) -> None:
        """A connection to the address was checked, and is to be let through. Nothing, where the host is not on the list."""
        if host in self._hosts:
            self._checked.add((address, port))

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What Python calls before it does anything of note. Raises OSError for what is refused."""
        if not event.startswith("socket."):
            return
        if event in SENDING:
            self._check_sending(arguments[0].family, arguments[1])
        elif event in NAMES:
            self._check_name(arguments[0])
        elif event in ADDRESSES:
            asked = arguments[0] if event == "socket.gethostbyaddr" else arguments[0][0]
            self._check_name(asked, asks_of_addresses=True)
        elif event == "socket.__new__" and arguments[1] not in KNOWN:
            self._note(f"family {arguments[1]}")
            raise OSError(errno.EAFNOSUPPORT, WORDS)

    def check_before(self, family: int, address: Any) -> None:
        """As the hook, of a target that is still a name. Raises OSError for what is refused."""
        if family in INTERNET and isinstance(address, tuple) and address and not _is_address(_as_text(address[0])):
            self._check_name(address[0])

    def _check_sending(self, family: int, address: Any) -> None:
        # None: on a socket whose connection was checked.
        if family in NO_NETWORK or address is None:
            return
        host, port = str(address[0]), address[1]
        if (host, port) in self._checked or (self._allows_loopback and _is_loopback(host)):
            return
        self._note(host)
        raise OSError(errno.ENETUNREACH, WORDS)

    def _check_name(self, asked: Any, *, asks_of_addresses: bool = False) -> None:
        """asks_of_addresses: what an address is called; else nobody is asked of it, and a connection to it is looked at when it is made."""
        name = _as_text(asked)
        if not name or name in self._hosts or _is_loopback(name) or (_is_address(name) and not asks_of_addresses):
            return
        # Some libraries ask what their own machine is called: not answered, since that may be asked of others, and no attempt.
        if name != socket.gethostname():
            self._note(name)
        raise socket.gaierror(socket.EAI_NONAME, WORDS)

    def _note(self, host: str) -> None:
        if self._log is None:
            return
        try:
            append_line(
                self._log, ATTEMPT + blake2b(host.lower().encode("utf-8", "replace"), digest_size=8).hexdigest()
            )
        except OSError:
            # No room, say: it counts nevertheless.
            self.n_unnoted += 1


_installed: Guard | None = None


def install(guard: Guard) -> None:
    """From here on, for good. Once in a process."""
    global _installed
    assert _installed is None, "a guard cannot be taken away"
    _installed = guard
    sys.addaudithook(guard.hook)
    # Python looks up a name that is given straight to these before its hooks hear of it.
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _looking_before(getattr(socket.socket, name), guard))


def install_here(*, allows_loopback: bool = False) -> None:
    """In a process that a worker, or the server, has started: attempts are noted where the worker's are."""
    log = os.environ.get(LOG_VARIABLE)
    install(Guard(Path(log) if log else None, allows_loopback=allows_loopback))


def permit(host: str, address: str, port: int) -> None:
    """Tell this process's guard, if there is one, that a connection was checked."""
    if _installed is not None:
        _installed.permit(host, address, port)


def _looking_before(method: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    @wraps(method)
    def looking(own: socket.socket, *arguments: Any) -> Any:
        if arguments:
            guard.check_before(own.family, arguments[-1])
        return method(own, *arguments)

    return looking


def append_line(file: Path, line: str) -> None:
    """In one piece, since several processes write: a line is never torn by another."""
    opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(opened, f"{line}\n".encode("ascii"))
    finally:
        os.close(opened)


def _as_text(asked: Any) -> str:
    if isinstance(asked, bytes | bytearray):
        return bytes(asked).decode("ascii", "replace")
    return "" if asked is None else str(asked)


def _is_address(name: str) -> bool:
    try:
        ip_address(name.split("%")[0])
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host.split("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
