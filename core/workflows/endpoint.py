"""The one endpoint elsewhere that may write drafts for comparison. Off until an owner sets it up, since briefs leave the machine then."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from core.errors import Invalid
from core.outgoing.chat_endpoint import KEY_VARIABLE, checked_url
from core.store import endpoints as endpoint_rows
from core.store import jobs as job_rows
from core.workflows.jobs import cancel_job
from core.workflows.workspace import Workspace, checked_person


@dataclass(frozen=True, slots=True)
class Endpoint:
    """has_key: whether a key stands in the environment of this server; the key itself is kept nowhere."""

    url: str
    model: str
    allows_private: bool
    set_by: str
    set_at: datetime
    has_key: bool

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or self.url


def endpoint(workspace: Workspace) -> Endpoint | None:
    """What is set up; None where nothing leaves the machine."""
    row = endpoint_rows.endpoint(workspace.store)
    if row is None:
        return None
    return Endpoint(
        row["url"],
        row["model"],
        row["allows_private"],
        row["set_by"],
        row["set_at"],
        bool(os.environ.get(KEY_VARIABLE)),
    )


def set_endpoint(workspace: Workspace, url: str, model: str, *, by: str, allows_private: bool = False) -> Endpoint:
    """Name the endpoint. Nothing is sent yet: only whoever writes drafts with it sends their briefs. Jobs that write with the one before end.

    Raises Refused and Invalid.
    """
    person = checked_person(by)
    address = checked_url(url, allows_private=allows_private)
    if not model.strip() or len(model) > 200:
        raise Invalid(f"{model!r} is no name of a model.", remedy="Write the name that the endpoint gives it.")
    _stop_sending(workspace, by=person)
    with workspace.store.transaction() as tx:
        endpoint_rows.insert_endpoint(tx, url=address, model=model.strip(), allows_private=allows_private, by=person)
        tx.event("set up", "endpoint", address, by=person, model=model.strip())
    found = endpoint(workspace)
    assert found is not None, "it was stored just now"
    return found


def drop_endpoint(workspace: Workspace, *, by: str) -> None:
    """Switch it off: jobs that write with it end, also those that wait; drafts that it wrote stay."""
    person = checked_person(by)
    known = endpoint_rows.endpoint(workspace.store)
    if known is None:
        return
    _stop_sending(workspace, by=person)
    with workspace.store.transaction() as tx:
        endpoint_rows.insert_endpoint(tx, url="", model="", allows_private=False, by=person)
        tx.event("switched off", "endpoint", known["url"], by=person)


def _stop_sending(workspace: Workspace, *, by: str) -> None:
    for job in job_rows.unsettled_jobs(workspace.store):
        if job["facts"].get("elsewhere"):
            cancel_job(workspace, job["id"], by=by)
