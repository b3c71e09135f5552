"""Commands on the endpoint elsewhere that may write drafts, and be asked of them: show, set, judging, off."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from core.outgoing.endpoint_key import KEY_VARIABLE
from studio.commands.common import By, Data, Json, connect, show

endpoint = typer.Typer(
    help="An OpenAI-compatible endpoint elsewhere that may write drafts for comparison: show, set, judging, off.",
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


@endpoint.command("judging")
def judging(
    is_on: Annotated[bool, typer.Option("--on/--off", help="Whether drafts are sent to it to be judged.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Ask it what it thinks of drafts whenever the judge is calibrated: these drafts and their briefs leave this machine, also what your own
    model wrote. Never those on a brief with a text of a person or from a record, or for which a fact was looked up."""
    found = connect(data, by).put("endpoint", "judging", body={"is_on": is_on})
    show(found, as_json, lambda: _told(found))


@endpoint.command("off")
def switch_off(by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Nothing leaves this machine any more; drafts that it wrote stay."""
    found = connect(data, by).delete("endpoint")
    show(found, as_json, lambda: _told(found))


def _told(found: dict[str, Any]) -> str:
    if found["url"] is None:
        return "No endpoint is set up: nothing leaves this machine."
    key = f"Sent with the key in {KEY_VARIABLE}." if found["has_key"] else found["why_no_key"]
    judging = f"It is {'' if found['may_judge'] else 'not '}asked what it thinks of drafts."
    return f"{found['model']} at {found['url']}. {key} Write drafts with it by --systems external. {judging}"
