"""Parsing in a child process: one bad file is one failed file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.nouns import Goal
from core.records.parsing import ParsedFile
from core.records.sandbox import FileToParse, RefusedFile, parse_files


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
