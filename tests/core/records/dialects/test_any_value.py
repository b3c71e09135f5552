"""Whatever stands in a field of an export, its other tickets get in, and no note gets out."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UnreadableFile
from core.nouns import Goal
from core.records.parsing import parse_file
from tests.core.records.dialects import test_freshdesk, test_github, test_intercom, test_zendesk

EXPORTS: dict[str, list[Any]] = {
    "zendesk page": [test_zendesk.PAGE],
    "zendesk": [test_zendesk.ticket(id=1), test_zendesk.ticket(id=2), test_zendesk.ticket(id=3)],
    "freshdesk": [test_freshdesk.ticket(*test_freshdesk.CONVERSATIONS, id=i) for i in (1, 2, 3)],
    "intercom": [test_intercom.conversation(*test_intercom.PARTS, id=i) for i in (1, 2, 3)],
    "github": [test_github.issue(1), test_github.issue(2), test_github.issue(3)],
    "gh": [test_github.gh_issue(number=i) for i in (1, 2, 3)],
    "reviews": test_github.REVIEWS[:3],
}
ODD = st.sampled_from(
    [None, "", "-", 0, -1, 1.5, True, [], {}, [None], [[]], {"a": None}, "<p>", "\x00", "9" * 400, ["x"], [{}], "2024-13-45", 10**30]
)  # fmt: skip
NOTES = ("credit line 4411", "blocked list", "1200 a year", "big plan")


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*here, key)
        yield from places(item, (*here, key))


def with_value(value: Any, place: tuple[Any, ...], odd: Any) -> Any:
    changed = copy.deepcopy(value)
    holder = changed
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = odd
    return changed


@pytest.mark.parametrize("name", EXPORTS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_in_any_field_gives_records_refusals_or_one_clear_error(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    rows = EXPORTS[name]
    place = data.draw(st.sampled_from(list(places(rows))))
    odd = data.draw(ODD)
    file = tmp_path / "export.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in with_value(rows, place, odd)), encoding="utf-8")
    try:
        parsed = parse_file(file, file.name, Goal.SUPPORT, {})
    except UnreadableFile:
        # A page with one ticket may have nothing left in it.
        assert len(rows) == 1
        return
    assert all(row.reason for row in parsed.rejected)
    stored = json.dumps([[r.title, r.content, r.meta] for r in parsed.records])
    stored += json.dumps([[r.reason, r.value] for r in parsed.rejected])
    for note in NOTES:
        # Where the very mark of a note was overwritten, the words are as public as that mark says.
        assert note not in stored or place[-1] in ("public", "private", "part_type")
