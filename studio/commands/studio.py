"""Commands on the studio itself: serve, project, backup, restore, doctor."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from core.config import data_folder
from core.errors import Invalid
from studio.commands.common import By, Data, Json, connect, default_person, show

project = typer.Typer(
    help="Projects: create, list, limit, target, reviewers, repeats, assigned-only.", no_args_is_help=True
)


def serve(
    host: Annotated[str, typer.Option(help="Another than this machine's own only with --sign-in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 for any that is free.")] = 8501,
    ends_when_idle: Annotated[bool, typer.Option("--ends-when-idle", hidden=True)] = False,
    sample: Annotated[
        Path | None,
        typer.Option(help="Make the sample projects of this folder, if there is no project yet.", show_default=False),
    ] = None,
    opens_browser: Annotated[
        bool, typer.Option("--open", help="Show it in the browser, where there is a screen.")
    ] = False,
    sign_in: Annotated[
        bool, typer.Option("--sign-in", help="Ask people to sign in; a folder that has accounts always does.")
    ] = False,
    name: Annotated[
        list[str] | None,
        typer.Option(
            help="A host under which people reach it, such as that of a proxy; several times for several.",
            show_default=False,
        ),
    ] = None,
    oidc: Annotated[
        str,
        typer.Option(help="Issuer of an OpenID Connect provider with which people may sign on.", show_default=False),
    ] = "",
    oidc_client: Annotated[
        str,
        typer.Option(
            help="The studio's client id there. Its secret, where it has one, is read from PROOFROOM_OIDC_SECRET.",
            show_default=False,
        ),
    ] = "",
    oidc_allow_private: Annotated[
        bool, typer.Option("--oidc-allow-private", help="The provider stands on your own network.")
    ] = False,
    data: Data = None,
) -> None:
    """Serve the studio until Ctrl+C."""
    from core.incidents import keep_words_out_of_logs
    from core.outgoing.sign_on_begun import SECRET_VARIABLE, ProviderSettings
    from studio.server import serve as serve_studio

    keep_words_out_of_logs()
    if bool(oidc) != bool(oidc_client):
        raise Invalid(
            "Single sign-on needs a provider and the studio's name there.",
            remedy="Give both, --oidc and --oidc-client.",
        )
    secret = os.environ.get(SECRET_VARIABLE, "")
    serve_studio(
        data_folder(data),
        host=host,
        port=port,
        ends_when_idle=ends_when_idle,
        sample=sample,
        opens_browser=opens_browser,
        sign_in=sign_in,
        names=name or (),
        provider=ProviderSettings(oidc, oidc_client, secret, oidc_allow_private) if oidc else None,
    )


@project.command("create")
def project_create(
    name: str,
    goal: Annotated[str, typer.Option(help="voice, support or code.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a project."""
    row = connect(data, by).post("projects", body={"name": name, "goal": goal})
    show({"project": row["name"], "id": row["id"], "goal": row["goal"]}, as_json, lambda: f"{row['name']} is ready.")


@project.command("list")
def project_list(data: Data = None, as_json: Json = False) -> None:
    """Every project on this data folder."""
    rows = connect(data).get("projects")
    show(
        {"projects": rows}, as_json, lambda: "\n".join(f"{r['name']} ({r['goal']})" for r in rows) or "No projects yet."
    )


@project.command("limit")
def project_limit(
    name: str,
    limit: Annotated[float, typer.Argument(help="Share of the words, 0 to 0.5: up to it an edit is light.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set what counts as a light edit; every rate follows it."""
    row = connect(data, by).put("projects", name, "light-edit-limit", body={"limit": limit})
    answer = {"project": row["name"], "light_edit_limit": row["light_edit_limit"]}
    show(answer, as_json, lambda: f"Up to {answer['light_edit_limit']:.0%} of the words is a light edit.")


@project.command("target")
def project_target(
    name: str,
    target: Annotated[float, typer.Argument(help="Share of drafts, 0.01 to 0.99, that should pass without a rewrite.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set the pass rate to be reached; results are held against it."""
    row = connect(data, by).put("projects", name, "pass-target", body={"target": target})
    answer = {"project": row["name"], "pass_target": row["pass_target"]}
    show(answer, as_json, lambda: f"The target is {answer['pass_target']:.0%}.")


@project.command("reviewers")
def project_reviewers(
    name: str,
    n: Annotated[int, typer.Argument(help="So many people judge each draft, 1 to 9.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say how many people judge each draft; a tie is no pass."""
    row = connect(data, by).put("projects", name, "reviewers-per-draft", body={"n": n})
    answer = {"project": row["name"], "reviewers_per_draft": row["reviewers_per_draft"]}
    show(answer, as_json, lambda: f"{answer['reviewers_per_draft']} for each draft.")


@project.command("repeats")
def project_repeats(
    name: str,
    every: Annotated[int, typer.Argument(help="One draft in so many comes back, 4 to 100; 0 for none.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say how many drafts come back, unmarked, to the reviewer who judged them; their second verdict counts in no rate."""
    row = connect(data, by).put("projects", name, "repeat-every", body={"every": every})
    answer = {"project": row["name"], "repeat_every": row["repeat_every"]}
    words = f"About one draft in {row['repeat_every']} comes back." if row["repeat_every"] else "No draft comes back."
    show(answer, as_json, lambda: words)


@project.command("assigned-only")
def project_assigned_only(
    name: str,
    switch: Annotated[str, typer.Argument(metavar="on|off")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Give reviewers only what is assigned to them (on), or what nobody is assigned to as well (off)."""
    if switch not in ("on", "off"):
        raise Invalid(f"{switch!r} is not possible.", remedy="Write on or off.")
    row = connect(data, by).put("projects", name, "assigned-only", body={"is_on": switch == "on"})
    answer = {"project": row["name"], "assigned_only": row["assigned_only"]}
    also = "" if row["assigned_only"] else ", and what nobody is assigned to"
    show(answer, as_json, lambda: f"Reviewers get what is assigned to them{also}.")


def backup(file: Path, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Write one file that restores to this studio, without what is still running; it goes on meanwhile."""
    answer = connect(data, by).post("backup", body={"to": str(file.resolve())})
    show(answer, as_json, lambda: f"{answer['file']}, {answer['n_bytes'] / 2**20:.1f} MB.")


def restore(file: Path, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Unpack a backup into an empty data folder."""
    # The database's library loads in half a second, and this command alone needs it on this side.
    from core.workflows.upkeep import restore as restore_backup

    folder = data_folder(data)
    restore_backup(file, folder, by=by or default_person())
    show({"data": str(folder.root)}, as_json, lambda: f"Restored into {folder.root}.")


def doctor(data: Data = None, as_json: Json = False) -> None:
    """Check that rows point at something, versions and adapters are those that were stored, and uploads are there."""
    answer = connect(data).get("doctor")
    show(answer, as_json, lambda: "\n".join(answer["problems"]) or "Everything is in place.")
    if not answer["ok"]:
        raise typer.Exit(1)
