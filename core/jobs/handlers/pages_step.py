"""Fetches pages by their address, one after the other, into files that are read as any that were uploaded."""

from __future__ import annotations

from core.errors import ProofroomError
from core.jobs.context import JobContext
from core.outgoing.page import fetch_page
from core.records.rows import ALL_COLUMNS
from core.records.sandbox import FileToParse


def fetched(context: JobContext) -> tuple[list[FileToParse], list[str]]:
    """The files, and a sentence for each page that could not be had; what was fetched stays with the job."""
    addresses: list[str] = context.settings.get("addresses", [])
    hosts: dict[str, bool] = context.settings.get("hosts", {})
    folder = context.out / "pages"
    files: list[FileToParse] = []
    refused: list[str] = []
    for place, address in enumerate(addresses):
        context.report(phase="Fetching pages", done=place, total=len(addresses))
        try:
            page = fetch_page(address, hosts)
        except ProofroomError as error:
            refused.append(str(error))
            continue
        folder.mkdir(exist_ok=True)
        # Never under a name from outside.
        file = folder / str(place)
        file.write_bytes(page.content)
        files.append(FileToParse(file, page.name, {"text": ALL_COLUMNS}))
    return files, refused
