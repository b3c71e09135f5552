"""The studio listens on this machine alone; on any other address it refuses to start until people sign in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from core.config import DataFolder
from core.errors import Invalid
from studio import running
from studio.server import serve
from tests.served import ServedStudio

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "192.0.2.1", "::", "[::]", "10.0.0.1", "127.0.0.2", "0", "proofroom.example.org", ""]
)
def test_it_does_not_start_where_strangers_could_read(folder: DataFolder, host: str) -> None:
    with pytest.raises(Invalid, match="there is no sign-in"):
        serve(folder, host=host, port=0)
    assert running._current is None
    assert not folder.server_file.exists()


@pytest.mark.parametrize(
    ("host", "options", "words"),
    [("0.0.0.0", {"sign_in": True}, "every address"), ("127.0.0.1", {"names": ["proofroom.example.org"]}, "without sign-in")],
)  # fmt: skip
def test_it_does_not_start_under_a_name_that_it_cannot_keep(
    folder: DataFolder, host: str, options: dict[str, object], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        serve(folder, host=host, port=0, **options)  # type: ignore[arg-type]
    assert running._current is None
    assert not folder.server_file.exists()


def test_the_command_says_so_and_ends(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "studio.cli", "serve", "--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path / "d")],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "there is no sign-in" in done.stderr


def test_a_server_as_it_comes_listens_on_loopback_and_nowhere_else(tmp_path: Path) -> None:
    studio = ServedStudio(tmp_path)
    studio.start()
    try:
        sockets = psutil.Process(studio.process.pid).net_connections()
        listening = {one.laddr.ip for one in sockets if one.status == psutil.CONN_LISTEN}
        assert listening == {"127.0.0.1"}
    finally:
        studio.stop()
