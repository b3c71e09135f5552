"""Commands on erasures: erase, and erasures list, show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from studio.commands.common import By, Data, Json, connect, show
from studio.parts.counting import several

erasures = typer.Typer(help="Persons that were erased: list, show.", no_args_is_help=True)
Keys = list[str] | None
MOST_SHOWN = 200


def erase(
    name: Annotated[str, typer.Option(help="Of the person, in full; initials, other orders and accents are found by it.")],
    project: Annotated[str, typer.Option(help="That the request came in for; the person is erased in every project.", show_default=False)] = "",
    also: Annotated[Keys, typer.Option(metavar="SPELLING", help="Another spelling, address, handle or id; several times for several.", show_default=False)] = None,
    take: Annotated[Keys, typer.Option(metavar="KEY", help="A possible find that goes as well.", show_default=False)] = None,
    leave: Annotated[Keys, typer.Option(metavar="KEY", help="A find that stays.", show_default=False)] = None,
    mask: Annotated[Keys, typer.Option(metavar="KEY", help="A record of which the mention alone goes.", show_default=False)] = None,
    record: Annotated[Keys, typer.Option(metavar="ID", help="A record that goes although nothing was found in it.", show_default=False)] = None,
    alike_from: Annotated[float, typer.Option(help="The least ratio, 0.5 to 1, of what is shown as only alike.")] = 0.88,
    yes: Annotated[bool, typer.Option("--yes", help="Erase; without it what would go is shown, and nothing is changed.")] = False,
    by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Find a person everywhere in the studio's data, and with --yes take them out of all of it; the certificate says what went and what did not."""
    client = connect(data, by)
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


@erasures.command("list")
def erasures_list(data: Data = None, as_json: Json = False) -> None:
    """Every erasure, newest first."""
    found = connect(data).get("erasures")
    lines = [f"{one['erasure']}  {one['asked_by']}, {one['ended_at'] or 'under way'}" for one in found]
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
    lines = [f"Erasure {told['erasure']}, asked for by {told['asked_by']}, ended {told['ended_at']}.", "", "Removed:"]
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
        f"Read back: {several(check['n_files'], 'file')}; {several(check['n_places_before'], 'place')} held the person before, "
        f"{check['n_places_after']:,} after.",
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


def _find_words(one: dict[str, Any]) -> str:
    why = f" {one['why']}" if one["why"] else ""
    return f"{one['treatment']:8}{one['key']}  {one['place']}, {one['where']}: {', '.join(one['spelled'])}.{why}"
