"""What is sent in is counted while it comes in, whatever a header says; archives are opened without being trusted; what is refused leaves nothing behind."""

from __future__ import annotations

import json
import re
import socket
import stat
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.config import MAX_UPLOAD_BYTES, DataFolder
from core.errors import UnreadableFile
from core.records.archive import unpack
from core.workflows.importing import UploadWriter
from studio import running
from studio.api.app import MOST_BODY_BYTES
from tests.security.asking import as_owner, imported, listing, opened_app
from tests.security.inputs import MEMBERS, archives
from tests.served import ServedStudio

PIECE = b"x" * 65_536


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = DataFolder(tmp_path_factory.mktemp("uploads") / "data")
    with opened_app(folder) as opened:
        yield as_owner(opened, folder)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedStudio]:
    studio = ServedStudio(tmp_path_factory.mktemp("served"))
    studio.start()
    yield studio
    studio.stop()


def asked_in_pieces(client: TestClient, method: str, path: str, *, most: int) -> tuple[int, dict[str, str], int]:
    """Status, answer and how many pieces were taken of a body that has no length. The client itself would read it whole first."""
    headers = {"host": "127.0.0.1:8501", "content-type": "application/json", **client.headers}
    route, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "path": route, "raw_path": route.encode(),
        "query_string": query.encode(), "root_path": "", "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 8501), "state": {},
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    taken, sent = 0, []

    async def receive() -> dict[str, object]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": PIECE, "more_body": taken < most}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    assert client.portal is not None
    client.portal.call(client.app, scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)  # type: ignore[misc]
    return sent[0]["status"], json.loads(body), taken  # type: ignore[return-value]


def said(studio: ServedStudio, head: str, body: bytes = b"", *, closes: bool = False, ends: bool = False) -> str:
    """What a server answers to a request that is written by hand; empty where it just closes. closes: the client does, half way. ends: it says that nothing more comes."""
    address = studio.http.base_url
    with socket.create_connection((address.host, address.port or 0), timeout=60) as opened:
        token = studio.http.headers["Authorization"]
        opened.sendall(f"{head}\r\nHost: 127.0.0.1\r\nAuthorization: {token}\r\n\r\n".encode() + body)
        if closes:
            return ""
        if ends:
            opened.shutdown(socket.SHUT_WR)
        answer = b""
        while b"\r\n\r\n" not in answer or b"}" not in answer:
            piece = opened.recv(65_536)
            if not piece:
                break
            answer += piece
    return answer.decode(errors="replace")


def test_an_upload_over_the_limit_is_refused_while_it_comes_and_leaves_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(UploadWriter.__init__.__kwdefaults__, "limit", 10 * len(PIECE))
    before = listing(running.workspace().folder.root)
    status, answer, taken = asked_in_pieces(client, "PUT", "/api/uploads?path=a.md", most=1_000)
    assert (status, answer["error"], taken) == (422, "invalid", 11)
    assert "the most that one upload may be" in answer["message"]
    assert listing(running.workspace().folder.root) == before


def test_a_file_to_look_for_personal_data_in_leaves_nothing_when_it_is_too_large(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.workflows.personal_search.MAX_UPLOAD_BYTES", 10 * len(PIECE))
    before = listing(running.workspace().folder.root)
    status, _, taken = asked_in_pieces(client, "PUT", "/api/personal-data/files", most=1_000)
    assert (status, taken) == (422, 11)
    assert listing(running.workspace().folder.root) == before


def test_any_other_body_is_counted_too_and_said_to_be_too_large(client: TestClient) -> None:
    most = MOST_BODY_BYTES // len(PIECE)
    status, answer, taken = asked_in_pieces(client, "POST", "/api/projects", most=2 * most)
    assert (status, answer["error"], taken) == (413, "too_large", most + 1)


@pytest.mark.parametrize("path", ["/api/nothing", "/api/projects/a/nothing", "/nothing/api"])
def test_a_path_that_is_not_there_is_said_in_the_shape_of_every_problem(client: TestClient, path: str) -> None:
    answer = client.post(path, json={})
    assert answer.status_code in (404, 405)
    if path.startswith("/api"):
        assert set(answer.json()) == {"error", "message", "remedy"}


def test_a_header_that_says_less_than_comes_counts_for_nothing(served: ServedStudio) -> None:
    answer = said(served, "PUT /api/uploads?path=a.md HTTP/1.1\r\nContent-Length: 5", b"12345" + b"6" * 90)
    assert '"n_bytes":5' in answer


@pytest.mark.parametrize("path", ["/api/uploads?path=a.md", "/api/personal-data/files"])
def test_a_header_that_says_too_much_is_believed_at_once(served: ServedStudio, path: str) -> None:
    before = listing(served.data / "uploads")
    answer = said(served, f"PUT {path} HTTP/1.1\r\nContent-Length: {MAX_UPLOAD_BYTES + 2 * 2**20}", b"12345")
    assert answer.startswith("HTTP/1.1 413")
    assert listing(served.data / "uploads") == before


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: -5", "Content-Length: five", "Content-Length: 5\r\nContent-Length: 7", "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, gzip", "Transfer-Encoding: chunked",
    ],
)  # fmt: skip
def test_a_length_that_is_none_brings_nothing_in(served: ServedStudio, head: str) -> None:
    before = listing(served.data / "uploads")
    answer = said(served, f"PUT /api/uploads?path=a.md HTTP/1.1\r\n{head}", b"zz\r\nno chunk\r\n\r\n}", ends=True)
    assert answer == "" or answer.startswith("HTTP/1.1 4"), answer
    assert listing(served.data / "uploads") == before


