"""Foreign files are parsed in a process of their own, with limits on memory and time: one bad file is one failed file."""

from __future__ import annotations

import gzip
import json
import os
import signal
import zipfile
from pathlib import Path

import pytest

from core.nouns import Goal
from core.records.parsing import ParsedFile
from core.records.sandbox import FileToParse, RefusedFile, _Child, parse_files


def parsed(files: list[tuple[Path, str]], goal: Goal = Goal.VOICE, **limits: float) -> list[ParsedFile | RefusedFile]:
    options = {"memory_mb": 2048, "seconds_per_file": 30.0} | limits
    outcomes = parse_files([FileToParse(p, n) for p, n in files], goal, **options)  # type: ignore[arg-type]
    return [outcome for _, outcome in outcomes]


def test_a_file_over_its_time_is_refused_and_the_next_one_is_read(tmp_path: Path) -> None:
    slow = tmp_path / "slow.jsonl"
    slow.write_text(
        "\n".join(json.dumps({"question": "<p>" + "<b>x</b>" * 9000, "answer": "y"}) for _ in range(60)),
        encoding="utf-8",
    )
    good = tmp_path / "good.md"
    good.write_text("Fine.", encoding="utf-8")
    first, second = parsed([(slow, "slow.jsonl"), (good, "good.md")], Goal.SUPPORT, seconds_per_file=2.0)
    assert isinstance(first, RefusedFile)
    assert isinstance(second, ParsedFile)


def test_a_file_over_its_memory_is_refused_and_the_next_one_is_read(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    large.write_bytes(b"a long line " * 12_000_000)
    good = tmp_path / "good.md"
    good.write_text("Fine.", encoding="utf-8")
    first, second = parsed([(large, "large.txt"), (good, "good.md")], memory_mb=400)
    assert isinstance(first, RefusedFile)
    assert "memory" in first.reason
    assert isinstance(second, ParsedFile)


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGKILL])
def test_a_parser_that_crashes_is_one_failed_file_and_the_next_one_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    """As a flaw in a library's native code would end it, or the system where memory is short: in the middle of a file."""
    slow, good = tmp_path / "slow.jsonl", tmp_path / "good.md"
    row = json.dumps({"question": "<p>" + "<b>x</b>" * 9000, "answer": "y"})
    slow.write_text("\n".join([row] * 200), encoding="utf-8")
    good.write_text("Fine.", encoding="utf-8")
    ended: list[int] = []
    next_line = _Child.line

    def line_and_crash(child: _Child, deadline: float) -> bytes | None:
        line = next_line(child, deadline)
        if line and b'"ready"' in line and not ended:
            ended.append(child._process.pid)
            os.kill(child._process.pid, how)
        return line

    monkeypatch.setattr(_Child, "line", line_and_crash)
    first, second = parsed([(slow, "slow.jsonl"), (good, "good.md")], Goal.SUPPORT, seconds_per_file=60.0)
    assert len(ended) == 1
    assert isinstance(first, RefusedFile)
    assert first.reason.startswith(
        "slow.jsonl crashed the parser: it is damaged, or needs more memory than it may take."
    )
    assert isinstance(second, ParsedFile)


def test_every_robustness_file_is_read_or_refused_with_a_reason(real_data: Path) -> None:
    files = [(f, f.name) for f in sorted((real_data / "robustness").rglob("*")) if f.is_file()]
    outcomes = parsed(files)
    assert len(outcomes) == len(files) >= 50
    for outcome in outcomes:
        if isinstance(outcome, RefusedFile):
            assert outcome.reason
            assert outcome.name in {"LICENSE", "LICENSE.txt", "NOTICE.md", "SOURCE.md", "package.json"}
        else:
            assert outcome.records or outcome.rejected
            assert all(row.reason for row in outcome.rejected)


@pytest.mark.parametrize(
    ("path", "goal", "n"),
    [
        ("support-thunderbird/resolved_en.jsonl", Goal.SUPPORT, 2136),
        ("codereview-crscore/rated_reviews.jsonl", Goal.CODE, 165),
    ],
)
def test_real_tables_come_in_whole(real_data: Path, path: str, goal: Goal, n: int) -> None:
    (outcome,) = parsed([(real_data / path, Path(path).name)], goal)
    assert isinstance(outcome, ParsedFile)
    assert (len(outcome.records), len(outcome.rejected)) == (n, 0)


LARGE = b"a long line " * 12_000_000


def test_a_member_that_needs_too_much_memory_takes_no_other_of_its_archive_along(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in (("one.md", b"One."), ("large.txt", LARGE), ("two.md", b"Two.")):
            opened.writestr(name, content)
    outcomes = parsed([(archive, "a.zip")], memory_mb=400)
    assert [(o.name, isinstance(o, ParsedFile)) for o in outcomes] == [
        ("one.md", True), ("large.txt", False), ("two.md", True),
    ]  # fmt: skip


def test_members_that_stop_the_parser_are_passed_over_until_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.records.sandbox.MAX_BREAKS", 2)
    archive = tmp_path / "a.zip"
    slow = "\n".join(json.dumps({"question": "<p>" + "<b>x</b>" * 9000, "answer": "y"}) for _ in range(60))
    quick = json.dumps({"question": "How?", "answer": "So."})
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in (("0", slow), ("1", quick), ("2", slow), ("3", quick)):
            opened.writestr(f"{name}.jsonl", content)
    outcomes = parsed([(archive, "a.zip")], Goal.SUPPORT, seconds_per_file=2.5)
    assert [(o.name, isinstance(o, ParsedFile)) for o in outcomes] == [
        ("0.jsonl", False), ("1.jsonl", True), ("2.jsonl", False), ("a.zip", False),
    ]  # fmt: skip
    assert isinstance(outcomes[-1], RefusedFile)
    assert "The rest of a.zip was not read" in outcomes[-1].reason


def test_what_a_stopped_parser_had_unpacked_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    slow = "\n".join(json.dumps({"question": "<p>" + "<b>x</b>" * 9000, "answer": "y"}) for _ in range(60))
    packed = tmp_path / "slow.jsonl.gz"
    packed.write_bytes(gzip.compress(slow.encode(), compresslevel=0))
    (outcome,) = parsed([(packed, "slow.jsonl.gz")], Goal.SUPPORT, seconds_per_file=2.5)
    assert isinstance(outcome, RefusedFile)
    assert list((tmp_path / "scratch").iterdir()) == []
