"""Commands on the register: terms of all sources, limits, withdrawals, and the models that learnt what lapsed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from core.privacy.lawful import at_end_in_words
from studio.commands.common import By, Data, Json, OfProject, Project, connect, run_of, show
from studio.commands.curation import (
    About,
    Clean,
    Fact,
    Flag,
    Holds,
    Like,
    MapArea,
    Missing,
    Signal,
    Source,
    Status,
    Theme,
    WithTag,
    Words,
    where_of,
)
from studio.commands.data import listed
from studio.parts.counting import several

register = typer.Typer(
    help="The register of sources: show, limit, withdraw, lift, exempt, retrain.", no_args_is_help=True
)
Why = Annotated[str, typer.Option("--reason", help="Why, in a sentence; kept with your name.", show_default=False)]
Run = Annotated[str, typer.Argument(help="Its name or id.")]


@register.command("show")
def register_show(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Every source with its terms and state, such as withdrawn or soon to expire, and the models to retire or retrain (records: `register limits`)."""
    found = connect(data).get("projects", project, "register")
    show(found, as_json, lambda: _words(found))


@register.command("limits")
def register_limits(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Limits and withdrawals, newest first, with who lifted them."""
    found = connect(data).get("projects", project, "limits")
    show({"limits": found}, as_json, lambda: "\n".join(_limit_words(one) for one in found) or "No limits yet.")


@register.command("limit")
def register_limit(
    project: Project,
    expected: Annotated[int | None, typer.Option(help="How many there have to be; without it they are only counted.", show_default=False)] = None,
    uses: Annotated[str | None, typer.Option(help="At most these of train,evaluate,show; an empty text for none.", show_default=False)] = None,
    expires: Annotated[str | None, typer.Option(help="Their last day, YYYY-MM-DD.", show_default=False)] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="From any further use; needs --reason.")] = False,
    reason: Why = "",
    record: Annotated[list[str] | None, typer.Option(help="Only these, by id.", show_default=False)] = None,
    words: Words = "", like: Like = "", about: About = "", status: Status = "", flag: Flag = None, tag: WithTag = None, source: Source = "",
    signal: Signal = None, theme: Theme = None, area: MapArea = "", clean: Clean = False, missing: Missing = "", fact: Fact = "", holds: Holds = "",
    by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Make all records that the options choose stricter than their source; first count them, then name the number."""
    client = connect(data, by)
    where = where_of(words, like, status, flag, tag, source, signal, theme, area, clean, missing, fact, about, holds)
    where |= {"record": record} if record else {}
    if expected is None:
        n = client.get("projects", project, "records", "count", **where)["n_records"]
        show(
            {"n_records": n, "limit": None}, as_json, lambda: f"{several(n, 'record')}. Limit them with --expected {n}."
        )
        return
    body = {
        "where": where, "expected": expected, "uses": None if uses is None else listed(uses), "expires": expires, "withdraw": withdraw,
        "reason": reason,
    }  # fmt: skip
    answer = client.post("projects", project, "limits", body=body)
    show(
        answer,
        as_json,
        lambda: f"{several(answer['n_records'], 'record')} limited; `register lift {answer['limit']}` takes it back.",
    )


@register.command("withdraw")
def register_withdraw(
    source: Annotated[str, typer.Argument(help="The source's id, as `sources list` shows it.")],
    reason: Why = "", by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Withdraw a source: it goes into no next version, and the models that learnt it are to be retired or trained anew."""
    answer = connect(data, by).post("sources", source, "withdrawal", body={"reason": reason})
    show(answer, as_json, lambda: f"Withdrawn; `register lift {answer['limit']}` takes it back.")


@register.command("lift")
def register_lift(
    limit: Annotated[str, typer.Argument(help="The limit's id, as `register limits` shows it.")],
    by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Take a limit or a withdrawal back."""
    answer = connect(data, by).delete("limits", limit)
    show(answer, as_json, lambda: f"Taken back on {several(answer['n_records'], 'record')}.")


@register.command("exempt")
def register_exempt(
    run: Run, reason: Why = "", project: OfProject = None, by: By = "", data: Data = None, as_json: Json = False
) -> None:
    """Let a model be approved and served although words in it lapsed, in your name."""
    client = connect(data, by)
    answer = client.post("runs", run_of(client, run, project)["run"], "exemption", body={"reason": reason})
    show(answer, as_json, lambda: "Exempted, in your name. What lapses from now on is not covered.")


@register.command("retrain")
def register_retrain(
    run: Run, project: OfProject = None, by: By = "", data: Data = None, as_json: Json = False
) -> None:
    """Freeze a run's version anew without what lapsed; a run like it starts by itself when that is there, or at once after an erasure."""
    client = connect(data, by)
    answer = client.post("runs", run_of(client, run, project)["run"], "retrain")
    words = f"The version {answer['version']} is being frozen; its run starts when that is there."
    if "run" in answer:
        words = f"The run {answer['run']} has started, on the version as it is now."
    show(answer, as_json, lambda: words)


def document(
    kind: Annotated[str, typer.Argument(help="record (Art. 30), dpia (Art. 35), training (AI Act, Art. 53), datasheet (of a version).")],
    project: Project,
    to: Annotated[Path, typer.Option(help="The file to write.")],
    format_: Annotated[str, typer.Option("--format", help="md, html or pdf.")] = "md",
    run: Annotated[str | None, typer.Option(help="The run that is spoken of; the approved one, else the newest.", show_default=False)] = None,
    version: Annotated[str | None, typer.Option(help="The version; the run's.", show_default=False)] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Write a document from the records; what they do not hold is named as a gap to fill in."""
    chosen = {name: value for name, value in (("run", run), ("version", version)) if value}
    to.write_bytes(connect(data).get_bytes("projects", project, "documents", kind, format=format_, **chosen))
    show({"file": str(to), "n_bytes": to.stat().st_size}, as_json, lambda: f"Written to {to}.")


def _words(found: dict[str, Any]) -> str:
    lines = [
        f"{one['id']}  {one['name']}: {one['state']}; {one['owner']}, controller {one['controller'] or 'not stated'}, {one['basis']}, "
        f"uses {', '.join(one['uses'])}, expires {one['expires_on'] or 'never'}, retention period {one['retention'] or 'until then'}, "
        f"at its end {at_end_in_words(one['at_end'], date.fromisoformat(one['expires_on']) if one['expires_on'] else None)}"
        for one in found["sources"]
    ]
    lines += [_to_erase_words(one) for one in found["to_erase"]]
    lines += [
        f"{one['id']}  {one['name']}: taken out on {one['undone_at'][:10]}; `erase --source {one['id']}` says what of it is still here, and takes it"
        for one in found["taken_out"]
    ]
    lines += [
        f"{one['id']}  {one['name']}: erased on {one['erased_at'][:10]}, certificate {one['erasure_id']}; {one['owner']}, {one['basis']}"
        for one in found["erased"]
    ]
    lines += [f"The version {one['version']}: {' '.join(one['lapsed'])}" for one in found["versions"]]
    for one in found["models"]:
        must = "must be retired or trained anew" if one["must_retire_or_retrain"] else one["state"]
        anew = f"; made anew as {one['made_anew_as']}" if one["made_anew_as"] else ""
        lines.append(f"The model {one['name']}: {must}{anew}. {' '.join(one['lapsed'])}")
    return "\n".join(lines) or "No sources yet."


def _to_erase_words(one: dict[str, Any]) -> str:
    if one["why_not"]:
        return f"{one['name']} was to be erased on {one['erased_on']} and could not be: {one['why_not']}"
    if one["is_taken_out"]:
        return f"{one['name']} was taken out; what is left of it will be erased on {one['erased_on']}."
    return f"{one['name']} will be erased on {one['erased_on']}, with {several(one['n_records'], 'record')}; `sources terms {one['source']} --at-end keep` keeps it."


def _limit_words(one: dict[str, Any]) -> str:
    said = ["withdrawn"] if one["is_withdrawn"] else []
    said += [f"uses {', '.join(one['uses']) or 'none'}"] if one["uses"] is not None else []
    said += [f"until {one['expires_on']}"] if one["expires_on"] else []
    lifted = f"; lifted by {one['lifted_by']}" if one["lifted_at"] else ""
    what = f"the source {one['source']}" if one["source"] else several(one["n_records"], "record")
    return f"{one['id']}  {what}: {', '.join(said)}, by {one['set_by']}{lifted}"
