"""Commands on facts that go stale: facts, moved list, moved undo, advice."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.commands.common import By, Data, Json, Project, connect, show

moved = typer.Typer(help="The fact store, passages moved out of versions: list, undo.", no_args_is_help=True)

KINDS = "price, date, version, plan, link, policy or offer"
Limit = Annotated[int, typer.Option(help="How many.", min=1)]
Offset = Annotated[int, typer.Option(help="How many to pass over.", min=0)]


def facts(
    project: Project,
    kind: Annotated[str, typer.Option(help=f"Show records with this kind instead, before and after masking: {KINDS}.")] = "",
    value: Annotated[str, typer.Option(help="With --kind: only records with this value.")] = "",
    limit: Limit = 5,
    offset: Offset = 0,
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """How many records contain a price, a date, a version..., and the commonest of them; `records --fact KIND` lists them."""
    client = connect(data)
    if kind:
        texts = client.get("projects", project, "facts", kind, value=value, limit=limit, offset=offset)
        show(
            {"texts": texts},
            as_json,
            lambda: "\n\n".join(map(_in_words, texts)) or f"No record contains such a {kind}.",
        )
        return
    found = client.get("projects", project, "facts")
    lines = [f"{one['sentence']} Mostly {_listed(one['values'][:3])}." for one in found["kinds"]]
    if not found["is_current"]:
        lines.append("Some records were not read yet: run `proofroom score`.")
    show(found, as_json, lambda: "\n".join(lines) or "No record contains a fact that goes stale.")


@moved.command("list")
def moved_list(
    project: Project,
    kind: Annotated[str, typer.Option(help=f"Only of this kind: {KINDS}.")] = "",
    limit: Limit = 50,
    offset: Offset = 0,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Passages with the record that each came from and the versions that rely on it, newest first."""
    found = connect(data).get("projects", project, "fact-store", kind=kind, limit=limit, offset=offset)
    lines = [
        f"{', '.join(one['kinds'])}: {one['passage']} ({one['external_id']}; {', '.join(one['versions'])})"
        for one in found["facts"]
    ]
    show(found, as_json, lambda: "\n".join(lines) or "Nothing was moved to the fact store yet.")


@moved.command("undo")
def moved_undo(
    version: Annotated[str, typer.Argument(help="The version whose facts are to leave the store.")],
    project: Project,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take a version's facts out of the store again; those that other versions moved stay. Refused once a run was made on it."""
    done = connect(data, by).post("projects", project, "versions", version, "facts", "undo")
    show(
        done,
        as_json,
        lambda: f"{done['n_gone']} passages left the fact store, {done['n_kept']} stay for other versions.",
    )


def advice(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Fine-tune, retrieve or both: one sentence, and the counts behind it."""
    found = connect(data).get("projects", project, "advice")
    about = "about " if found["examples"]["is_estimated"] else ""
    lines = [
        found["sentence"],
        f"{found['n_behaviour']} of {found['n_measured']} records teach behaviour, {found['n_facts']} teach facts "
        f"({found['n_with_fact']} state at least one); {about}{found['examples']['n_good']} good examples of the "
        f"{found['examples']['low']} to {found['examples']['high']} that this goal usually needs.",
        *(one["sentence"] for one in found["changes"]),
    ]
    show(found, as_json, lambda: "\n".join(lines))


def _listed(values: list[dict[str, Any]]) -> str:
    return ", ".join(f"“{one['value']}” ({one['n_records']})" for one in values)


def _in_words(text: dict[str, Any]) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return f"{text['title']}, {text['label']}:\n" + "".join(marks[s["kind"]].format(s["text"]) for s in text["spans"])
