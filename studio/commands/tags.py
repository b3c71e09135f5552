"""Commands on tags: tag, and tags list, set, add, change, rename, merge, remove, import, export, coverage, target,
suggest, next, alike, undo, history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import Invalid
from studio.commands.common import By, Data, Json, Project, connect, show

tags = typer.Typer(help="The project's tags: their list, suggestions, coverage.", no_args_is_help=True)
Record = Annotated[str, typer.Argument(help="Its id or external id.")]
Tag = Annotated[str, typer.Argument(help="Its name, `billing / refunds` with the tags above it.")]
InUse = Annotated[
    str,
    typer.Option(
        help="A tag that goes while records carry it: ask (refuse and say how many), keep it on them, or untag."
    ),
]
WAYS = ("ask", "keep", "untag")


def tag(
    record: Record,
    tags: Annotated[list[str], typer.Argument(help="One or more tags.")],
    project: Project,
    remove: Annotated[bool, typer.Option("--remove", help="Take them off instead.")] = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Tag one record."""
    answer = connect(data, by).post(
        "projects", project, "records", record, "tags", body={"tags": tags, "remove": remove}
    )
    show({"record": record, **answer}, as_json, lambda: f"{record}: {', '.join(answer['tags']) or 'no tags'}")


@tags.command("list")
def list_tags(project: Project, data: Data = None, as_json: Json = False) -> None:
    """The list, each tag with its key and how many records carry it."""
    _show_list(connect(data).get("projects", project, "taxonomy"), as_json)


