"""Loaded at the start of every Python process that has this folder on its path: notes what leaves the machine or the folder.

One JSON object a line goes into the file that PROOFROOM_GUARD_LOG names. Sees what Python's own sockets and files do;
not what native code does behind them.
"""

import json
import os
import sys

LOG = os.environ.get("PROOFROOM_GUARD_LOG", "")
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1", "", None}
WRITES = os.O_WRONLY | os.O_RDWR


def note(kind: str, what: object) -> None:
    line = json.dumps({"pid": os.getpid(), "argv": sys.argv[:3], "kind": kind, "what": str(what)}) + "\n"
    # Below the audited calls, or the note would note itself.
    written = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(written, line.encode())
    finally:
        os.close(written)


def hook(event: str, arguments: tuple) -> None:  # type: ignore[type-arg]
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and address[0] not in LOCAL_HOSTS:
            note(event, address)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        if arguments[0] not in LOCAL_HOSTS:
            note(event, arguments[0])
    elif event == "open" and isinstance(arguments[0], str) and (arguments[2] or 0) & WRITES and arguments[0] != LOG:
        note("write", arguments[0])


if LOG:
    note("watched", os.getpid())
    sys.addaudithook(hook)
