"""The brand guide of a project: write it, bring rules along from Vale, check a text against it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from core.errors import Conflict, Invalid, NotFound
from core.review.guide.check import Checked, check_draft
from core.review.guide.document import Guide, as_values, read_file, read_guide, write_file
from core.review.guide.presets import PRESETS
from core.review.guide.reading import read_rule
from core.review.guide.rules import Rule
from core.review.guide.vale import RefusedRule, read_style
from core.store import guides as guide_rows
from core.store.connection import Row
from core.workflows.guide_checks import queue_checks
from core.workflows.review_items import checked_text
from core.workflows.workspace import Workspace, checked_person, project_named

PRESET_TITLES = {name: title for name, (title, _) in PRESETS.items()}


@dataclass(frozen=True, slots=True)
class GuideInForce:
    """guide: an empty one where nobody wrote any; changed_by is then empty."""

    guide: Guide
    changed_by: str
    changed_at: datetime | None
    n_changes: int


@dataclass(frozen=True, slots=True)
class BroughtAlong:
    """added, replaced: names of rules. refused: files that could not be brought along, with the reason."""

    added: tuple[str, ...]
    replaced: tuple[str, ...]
    refused: tuple[RefusedRule, ...]


def guide_of(workspace: Workspace, project: str) -> GuideInForce:
    row = project_named(workspace, project)
    found = guide_rows.guide(workspace.store, row["id"])
    if found is None:
        return GuideInForce(Guide(), "", None, 0)
    n = guide_rows.n_changes(workspace.store, row["id"])
    return GuideInForce(_read(found["content"]), found["changed_by"], found["changed_at"], n)


def set_guide(
    workspace: Workspace, project: str, values: Mapping[str, Any], *, by: str, expected: str | None = None
) -> GuideInForce:
    """Put a guide in force; the one before is kept. expected: the hash of the guide that the values were made from.

    Raises Invalid naming the place, the value and what is allowed; Conflict where somebody changed the guide meanwhile.
    """
    return _store(workspace, project_named(workspace, project), read_guide(values), by=by, expected=expected)


def set_guide_file(workspace: Workspace, project: str, content: bytes, *, by: str) -> GuideInForce:
    """The same from a file in YAML or JSON, as `guide_file` writes it."""
    return _store(workspace, project_named(workspace, project), read_file(content), by=by)


def guide_file(workspace: Workspace, project: str) -> str:
    """The guide in force as YAML that reads back the same."""
    return write_file(guide_of(workspace, project).guide)


def bring_from_vale(workspace: Workspace, project: str, files: Sequence[tuple[str, bytes]], *, by: str) -> BroughtAlong:
    """Add the rules of a Vale style, (path, content) a file; one of the same name is replaced. Raises Invalid without a file."""
    if not files:
        raise Invalid("No file was chosen.", remedy="Choose the .yml files of a style.")
    row = project_named(workspace, project)
    style = read_style(files)
    guide = guide_of(workspace, project).guide
    brought = {rule.name: rule for rule in style.rules}
    known = {rule.name for rule in guide.rules}
    kept = tuple(rule for rule in guide.rules if rule.name not in brought)
    if brought:
        _store(workspace, row, replace(guide, rules=(*kept, *brought.values())), by=by, expected=guide.sha256)
    return BroughtAlong(
        tuple(name for name in brought if name not in known),
        tuple(name for name in brought if name in known),
        style.refused,
    )


def add_rule(workspace: Workspace, project: str, values: Mapping[str, Any], *, by: str) -> GuideInForce:
    """Add one rule, as a guide's file writes it. Raises Invalid, also where another has its name."""
    guide = guide_of(workspace, project).guide
    rule = read_rule(values, place="The rule")
    return _store(
        workspace, project_named(workspace, project), replace(guide, rules=(*guide.rules, rule)), by=by, expected=guide.sha256
    )  # fmt: skip


def add_preset(workspace: Workspace, project: str, name: str, *, by: str) -> GuideInForce:
    """Switch a preset on. Raises Invalid for one that there is not."""
    guide = guide_of(workspace, project).guide
    presets = tuple(dict.fromkeys((*guide.presets, name)))
    return _store(
        workspace, project_named(workspace, project), replace(guide, presets=presets), by=by, expected=guide.sha256
    )  # fmt: skip


def remove_rule(workspace: Workspace, project: str, name: str, *, by: str) -> None:
    """Take one rule out of the guide. Raises NotFound."""
    guide = guide_of(workspace, project).guide
    rules = tuple(rule for rule in guide.rules if rule.name != name)
    if len(rules) == len(guide.rules):
        raise NotFound(f"The guide has no rule called {name!r}.")
    _store(workspace, project_named(workspace, project), replace(guide, rules=rules), by=by, expected=guide.sha256)


def check_text(workspace: Workspace, project: str, text: str, *, support: Sequence[str] = ()) -> Checked:
    """Margin notes of a text by the guide in force. support: the brief and its facts."""
    return _checked(checked_text(text), guide_of(workspace, project).guide.all_rules(), tuple(support))


def guide_json(found: GuideInForce) -> dict[str, Any]:
    return as_values(found.guide) | {
        "sha256": found.guide.sha256,
        "n_rules": len(found.guide.all_rules()),
        "changed_by": found.changed_by,
        "changed_at": f"{found.changed_at.isoformat()}Z" if found.changed_at else None,
        "n_changes": found.n_changes,
    }


def checked_json(checked: Checked) -> dict[str, Any]:
    return {"notes": [asdict(note) for note in checked.notes], "unchecked": list(checked.unchecked)}


def _store(workspace: Workspace, project: Row, guide: Guide, *, by: str, expected: str | None = None) -> GuideInForce:
    person = checked_person(by)
    # Read back as it will be read: what is stored is what was checked.
    content = as_values(guide)
    read_guide(content)
    with workspace.store.transaction() as tx:
        before = guide_rows.guide(tx, project["id"])
        if expected is not None and expected != (before["sha256"] if before else Guide().sha256):
            raise Conflict(
                "Somebody changed the guide meanwhile.", remedy="Look at it as it is now, and change it again."
            )
        if before is None or before["sha256"] != guide.sha256:
            guide_rows.insert_guide(tx, project["id"], content=content, sha256=guide.sha256, by=person)
            tx.event(
                "changed", "guide", project["id"], by=person, project_id=project["id"], n_rules=len(guide.all_rules()),
                sha256=guide.sha256,
            )  # fmt: skip
            # Notes in words change nothing in what a draft is checked with.
            if before is None or _read(before["content"]).rules_sha256 != guide.rules_sha256:
                queue_checks(workspace, tx, project["id"])
    workspace.supervisor.wake()
    return guide_of(workspace, project["id"])


@lru_cache(maxsize=64)
def _read(content: str) -> Guide:
    return read_guide(json.loads(content))


@lru_cache(maxsize=128)
def _checked(text: str, rules: tuple[Rule, ...], support: tuple[str, ...]) -> Checked:
    return check_draft(text, rules, support=support)
