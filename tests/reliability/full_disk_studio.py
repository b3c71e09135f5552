"""A studio on a small disk that is full whenever something is to be written; and once there is room again the same is asked for again.

Run as a program inside a mount namespace, which alone sees the disk. Prints as JSON, for each fault, what a person reads.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from core.config import DataFolder
from core.errors import ProofroomError, StoreFull
from core.jobs import supervisor
from core.jobs.executor import ChildProcessExecutor
from core.nouns import FINAL_JOB_STATES
from core.store import engine
from core.workflows import deciding, exporting, freezing, guiding, importing, people, tagging, upkeep
from core.workflows.jobs import job_progress
from core.workflows.workspace import Workspace, open_workspace
from tests.core.workflows.accounts_by_hand import first_owner
from tests.core.workflows.finished_run import finished_run
from tests.core.workflows.queue_by_hand import judge_next, put_drafts
from tests.drafts_by_hand import a_text
from tests.jobs_by_hand import finish
from tests.reliability.small_disk import fill

PROJECT = "voice"
# Small writes find room in the last page of a file that is there already.
MOST_BEFORE_REFUSED = 400


@dataclass
class Studio:
    """The workspace on the disk, and what was acknowledged of each kind."""

    disk: Path
    workspace: Workspace
    told: dict[str, list[str]] = field(default_factory=dict)

    def reopen(self) -> None:
        self.workspace.close()
        self.workspace = opened(self.disk)


def opened(disk: Path) -> Workspace:
    return open_workspace(DataFolder(disk / "data"), executor=ChildProcessExecutor())


def records(studio: Studio) -> list[str]:
    return [row["id"] for row in studio.workspace.store.read("SELECT id FROM records ORDER BY id")]


def decide(studio: Studio, turn: int) -> str:
    some = records(studio)
    return str(
        deciding.decide(studio.workspace, PROJECT, some[turn % len(some)], "keep", by="Ann", note=f"{turn}")["id"]
    )


def judge(studio: Studio, turn: int) -> str:
    return judge_next(studio.workspace, PROJECT, by="Ann")


def tag(studio: Studio, turn: int) -> str:
    tagging.tag(studio.workspace, PROJECT, records(studio)[0], [f"tag {turn}"], by="Ann")
    return f"tag {turn}"


def guide(studio: Studio, turn: int) -> str:
    return guiding.set_guide_file(studio.workspace, PROJECT, f"notes: Note {turn}\n".encode(), by="Ann").guide.notes


def invite(studio: Studio, turn: int) -> str:
    return people.invite(studio.workspace, f"Person {turn}", role="reviewer", project=PROJECT, by="Olga").id


def upload(studio: Studio, turn: int) -> str:
    return importing.keep_upload(studio.workspace, "a.md", os.urandom(40_000)).sha256


SMALL: dict[str, tuple[Callable[[Studio, int], str], str]] = {
    "no room for a decision": (decide, "SELECT record_id FROM decisions"),
    "no room for a verdict": (judge, "SELECT item_id FROM reviews"),
    "no room for a tag": (tag, "SELECT tag FROM taggings WHERE is_added"),
    "no room for the guide": (guide, "SELECT content->>'$.notes' FROM guides"),
    "no room for an account": (invite, "SELECT id FROM invitations"),
    "no room for an upload": (upload, ""),
}


def until_refused(studio: Studio, fault: str, write: Callable[[Studio, int], str]) -> str:
    told = studio.told.setdefault(fault, [])
    for _ in range(MOST_BEFORE_REFUSED):
        try:
            told.append(write(studio, len(told)))
        except ProofroomError as error:
            return str(error)
    raise AssertionError(f"{fault}: it is never refused")


def small_write(studio: Studio, fault: str) -> str:
    write, _ = SMALL[fault]
    filler = fill(studio.disk)
    said = until_refused(studio, fault, write)
    # The database opens again while the disk is still full.
    studio.reopen()
    filler.unlink()
    studio.told[fault].append(write(studio, len(studio.told[fault])))
    return said


def send(studio: Studio, name: str) -> importing.Upload:
    text = f"# {name}\n\n{a_text(Random(name))}\n\n{a_text(Random(name + '2'))}\n"
    return importing.keep_upload(studio.workspace, name, text.encode())


def start_import(studio: Studio, *sent: importing.Upload) -> str:
    """The job's id."""
    terms = importing.checked_terms(
        owner="Ann", basis="consent", purpose="test", uses=None, expires=None, licence=None, today=importing.today()
    )
    return importing.import_files(studio.workspace, PROJECT, list(sent), terms, name=sent[0].path, by="Ann")["job"]


def import_refused(studio: Studio, fault: str) -> str:
    waiting = [send(studio, f"a-{n}.md") for n in range(8)]
    filler = fill(studio.disk)
    said = until_refused(studio, fault, lambda studio, turn: start_import(studio, waiting[turn]))
    filler.unlink()
    studio.told[fault].append(start_import(studio, waiting[-1]))
    for job in studio.told[fault]:
        assert finish(studio.workspace, job)["state"] == "done"
    return said


