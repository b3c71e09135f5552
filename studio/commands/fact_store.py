"""Commands on the facts that drafts may look up: add, list, stale, renew, remove; pages by their address, and the hosts that they may be on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from studio.client import Client
from studio.commands.common import By, Data, Json, Project, connect, show
from studio.commands.data import files_of
from studio.parts.counting import several

fact_store = typer.Typer(
    help="Facts that drafts may look up: add, fetch, list, stale, renew, remove; hosts, allow, forbid.",
    no_args_is_help=True,
)
Owner = Annotated[str, typer.Option(help="Who answers for these facts.")]
Expires = Annotated[
    str | None, typer.Option(help="The last day they are used, or never; 12 months from today.", show_default=False)
]
Document = Annotated[str, typer.Argument(help="As `fact-store list` names it.")]


@fact_store.command("add")
def add(
    paths: Annotated[
        list[Path], typer.Argument(help="Documents, or tables of which every row is a fact.", exists=True)
    ],
    project: Project,
    owner: Owner,
    expires: Expires = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Read documents into passages that a draft's request can look up."""
    client = connect(data, by)
    uploads = [client.upload(file, name) for file, name in files_of(paths)]
    body = {"files": [{"sha256": u["sha256"], "path": u["path"]} for u in uploads], "owner": owner, "expires": expires}
    _added(client, project, body, as_json)


@fact_store.command("fetch")
def fetch(
    addresses: Annotated[list[str], typer.Argument(help="Of pages, each whole: https://www.example.com/prices.")],
    project: Project,
    owner: Owner,
    expires: Expires = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Fetch pages once, from hosts that an owner allowed, and read them into passages."""
    _added(connect(data, by), project, {"addresses": addresses, "owner": owner, "expires": expires}, as_json)


def _added(client: Client, project: str, body: dict[str, Any], as_json: bool) -> None:
    job = client.post("projects", project, "fact-documents", body=body)["job"]
    answer = client.wait(job, quiet=as_json)["result"]
    words = f"{several(answer['n_documents'], 'document')}, {several(answer['n_passages'], 'passage')}."
    show(answer, as_json, lambda: "\n".join([words, *answer["refused"]]))


@fact_store.command("hosts")
def hosts(data: Data = None, as_json: Json = False) -> None:
    """The hosts whose pages may be fetched."""
    found = connect(data).get("fact-hosts")
    lines = [
        f"{one['host']}{', also at a private address' if one['allows_private'] else ''}: allowed by {one['set_by']}"
        for one in found
    ]
    show({"hosts": found}, as_json, lambda: "\n".join(lines) or "No host is allowed: nothing is fetched.")


@fact_store.command("allow")
def allow(
    host: Annotated[str, typer.Argument(help="As in an address, with its port where that is not 443.")],
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="It stands on this machine or on your own network.")
    ] = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Let pages of a host be fetched when somebody asks for them. Nothing is fetched by this."""
    found = connect(data, by).put("fact-hosts", body={"host": host, "allows_private": allow_private})
    show(found, as_json, lambda: f"Pages of {found['host']} may be fetched.")


@fact_store.command("forbid")
def forbid(
    host: Annotated[str, typer.Argument(help="As `fact-store hosts` names it.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Fetch no page of a host any more; facts that were read stay."""
    answer = connect(data, by).delete("fact-hosts", host)
    show(answer, as_json, lambda: f"Pages of {host} are not fetched any more.")


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
