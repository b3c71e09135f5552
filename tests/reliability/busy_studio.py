"""Seven kinds of writes at once through the API of a served studio, each noted as soon as it is acknowledged.

A studio may know more than was acknowledged: what was stored when the answer was lost. It may never know less.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import httpx

from core.config import DataFolder
from core.store.connection import Store
from core.workflows import importing, projects
from core.workflows.workspace import open_workspace
from tests.core.workflows.accounts_by_hand import first_owner
from tests.drafts_by_hand import a_text, put_drafts
from tests.jobs_by_hand import finish
from tests.served import ServedStudio

PROJECT = "p"
N_RECORDS, N_BRIEFS = 24, 60
PAUSE_SECONDS = 0.02
# Each starts a process; a queue of them would outlast the test.
MOST_IMPORTS, MOST_FREEZES = 2, 1
Told = dict[str, list[tuple[str, str]]]
STORED = {
    "decision": "SELECT record_id, decision FROM decisions",
    "verdict": "SELECT item_id, decision FROM reviews UNION ALL SELECT item_id, decision FROM repeat_reviews",
    "tag": "SELECT record_id, tag FROM taggings WHERE is_added",
    "guide": "SELECT content->>'$.notes' AS notes, '' AS none FROM guides",
    "invitation": "SELECT id, '' AS none FROM invitations WHERE role = 'reviewer'",
    "import": "SELECT s.id, j.id AS job FROM sources s JOIN jobs j ON j.facts->>'$.source' = s.id",
    "freeze": "SELECT facts->>'$.version' AS version, id FROM jobs WHERE kind = 'freeze'",
}


def build(data: Path) -> list[str]:
    """A studio that people sign in to, with records, briefs and drafts. Returns the ids of the records."""
    workspace = open_workspace(DataFolder(data))
    try:
        projects.create_project(workspace, name=PROJECT, goal="voice", by="Ann")
        first_owner(workspace)
        draw = Random(3)
        uploads = [
            importing.keep_upload(
                workspace, f"post-{n}.md", f"# Post {n}\n\n{a_text(draw)}\n\n{a_text(draw)}\n".encode()
            )
            for n in range(N_RECORDS)
        ]
        terms = importing.checked_terms(
            owner="Ann", basis="consent", purpose="test", uses=None, expires=None, licence=None, today=importing.today()
        )
        started = importing.import_files(workspace, PROJECT, uploads, terms, name="posts", by="Ann")
        assert finish(workspace, started["job"])["state"] == "done"
        put_drafts(workspace, PROJECT, n_briefs=N_BRIEFS, seed=5)
        return [row["id"] for row in workspace.store.read("SELECT id FROM records ORDER BY id")]
    finally:
        workspace.close()


class Busy:
    """The writers of one round, each in a thread; round_: makes what they write different from that of other rounds."""

    def __init__(self, studio: ServedStudio, records: list[str], round_: int) -> None:
        self._address, self._headers = str(studio.http.base_url), dict(studio.http.headers)
        self._records, self._round = records, round_
        self._is_over = threading.Event()
        self.refused: list[str] = []
        self._told: Told = {kind: [] for kind in STORED}
        writers: dict[str, Callable[[httpx.Client, int], tuple[str, str] | None]] = {
            "decision": self._decide, "verdict": self._judge, "tag": self._tag, "guide": self._note, "invitation": self._invite,
            "import": self._import, "freeze": self._freeze,
        }  # fmt: skip
        self._threads = [threading.Thread(target=self._write, args=(kind, write)) for kind, write in writers.items()]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait_until_all_write(self, *, seconds: float = 120) -> None:
        """Until something of every kind was acknowledged."""
        deadline = time.monotonic() + seconds
        while not all(self._told.values()):
            assert time.monotonic() < deadline, {kind: len(noted) for kind, noted in self._told.items()}
            assert self.refused == []
            time.sleep(0.02)

    def stop(self) -> None:
        """Where the server has been killed they have stopped by themselves."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def told(self) -> Told:
        """What was acknowledged so far."""
        return {kind: list(noted) for kind, noted in self._told.items()}

    def _write(self, kind: str, write: Callable[[httpx.Client, int], tuple[str, str] | None]) -> None:
        with httpx.Client(base_url=self._address, headers=self._headers, timeout=60, trust_env=False) as client:
            turn = 0
            while not self._is_over.is_set():
                try:
                    noted = write(client, turn)
                except httpx.HTTPError:
                    return
                if noted is not None:
                    self._told[kind].append(noted)
                turn += 1
                time.sleep(PAUSE_SECONDS)

    def _asked(self, client: httpx.Client, method: str, path: str, body: Any) -> Any:
        answer = client.request(method, path, json=body)
        if not answer.is_success:
            self.refused.append(f"{method} {path}: {answer.text}")
            return None
        return answer.json()

    def _decide(self, client: httpx.Client, turn: int) -> tuple[str, str] | None:
        record, decision = self._records[turn % len(self._records)], ("keep", "defer")[turn // len(self._records) % 2]
        path = f"/projects/{PROJECT}/records/{record}/decisions"
        return (record, decision) if self._asked(client, "POST", path, {"decision": decision}) else None

    def _judge(self, client: httpx.Client, turn: int) -> tuple[str, str] | None:
        shown = self._asked(client, "POST", f"/projects/{PROJECT}/review/next", {})
        if not shown or shown["item"] is None:
            return None
        verdict = {"decision": "sign_off", "text": shown["text"], "seconds": 5.0}
        return (shown["item"], "sign_off") if self._asked(client, "POST", f"/review/{shown['item']}", verdict) else None

    def _tag(self, client: httpx.Client, turn: int) -> tuple[str, str] | None:
        # A few records alone: from enough tagged ones on, suggestions would be worked out.
        record, tag = self._records[turn % 3], f"tag {self._round} {turn}"
        path = f"/projects/{PROJECT}/records/{record}/tags"
        return (record, tag) if self._asked(client, "POST", path, {"tags": [tag]}) else None

    def _note(self, client: httpx.Client, turn: int) -> tuple[str, str] | None:
        notes = f"Note {self._round} {turn}"
        content = {"content": f"notes: {notes}\n"}
        return (notes, "") if self._asked(client, "PUT", f"/projects/{PROJECT}/guide", content) else None

    def _invite(self, client: httpx.Client, turn: int) -> tuple[str, str] | None:
        person = {"name": f"Person {self._round} {turn}", "role": "reviewer", "project": PROJECT}
        made = self._asked(client, "POST", "/invitations", person)
        return (made["invitation"], "") if made else None

    def _import(self, client: httpx.Client, turn: int) -> tuple[str, str] | None:
        if turn >= MOST_IMPORTS:
            return None
        text = f"# More {self._round} {turn}\n\n{a_text(Random(f'{self._round} {turn}'))}\n"
        sent = client.put("/uploads", params={"path": f"more-{self._round}-{turn}.md"}, content=text.encode()).json()
        file = {"sha256": sent["sha256"], "path": sent["path"]}
        body = {"files": [file], "owner": "Ann", "basis": "consent", "purpose": "test"}
        made = self._asked(client, "POST", f"/projects/{PROJECT}/imports", body)
        return (made["source"], made["job"]) if made else None

    def _freeze(self, client: httpx.Client, turn: int) -> tuple[str, str] | None:
        if turn >= MOST_FREEZES:
            return None
        body = {"name": f"v{self._round}-{turn}", "recipe": "everything"}
        made = self._asked(client, "POST", f"/projects/{PROJECT}/versions", body)
        return (made["version"], made["job"]) if made else None


def lost(store: Store, told: Mapping[str, list[tuple[str, str]]]) -> dict[str, list[tuple[str, str]]]:
    """What was acknowledged and is not there."""
    found = {kind: sorted((Counter(noted) - stored(store, kind)).elements()) for kind, noted in told.items()}
    return {kind: gone for kind, gone in found.items() if gone}


def stored(store: Store, kind: str) -> Counter[tuple[str, str]]:
    rows = [tuple(row.values()) for row in store.read(STORED[kind])]
    return Counter((str(first), str(second)) for first, second in rows)


def joined(told: Mapping[str, list[tuple[str, str]]], more: Mapping[str, list[tuple[str, str]]]) -> Told:
    return {kind: [*told.get(kind, []), *more.get(kind, [])] for kind in STORED}
