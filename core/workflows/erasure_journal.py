"""What an erasure that is under way writes down, so that one that was cut off goes on: a folder beside the database.

person.json   how the person is written, nothing where a source is erased: only its owner can read it, and it goes when the erasure has ended
state.json    what was chosen, by ids alone, and which records went
removed.jsonl what was taken from the disk, by place
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.jobs.folder import write_json
from core.privacy.erasure_certificate import ErasedSource
from core.privacy.person import Person
from core.workflows.workspace import Workspace

# The table of the records; a find in it has its name before the record's id.
RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person decided by hand. takes: keys of possible finds to be taken as well. leaves: keys of finds to be left as they are.

    masks: keys of records of which the mentions alone go. records: ids of records that go although nothing in them was found.
    """

    takes: frozenset[str] = frozenset()
    leaves: frozenset[str] = frozenset()
    masks: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()


@dataclass(slots=True)
class Journal:
    """One erasure that has begun and not ended. n_before: places that held the person, or the source's texts. record_ids: of erased records; masked: of
    masked ones. source: that is erased; then the person is nobody. drafts: ids of those that models wrote with a record of the source before them.
    """

    folder: Path
    id: str
    project_id: str
    by: str
    started_at: str
    n_before: int
    person: Person
    choices: Choices
    record_ids: list[str] = field(default_factory=list)
    masked: dict[str, bool] = field(default_factory=dict)
    source: ErasedSource | None = None
    drafts: list[str] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """What the erasure is of: the source's id, else its own."""
        return self.source.source if self.source else self.id

    @property
    def whole(self) -> str:
        """What stands for a name that is all of a text: the same in every place, so that what one person did stays one person's."""
        return f"erased person {self.id[-4:]}"

    def begin(self) -> None:
        """Write all of it; the state comes last, so that a folder with a state is whole."""
        self.folder.mkdir(parents=True, mode=0o700)
        told = {"names": self.person.names, "literals": self.person.literals, "alike_from": self.person.alike_from}
        descriptor = os.open(self.folder / "person.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            json.dump(told, opened, ensure_ascii=False)
        self.save()

    def save(self) -> None:
        chosen = {name: sorted(getattr(self.choices, name)) for name in ("takes", "leaves", "masks", "records")}
        write_json(
            self.folder / "state.json",
            {
                "id": self.id, "project_id": self.project_id, "by": self.by, "started_at": self.started_at, "n_before": self.n_before,
                "choices": chosen, "record_ids": self.record_ids, "masked": self.masked, "source": self.source and asdict(self.source),
                "drafts": self.drafts,
            },
        )  # fmt: skip

    def note_removed(self, place: str, path: str, what: str) -> None:
        """Before it is done; done twice it is counted once. The path itself may name the person, so its hash stands here."""
        line = {"place": place, "what": what, "path": hashlib.sha256(path.encode()).hexdigest()}
        with (self.folder / "removed.jsonl").open("a", encoding="utf-8") as opened:
            opened.write(json.dumps(line) + "\n")

    def removed(self) -> Counter[tuple[str, str]]:
        """How much was taken from the disk, by place and by what was done."""
        return Counter((one["place"], one["what"]) for one in self._noted())

    def removed_of(self, paths: Iterable[str]) -> list[str]:
        """Those of the paths at which something was taken from the disk, or masked, or was about to be."""
        noted = {one["path"] for one in self._noted()}
        return [path for path in paths if hashlib.sha256(path.encode()).hexdigest() in noted]

    def _noted(self) -> list[dict[str, str]]:
        try:
            lines = (self.folder / "removed.jsonl").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in dict.fromkeys(lines) if line.endswith("}")]

    def end(self) -> None:
        """Let go of the spellings, and of everything else."""
        (self.folder / "person.json").unlink(missing_ok=True)
        shutil.rmtree(self.folder)


def journals_folder(workspace: Workspace) -> Path:
    return workspace.folder.root / "erasing"


def open_journals(workspace: Workspace) -> list[Journal]:
    """Those of erasures that have not ended, the oldest first. What never began to be written whole is removed."""
    found = []
    for folder in sorted(journals_folder(workspace).glob("er_*")):
        if (folder / "state.json").exists() and (folder / "person.json").exists():
            found.append(_read(folder))
        else:
            shutil.rmtree(folder)
    return sorted(found, key=lambda one: one.started_at)


def subjects_waiting(workspace: Workspace) -> list[str]:
    """What the erasures are of that have begun and not ended. Nothing is removed, so that one may begin meanwhile."""
    found = []
    for file in sorted(journals_folder(workspace).glob("er_*/state.json")):
        # It may have ended in this very moment.
        with suppress(FileNotFoundError):
            state: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            found.append(state["source"]["source"] if state.get("source") else state["id"])
    return found


def _read(folder: Path) -> Journal:
    state: dict[str, Any] = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    told = json.loads((folder / "person.json").read_text(encoding="utf-8"))
    person = Person(tuple(told["names"]), tuple(told["literals"]), told["alike_from"])
    return Journal(
        folder, state["id"], state["project_id"], state["by"], state["started_at"], state["n_before"], person,
        Choices(**{name: frozenset(keys) for name, keys in state["choices"].items()}), state["record_ids"], state["masked"],
        # One that was begun by the program of before knows of no sources.
        ErasedSource(**state["source"]) if state.get("source") else None, state.get("drafts", []),
    )  # fmt: skip


def chosen(
    *, takes: Iterable[str] = (), leaves: Iterable[str] = (), masks: Iterable[str] = (), records: Iterable[str] = ()
) -> Choices:
    return Choices(frozenset(takes), frozenset(leaves), frozenset(masks), frozenset(records))
