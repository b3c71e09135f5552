"""The one endpoint elsewhere that may write drafts for comparison, and may be asked what it thinks of drafts.

Off until an owner sets it up, since briefs leave the machine then; and what it thinks is asked only where an owner says that too, since
drafts leave the machine with it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from core.errors import Invalid, Refused
from core.outgoing.chat_endpoint import checked_url
from core.outgoing.endpoint_key import key_for
from core.store import endpoints as endpoint_rows
from core.store import jobs as job_rows
from core.workflows.jobs import cancel_job
from core.workflows.workspace import Workspace, checked_person


@dataclass(frozen=True, slots=True)
class Endpoint:
    """has_key: whether a key is sent there; it stands in the environment of this server alone. why_no_key: a sentence, where none is sent.

    is_key_kept_back: there is a key, which was given for another address, or is none. may_judge: whether drafts may be sent, too.
    """

    url: str
    model: str
    allows_private: bool
    may_judge: bool
    set_by: str
    set_at: datetime
    has_key: bool
    why_no_key: str
    is_key_kept_back: bool

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or self.url


def endpoint(workspace: Workspace) -> Endpoint | None:
    """What is set up; None where nothing leaves the machine."""
    row = endpoint_rows.endpoint(workspace.store)
    if row is None:
        return None
    key = key_for(row["url"])
    return Endpoint(
        row["url"],
        row["model"],
        row["allows_private"],
        row["may_judge"],
        row["set_by"],
        row["set_at"],
        bool(key.value),
        key.why_not,
        key.is_kept_back,
    )


def set_endpoint(workspace: Workspace, url: str, model: str, *, by: str, allows_private: bool = False) -> Endpoint:
    """Name the endpoint. Nothing is sent yet: only whoever writes drafts with it sends their briefs. Jobs that write with the one before end.

    It is asked what it thinks of drafts only once that is said of it (`set_judging`). Raises Refused and Invalid.
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


def set_judging(workspace: Workspace, *, is_on: bool, by: str) -> Endpoint:
    """Let the endpoint be asked what it thinks of drafts whenever the judge is calibrated, or no more: then jobs that ask it end.

    Raises Refused where no endpoint is set up.
    """
    person = checked_person(by)
    row = endpoint_rows.endpoint(workspace.store)
    if row is None:
        raise Refused("No endpoint elsewhere is set up.", remedy="An owner sets one up with `proofroom endpoint set`.")
    if not is_on:
        _stop_sending(workspace, by=person, kinds=("judge",))
    with workspace.store.transaction() as tx:
        endpoint_rows.insert_endpoint(
            tx, url=row["url"], model=row["model"], allows_private=row["allows_private"], by=person, may_judge=is_on
        )
        tx.event("judging switched on" if is_on else "judging switched off", "endpoint", row["url"], by=person)
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


def _stop_sending(workspace: Workspace, *, by: str, kinds: Collection[str] = ("draft", "judge")) -> None:
    for job in job_rows.unsettled_jobs(workspace.store):
        if job["kind"] in kinds and job["facts"].get("elsewhere"):
            cancel_job(workspace, job["id"], by=by)
