"""Commands on the keys of /v1: create, list, revoke, and the models that a key can ask for."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.commands.common import By, Data, Json, connect, show

keys = typer.Typer(
    help="Keys for clients of OpenAI's API, which the studio serves under /v1: create, list, revoke, models.",
    no_args_is_help=True,
)


@keys.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What uses it: an app, a person.")],
    models: Annotated[str, typer.Option(help="Models it may use, with commas between; every model where left out.")] = "",
    per_minute: Annotated[int, typer.Option(help="Requests a minute.", min=1)] = 120,
    at_once: Annotated[int, typer.Option(help="Requests under way at the same time.", min=1)] = 16,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Make a key. It is shown this once; only a hash of it is kept."""
    chosen = [model.strip() for model in models.split(",") if model.strip()]
    body = {"name": name, "models": chosen, "requests_per_minute": per_minute, "requests_at_once": at_once}
    made = connect(data, by).post("keys", body=body)
    show(made, as_json, lambda: f"{made['key']}\nThis is the only time that it is shown. It may use {_models(made)}.")


@keys.command("list")
def listing(data: Data = None, as_json: Json = False) -> None:
    """Every key with its limits and its last use; never what opens anything."""
    rows = connect(data).get("keys")
    show({"keys": rows}, as_json, lambda: "\n".join(map(_line, rows)) or "No key yet: proofroom keys create NAME.")


@keys.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="Its name or id.")], by: By = "", data: Data = None, as_json: Json = False
) -> None:
    """Take a key back, at once and for good."""
    done = connect(data, by).post("keys", key, "revoke")
    show(done, as_json, lambda: f"{done['name']} opens nothing any more.")


@keys.command("models")
def models(data: Data = None, as_json: Json = False) -> None:
    """The models that clients can ask for, by name, and why some cannot be served."""
    rows = connect(data).get("servable-models")
    lines = [row["name"] if row["is_servable"] else f"{row['name']}: not served. {row['reason']}" for row in rows]
    show({"models": rows}, as_json, lambda: "\n".join(lines))


def _models(key: dict[str, Any]) -> str:
    return ", ".join(key["models"]) or "every model"


def _line(row: dict[str, Any]) -> str:
    used = f"last used {row['last_used_at']}" if row["last_used_at"] else "never used"
    state = f"revoked by {row['revoked_by']}" if row["revoked_at"] else used
    return (
        f"{row['name']} ({row['id']}): {_models(row)}, {row['requests_per_minute']} a minute, "
        f"{row['requests_at_once']} at once, {state}"
    )
