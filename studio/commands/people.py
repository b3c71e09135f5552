"""Commands on people: accounts, links by which they come in, roles, and tokens for their scripts."""

from __future__ import annotations

from typing import Annotated

import typer

from studio.commands.common import By, Data, Json, connect, show

accounts = typer.Typer(help="People: list, invite, role, new-password, unlink, end.", no_args_is_help=True)
tokens = typer.Typer(help="Tokens of people for the API: add, list, revoke.", no_args_is_help=True)
InProject = Annotated[
    str | None, typer.Option("--project", help="In this project alone; everywhere where it is left out.", show_default=False)
]  # fmt: skip


@accounts.command("list")
def list_accounts(data: Data = None, as_json: Json = False) -> None:
    """Everybody, with their roles."""
    rows = connect(data).get("accounts")

    def words() -> str:
        return "\n".join(
            f"{row['name']}: {'left' if row['ended_at'] else _roles(row['roles'])}{', single sign-on' if row['signs_on'] else ''}"
            for row in rows
        ) or "No accounts: nobody signs in here."  # fmt: skip

    show({"accounts": rows}, as_json, words)


@accounts.command("invite")
def invite(
    name: str,
    role: Annotated[str, typer.Option(help="owner, engineer, lead, reviewer or auditor.")],
    project: InProject = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a link by which a new person chooses a password; it is shown once and works once."""
    answer = connect(data, by).post("invitations", body={"name": name, "role": role, "project": project})
    show(answer, as_json, lambda: f"Send this to {name}; it works once, within a week:\n{answer['link']}")


@accounts.command("role")
def role(
    name: str,
    role: Annotated[str, typer.Argument(help="owner, engineer, lead, reviewer, auditor, or none to take it away.")],
    project: InProject = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Give a person a role in place of the one before."""
    body = {"role": None if role == "none" else role, "project": project}
    answer = connect(data, by).put("accounts", name, "role", body=body)
    where = f"in {project}" if project else "everywhere"
    show(answer, as_json, lambda: f"{name} has {'no role' if role == 'none' else f'the role {role}'} {where}.")


@accounts.command("new-password")
def new_password(name: str, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Make a link by which somebody chooses another password; it works once, within a day."""
    answer = connect(data, by).post("accounts", name, "new-password")
    show(answer, as_json, lambda: f"Send this to {name}:\n{answer['link']}")


@accounts.command("unlink")
def unlink(name: str, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Let nobody in as this person by single sign-on any more."""
    answer = connect(data, by).post("accounts", name, "unlink")
    show(
        answer,
        as_json,
        lambda: f"{name} is linked to no identity provider any more, and every session of theirs has ended.",
    )


@accounts.command("end")
def end(name: str, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Let somebody in no more; what they did stays."""
    answer = connect(data, by).post("accounts", name, "end")
    show(answer, as_json, lambda: f"{name} cannot sign in any more, and every session and token of theirs has ended.")


@tokens.command("add")
def add(
    name: str,
    account: Annotated[str, typer.Option(help="Whose token it is.")],
    role: Annotated[str, typer.Option(help="What it is narrowed to: a role that the person has, or a lesser one.")],
    project: InProject = None,
    days: Annotated[int, typer.Option(help="It ends by itself after so many.")] = 90,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a token and show it, once."""
    body = {"name": name, "account": account, "role": role, "project": project, "days": days}
    answer = connect(data, by).post("tokens", body=body)
    show(answer, as_json, lambda: f"{answer['token']}\nIt is not kept here, and cannot be shown again.")


@tokens.command("list")
def list_tokens(data: Data = None, as_json: Json = False) -> None:
    """Every token, without what would open anything."""
    rows = connect(data).get("tokens")

    def words() -> str:
        return "\n".join(
            f"{row['name']}: {row['account']}, {row['role']} in {row['project'] or 'every project'}, "
            + ("revoked" if row["revoked_at"] else f"until {row['expires_at'][:10]}")
            for row in rows
        ) or "No tokens yet."  # fmt: skip

    show({"tokens": rows}, as_json, words)


@tokens.command("revoke")
def revoke(token: str, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take a token back, by its name or id; the next request that shows it is refused."""
    answer = connect(data, by).post("tokens", token, "revoke")
    show(answer, as_json, lambda: f"{answer['name']} opens nothing any more.")


def _roles(roles: dict[str, str]) -> str:
    return (
        ", ".join(
            f"{role} in {place}" if place != "everywhere" else f"{role} everywhere" for place, role in roles.items()
        )
        or "no role"
    )