@pytest.mark.parametrize("head", ["Content-Length: 500", "Transfer-Encoding: chunked"])
def test_an_upload_that_breaks_off_leaves_nothing(served: ServedStudio, head: str) -> None:
    before = listing(served.data / "uploads")
    said(served, f"PUT /api/uploads?path=a.md HTTP/1.1\r\n{head}", b"5\r\n12345\r\n", closes=True)
    assert served.get("/projects") is not None
    assert listing(served.data / "uploads") == before


def test_no_archive_of_the_list_brings_anything_in_or_leaves_anything_behind(tmp_path: Path) -> None:
    folder, brought = tmp_path / "unpacked", []
    folder.mkdir()
    for name, content in archives().items():
        (tmp_path / name).write_bytes(content)
        with suppress(UnreadableFile):
            brought += [(name, one.name) for one in unpack(tmp_path / name, name, folder) if not one.reason]
        assert list(folder.iterdir()) == [], name
    assert brought == []
    assert not [
        path for path in (tmp_path / "out.md", tmp_path.parent / "out.md", Path("/etc/out.md")) if path.exists()
    ]


def outcome(archive: Path, tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "unpacked"
    folder.mkdir(exist_ok=True)
    return {m.name: m.reason or m.path.read_text() for m in unpack(archive, "a.zip", folder) if m.reason or m.path}


def test_members_come_out_under_their_names(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("posts/one.md", "hello")
    assert outcome(archive, tmp_path) == {"posts/one.md": "hello"}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_name_that_points_outside_is_refused(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr(name, "x")
    (reason,) = outcome(archive, tmp_path).values()
    assert "points outside" in reason


def test_a_link_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    info = zipfile.ZipInfo("link.md")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr(info, "/etc/passwd")
    assert outcome(archive, tmp_path) == {"link.md": "It is a link, not a file."}


def test_an_archive_inside_is_refused_by_name(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("inner.zip", "x")
        z.writestr("picture.png", "x")
    reasons = outcome(archive, tmp_path)
    assert "inside an archive" in reasons["inner.zip"]
    assert ".png are not read" in reasons["picture.png"]


def test_a_hundred_megabytes_of_zeros_are_refused_and_nothing_stays(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("zeros.txt", b"\0" * 100 * 2**20)
    folder = tmp_path / "unpacked"
    folder.mkdir()
    with pytest.raises(UnreadableFile, match="times its size"):
        list(unpack(archive, "bomb.zip", folder))
    assert list(folder.iterdir()) == []


def test_a_hundred_megabytes_of_zeros_are_refused_by_an_import_in_words_and_nothing_stays(client: TestClient) -> None:
    """The whole way in: sent, parsed apart, reported; what stays is what was sent, until the uploads are cleared."""
    bomb = archives()["zeros.zip"]
    assert len(bomb) < 2**20
    report = imported(client, "zeros", {"zeros.zip": bomb, "good.md": b"A text that is well."})
    told = {file["path"]: file for file in report["files"]}
    assert told["zeros.zip"]["status"] == "refused"
    assert re.search(r"unpacks to [\d,]+ times its size, which real writing never does", told["zeros.zip"]["reason"])
    assert told["good.md"]["n_accepted"] == 1
    root = running.workspace().folder.root
    large = {
        str(file.relative_to(root)) for file in root.rglob("*") if file.is_file() and file.stat().st_size > 20 * 2**20
    }
    assert {name for name in large if not name.startswith("proofroom.duckdb")} == set()


@pytest.mark.parametrize(
    ("limit", "most", "said"),
    [("MAX_FILES", 3, "holds 4 files, at most 3 are read"), ("MAX_UNPACKED_BYTES", 2**20, "at most 1 MB are read")],
)
def test_an_archive_of_too_many_files_or_of_too_much_is_refused_before_any_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, said: str
) -> None:
    archive, folder = tmp_path / "a.zip", tmp_path / "unpacked"
    folder.mkdir()
    with zipfile.ZipFile(archive, "w") as z:
        for n in range(4):
            z.writestr(f"{n}.md", b"words " * 80_000)
    assert len(list(unpack(archive, "a.zip", folder))) == 4
    monkeypatch.setattr(f"core.records.archive.{limit}", most)
    with pytest.raises(UnreadableFile, match=said):
        list(unpack(archive, "a.zip", folder))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("levels", [20, 21])
def test_a_file_too_many_folders_deep_is_refused_and_said_to_be(tmp_path: Path, levels: int) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("/".join(["a"] * (levels - 1)) + "/b.md", "deep")
    (said,) = outcome(archive, tmp_path).values()
    assert said == ("deep" if levels == 20 else "It lies 21 folders deep, at most 20 are read.")


def test_a_damaged_member_is_refused_alone(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("one.md", "a text that is long enough to be packed " * 40)
        z.writestr("two.md", "hello")
    content = bytearray(archive.read_bytes())
    start = content.index(b"one.md") + len("one.md")
    content[start : start + 8] = b"\xff" * 8
    archive.write_bytes(content)
    found = outcome(archive, tmp_path)
    assert found["two.md"] == "hello"
    assert "cannot be unpacked" in found["one.md"]


def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(UnreadableFile, match="not a ZIP file"):
        list(unpack(file, "a.zip", tmp_path))
