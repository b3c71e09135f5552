"""Commands on records: dedup, duplicates, score, records, themes, signals, decide, decide-all, undo-all, edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import Invalid
from studio.client import Client
from studio.commands.common import By, Data, Json, Project, connect, show
from studio.commands.quality import score_in_words

duplicates = typer.Typer(help="Judgements on duplicates: same, different, keep, undo.", no_args_is_help=True)
Record = Annotated[str, typer.Argument(help="Its id or external id.")]
Words = Annotated[
    str,
    typer.Option(
        "--search",
        "--words",
        help='Only records with all these words, or longer ones that begin so; "phrases" in quotes.',
    ),
]
Like = Annotated[
    str, typer.Option(help="The hundred records nearest in meaning to this one, with --search beside its finds.")
]
About = Annotated[str, typer.Option(help="The hundred records nearest in meaning to this text.")]
Status = Annotated[str, typer.Option(help="undecided, kept, edited, rejected or deferred.")]
Flag = Annotated[list[str] | None, typer.Option(help="Only records with this flag; several times: with all of them.")]
WithTag = Annotated[
    list[str] | None, typer.Option("--tag", help="Only records with this tag; several times: with all of them.")
]
Source = Annotated[str, typer.Option(help="Only records of this source, by its id.")]
Signal = Annotated[
    list[str] | None,
    typer.Option(help="Only records whose signal, or score, lies there: NAME:LOW..HIGH; several times: all of them."),
]
Theme = Annotated[
    int | None, typer.Option(help="Only records of this theme, by its number in `themes`.", show_default=False)
]
MapArea = Annotated[str, typer.Option("--area", help="Only records there on the map: LEFT..RIGHT,LOW..HIGH.")]
Clean = Annotated[bool, typer.Option("--clean", help="Only records without a defect or a double.")]

Fact = Annotated[
    str,
    typer.Option(help="Only records that teach a fact of this kind: price, date, version, plan, link, policy, offer."),
]

Missing = Annotated[
    str,
    typer.Option(
        "--missing", metavar="SOURCE", help="Only records that the newest export of this source, by its id, lacked."
    ),
]

Holds = Annotated[
    str, typer.Option("--holds", metavar="WORDING", help="Only records whose text holds this word by word, marks too.")
]


def dedup(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Find exact and near duplicates; what is not certain is listed to be asked about."""
    client = _measured(project, by, data, as_json)
    report = client.get("projects", project, "duplicates")
    show(
        report,
        as_json,
        lambda: (
            f"{report['n_records']} records, {report['n_clusters']} clusters of duplicates, {len(report['ask'])} pairs to ask about."
        ),
    )