def results_wait(studio: Studio, fault: str) -> str:
    job = start_import(studio, send(studio, "waits.md"))
    folder = studio.workspace.supervisor.folder(job)
    studio.workspace.supervisor.poll()
    deadline = time.monotonic() + 60
    while folder.status().get("state") not in FINAL_JOB_STATES or folder.worker_is_alive():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    filler = fill(studio.disk)
    # What is left of the log's last page is used up.
    until_refused(studio, fault, decide)
    studio.workspace.supervisor.poll()
    assert job_progress(studio.workspace, job)["state"] == "running"
    filler.unlink()
    assert finish(studio.workspace, job)["state"] == "done"
    return "The disk is full, and the results wait."


def freeze_refused(studio: Studio, fault: str) -> str:
    filler = fill(studio.disk)
    try:
        begun = freezing.freeze_version(studio.workspace, PROJECT, name="v2", recipe="everything", by="Ann")
    except ProofroomError as error:
        said = str(error)
        filler.unlink()
    else:
        time.sleep(1.0)
        filler.unlink()
        ended = finish(studio.workspace, begun["job"])
        assert ended["state"] == "failed", ended
        said = ended["reason"]
    again = freezing.freeze_version(studio.workspace, PROJECT, name="v2", recipe="everything", by="Ann")
    ended = finish(studio.workspace, again["job"])
    assert ended["state"] == "done", ended
    return said


def taken_away(studio: Studio, take: Callable[[], Any], left: Path) -> str:
    before = sorted(left.iterdir())
    filler = fill(studio.disk)
    try:
        take()
    except ProofroomError as error:
        said = str(error)
    else:
        raise AssertionError("there was room")
    filler.unlink()
    assert sorted(left.iterdir()) == before, "half of it was left behind"
    take()
    return said


def version_refused(studio: Studio, fault: str) -> str:
    def take() -> object:
        return freezing.export_version(studio.workspace, PROJECT, "v1", target=studio.disk / "out" / "v1", by="Ann")

    return taken_away(studio, take, studio.disk / "out")


def model_refused(studio: Studio, fault: str) -> str:
    def take() -> object:
        return exporting.start_export(studio.workspace, "v1-1", form="adapter", by="Ann")

    return taken_away(studio, take, studio.workspace.folder.exports)


def backup_refused(studio: Studio, fault: str) -> str:
    said = taken_away(
        studio, lambda: upkeep.back_up(studio.workspace, studio.disk / "out" / "b.tar.gz"), studio.disk / "out"
    )
    restored = DataFolder(studio.disk / "restored")
    upkeep.restore(studio.disk / "out" / "b.tar.gz", restored)
    assert restored.database.exists()
    return said


def log_refused(studio: Studio, fault: str) -> str:
    """Where there is seen to be no room, and where the engine meets that itself."""
    n = len(records(studio))
    for spare in (engine.SPARE_BYTES, -(2**40)):
        # What the log holds is more than fits into the file's free blocks.
        for turn in range(40):
            decide(studio, turn)
        filler = fill(studio.disk)
        engine.SPARE_BYTES = spare
        try:
            studio.workspace.store.checkpoint()
        except StoreFull as error:
            said = str(error)
        else:
            raise AssertionError("there was room")
        assert len(records(studio)) == n
        filler.unlink()
        assert decide(studio, 0)
    studio.workspace.store.checkpoint()
    assert len(records(studio)) == n
    return said


FAULTS: dict[str, Callable[[Studio, str], str]] = {
    **dict.fromkeys(SMALL, small_write),
    "no room for an import": import_refused,
    "no room for what an import read": results_wait,
    "no room for a freeze": freeze_refused,
    "no room for a version taken away": version_refused,
    "no room for a model taken away": model_refused,
    "no room for a backup": backup_refused,
    "no room to move the log into the database": log_refused,
}


def main(disk: Path, root: Path) -> None:
    supervisor.DISK_FULL_SECONDS = 0.0
    studio = Studio(disk, opened(disk))
    finished_run(studio.workspace, root)
    first = [send(studio, f"first-{n}.md") for n in range(8)]
    assert finish(studio.workspace, start_import(studio, *first))["state"] == "done"
    put_drafts(studio.workspace, PROJECT, 60)
    first_owner(studio.workspace)
    (disk / "out").mkdir()
    said = {fault: meet(studio, fault) for fault, meet in FAULTS.items()}
    for fault, (_, sql) in SMALL.items():
        held = (
            {next(iter(row.values())) for row in studio.workspace.store.read(sql)}
            if sql
            else {file.name for file in studio.workspace.folder.uploads.iterdir()}
        )
        assert set(studio.told[fault]) <= held, fault
    studio.reopen()
    problems = [one for one in upkeep.examine(studio.workspace)["problems"] if "drafts point at runs" not in one]
    studio.workspace.close()
    print(json.dumps({"said": said, "problems": problems}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
