"""Commands on personal data: pii, and personal find, list, values, passages, decide, undecided, undo, preview, who,
sample, read, coverage.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from studio.commands.common import By, Data, Json, Project, connect, show
from studio.parts.counting import several

personal = typer.Typer(
    help="Personal data in a project: find, list, values, passages, decide, undecided, undo, preview, who, sample, read, coverage.",
    no_args_is_help=True,
)
Kind = Annotated[str, typer.Argument(help="As `personal list` names it, such as PERSON.")]
SHOWN_AROUND = 40


def pii(
    file: Annotated[Path, typer.Argument(help='Lines {"text": "..."}.', exists=True, dir_okay=False)],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Find names, addresses, numbers, secrets and other personal data in texts; nothing leaves the studio's machine, and no text is kept."""
    client = connect(data, by)
    job = client.send(file, "personal-data", "files")["job"]
    client.wait(job, quiet=as_json)
    found = client.get("personal-data", "files", job)
    lines = [f"row {s['row']}, {s['start']}-{s['end']}: {s['type']} ({s['score']:.2f})" for s in found["spans"]]
    show(found, as_json, lambda: "\n".join([*lines, f"{several(len(lines), 'place')} with personal data."]))


@personal.command("find")
def find(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Look through the records that are new or edited since the last time."""
    client = connect(data, by)
    job = client.post("projects", project, "personal-data", "search")["job"]
    result = client.wait(job, quiet=as_json)["result"]
    words = f"{several(result['n_spans'], 'place')} with personal data in {several(result['n_texts'], 'record')}."
    show(result, as_json, lambda: words)


@personal.command("list")
def listing(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Kinds of personal data with how many places are kept, masked, replaced and undecided."""
    found = connect(data).get("projects", project, "personal-data")
    show(found, as_json, lambda: _in_words(found))


@personal.command("values")
def values(
    kind: Kind,
    project: Project,
    limit: Annotated[int, typer.Option(help="How many.", min=1)] = 50,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """The commonest values of a kind, each with the hash that `decide --value` takes."""
    found = connect(data).get("projects", project, "personal-data", "values", kind=kind, limit=limit)
    lines = [f"{one['value_sha256'][:12]}  {several(one['n_spans'], 'place')}: {one['value']}" for one in found]
    show({"values": found}, as_json, lambda: "\n".join(lines) or "No such personal data was found.")


@personal.command("passages")
def passages(
    project: Project,
    kind: Annotated[str, typer.Option(help="Only of this kind.")] = "",
    undecided: Annotated[bool, typer.Option("--undecided", help="Only what nobody decided on.")] = False,
    limit: Annotated[int, typer.Option(help="How many.", min=1)] = 20,
    offset: Annotated[int, typer.Option(help="How many to pass over.", min=0)] = 0,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Places in their text, each with the id that `decide --passage` takes."""
    found = connect(data).get(
        "projects",
        project,
        "personal-data",
        "passages",
        kind=kind,
        only_undecided=undecided,
        limit=limit,
        offset=offset,
    )
    lines = [
        f"{one['id']}  {one['type']}: …{one['before'][-SHOWN_AROUND:]}[{one['value']}]{one['after'][:SHOWN_AROUND]}…".replace("\n", " ")
        for one in found
    ]  # fmt: skip
    show({"passages": found}, as_json, lambda: "\n".join(lines) or "Nothing of this was found.")


@personal.command("decide")
def decide(
    choice: Annotated[str, typer.Argument(help="keep, mask or replace.")],
    project: Project,
    kind: Annotated[str, typer.Option(help="All of this kind.")] = "",
    value: Annotated[str, typer.Option(help="With --kind: of this value alone, by its hash (a beginning will do).")] = "",
    passage: Annotated[str, typer.Option(help="This place alone, by its id.")] = "",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Say what a version does with a kind, a value or a place; the narrower decision counts."""
    client = connect(data, by)
    body = {"choice": choice, "kind": kind, "value_sha256": value, "passage": passage}
    found = client.post("projects", project, "personal-data", "decisions", body=body)
    show(found, as_json, lambda: _in_words(found))


@personal.command("undecided")
def undecided(
    choice: Annotated[str, typer.Argument(help="block or mask.")],
    project: Project,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say what freezing does with personal data that nobody decided on: block the version, or mask it."""
    body = {"choice": choice, "undecided": True}
    found = connect(data, by).post("projects", project, "personal-data", "decisions", body=body)
    show(found, as_json, lambda: _in_words(found))


@personal.command("undo")
def undo(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take your last decision on personal data back."""
    done = connect(data, by).post("projects", project, "personal-data", "decisions", "undo")
    show(done, as_json, lambda: "Taken back." if done["undone"] else "There is nothing to take back.")


@personal.command("preview")
def preview(
    record: Annotated[str, typer.Argument(help="The record's id.")],
    project: Project,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """A record as a version would have it."""
    found = connect(data).get("projects", project, "personal-data", "records", record)
    show(found, as_json, lambda: str(found["after"]))


@personal.command("who")
def who(
    name: Annotated[str, typer.Argument(help="As it stands in a version.")],
    project: Project,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """What a pseudonym stands for; only where the project's key is, and the value is still in a record."""
    found = connect(data).get("projects", project, "personal-data", "pseudonyms", name)
    show(found, as_json, lambda: "\n".join(found["values"]) or "Nothing in this project has that pseudonym.")


@personal.command("sample")
def sample(project: Project, data: Data = None, as_json: Json = False) -> None:
    """The records that people read so that it is known how much is found; `read` takes what they say of one."""
    found = connect(data).get("projects", project, "personal-data", "sample")
    lines = [
        f"{one['id']}  {'read' if one['is_read'] else 'not read'}, {several(len(one['spans']), 'place')}: {one['title']}"
        for one in found
    ]
    show({"records": found}, as_json, lambda: "\n".join(lines) or "Look for personal data first.")


@personal.command("read")
def read(
    record: Annotated[str, typer.Argument(help="As `personal sample` names it.")],
    project: Project,
    wrong: Annotated[list[int] | None, typer.Option(help="First character of a place that is no personal data.")] = None,
    missed: Annotated[list[str] | None, typer.Option(metavar="KIND=TEXT", help="What was not found.")] = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Say of a sampled record what is wrong and what was missed; every other place is right."""
    parts = [one.partition("=") for one in missed or []]
    body = {"wrong": wrong or [], "missed": [{"type": kind, "text": text} for kind, _, text in parts]}
    found = connect(data, by).post("projects", project, "personal-data", "sample", record, body=body)
    show(found, as_json, lambda: f"{found['n_read']} of {found['n_sampled']} records are read.")


@personal.command("coverage")
def coverage(project: Project, data: Data = None, as_json: Json = False) -> None:
    """How much of the personal data is found, on the records that were read, with intervals."""
    found = connect(data).get("projects", project, "personal-data", "coverage")
    lines = [_share_line(one) for one in found["coverage"]]
    show(found, as_json, lambda: "\n".join(lines) or "No sampled record has been read yet.")


def _share_line(one: dict[str, Any]) -> str:
    recall, precision = (
        f"{share['n_good']} of {share['n']} ({share['low']:.0%} to {share['high']:.0%})"
        for share in (one["recall"], one["precision"])
    )
    return f"{one['kind'] or 'everything'}: found {recall}; personal data of what was found {precision}"


def _in_words(found: dict[str, Any]) -> str:
    if not found["was_searched"]:
        return "Nobody has looked for personal data yet: run `proofroom personal find`."
    lines = [
        f"{one['type']}: {several(one['n_spans'], 'place')} in {several(one['n_records'], 'record')}; kept {one['n_keep']:,}, "
        f"masked {one['n_mask']:,}, replaced {one['n_replace']:,}, undecided {one['n_undecided']:,}"
        for one in found["kinds"]
    ]
    lines.append(
        f"{found['n_searched']:,} of {found['n_records']:,} records were looked through as they read now. What is undecided "
        + ("blocks a version." if found["undecided"] == "block" else "is masked.")
    )
    return "\n".join(lines)
