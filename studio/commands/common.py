"""What every command shares: its options, its connection, and how it prints."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from core.config import data_folder
from core.errors import Conflict, Invalid
from studio.client import Client

Data = Annotated[
    Path | None, typer.Option("--data", help="The data folder; PROOFROOM_DATA, else ./data.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Project = Annotated[str, typer.Option("--project", help="The project's name.")]
By = Annotated[str, typer.Option("--by", help="Who does this; stored with it.", show_default="your login name")]
Override = Annotated[
    str, typer.Option("--override", metavar="REASON", help="Why it is exported although something forbids it; kept with your name.")
]  # fmt: skip
OfProject = Annotated[
    str | None, typer.Option("--project", help="Whose run it is, where several projects have one of that name.", show_default=False)
]  # fmt: skip

_connected: list[Client] = []


def default_person() -> str:
    """PROOFROOM_BY, else the login name."""
    return os.environ.get("PROOFROOM_BY") or getpass.getuser()


def connect(data: Path | None, by: str | None = None) -> Client:
    client = Client(data_folder(data), by=by or default_person())
    _connected.append(client)
    return client


def disconnect() -> None:
    """Close what the command opened."""
    while _connected:
        _connected.pop().close()


def text_of(file: Path) -> str:
    """The text in a file. Raises Invalid where it is not UTF-8."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"{file.name} is not UTF-8: byte {error.start}.", remedy="Save it as UTF-8.") from error


def write_new(file: Path, text: str) -> None:
    """Raises Conflict where the file exists, Invalid where it cannot be written."""
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise Conflict(f"{file} exists already.", remedy="Name a file that does not.") from None
    except OSError as error:
        raise Invalid(
            f"{file} cannot be written: {error.strerror}.", remedy="Name a file in a folder of yours."
        ) from error


def run_of(client: Client, run: str, project: str | None) -> dict[str, Any]:
    """The summary of a run by id or name, of one project where it is named."""
    found: dict[str, Any] = client.get("runs", run, **({"project": project} if project else {}))
    return found


def show(value: Any, as_json: bool, words: Callable[[], str]) -> None:
    """Print the value as JSON, or its words."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str) if as_json else words())
