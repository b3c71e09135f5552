"""Checklist 22: a backup taken while everybody writes restores to a consistent state, with all that was acknowledged before it began."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core.config import DataFolder
from core.store.connection import Store
from core.workflows import projects, upkeep
from core.workflows.workspace import Workspace, open_workspace
from tests.reliability.busy_studio import Busy, Told, build, joined, lost
from tests.reliability.faults import faults_of
from tests.reliability.served_runs import ENDED
from tests.reliability.trail_check import checked
from tests.served import ServedStudio

# Of drafts that no run stands behind, here as in the studio that is backed up.
MADE_BY_HAND = "drafts point at runs"


@pytest.fixture
def signed_in(tmp_path: Path) -> Iterator[ServedStudio]:
    served = ServedStudio(tmp_path, options=("--sign-in",))
    yield served
    served.stop()


class ComingAndGoing:
    """Uploads that are sent and never imported, one after another, and imports that are taken back."""

    def __init__(self, studio: ServedStudio, sources: list[str]) -> None:
        self._address, self._headers = str(studio.http.base_url), dict(studio.http.headers)
        self._sources = sources
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._go)
        self.refused: list[str] = []

    def __enter__(self) -> ComingAndGoing:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _go(self) -> None:
        with httpx.Client(base_url=self._address, headers=self._headers, timeout=60, trust_env=False) as client:
            n = 0
            while not self._is_over.is_set():
                answer = client.put("/uploads", params={"path": "a.md"}, content=f"{n} ".encode() * 400_000)
                if self._sources and n % 2:
                    answer = client.delete(f"/sources/{self._sources.pop()}")
                if (
                    not answer.is_success
                    and "is being frozen" not in answer.text
                    and "holds records" not in answer.text
                ):
                    self.refused.append(answer.text)
                n += 1


@pytest.mark.slow
def test_22_a_backup_while_everybody_writes_holds_what_was_acknowledged_before_it(
    signed_in: ServedStudio, tmp_path: Path
) -> None:
    records, told = build(signed_in.data), Told()
    signed_in.start()
    taken: list[tuple[Path, Told]] = []
    sources: list[str] = []
    for round_, _ in enumerate(faults_of(22)):
        busy = Busy(signed_in, records, round_)
        busy.start()
        busy.wait_until_all_write()
        with ComingAndGoing(signed_in, sources) as going:
            before = joined(told, busy.told())
            target = tmp_path / f"backup-{round_}.tar.gz"
            signed_in.post("/backup", {"to": str(target)})
        busy.stop()
        assert busy.refused == going.refused == []
        taken.append((target, before))
        told = joined(told, busy.told())
        for _, job in busy.told()["import"]:
            assert signed_in.wait(job, until=ENDED)["state"] == "done"
        sources = [source for source, _ in busy.told()["import"]]
    for target, before in taken:
        restored = DataFolder(target.with_suffix(".restored"))
        upkeep.restore(target, restored)
        store = Store(restored.database)
        assert lost(store, before) == {}
        assert checked(store).findings == []
        store.close()
        workspace = open_workspace(restored)
        try:
            problems = upkeep.examine(workspace)["problems"]
            assert [one for one in problems if MADE_BY_HAND not in one] == []
        finally:
            workspace.close()


def test_22_a_backup_while_somebody_still_reads_what_was_before_a_change_is_whole(
    workspace: Workspace, tmp_path: Path
) -> None:
    """As while a version is written out: the engine cannot move its log into the file then."""
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    snapshot = workspace.store.snapshot()
    projects.set_pass_target(workspace, "p", target=0.9, by="Ann")
    upkeep.back_up(workspace, tmp_path / "b.tar.gz")
    snapshot.close()
    restored = DataFolder(tmp_path / "restored")
    upkeep.restore(tmp_path / "b.tar.gz", restored)
    store = Store(restored.database)
    assert store.read("SELECT pass_target FROM projects") == [{"pass_target": 0.9}]
    assert checked(store).findings == []
    store.close()
