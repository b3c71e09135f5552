"""Commands on the facts that drafts may look up: add, list, stale, renew, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studio.commands.common import By, Data, Json, Project, connect, show
from studio.commands.data import files_of
from studio.parts.counting import several

fact_store = typer.Typer(help="Facts that drafts may look up: add, list, stale, renew, remove.", no_args_is_help=True)
Document = Annotated[str, typer.Argument(help="As `fact-store list` names it.")]


@fact_store.command("add")
def add(
    paths: Annotated[
        list[Path], typer.Argument(help="Documents, or tables of which every row is a fact.", exists=True)
    ],
    project: Project,
    owner: Annotated[str, typer.Option(help="Who answers for these facts.")],
    expires: Annotated[
        str | None, typer.Option(help="The last day they are used, or never; 12 months from today.", show_default=False)
    ] = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Read documents into passages that a draft's request can look up."""
    client = connect(data, by)
    uploads = [client.upload(file, name) for file, name in files_of(paths)]
    body = {"files": [{"sha256": u["sha256"], "path": u["path"]} for u in uploads], "owner": owner, "expires": expires}
    job = client.post("projects", project, "fact-documents", body=body)["job"]
    answer = client.wait(job, quiet=as_json)["result"]
    words = f"{several(answer['n_documents'], 'document')}, {several(answer['n_passages'], 'passage')}."
    show(answer, as_json, lambda: "\n".join([words, *answer["refused"]]))


@fact_store.command("list")
def listing(project: Project, data: Data = None, as_json: Json = False) -> None:
    """The documents with their owner and last day, and how many passages may be looked up."""
    answer = connect(data).get("projects", project, "fact-documents")
    lines = [
        f"{one['id']}  {one['title']} ({one['n_passages']}), {one['owner']}, "
        + (f"expired on {one['expires_on']}" if one["is_stale"] else f"until {one['expires_on'] or 'never'}")
        for one in answer["documents"]
    ]
    lines.append(
        f"{several(answer['usable'], 'passage')} may be looked up, those moved out of versions included; {answer['stale']:,} have expired."
    )
    show(answer, as_json, lambda: "\n".join(lines))


@fact_store.command("stale")
def stale(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Passages whose last day has passed: they are not used until somebody renews them."""
    found = connect(data).get("projects", project, "fact-documents", "stale")
    lines = [
        f"{one['expires_on']}  {one['title'] or one['source']}: {' '.join(one['passage'].split())[:160]}"
        for one in found
    ]
    show({"facts": found}, as_json, lambda: "\n".join(lines) or "No fact has expired.")


@fact_store.command("renew")
def renew(
    document: Document,
    project: Project,
    expires: Annotated[str, typer.Option(help="The new last day, YYYY-MM-DD, or never.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say until when a document's facts hold."""
    answer = connect(data, by).put("projects", project, "fact-documents", document, "expiry", body={"expires": expires})
    show(answer, as_json, lambda: f"{document} holds until {expires}.")


@fact_store.command("remove")
def remove(document: Document, project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take a document's passages out for good."""
    answer = connect(data, by).delete("projects", project, "fact-documents", document)
    show(answer, as_json, lambda: f"{several(answer['n_passages'], 'passage')} gone.")
