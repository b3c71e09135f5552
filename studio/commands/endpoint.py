"""Commands on the endpoint elsewhere that may write drafts: show, set, off."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from core.outgoing.chat_endpoint import KEY_VARIABLE
from studio.commands.common import By, Data, Json, connect, show

endpoint = typer.Typer(
    help="An OpenAI-compatible endpoint elsewhere that may write drafts for comparison: show, set, off.",
    no_args_is_help=True,
)


@endpoint.command("show")
def shown(data: Data = None, as_json: Json = False) -> None:
    """What is set up."""
    found = connect(data).get("endpoint")
    show(found, as_json, lambda: _told(found))


@endpoint.command("set")
def set_up(
    url: Annotated[str, typer.Argument(help="Its address up to and with /v1.")],
    model: Annotated[str, typer.Option(help="The name that it gives the model.")],
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="It stands on this machine or on your own network.")
    ] = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Let drafts be written there too. The briefs chosen for it leave this machine; nothing is sent before."""
    body = {"url": url, "model": model, "allows_private": allow_private}
    found = connect(data, by).put("endpoint", body=body)
    show(found, as_json, lambda: _told(found))


@endpoint.command("off")
def switch_off(by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Nothing leaves this machine any more; drafts that it wrote stay."""
    found = connect(data, by).delete("endpoint")
    show(found, as_json, lambda: _told(found))


def _told(found: dict[str, Any]) -> str:
    if found["url"] is None:
        return "No endpoint is set up: nothing leaves this machine."
    key = "with the key" if found["has_key"] else "without a key: there is none"
    return f"{found['model']} at {found['url']}, {key} in {KEY_VARIABLE}. Write drafts with it by --systems external."