def score(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Measure quality: signals, named flags with evidence, a score."""
    client = _measured(project, by, data, as_json)
    # Decisions may have come in bulk since the score was learnt.
    job = client.post("projects", project, "rescore", body={"due": True})["job"]
    if job:
        client.wait(job, quiet=as_json)
    report = client.get("projects", project, "score")
    lines = [
        f"{report['n_records']} records, {report['n_with_defects']} with a defect, {report['n_with_notices']} with a notice."
    ]
    for kind in ("defects", "notices"):
        lines += [f"{kind.capitalize()}:", *(f"  {name}: {n}" for name, n in report[kind].items())]
    lines.append(score_in_words(report["score"]))
    show(report, as_json, lambda: "\n".join(lines))


def _measured(project: str, by: str, data: Path | None, as_json: bool) -> Client:
    """A connection to a studio in which the project's records are measured."""
    client = connect(data, by)
    job = client.post("projects", project, "measure")["job"]
    if job:
        client.wait(job, quiet=as_json)
    return client


def records(
    project: Project,
    words: Words = "",
    like: Like = "",
    about: About = "",
    status: Status = "",
    flag: Flag = None,
    tag: WithTag = None,
    source: Source = "",
    signal: Signal = None,
    theme: Theme = None,
    area: MapArea = "",
    clean: Clean = False,
    missing: Missing = "",
    fact: Fact = "",
    holds: Holds = "",
    order: Annotated[str, typer.Option(help="relevance (as imported without a search), lowest_score, highest_score, newest, longest, title or imported.")] = "relevance",
    limit: Annotated[int | None, typer.Option(help="At most so many; all.", min=1, show_default=False)] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """List records, one JSON object a line; those of a search in its order."""
    client = connect(data)
    where = where_of(words, like, status, flag, tag, source, signal, theme, area, clean, missing, fact, about, holds)
    if words and (note := client.get("projects", project, "records", "count", **where)["note"]):
        # Where words are still being indexed the list is short, and does not look it.
        typer.echo(note, err=True)
    offset, left = 0, limit
    while left is None or left > 0:
        page = min(5_000, left or 5_000)
        rows = client.get("projects", project, "records", **where, order=order, limit=page, offset=offset)
        for row in rows:
            names = ("id", "external_id", "title", "status", "score", "flags", "cluster", "tags")
            typer.echo(json.dumps({name: row[name] for name in names}, ensure_ascii=False))
        offset += page
        left = left - len(rows) if left is not None else None
        if len(rows) < page:
            return


def where_of(
    words: str, like: str, status: str, flag: list[str] | None, tag: list[str] | None, source: str, signal: list[str] | None,
    theme: int | None, area: str, clean: bool, missing: str = "", fact: str = "", about: str = "", holds: str = "",
) -> dict[str, Any]:  # fmt: skip
    """The options as the API's filter, without those that were not given."""
    given = {"words": words, "like": like, "status": status, "flag": flag, "tag": tag, "source": source, "signal": signal, "theme": theme,
             "area": area, "is_clean": clean, "missing": missing, "fact": fact, "about": about, "holds": holds}  # fmt: skip
    return {name: value for name, value in given.items() if value not in ("", None, False)}


def themes(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Groups of records alike in meaning, named by their words; the last measurement found them."""
    rows = connect(data).get("projects", project, "themes")
    words = [f"{row['theme']:>3}  {row['name']}: {row['n']} records" for row in rows]
    show(
        {"themes": rows},
        as_json,
        lambda: "\n".join(words) or "No themes yet: measure the records first (`proofroom score`).",
    )


def signals(
    project: Project, words: Words = "", like: Like = "", about: About = "", status: Status = "", flag: Flag = None,
    tag: WithTag = None, source: Source = "", signal: Signal = None, theme: Theme = None, area: MapArea = "", clean: Clean = False,
    data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """How the score and every signal are spread, in the project and among the records that the options choose."""
    where = where_of(words, like, status, flag, tag, source, signal, theme, area, clean, about=about)
    found = connect(data).get("projects", project, "signals", **where)
    lines = [
        f"{name}: {one['lowest']:.4g} to {one['highest']:.4g}, {one['n_fitting']} of {one['n']} records"
        for name, one in found.items()
    ]
    show({"signals": found}, as_json, lambda: "\n".join(lines) or "Nothing was measured yet.")


def decide(
    record: Record,
    decision: Annotated[str, typer.Argument(help="keep, reject, defer or undo.")],
    project: Project,
    note: Annotated[str, typer.Option(help="Why, in a few words.")] = "",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Decide on one record; stored at once, with your name."""
    if decision not in ("keep", "reject", "defer", "undo"):
        raise Invalid(f"{decision!r} is not a decision.", remedy="Choose keep, reject, defer or undo.")
    row = connect(data, by).post(
        "projects", project, "records", record, "decisions", body={"decision": decision, "note": note}
    )
    answer = {name: row[name] for name in ("id", "external_id", "status")}
    show(answer, as_json, lambda: f"{answer['external_id']} is {answer['status']}.")


def decide_all(
    decision: Annotated[str, typer.Argument(help="keep, reject or defer.")],
    project: Project,
    expected: Annotated[
        int | None,
        typer.Option(
            help="How many there have to be; without it nothing is decided, only counted.", show_default=False
        ),
    ] = None,
    words: Words = "",
    like: Like = "",
    about: About = "",
    status: Status = "",
    flag: Flag = None,
    tag: WithTag = None,
    source: Source = "",
    signal: Signal = None,
    theme: Theme = None,
    area: MapArea = "",
    clean: Clean = False,
    missing: Missing = "",
    fact: Fact = "",
    holds: Holds = "",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """One decision on all records that the options choose; first count them, then name the number."""
    client = connect(data, by)
    where = where_of(words, like, status, flag, tag, source, signal, theme, area, clean, missing, fact, about, holds)
    if expected is None:
        counted = client.get("projects", project, "records", "count", **where)
        n = counted["n_records"]
        show(counted | {"decided": False}, as_json, lambda: f"{n} records. Decide on them with --expected {n}.")
        return
    body = {"where": where, "decision": decision, "expected": expected}
    answer = client.post("projects", project, "decisions", body=body) | {"decided": True}
    show(answer, as_json, lambda: f"{decision}: {answer['n_records']} records.")


def undo_all(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take back your last decision on many records, all of it."""
    answer = connect(data, by).post("projects", project, "decisions", "undo")
    n = answer["n_records"]
    show(answer, as_json, lambda: f"Taken back on {n} records." if n else "There is nothing to undo.")


def edit(
    record: Record,
    project: Project,
    text: Annotated[
        Path,
        typer.Option(help="A file with the new text of the part that is learnt: body, answer, comment.", exists=True),
    ],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Put a better text in a record's place; the original is kept, and one undo brings it back."""
    body = {"text": text.read_text(encoding="utf-8").strip()}
    row = connect(data, by).put("projects", project, "records", record, "text", body=body)
    answer = {name: row[name] for name in ("id", "external_id", "status")}
    show(answer, as_json, lambda: f"{answer['external_id']} is {answer['status']}.")


@duplicates.command("same")
def same(
    a: Record, b: Record, project: Project,
    keep: Annotated[str | None, typer.Option(help="Which of the two stays; the longer one.", show_default=False)] = None,
    by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Say that two records say the same."""
    body = {"a": a, "b": b, "judgement": "same", "keep": keep}
    _show_clusters(connect(data, by).post("projects", project, "duplicates", body=body), as_json)


@duplicates.command("different")
def different(
    records: Annotated[list[str], typer.Argument(help="Two or more, by id or external id.")],
    project: Project, by: By = "", data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Say that records differ, every pair of them."""
    body = {"records": records}
    _show_clusters(connect(data, by).post("projects", project, "duplicates", "different", body=body), as_json)


@duplicates.command("keep")
def keep(record: Record, project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Of a cluster, keep this record."""
    body = {"record": record}
    _show_clusters(connect(data, by).post("projects", project, "duplicates", "canonical", body=body), as_json)


@duplicates.command("thresholds")
def set_thresholds(
    project: Project,
    merge_at: Annotated[float, typer.Option(help="Merge pairs without asking from this probability on, 0.5 to 1.")],
    ask_at: Annotated[float, typer.Option(help="Ask about pairs from this probability on, 0.05 upwards.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Change how sure is sure enough; the pairs that were found are clustered anew."""
    body = {"merge_at": merge_at, "ask_at": ask_at}
    _show_clusters(connect(data, by).put("projects", project, "duplicates", "thresholds", body=body), as_json)


@duplicates.command("undo")
def undo(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take back your last judgement."""
    answer = connect(data, by).post("projects", project, "duplicates", "undo")
    show(answer, as_json, lambda: "Taken back." if answer["undone"] else "There is nothing to undo.")


def _show_clusters(report: dict[str, Any], as_json: bool) -> None:
    words = f"{report['n_clusters']} clusters of duplicates, {len(report['ask'])} pairs left to ask about."
    show(report, as_json, lambda: words)
