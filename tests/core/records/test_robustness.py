"""Every odd file there is: it gets in, or is refused by row or as a whole with a reason, and none takes the parser down."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.nouns import Goal
from core.records.parsing import ParsedFile
from core.records.sandbox import FileToParse, parse_files

# Files that are no writing by their name alone.
REFUSED_BY_NAME = {"LICENSE", "LICENSE.txt", "NOTICE.md", "SOURCE.md", "package.json"}


@pytest.mark.parametrize("goal", list(Goal))
def test_every_odd_file_gets_in_or_is_refused_with_a_reason(real_data: Path, goal: Goal) -> None:
    files = sorted(file for file in (real_data / "robustness").rglob("*") if file.is_file())
    assert len(files) > 50
    outcomes = parse_files([FileToParse(f, f.name) for f in files], goal, memory_mb=2_048, seconds_per_file=60.0)
    seen = set()
    for number, outcome in outcomes:
        seen.add(number)
        if isinstance(outcome, ParsedFile):
            assert outcome.records or outcome.rejected
            assert all(row.reason for row in outcome.rejected)
        else:
            assert outcome.reason
            assert "crashed" not in outcome.reason
    assert seen == set(range(len(files)))


def test_texts_in_every_encoding_become_records_of_a_voice(real_data: Path) -> None:
    files = sorted(f for f in (real_data / "robustness" / "encodings").iterdir() if f.name not in REFUSED_BY_NAME)
    outcomes = parse_files([FileToParse(f, f.name) for f in files], Goal.VOICE, memory_mb=2_048, seconds_per_file=60.0)
    bad = [files[n].name for n, o in outcomes if not (isinstance(o, ParsedFile) and len(o.records) == 1)]
    assert bad == []
