"""Commands on erasures: erase, and erasures list, show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from studio.client import Client
from studio.commands.common import By, Data, Json, connect, show
from studio.parts.counting import several

erasures = typer.Typer(help="Persons and sources that were erased: list, show.", no_args_is_help=True)
Keys = list[str] | None
MOST_SHOWN = 200


def erase(
    name: Annotated[str, typer.Option(help="Of the person, in full; initials, other orders and accents are found by it.", show_default=False)] = "",
    source: Annotated[str, typer.Option(metavar="SOURCE", help="In place of a person: a source of the project, by id or name, with all that was made of it.", show_default=False)] = "",
    project: Annotated[str, typer.Option(help="That the request came in for; the person is erased in every project. Of a source, the one that it is of.", show_default=False)] = "",
    also: Annotated[Keys, typer.Option(metavar="SPELLING", help="Another spelling, address, handle or id; several times for several.", show_default=False)] = None,
    take: Annotated[Keys, typer.Option(metavar="KEY", help="A possible find that goes as well.", show_default=False)] = None,
    leave: Annotated[Keys, typer.Option(metavar="KEY", help="A find that stays.", show_default=False)] = None,
    mask: Annotated[Keys, typer.Option(metavar="KEY", help="A record of which the mention alone goes.", show_default=False)] = None,
    record: Annotated[Keys, typer.Option(metavar="ID", help="A record that goes although nothing was found in it.", show_default=False)] = None,
    alike_from: Annotated[float, typer.Option(help="The least ratio, 0.5 to 1, of what is shown as only alike.")] = 0.88,
    yes: Annotated[bool, typer.Option("--yes", help="Erase; without it what would go is shown, and nothing is changed.")] = False,
    by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Find a person everywhere in the studio's data, and with --yes take them out of all of it; the certificate says what went and what did not.

    With --source it is a source that goes: at the end of its time the studio does it by itself where its terms say so.
    """
    if bool(name) == bool(source):
        raise typer.BadParameter("Name a person (--name), or a source (--source) with its project.")
    client = connect(data, by)
    if source:
        if not project:
            raise typer.BadParameter("Name the project of the source (--project).")
        if any((also, take, leave, mask, record)):
            raise typer.BadParameter("Spellings, finds and records are chosen of a person; a source goes as a whole.")
        _erase_source(client, project, source, yes=yes, as_json=as_json)
        return
    body = {
        "name": name, "also": also or [], "project": project, "takes": take or [], "leaves": leave or [], "masks": mask or [],
        "records": record or [], "alike_from": alike_from,
    }  # fmt: skip
    found = client.post("erasures", "preview", body=body)
    if not yes:
        show(found, as_json, lambda: _preview_words(found))
        return
    done = client.post("erasures", body=body | {"expected": found["n_taken"]})
    show(done, as_json, lambda: certificate_words(done))


def _erase_source(client: Client, project: str, source: str, *, yes: bool, as_json: bool) -> None:
    body = {"project": project, "source": source}
    found = client.post("erasures", "sources", "preview", body=body)
    if not yes:
        show(found, as_json, lambda: _source_words(found))
        return
    done = client.post("erasures", "sources", body=body | {"expected": found["n_records"]})
    show(done, as_json, lambda: certificate_words(done))


@erasures.command("list")
def erasures_list(data: Data = None, as_json: Json = False) -> None:
    """Every erasure, newest first."""
    found = connect(data).get("erasures")
    lines = [
        f"{one['erasure']}  {one['asked_by']}, {one['ended_at'] or one['why_not'] or 'under way'}{', the source ' + one['source_name'] if one['source'] else ''}"
        for one in found
    ]
    show({"erasures": found}, as_json, lambda: "\n".join(lines) or "Nobody was erased yet.")


@erasures.command("show")
def erasures_show(
    erasure: Annotated[str, typer.Argument(help="As `erasures list` names it.")],
    to: Annotated[
        Path | None, typer.Option(help="Write it to this file as well: .pdf, .html or .json.", show_default=False)
    ] = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """The certificate of an erasure: what was removed, what was not and why."""
    if to is not None:
        content = connect(data, by).get_bytes("erasures", erasure, "document", format=to.suffix.lstrip("."))
        to.write_bytes(content)
    found = connect(data).get("erasures", erasure)
    show(found, as_json, lambda: certificate_words(found))


def certificate_words(told: dict[str, Any]) -> str:
    source = told.get("source")
    whose = f"asked for by {told['asked_by']}"
    if source:
        why = f"at the end of its time on {source['ended_on']}" if source["ended_on"] else f"by hand, {whose}"
        whose = f"of the source {source['name']} of {told['project']}, {why}"
    lines = [f"Erasure {told['erasure']}, {whose}, ended {told['ended_at']}.", "", "Removed:"]
    lines += [f"  {one['place']}: {one['n']:,} {one['what']}" for one in told["removed"]]
    lines += ["", "Not removed, and why:"]
    lines += [f"  {one['place']} ({one['n']:,}): {one['why']}" for one in told["kept"]] or ["  nothing"]
    lines += ["", "Models that must be retired or trained anew:"]
    lines += [
        f"  {one['name']} of {one['project']}: `proofroom register retrain {one['run']}`" for one in told["models"]
    ] or ["  none"]
    check = told["verification"]
    lines += [
        "",
        f"Read back: {several(check['n_files'], 'file')}; {several(check['n_places_before'], 'place')} held {'its texts' if source else 'the person'} before, "
        f"{check['n_places_after']:,} {'name a record of it ' if source else ''}after.",
    ]
    return "\n".join([*lines, *(f"  not looked into: {one}" for one in check["unread"])])


def _preview_words(found: dict[str, Any]) -> str:
    lines = [_find_words(one) for one in found["finds"][:MOST_SHOWN]]
    if len(found["finds"]) > MOST_SHOWN:
        lines.append(f"... and {len(found['finds']) - MOST_SHOWN:,} more; --json lists all.")
    lines += [f"With the records go {several(n, 'row')} of {table}." for table, n in sorted(found["goes_with"].items())]
    lines += [f"Not looked into: {one}" for one in found["unread"]]
    n_asked = sum(one["treatment"] == "ask" for one in found["finds"])
    lines.append(
        f"{several(found['n_taken'], 'place')} would be erased, masked or removed; {n_asked:,} are only alike and stay unless you --take them. "
        "Erase with --yes."
    )
    return "\n".join(lines)


def _source_words(found: dict[str, Any]) -> str:
    """What goes with a source, and what stays."""
    lines = [
        f"The source {found['name']} would go: {several(found['n_records'], 'record')} with all that was made of them, "
        f"{several(found['n_refused_rows'], 'refused row')}, {several(found['n_uploads'], 'file')}."
    ]
    lines += (
        [f"So would what was made of {several(found['n_removed'], 'record')} that had been taken out before."]
        if found["n_removed"]
        else []
    )
    lines += [f"Written anew: {', '.join(found['versions'])}."] if found["versions"] else []
    lines += [f"Some of these are of other projects: {', '.join(found['projects'])}."] if found["projects"] else []
    lines += [f"To be retired or trained anew: {', '.join(found['models'])}."] if found["models"] else []
    lines += [f"Files that {', '.join(found['shared'])} holds as well stay."] if found["shared"] else []
    return "\n".join([*lines, "Its terms and its consent stay on the register. Erase with --yes."])


def _find_words(one: dict[str, Any]) -> str:
    why = f" {one['why']}" if one["why"] else ""
    return f"{one['treatment']:8}{one['key']}  {one['place']}, {one['where']}: {', '.join(one['spelled'])}.{why}"
