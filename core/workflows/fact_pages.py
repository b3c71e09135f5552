"""Pages that facts may be read from by their address: none until an owner allows their host by name.

The studio fetches nothing by itself. What is allowed belongs to the whole studio, as the machine does that fetches it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import Invalid, NotFound
from core.outgoing.page import check_is_allowed, checked_host, page_address
from core.store import fact_hosts as host_rows
from core.store import jobs as job_rows
from core.workflows.jobs import cancel_job
from core.workflows.workspace import Workspace, checked_person

MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class AllowedHost:
    """host: with its port where that is not 443. allows_private: also where its address is private, or of this machine."""

    host: str
    allows_private: bool
    set_by: str
    set_at: datetime


def allowed_hosts(workspace: Workspace) -> list[AllowedHost]:
    """By name; none where nothing is ever fetched."""
    return [AllowedHost(**row) for row in host_rows.allowed_hosts(workspace.store)]


def allow_host(workspace: Workspace, host: str, *, by: str, allows_private: bool = False) -> AllowedHost:
    """Let pages of a host be fetched when somebody asks for them; nothing is fetched yet. Raises Invalid."""
    person = checked_person(by)
    name = checked_host(host)
    with workspace.store.transaction() as tx:
        host_rows.insert_host(tx, name, is_allowed=True, allows_private=allows_private, by=person)
        tx.event("allowed", "fact_host", name, by=person, allows_private=allows_private)
    return next(one for one in allowed_hosts(workspace) if one.host == name)


def forbid_host(workspace: Workspace, host: str, *, by: str) -> None:
    """Fetch no page of a host any more: jobs that are to fetch some end; facts that were read stay. Raises Invalid, NotFound."""
    person = checked_person(by)
    name = checked_host(host)
    if name not in {one.host for one in allowed_hosts(workspace)}:
        raise NotFound(
            f"Pages of {host!r} are not fetched.", remedy="`proofroom fact-store hosts` names those that are."
        )
    with workspace.store.transaction() as tx:
        host_rows.insert_host(tx, name, is_allowed=False, allows_private=False, by=person)
        tx.event("forbidden", "fact_host", name, by=person)
    for job in job_rows.unsettled_jobs(workspace.store):
        if job["kind"] == "facts" and name in job["facts"].get("hosts", []):
            cancel_job(workspace, job["id"], by=person)


def pages_to_fetch(workspace: Workspace, addresses: Sequence[str]) -> tuple[list[str], dict[str, bool]]:
    """The addresses, each once, and the allowed hosts with whether they may be private. Raises Invalid, Refused for a host that is not allowed."""
    hosts = {one.host: one.allows_private for one in allowed_hosts(workspace)}
    if len(addresses) > MOST_PAGES:
        raise Invalid(f"{len(addresses)} pages were asked for at once.", remedy=f"Ask for up to {MOST_PAGES}.")
    found = [page_address(one) for one in addresses if one.strip()]
    for one in found:
        check_is_allowed(one, hosts)
    return list(dict.fromkeys(one.url for one in found)), hosts
