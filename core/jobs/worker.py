"""The worker process: runs one job's handler and writes one final state.

Started by an executor as `python -m core.jobs.worker FOLDER [LOCK]`, where LOCK is the open
descriptor that says this process is alive. It never opens the database. It is kept off the
network before anything else is loaded: inputs and results are files, so it needs none.
"""

from __future__ import annotations

import importlib
import logging
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import ProofroomError
from core.incidents import keep_words_out_of_logs, note_incident
from core.jobs.broken_off import machine_reason
from core.jobs.context import JobCancelled, JobContext
from core.jobs.folder import JobFolder
from core.nouns import JobState
from core.outgoing.isolation import LOG, KeptOff, keep_off_the_network

log = logging.getLogger(__name__)

# Pages stay responsive while a run uses both cores.
NICENESS = 5
AUTOGROUP = Path("/proc/self/autogroup")
HANDLERS = (
    "import", "index", "curate", "score", "difficulty", "suggest", "cleaning", "freeze", "version", "leaks", "preflight", "train",
    "continue", "draft", "export", "facts", "guide", "judge", "audit", "pii",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run the job. Returns 0 when it is done or cancelled, 1 when it failed."""
    folder = JobFolder(Path(arguments[0]))
    if len(arguments) > 1:
        os.set_inheritable(int(arguments[1]), False)
    give_way()
    return _run(JobContext(folder))


def give_way() -> None:
    """Leave the processor to the studio when it wants it: by niceness, on Linux also that of the session.

    Where the kernel groups processes by session, niceness inside a session says nothing to the others.
    """
    os.nice(NICENESS)
    # Refused where /proc is read-only, and when another process has just asked; then it is worth no failed job.
    with suppress(OSError):
        AUTOGROUP.write_text(str(NICENESS), encoding="ascii")


def _run(context: JobContext) -> int:
    kind = context.spec["kind"]
    if kind not in HANDLERS:
        context.finish(
            JobState.FAILED, reason=f"There is no job of the kind {kind!r}; known are {', '.join(HANDLERS)}."
        )
        return 1
    try:
        context.network = _kept_off(context)
        _clear_results(context.folder)
        context.folder.unfinished.mkdir()
        context.report(phase="Starting", done=0, total=0)
        result = importlib.import_module(f"core.jobs.handlers.{kind}_job").run(context)
        context.folder.unfinished.rename(context.folder.out)
        context.finish(JobState.DONE, result=result)
    except JobCancelled:
        _clear_results(context.folder)
        context.finish(JobState.CANCELLED, reason="Cancelled on request.")
    except Exception as error:  # noqa: BLE001 - the frame of the process: whatever it was, the job must end with a reason
        # On a full disk this is the room that the last word is written into.
        _clear_results(context.folder)
        context.finish(JobState.FAILED, reason=_reason(error, kind))
        return 1
    return 0


def _kept_off(context: JobContext) -> KeptOff:
    """Of several jobs of one run the attempts stand together, in the run's own folder."""
    settings = context.spec.get("settings") or {}
    endpoint = settings.get("endpoint")
    hosts = [urlsplit(endpoint["url"]).hostname or ""] if endpoint else []
    if settings.get("addresses"):
        # Of pages that are to be fetched; a port may stand behind the name.
        hosts += [name.partition(":")[0] for name in settings["hosts"]]
    if "checkpoint" not in settings:
        return keep_off_the_network(context.folder.root / LOG, hosts=hosts)
    checkpoint = Path(settings["checkpoint"])
    return keep_off_the_network(checkpoint.parent / LOG, hosts=hosts, had_begun=checkpoint.exists())


def _clear_results(folder: JobFolder) -> None:
    for results in (folder.unfinished, folder.out):
        shutil.rmtree(results, ignore_errors=True)


def _reason(error: Exception, kind: str) -> str:
    """The sentence that a person reads. Where it broke off is told in the job's output, as far as there is room for it."""
    by_machine = machine_reason(error, kind)
    if isinstance(error, ProofroomError):
        return by_machine or str(error)
    incident = note_incident(log, f"in a job of the kind {kind}", error)
    return by_machine or (
        f"The job broke off unexpectedly ({type(error).__name__}). Quote {incident}; the details stand in the job's output.log."
    )


if __name__ == "__main__":
    keep_words_out_of_logs()
    raise SystemExit(main(sys.argv[1:]))
