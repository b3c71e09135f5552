"""A process that is kept off the network, in real processes: by a namespace of its own, and by a guard on Python's sockets where there is none."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from core.outgoing.isolation import network_words
from core.outgoing.namespace import SWITCH
from tests.core.outgoing.listening import Asked

REPOSITORY = Path(__file__).resolve().parents[3]
# Addresses that documentation keeps for itself, and names that nobody has.
TRIES = """
import socket, sys
for reach in (
    lambda: socket.create_connection(("192.0.2.1", 443), timeout=5),
    lambda: socket.create_connection(("192.0.2.1", 80), timeout=5),
    lambda: socket.create_connection(("telemetry.invalid", 443), timeout=5),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"ping", ("198.51.100.7", 53)),
    lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 443)),
):
    try:
        reach()
    except OSError as error:
        continue
    sys.exit("it got out")
"""
KEPT = "from pathlib import Path; from core.outgoing.isolation import keep_off_the_network; kept = keep_off_the_network(Path({log!r}){more})\n"
TELL = "\nimport json; print(json.dumps(kept.facts()))"


def ran(code: str, *, before: tuple[str, ...] = (), namespace: bool = True, **popen: Any) -> str:
    """What a process of its own printed. before: a command that starts it."""
    environment = os.environ | ({} if namespace else {SWITCH: "off"})
    done = subprocess.run(
        [*before, sys.executable, "-W", "ignore::ResourceWarning", "-c", code], cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=60,
        **popen,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(code: str, log: Path, *, more: str = "", **options: Any) -> dict[str, Any]:
    """The facts of a process that was kept off the network and then ran the code."""
    facts: dict[str, Any] = json.loads(ran(KEPT.format(log=str(log), more=more) + code + TELL, **options))
    return facts


@cache
def why_not() -> str:
    return ran("from core.outgoing.namespace import leave_the_network; print(leave_the_network(), end='')")


@pytest.fixture
def needs_namespaces() -> None:
    if why_not():
        pytest.skip(why_not())


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


@pytest.mark.usefixtures("needs_namespaces")
def test_in_a_namespace_of_its_own_it_is_isolated_and_attempts_are_counted(tmp_path: Path) -> None:
    facts = told(TRIES, tmp_path / "network.log")
    assert facts == {
        "isolation": "isolated",
        "why_not": "",
        "n_attempts": 5,
        "n_hosts": 4,
        "n_native": 0,
        "n_workers": 1,
    }


@pytest.mark.usefixtures("needs_namespaces")
def test_native_code_finds_no_route_there_and_no_server_of_this_machine(
    tmp_path: Path, listening: socket.socket
) -> None:
    port = listening.getsockname()[1]
    native = f"""
import ctypes, errno, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
for address, port, expected in (("192.0.2.1", 443, errno.ENETUNREACH), ("127.0.0.1", {port}, errno.ECONNREFUSED)):
    target = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(port), socket.inet_aton(address))
    asking = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    assert libc.connect(asking, target, len(target)) == -1
    assert ctypes.get_errno() == expected, (address, ctypes.get_errno())
"""
    facts = told(native, tmp_path / "network.log")
    # Its own machine is not outside.
    assert (facts["isolation"], facts["n_attempts"], facts["n_native"]) == ("isolated", 0, 1)
    with pytest.raises(TimeoutError):
        listening.accept()


# Connects by the C library to an address that documentation keeps for itself, as telemetry of native code would.
NATIVE = """
import ctypes, socket, struct
libc = ctypes.CDLL(None)
def native(family, target):
    asking = libc.socket(family, socket.SOCK_STREAM, 0)
    assert libc.connect(asking, target, len(target)) == -1
def natively():
    native(socket.AF_INET, struct.pack("=HH4s8x", socket.AF_INET, socket.htons(443), socket.inet_aton("192.0.2.1")))
def natively_6():
    native(socket.AF_INET6, struct.pack("=HHI16sI", socket.AF_INET6, socket.htons(443), 0, socket.inet_pton(socket.AF_INET6, "2001:db8::1"), 0))
