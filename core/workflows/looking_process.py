"""The child process that looks into files for an erasure: a person, then one file after another as JSON lines; places and what was not read come back.

It has a limit on memory, and is kept off the network as jobs are. Who is looked for comes over its standard input and stands nowhere else.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.privacy.person import Person
from core.privacy.read_back import look_into
from core.records.child import begin_as_child

SECONDS_BETWEEN_WORDS = 0.5


def texts_of_database(file: Path) -> Iterator[tuple[str, str]]:
    # Loaded here: but for the last look of an erasure there is no database to be read.
    from core.store import every_text

    yield from every_text.texts_of_database(file)


def main() -> None:
    """Serve requests until standard input closes. First argument: memory limit in megabytes."""
    answers = begin_as_child()
    spoke_at = 0.0

    def answer(told: dict[str, Any]) -> None:
        answers.write(json.dumps(told) + "\n")
        answers.flush()

    def told(shown: str) -> None:
        """Say what is looked into next, and that it goes on."""
        nonlocal spoke_at
        if shown or time.monotonic() - spoke_at >= SECONDS_BETWEEN_WORDS:
            spoke_at = time.monotonic()
            answer({"at": shown})

    subject = json.loads(sys.stdin.readline())
    person = Person(tuple(subject["names"]), tuple(subject["literals"]), subject["alike_from"])
    answer({"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        found = look_into(
            Path(request["file"]), request["shown"], person, databases=texts_of_database, scratch=Path(request["scratch"]),
            record_ids=subject["record_ids"], broken=request["broken"], told=told,
        )  # fmt: skip
        answer({"found": asdict(found)})


if __name__ == "__main__":
    main()
