"""Connections to other machines whose address is looked at when the connection is made, not before.

A name that resolves to a public address when it is checked and to a private one when it is used would reach what stands behind the
firewall; so the address that was checked is the one that is connected to.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_network

import httpcore

from core.errors import Refused
from core.outgoing import guard

# Of no host on the open internet, though Python 3.11 calls them global: protocol assignments, and NAT64 for use inside a network.
INSIDE = (ip_network("192.0.0.0/24"), ip_network("64:ff9b:1::/48"))
# Where a gateway goes on to the IPv4 address in the last 32 bits.
NAT64 = ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether it is one of the open internet's; of an IPv6 address that carries an IPv4 one, that one too."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if not found.is_global or found.is_multicast or any(found in network for network in INSIDE):
        return False
    carried = _carried(found)
    return carried is None or is_public(str(carried))


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    if not isinstance(address, IPv6Address):
        return None
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to one host alone. allows_private: also where its address is private, of this machine, or otherwise not public.

    needs_private: only there, since what is sent is not encrypted. if_private, if_in_the_clear: what to do where the one or the other
    is refused.
    """

    def __init__(
        self, host: str, *, allows_private: bool, needs_private: bool, if_private: str, if_in_the_clear: str
    ) -> None:
        self._host, self._allows_private, self._needs_private = host, allows_private, needs_private
        self._if_private, self._if_in_the_clear = if_private, if_in_the_clear
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        if host != self._host:
            raise Refused(f"A connection to {host} was asked for, but only {self._host} is allowed.")
        *others, last = self._checked(host, port)
        for address in others:
            guard.permit(host, address, port)
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                # As `localhost`, which is two addresses, while many a server listens at one of them.
                continue
        guard.permit(host, last, port)
        return self._inner.connect_tcp(last, port, timeout, local_address, socket_options)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.NetworkStream:
        raise Refused("Connections to sockets on this machine are not allowed here.")

    def _checked(self, host: str, port: int) -> list[str]:
        """Every address of the host, all of them allowed."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if self._needs_private and is_public(address):
                raise Refused(
                    f"{host} is at {address}, a public address, and without https everybody on the way can read what is sent.",
                    remedy=self._if_in_the_clear,
                )
            if not self._allows_private and not is_public(address):
                raise Refused(
                    f"{host} is at {address}, which is no public address.",
                    remedy=self._if_private,
                )
        return addresses
