"""ZIP files are opened without being trusted."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from core.errors import UnreadableFile
from core.records.archive import unpack


def outcome(archive: Path, tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "unpacked"
    folder.mkdir(exist_ok=True)
    return {m.name: m.reason or m.path.read_text() for m in unpack(archive, "a.zip", folder) if m.reason or m.path}


def test_members_come_out_under_their_names(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("posts/one.md", "hello")
    assert outcome(archive, tmp_path) == {"posts/one.md": "hello"}


@pytest.mark.parametrize("name", ["../out.md", "/etc/out.md", "a/../../out.md", "C:/out.md"])
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