"""


@pytest.mark.usefixtures("needs_namespaces")
@pytest.mark.parametrize(("tried", "n"), [("natively()", 1), ("natively(); natively_6(); kept.facts(); natively()", 3)])
def test_what_native_code_tries_is_counted_by_the_kernel_each_time_once(tmp_path: Path, tried: str, n: int) -> None:
    facts = told(NATIVE + tried, tmp_path / "network.log")
    assert (facts["n_attempts"], facts["n_native"]) == (0, n)


@pytest.mark.usefixtures("needs_namespaces")
def test_native_code_of_a_child_and_of_an_earlier_worker_that_was_killed_counts(tmp_path: Path) -> None:
    log = tmp_path / "network.log"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {NATIVE + 'natively()'!r}], check=True)\n"
    ran(KEPT.format(log=str(log), more="") + child + "kept.tell_native(); import os; os._exit(0)")
    facts = told(NATIVE + "natively(); natively()", log)
    assert (facts["n_native"], facts["n_workers"]) == (3, 2)


@pytest.mark.usefixtures("needs_namespaces")
def test_of_a_worker_that_was_not_isolated_nobody_knows_what_native_code_tried(tmp_path: Path) -> None:
    log = tmp_path / "network.log"
    told("", log, namespace=False)
    assert told("", log)["n_native"] is None


@pytest.mark.usefixtures("needs_namespaces")
def test_what_it_starts_is_in_its_namespace(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, sys\n"
        "child = subprocess.run([sys.executable, '-c', 'import os; print(os.readlink(\"/proc/self/ns/net\"))'], capture_output=True, text=True)\n"
        "assert child.stdout.strip() == os.readlink('/proc/self/ns/net')\n"
        f"assert child.stdout.strip() != {str(Path('/proc/self/ns/net').readlink())!r}"
    )
    told(code, tmp_path / "network.log")


def test_without_a_namespace_its_sockets_are_guarded_and_nothing_gets_out(
    tmp_path: Path, listening: socket.socket
) -> None:
    here = f"""
try:
    socket.create_connection(("127.0.0.1", {listening.getsockname()[1]}), timeout=5)
    sys.exit("it reached a server of this machine")
except OSError:
    pass
"""
    facts = told(TRIES + here, tmp_path / "network.log", namespace=False)
    assert (facts["isolation"], facts["n_attempts"], facts["n_hosts"]) == ("Python sockets guarded", 6, 5)
    assert facts["why_not"] == "PROOFROOM_NAMESPACE=off switches it off"
    with pytest.raises(TimeoutError):
        listening.accept()


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root, which gives a right away")
def test_where_the_system_refuses_a_namespace_it_is_guarded_and_says_why(tmp_path: Path) -> None:
    without = ("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")
    facts = told(TRIES, tmp_path / "network.log", before=without)
    assert (facts["isolation"], facts["n_attempts"]) == ("Python sockets guarded", 5)
    assert facts["why_not"] == "the system gives it no network namespace (Operation not permitted)"


def test_a_process_with_threads_is_not_called_isolated(tmp_path: Path) -> None:
    log = str(tmp_path / "network.log")
    code = "import threading; gone = threading.Event(); threading.Thread(target=gone.wait).start()\n"
    facts = json.loads(ran(code + KEPT.format(log=log, more="") + TELL + "; gone.set()"))
    assert (facts["isolation"], facts["why_not"]) == (
        "Python sockets guarded",
        "the process had several threads already",
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
def test_a_user_without_rights_keeps_files_and_number_in_a_namespace() -> None:
    # Whatever is imported is imported before: Python itself may lie where only root reads. A process that changed its user hands
    # its own files in /proc to root, unlike one that began as that user.
    become = (
        "import ctypes, json, os, socket; import codecs, core.outgoing.isolation; codecs.lookup('idna'), codecs.lookup('ascii')\n"
        "os.setgroups([]); os.setgid(65_534); os.setuid(65_534); assert ctypes.CDLL(None).prctl(4, 1) == 0\n"
    )
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        os.chown(folder, 65_534, 65_534)
        made = f"assert os.getuid() == os.geteuid() == 65_534; Path({str(Path(folder) / 'made')!r}).write_text('x')"
        facts = json.loads(
            ran(become + KEPT.format(log=str(Path(folder) / "network.log"), more="") + TRIES + made + TELL)
        )
        owner = (Path(folder) / "made").stat()
    assert (owner.st_uid, owner.st_gid) == (65_534, 65_534)
    assert facts["n_attempts"] == 5
    assert facts["isolation"] == ("Python sockets guarded" if facts["why_not"] else "isolated"), facts


def test_a_name_given_straight_to_a_socket_counts_before_anybody_is_asked_for_it(tmp_path: Path) -> None:
    code = """
