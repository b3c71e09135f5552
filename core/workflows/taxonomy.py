"""A project's list of tags: change, import, export, rename, merge, remove; and how well records cover it.

What happens to the list happens to the records that carry its tags in the same act, which is stored
whole and can be taken back whole (tagging.undo_last).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import Conflict, Invalid, NotFound
from core.nouns import Goal, RejectedRow
from core.store import tags as tag_rows
from core.store.connection import Row, Transaction, new_id
from core.tags import taxonomy_file
from core.tags.taxonomy import (
    KEYS,
    NAME_REMEDY,
    SEPARATOR,
    Tag,
    TagColour,
    as_tree,
    check_rows,
    clean_name,
    depth_of,
    free_keys,
    is_below,
    leaf_of,
    moved,
    parent_of,
    spelled_as_listed,
)
from core.workflows.projects import READY_RANGE
from core.workflows.workspace import Workspace, checked_person, project_named

__all__ = ["KEYS", "NAME_REMEDY", "SEPARATOR", "TagColour", "depth_of", "leaf_of", "parent_of"]

IN_USE = ("ask", "keep", "untag")
MAX_TARGET = 1_000_000


def list_tags(workspace: Workspace, project: str) -> list[Row]:
    """The tags of the list, each below its parent, with how many records carry each."""
    row = project_named(workspace, project)
    carried = tag_rows.carried(workspace.store, row["id"])
    return [tag | {"n": carried.get(tag["tag"], 0)} for tag in tag_rows.listed(workspace.store, row["id"])]


def listed_tags(workspace: Workspace, project: str) -> list[Row]:
    """The list alone, for keys and colours; counting records takes its time."""
    return tag_rows.listed(workspace.store, project_named(workspace, project)["id"])


def set_list(
    workspace: Workspace, project: str, tags: Sequence[Mapping[str, Any]], *, by: str, in_use: str = "ask"
) -> list[Row]:
    """Replace the list.

    in_use: what becomes of a tag that goes while records carry it: "ask" raises Conflict with how many, "keep" leaves it on
    them, "untag" takes it off. Raises Invalid for the first tag that is not sound.
    """
    found, rejected = check_rows(enumerate(tags, start=1))
    if rejected:
        first = rejected[0]
        raise Invalid(f"Tag {first.row} of the list: {first.reason}")
    row = project_named(workspace, project)
    _change(workspace, row, as_tree(found), act="change", by=checked_person(by), in_use=in_use)
    return list_tags(workspace, project)


def add_tags(workspace: Workspace, project: str, names: Sequence[str], *, by: str) -> list[Row]:
    """Put tags at the end of the list, each with the next free key."""
    row = project_named(workspace, project)
    tags = _tags(workspace, row)
    there = {tag.tag.casefold() for tag in tags}
    for name in names:
        cleaned = clean_name(name)
        if cleaned.casefold() in there:
            raise Conflict(f"There is a tag {cleaned!r} already.", remedy="Choose another name.")
        there.add(cleaned.casefold())
        tags.append(Tag(cleaned, next(iter(free_keys(tags)), "")))
    _change(workspace, row, as_tree(tags), act="change", by=checked_person(by))
    return list_tags(workspace, project)


def change_tag(
    workspace: Workspace, project: str, tag: str, *, by: str, shortcut: str, colour: str, meaning: str
) -> list[Row]:
    """Another key, colour or meaning for one tag of the list. Raises NotFound, Invalid."""
    row = project_named(workspace, project)
    tags = _tags(workspace, row)
    name = _listed_name(tags, tag)
    changed = {"tag": name, "shortcut": shortcut, "colour": colour, "meaning": meaning}
    rows = [changed if one.tag == name else one.as_row() for one in tags]
    return set_list(workspace, project, rows, by=by)


@dataclass(frozen=True, slots=True)
class ImportedTags:
    """What an import of a list did. lost_keys: tags whose key the file gives to another. rejected: rows that did not get in."""

    n_added: int
    n_changed: int
    lost_keys: list[str]
    rejected: list[RejectedRow]
    tags: list[Row]


def import_list(workspace: Workspace, project: str, text: str, form: str, *, by: str) -> ImportedTags:
    """Add the tags of a file to the list, and change those it has already; no tag goes.

    Raises Invalid, UnreadableFile for the file as a whole.
    """
    found, rejected = taxonomy_file.read(text, form)
    row = project_named(workspace, project)
    before = _tags(workspace, row)
    of_file = {tag.tag.casefold(): tag for tag in found}
    keys = {tag.shortcut for tag in found if tag.shortcut}
    spelled = {tag.tag.casefold(): tag.tag for tag in before}
    lost = [tag.tag for tag in before if tag.shortcut in keys and tag.tag.casefold() not in of_file]
    kept = [replace(of_file.get(tag.tag.casefold(), replace(tag, shortcut="") if tag.tag in lost else tag), tag=tag.tag)
            for tag in before]  # fmt: skip
    added = [tag for tag in found if tag.tag.casefold() not in spelled]
    n_changed = sum(new != old for new, old in zip(kept, before, strict=True)) - len(lost)
    if added or kept != before:
        _change(workspace, row, as_tree([*kept, *added]), act="import", by=checked_person(by))
    return ImportedTags(len(added), n_changed, lost, rejected, list_tags(workspace, project))


def export_list(workspace: Workspace, project: str, form: str) -> str:
    """The list as CSV or JSON text."""
    return taxonomy_file.written(_tags(workspace, project_named(workspace, project)), form)


def rename_tag(workspace: Workspace, project: str, tag: str, to: str, *, by: str) -> int:
    """Give a tag another name or place; the tags below it and all records go along. Returns how many records.

    Raises Conflict when there is a tag of the new name: that would be a merge.
    """
    row = project_named(workspace, project)
    tags = _tags(workspace, row)
    old, new = _listed_name(tags, tag), spelled_as_listed(clean_name(to), [one for one in tags if one.tag != tag])
    if is_below(new, old):
        raise Invalid(
            f"{old} cannot become a part of itself.", remedy="Choose a name that does not begin with its own."
        )
    names = moved(tags, old, new)
    there = {one.tag.casefold() for one in tags} - {name.casefold() for name in names}
    taken = next((name for name in names.values() if name.casefold() in there), None)
    if taken:
        raise Conflict(f"There is a tag {taken!r} already.", remedy="Merge the two, or choose another name.")
    for name in names.values():
        clean_name(name)
    after = as_tree([replace(one, tag=names.get(one.tag, one.tag)) for one in tags])
    return _change(workspace, row, after, act="rename", by=checked_person(by), names=names)


def merge_tag(workspace: Workspace, project: str, tag: str, into: str, *, by: str) -> int:
    """Make one tag of two: `tag` and what is below it goes into `into`, with all records. Returns how many records."""
    row = project_named(workspace, project)
    tags = _tags(workspace, row)
    old, new = _listed_name(tags, tag), _listed_name(tags, into)
    if old == new or is_below(new, old):
        raise Invalid(f"{old} cannot be merged into {new}.", remedy="Choose a tag that is not below it.")
    names = moved(tags, old, new)
    there = {one.tag for one in tags} - set(names)
    after = [
        replace(one, tag=names.get(one.tag, one.tag))
        for one in tags
        if one.tag not in names or names[one.tag] not in there
    ]
    return _change(workspace, row, as_tree(after), act="merge", by=checked_person(by), names=names)


def remove_tag(workspace: Workspace, project: str, tag: str, *, by: str, in_use: str = "ask") -> int:
    """Take a tag and those below it off the list. Returns from how many records it went.

    in_use: as for `set_list`.
    """
    row = project_named(workspace, project)
    tags = _tags(workspace, row)
    name = _listed_name(tags, tag)
    after = [one for one in tags if one.tag != name and not is_below(one.tag, name)]
    return _change(workspace, row, after, act="remove", by=checked_person(by), in_use=in_use)


def set_target(workspace: Workspace, project: str, target: int | None, *, by: str) -> None:
    """How many good examples each tag is to have; None for the goal's own range, divided among the tags."""
    if target is not None and not 1 <= target <= MAX_TARGET:
        raise Invalid(f"A target of {target:,} examples is not possible.", remedy=f"Choose 1 to {MAX_TARGET:,}, or none.")  # fmt: skip
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        tag_rows.set_target(tx, row["id"], target)
        tx.event("changed", "tag_target", row["id"], by=checked_person(by), project_id=row["id"], new=target)