@tags.command("set")
def set_list(
    project: Project,
    names: Annotated[list[str], typer.Argument(help="The tags; the first nine get the keys 1 to 9.")],
    in_use: InUse = "ask",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Replace the list; colours and meanings of tags that stay are kept."""
    client = connect(data, by)
    there = {row["tag"]: row for row in client.get("projects", project, "taxonomy")}
    body = [
        {"tag": name, "shortcut": str(n) if n <= 9 else ""}
        | {field: there.get(name, {}).get(field, "") for field in ("colour", "meaning")}
        for n, name in enumerate(names, start=1)
    ]
    rows = client.put("projects", project, "taxonomy", body=body, in_use=_checked(in_use))
    show({"tags": rows}, as_json, lambda: ", ".join(row["tag"] for row in rows))


@tags.command("add")
def add(
    project: Project,
    names: Annotated[list[str], typer.Argument(help="One or more new tags, `billing / refunds` for one below another.")],
    by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Put tags at the end of the list, each with the next free key."""
    _show_list(connect(data, by).post("projects", project, "taxonomy", "tags", body={"names": names}), as_json)


@tags.command("change")
def change(
    tag: Tag,
    project: Project,
    key: Annotated[str | None, typer.Option(help="One digit or letter; empty for none.", show_default=False)] = None,
    colour: Annotated[
        str | None, typer.Option(help="blue, green, amber, violet, olive, grey; empty for none.", show_default=False)
    ] = None,
    meaning: Annotated[str | None, typer.Option(help="One sentence.", show_default=False)] = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Another key, colour or meaning for a tag; what is not named stays."""
    client = connect(data, by)
    rows = client.get("projects", project, "taxonomy")
    now: dict[str, str] = next((row for row in rows if row["tag"].casefold() == tag.casefold()), {})
    wanted = {"shortcut": key, "colour": colour, "meaning": meaning}
    body = {"tag": tag} | {name: now.get(name, "") if value is None else value for name, value in wanted.items()}
    _show_list(client.put("projects", project, "taxonomy", "tags", body=body), as_json)


@tags.command("rename")
def rename(
    tag: Tag,
    to: Annotated[str, typer.Argument(help="The new name, with the tags above it.")],
    project: Project, by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Give a tag another name or place; what is below it and all records go along."""
    answer = connect(data, by).post("projects", project, "taxonomy", "rename", body={"tag": tag, "to": to})
    show(answer, as_json, lambda: f"{tag} is {to}, on {answer['n_records']} records.")


@tags.command("merge")
def merge(
    tag: Tag,
    into: Annotated[str, typer.Argument(help="The tag that stays.")],
    project: Project, by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Put a tag and what is below it into another, with all records."""
    answer = connect(data, by).post("projects", project, "taxonomy", "merge", body={"tag": tag, "into": into})
    show(answer, as_json, lambda: f"{tag} went into {into}, on {answer['n_records']} records.")


@tags.command("remove")
def remove(
    tag: Tag, project: Project, in_use: InUse = "ask", by: By = "", data: Data = None, as_json: Json = False
) -> None:
    """Take a tag and what is below it off the list."""
    body = {"tag": tag, "in_use": _checked(in_use)}
    answer = connect(data, by).post("projects", project, "taxonomy", "remove", body=body)
    show(answer, as_json, lambda: f"{tag} is off the list, and off {answer['n_records']} records.")


@tags.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="A .csv or .json with the fields tag, key, colour, meaning.", exists=True)],
    project: Project, by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Add the tags of a file, and change those that are there; no tag goes."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            f"{file} is not UTF-8: {error.reason} at byte {error.start}.", remedy="Save it as UTF-8."
        ) from error
    body = {"text": text, "form": file.suffix.lower().lstrip(".") or "csv"}
    answer = connect(data, by).post("projects", project, "taxonomy", "file", body=body)
    lines = [f"{answer['n_added']} tags added, {answer['n_changed']} changed, {len(answer['rejected'])} rows refused."]
    lines += [f"  {name} lost its key to a tag of the file." for name in answer["lost_keys"]]
    lines += [f"  row {row['row']} ({row['value']}): {row['reason']}" for row in answer["rejected"]]
    show(answer, as_json, lambda: "\n".join(lines))


@tags.command("export")
def export(
    project: Project,
    form: Annotated[
        str | None, typer.Option("--format", help="csv or json; as the file is called, else csv.", show_default=False)
    ] = None,
    to: Annotated[Path | None, typer.Option(help="A file; standard output without it.", show_default=False)] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """The list as a file that `tags import` reads back unchanged."""
    form = form or (to.suffix.lower().lstrip(".") if to else "") or "csv"
    text = connect(data).get_text("projects", project, "taxonomy", "file", form=form)
    if to is None:
        show({"text": text}, as_json, lambda: text.removesuffix("\n"))
        return
    to.write_text(text, encoding="utf-8")
    show({"file": str(to)}, as_json, lambda: f"Written to {to}.")


@tags.command("coverage")
def coverage(project: Project, data: Data = None, as_json: Json = False) -> None:
    """How many good examples each tag has, and the gaps."""
    _show_coverage(connect(data).get("projects", project, "tags", "coverage"), as_json)


@tags.command("target")
def target(
    project: Project,
    examples: Annotated[int, typer.Argument(help="Good examples for each tag; 0 for the goal's own range, divided.", min=0)],
    by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Say how many good examples each tag needs."""
    body = {"target": examples or None}
    _show_coverage(connect(data, by).put("projects", project, "tags", "target", body=body), as_json)


@tags.command("suggest")
def suggest(
    project: Project,
    record: Annotated[
        str | None, typer.Argument(help="Show the suggestions for this record; without it they are worked out anew.", show_default=False)
    ] = None,
    by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Learn from the tagged records and suggest tags for the others."""
    client = connect(data, by)
    if record is not None:
        found = client.get("projects", project, "records", record, "tags")
        lines = [f"{s['confidence']:.2f}  {s['tag']}: {s['why']}" for s in found["suggestions"]]
        show(found, as_json, lambda: "\n".join(lines) or "No suggestion for this record.")
        return
    client.wait(client.post("projects", project, "tags", "suggestions")["job"], quiet=as_json)
    standing = client.get("projects", project, "tags", "suggestions")
    show(standing, as_json, lambda: standing["words"] or _said(standing["evaluation"]))


@tags.command("next")
def next_to_tag(
    project: Project,
    suggested: Annotated[str, typer.Option(help="Only records to which this tag is suggested first.")] = "",
    certain: Annotated[bool, typer.Option("--certain", help="The certain ones first, not the doubtful ones.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """The record to tag next: of those without a tag the one that teaches most."""
    client = connect(data)
    found = client.get("projects", project, "tags", "next", suggested=suggested, certain_first=certain)
    if found["first"] is None:
        show({"n": 0, "record": None}, as_json, lambda: "No record waits for a tag.")
        return
    answer = {"n": found["n"]} | client.get("projects", project, "records", found["first"], "tags")
    show(answer, as_json, lambda: f"{answer['record']}, of {answer['n']} without a tag.")


@tags.command("alike")
def alike(
    record: Record,
    tag: Tag,
    project: Project,
    expected: Annotated[
        int | None, typer.Option(help="How many there have to be; without it they are only listed.", show_default=False)
    ] = None,
    near: Annotated[bool, typer.Option("--near", help="Also those that are only near it in meaning.")] = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """The records that are surely like this one and wait for a tag; tagged all at once with --expected and their number."""
    client = connect(data, by)
    rows = client.get("projects", project, "records", record, "alike", tag=tag)
    rows = [row for row in rows if row["is_sure"] or near]
    if expected is None:
        lines = [f"{row['cosine']:.2f}  {row['external_id']}  {row['title']}" for row in rows]
        lines.append(f"{len(rows)} records. Tag them with --expected {len(rows)}.")
        show({"records": rows, "tagged": False}, as_json, lambda: "\n".join(lines))
        return
    body = {"records": [row["id"] for row in rows], "tag": tag, "expected": expected}
    answer = client.post("projects", project, "tags", "alike", body=body) | {"tagged": True}
    show(answer, as_json, lambda: f"{tag}: {answer['n_records']} records.")


@tags.command("undo")
def undo(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take back your last act on tags, whole: of a record, of many, or of the list."""
    answer = connect(data, by).post("projects", project, "tags", "undo")
    undone = answer["undone"]
    show(answer, as_json, lambda: f"Taken back: {undone['act']}, {undone['n_records']} records." if undone else "There is nothing to undo.")  # fmt: skip


@tags.command("history")
def history(project: Project, data: Data = None, as_json: Json = False) -> None:
    """What was done to tags, newest first."""
    rows = connect(data).get("projects", project, "tags", "history")
    lines = [f"{row['done_at']}  {row['done_by']}: {row['act']}, {row['n_records']} records" for row in rows]
    show({"acts": rows}, as_json, lambda: "\n".join(lines) or "Nothing was tagged yet.")


def _checked(in_use: str) -> str:
    if in_use not in WAYS:
        raise Invalid(f"{in_use!r} is no way to treat tags in use.", remedy=f"Choose one of {', '.join(WAYS)}.")
    return in_use


def _show_list(rows: list[dict[str, Any]], as_json: bool) -> None:
    words = [f"{row['shortcut'] or ' '}  {row['tag']}: {row['n']} records" for row in rows]
    show({"tags": rows}, as_json, lambda: "\n".join(words) or "No tags yet.")


def _show_coverage(found: dict[str, Any], as_json: bool) -> None:
    lines = [row["words"] for row in found["tags"]]
    lines += [f"{row['words']} (not in the list)" for row in found["unlisted"]]
    lines.append(f"{found['target']} good examples are wanted for each tag; {found['n_short']} are missing.")
    show(found, as_json, lambda: "\n".join(lines))


def _said(evaluation: dict[str, Any]) -> str:
    lines = [
        f"From {evaluation['n_tagged']} tagged records, {evaluation['n_tags']} tags. The first suggestion was right for "
        f"{evaluation['top1']:.0%} of the records held out; the commonest tag would be for {evaluation['commonest']:.0%}."
    ]
    lines += [
        f"  confidence {one['low']:.1f} to {one['high']:.1f}: right {one['n_right']} of {one['n']} times"
        for one in evaluation["bins"]
        if one["n"]
    ]
    return "\n".join(lines)