import socket, sys
for reach in (
    lambda own: own.connect(("telemetry.invalid", 443)),
    lambda own: own.connect_ex(("telemetry.invalid", 443)),
    lambda own: own.sendto(b"ping", ("telemetry.invalid", 443)),
):
    try:
        reach(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sys.exit("it got out")
    except OSError as error:
        assert "keeps this process off the network" in str(error), error
"""
    facts = told(code, tmp_path / "network.log", namespace=False)
    assert (facts["n_attempts"], facts["n_hosts"]) == (3, 1)


def test_taking_away_what_can_be_taken_away_leaves_the_guard(tmp_path: Path) -> None:
    code = """
import _socket, socket, sys
from core.outgoing import guard
socket.socket.connect = _socket.socket.connect
guard._installed = None
guard.Guard.hook = lambda *_: None
for kind in (socket.socket, _socket.socket):
    try:
        kind(socket.AF_INET, socket.SOCK_STREAM).connect(("192.0.2.1", 443))
        sys.exit("it got out")
    except OSError as error:
        assert "keeps this process off the network" in str(error), error
try:
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sys.exit("it got out below the guard")
except OSError as error:
    assert "keeps this process off the network" in str(error), error
"""
    assert told(code, tmp_path / "network.log", namespace=False)["n_attempts"] == 3


def test_what_needs_no_network_is_no_attempt(tmp_path: Path) -> None:
    code = """
import socket
one, two = socket.socketpair()
one.sendall(b"x")
assert two.recv(1) == b"x"
socket.getfqdn()
assert socket.getaddrinfo("192.0.2.1", 80)
socket.create_server(("127.0.0.1", 0)).close()
"""
    assert told(code, tmp_path / "network.log", namespace=False)["n_attempts"] == 0


def test_attempts_of_the_processes_that_it_starts_are_its_own(tmp_path: Path) -> None:
    child = "from core.outgoing.guard import install_here; install_here()\n" + TRIES
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-W', 'ignore', '-c', {child!r}], check=True)"
    facts = told(code, tmp_path / "network.log", namespace=False)
    assert (facts["n_attempts"], facts["n_hosts"], facts["n_workers"]) == (5, 4, 1)


def test_a_module_that_may_talk_to_its_own_machine_reaches_nobody_else(
    tmp_path: Path, listening: socket.socket
) -> None:
    (tmp_path / "talking.py").write_text(
        TRIES + f"socket.create_connection(('127.0.0.1', {listening.getsockname()[1]}), timeout=5).close()\n"
        "assert sys.argv[1:] == ['one', 'two']\nprint('talked')"
    )
    arguments = ["--loopback", "talking", "one", "two"]
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from core.outgoing.off_network import main; main({arguments})"
    assert ran(code, namespace=False) == "talked\n"


def test_an_endpoint_that_is_set_up_is_reached_and_nobody_else(tmp_path: Path, server: Asked) -> None:
    code = f"""
from core.outgoing.chat_endpoint import ChatEndpoint
from core.outgoing.endpoint_key import EndpointKey
endpoint = ChatEndpoint("http://127.0.0.1:{server.port}/v1", "m", key=EndpointKey("secret"), allows_private=True)
assert endpoint.ask("Write.", max_tokens=9, temperature=0.7, top_p=0.9, seed=5).text == "A text."
endpoint.close()
"""
    facts = told(code + TRIES, tmp_path / "network.log", more=", hosts=['127.0.0.1']")
    assert (facts["isolation"], facts["n_attempts"]) == ("Python sockets guarded, named hosts allowed", 5)
    assert len(server.requests) == 1
    assert network_words(facts) == (
        "Python sockets guarded, and let through to the endpoint that an owner set up; 5 attempts to reach anybody else were refused, "
        "at 4 hosts"
    )


def test_a_host_on_the_list_is_not_reached_at_an_address_that_nobody_checked(
    tmp_path: Path, listening: socket.socket
) -> None:
    code = f"""
import socket, sys
try:
    socket.create_connection(("127.0.0.1", {listening.getsockname()[1]}), timeout=5)
    sys.exit("it got out")
except OSError as error:
    assert "keeps this process off the network" in str(error), error
"""
    assert told(code, tmp_path / "network.log", more=", hosts=['127.0.0.1']")["n_attempts"] == 1


def test_a_run_of_several_workers_is_what_the_least_of_them_was(tmp_path: Path) -> None:
    log = tmp_path / "run" / "network.log"
    told(TRIES, log, namespace=False)
    facts = told("", log)
    assert (facts["isolation"], facts["n_attempts"], facts["n_workers"]) == ("Python sockets guarded", 5, 2)


def test_what_an_earlier_version_began_is_not_recorded(tmp_path: Path) -> None:
    facts = told("", tmp_path / "network.log", more=", had_begun=True")
    assert facts["isolation"] == "not recorded"
    assert network_words(facts) == network_words(None) == "not recorded"


def test_the_log_names_no_host(tmp_path: Path) -> None:
    log = tmp_path / "network.log"
    told(TRIES, log)
    assert "invalid" not in log.read_text()
    assert "192" not in " ".join(line.split()[1][:3] for line in log.read_text().splitlines())
    assert log.stat().st_mode & 0o077 == 0


def test_the_words_say_what_was_and_what_was_not() -> None:
    facts = {"isolation": "isolated", "why_not": "", "n_attempts": 0, "n_hosts": 0, "n_native": 0, "n_workers": 1}
    isolated = "isolated, in a network namespace of its own without a route; no attempt to reach out"
    assert network_words(facts) == isolated
    assert network_words(facts | {"n_native": 2}) == f"{isolated}; 2 more, of native code, found no route"
    before = {name: value for name, value in facts.items() if name != "n_native"}
    assert network_words(before) == f"{isolated}; what native code tried was not counted"
    guarded = facts | {"isolation": "Python sockets guarded", "why_not": "no such thing", "n_attempts": 1, "n_hosts": 1}
    assert network_words(guarded) == (
        "Python sockets guarded; what native code does is not seen (no namespace: no such thing); "
        "1 attempt to reach out was refused, at 1 host"
    )