def coverage(workspace: Workspace, project: str) -> dict[str, Any]:
    """How many good examples each tag has, against its target; the gaps in words.

    Tags with others below them are sums and have no target of their own. Tags that records carry without the list
    knowing them come last. n_short: good examples that are missing, all tags together.
    """
    row = project_named(workspace, project)
    tags = _tags(workspace, row)
    counted = {one["tag"]: one for one in tag_rows.coverage(workspace.store, row["id"])}
    parents = {parent_of(tag.tag) for tag in tags}
    leaves = [tag.tag for tag in tags if tag.tag not in parents]
    target = row["tag_target"] or _own_target(Goal(row["goal"]), len(leaves))
    nothing = {"n_records": 0, "n_good": 0, "n_defect": 0, "n_rejected": 0, "n_suggested": 0}
    listed = [
        _covered(tag.tag, counted.get(tag.tag, nothing), target if tag.tag in leaves else None, colour=tag.colour)
        for tag in tags
    ]
    known = {tag.tag for tag in tags}
    others = [_covered(name, one, None) for name, one in counted.items() if name not in known and one["n_records"]]
    return {
        "target": target,
        "is_own_target": row["tag_target"] is not None,
        "n_short": sum(one["n_short"] for one in listed),
        "tags": listed,
        "unlisted": others,
    }


