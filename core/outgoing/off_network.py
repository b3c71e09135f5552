"""Runs a module of Python off the network: `python -m core.outgoing.off_network [--loopback] MODULE ARGUMENTS...`.

For processes that stay beside the server, and for those that a worker starts and that are not the studio's own code.
"""

from __future__ import annotations

import os
import runpy
import sys

from core.outgoing.guard import LOG_VARIABLE, install_here
from core.outgoing.namespace import leave_the_network

LOOPBACK = "--loopback"
# Of Python's arguments, before the module.
OFF_NETWORK = ("-m", "core.outgoing.off_network")


def main(arguments: list[str]) -> None:
    """Does what the module does. --loopback: it may send to its own machine."""
    allows_loopback = arguments[0] == LOOPBACK
    module, *rest = arguments[1:] if allows_loopback else arguments
    go_off_the_network(allows_loopback=allows_loopback)
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def go_off_the_network(*, allows_loopback: bool = False) -> None:
    """Of this process, for good. What a worker has started is in the worker's namespace already, and its attempts are the worker's."""
    if LOG_VARIABLE not in os.environ:
        leave_the_network()
    install_here(allows_loopback=allows_loopback)


if __name__ == "__main__":
    main(sys.argv[1:])
