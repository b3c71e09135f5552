"""Commands on the audit trail: verify, list, export, head."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import Conflict, Invalid
from studio.commands.common import By, Data, Json, connect, show

audit = typer.Typer(help="The audit trail, who did what and when: verify, list, export, head.", no_args_is_help=True)
Person = Annotated[str, typer.Option(help="Whose acts.", show_default=False)]
Noun = Annotated[str, typer.Option(help="Acts on what: record, draft, run, export ...", show_default=False)]
Action = Annotated[str, typer.Option(help="Which act: keep, exported, sign_off ...", show_default=False)]
OfProject = Annotated[str, typer.Option("--project", help="Of one project.", show_default=False)]
Object = Annotated[str, typer.Option("--object", help="Acts on one thing, by its id.", show_default=False)]
Since = Annotated[str, typer.Option(help="From this day on, YYYY-MM-DD, UTC.", show_default=False)]
Until = Annotated[str, typer.Option(help="Up to this day, YYYY-MM-DD, UTC.", show_default=False)]


@audit.command("verify")
def verify(
    noted: Annotated[
        str, typer.Option("--head", metavar="NUMBER:HASH", help="A head that `audit head` printed earlier, which the trail has to hold.", show_default=False)
    ] = "",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Check every entry from the first to the head; exits with 1 where one was changed, is missing or out of its place."""
    client = connect(data, by)
    job = client.post("audit", "verify", body={"noted": noted})["job"]
    found = client.wait(job, quiet=as_json)["result"]
    show({"job": job} | found, as_json, lambda: "\n".join(_in_words(found)))
    if not found["is_unbroken"]:
        raise typer.Exit(1)


@audit.command("list")
def listing(
    person: Person = "", noun: Noun = "", action: Action = "", project: OfProject = "", thing: Object = "", since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(help="So many of the newest.", min=1, max=10_000)] = 50,
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """The newest entries of a filter."""
    where = _asked(person, noun, action, project, thing, since, until)
    found = connect(data).get("audit", limit=limit, **where)
    lines = [_line(one) for one in found["entries"]]
    show(found, as_json, lambda: "\n".join([*lines, f"{len(lines):,} of {found['n']:,} entries."]))


@audit.command("export")
def export(
    to: Annotated[Path, typer.Option(help="A file that does not exist; .csv or .jsonl.")],
    form: Annotated[str, typer.Option("--format", help="csv or jsonl; as the file is called.", show_default=False)] = "",
    person: Person = "", noun: Noun = "", action: Action = "", project: OfProject = "", thing: Object = "", since: Since = "",
    until: Until = "",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Write the entries of a filter to a file, oldest first. The trail says that you did."""
    form = form or to.suffix.lower().lstrip(".") or "csv"
    if to.exists():
        raise Conflict(f"{to} exists already.", remedy="Name a file that does not.")
    where = _asked(person, noun, action, project, thing, since, until)
    content = connect(data, by).get_bytes("audit", "export", format=form, **where)
    try:
        to.write_bytes(content)
    except OSError as error:
        raise Invalid(
            f"{to} cannot be written: {error.strerror}.", remedy="Name a file in a folder of yours."
        ) from error
    show({"file": str(to), "n_bytes": len(content)}, as_json, lambda: f"Written to {to}.")


@audit.command("head")
def head(data: Data = None, as_json: Json = False) -> None:
    """With which entry the trail ends, to write down elsewhere: `audit verify --head` holds the trail against it later."""
    found = connect(data).get("audit", "head")
    show(found, as_json, lambda: found["noted"])


def _asked(person: str, noun: str, action: str, project: str, thing: str, since: str, until: str) -> dict[str, str]:
    asked = {
        "person": person, "noun": noun, "action": action, "project": project, "object": thing, "since": since, "until": until,
    }  # fmt: skip
    return {name: value for name, value in asked.items() if value}


def _line(entry: dict[str, Any]) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in entry["facts"].items())
    project = f" [{entry['project']}]" if entry["project"] else ""
    what = f"{entry['action']} {entry['noun']} {entry['object']}"
    return f"{entry['entry']:>8}  {entry['at'][:19]}  {entry['by']}: {what}{project}{f' ({facts})' if facts else ''}"


def _in_words(found: dict[str, Any]) -> list[str]:
    entries = "1 entry" if found["n_entries"] == 1 else f"{found['n_entries']:,} entries"
    since = f" since {found['since'][:10]}" if found["since"] else ""
    lines = [f"{entries}, {'unbroken' if found['is_unbroken'] else 'BROKEN'}{since}."]
    lines += [one["sentence"] for one in found["findings"]]
    if found["n_earlier"]:
        lines.append(f"{found['n_earlier']:,} are from before the trail was sealed, on {found['sealed_at'][:10]}.")
    for one in found["restored"]:
        gone = f"; {one['n_gone']:,} that came after it are no longer here" if one["n_gone"] is not None else ""
        lines.append(
            f"Entry {one['entry']:,}: restored from a backup that ended with entry {one['continues_after']:,}{gone}."
        )
    if found["n_behind"]:
        lines.append(f"The head is {found['n_behind']:,} behind: the last commit was not followed by it.")
    if found["n_followed"]:
        lines.append(
            f"The head was brought up to the last commit {found['n_followed']:,} times after a process had been killed."
        )
    return lines