def short_tags(workspace: Workspace, project: str) -> list[str]:
    """The tags of the list that have fewer good examples than their target."""
    if not _tags(workspace, project_named(workspace, project)):
        return []
    return [tag["tag"] for tag in coverage(workspace, project)["tags"] if tag["n_short"]]


def _covered(tag: str, counted: Row, target: int | None, *, colour: str = "") -> dict[str, Any]:
    n_short = max(0, target - counted["n_good"]) if target is not None else 0
    n_good = counted["n_good"]
    examples = (
        "no good example" if not n_good else f"{n_good:,} good example" if n_good == 1 else f"{n_good:,} good examples"
    )
    words = f"{tag}: {examples}, {n_short:,} short" if n_short else f"{tag}: {examples}"
    names = ("n_records", "n_good", "n_defect", "n_rejected", "n_suggested")
    return {"tag": tag, "colour": colour, "target": target, "n_short": n_short, "words": words} | {
        n: counted[n] for n in names
    }


def _own_target(goal: Goal, n_tags: int) -> int:
    """The least that the goal usually needs, divided evenly."""
    return max(1, math.ceil(READY_RANGE[goal][0] / max(1, n_tags)))


def _tags(workspace: Workspace, project: Row) -> list[Tag]:
    return [Tag(**tag) for tag in tag_rows.listed(workspace.store, project["id"])]


def _listed_name(tags: Sequence[Tag], name: str) -> str:
    wanted = clean_name(name).casefold()
    found = next((tag.tag for tag in tags if tag.tag.casefold() == wanted), None)
    if found is None:
        raise NotFound(f"The list of tags holds no {clean_name(name)!r}.", remedy="See `proofroom tags list`.")
    return found


def _change(
    workspace: Workspace,
    project: Row,
    after: Sequence[Tag],
    *,
    act: str,
    by: str,
    in_use: str = "keep",
    names: Mapping[str, str] | None = None,
) -> int:
    """Store the list and what it does to records, as one act. names: old to new, for tags that go along. Returns how many records."""
    if in_use not in IN_USE:
        raise Invalid(f"{in_use!r} is no way to treat tags in use.", remedy=f"Choose one of {', '.join(IN_USE)}.")
    project_id, act_id = project["id"], new_id("t_")
    with workspace.store.transaction() as tx:
        before = tag_rows.listed(tx, project_id)
        stay = {tag.tag for tag in after} | set(names or ())
        gone = [tag["tag"] for tag in before if tag["tag"] not in stay]
        touched: set[str] = set()
        if in_use != "keep":
            touched = _take_off_gone(tx, project_id, gone, act_id, by=by, in_use=in_use)
        for old, new in (names or {}).items():
            ids = tag_rows.take_off(tx, act_id, project_id=project_id, tag=old, by=by)
            tag_rows.put_on(tx, act_id, project_id=project_id, record_ids=ids, tag=new, by=by)
            touched |= set(ids)
        rows = [tag.as_row() for tag in after]
        tag_rows.replace_list(tx, project_id, rows)
        tag_rows.insert_act(
            tx, act_id, act, project_id=project_id, by=by, n_records=len(touched), list_before=before, list_after=rows
        )
        tx.event(
            EVENTS[act], "taxonomy", project_id, by=by, project_id=project_id, n_tags=len(rows), n_records=len(touched)
        )
    return len(touched)


EVENTS = {"change": "changed", "import": "imported", "rename": "renamed", "merge": "merged", "remove": "removed"}


def _take_off_gone(
    tx: Transaction, project_id: str, gone: Sequence[str], act_id: str, *, by: str, in_use: str
) -> set[str]:
    carried = tag_rows.carried(tx, project_id)
    used = {tag: carried[tag] for tag in gone if tag in carried}
    if used and in_use == "ask":
        said = ", ".join(f"{tag} ({n:,} record{'' if n == 1 else 's'})" for tag, n in used.items())
        raise Conflict(
            f"Records carry what would go: {said}.",
            remedy="Merge it into another tag, take it off the records as well, or leave it on them.",
        )
    ids: set[str] = set()
    for tag in used:
        ids |= set(tag_rows.take_off(tx, act_id, project_id=project_id, tag=tag, by=by))
    return ids
