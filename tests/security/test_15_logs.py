"""Logs carry ids and counts, never the words of a record: not of an import with errors, and not of what broke unforeseen."""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from starlette.testclient import TestClient
from streamlit import config, error_util

from core.config import DataFolder
from core.incidents import keep_words_out_of_logs, note_incident, places_of
from core.jobs.folder import JobFolder
from core.jobs.handlers.import_job import FILES, REJECTED
from core.workflows import deciding, importing, projects
from core.workflows.workspace import Workspace, new_job_folder, open_workspace, project_named, queue_job
from studio import running
from studio.api.app import create_api
from tests.jobs_by_hand import finish
from tests.served import ServedStudio

REPOSITORY = Path(__file__).resolve().parents[2]
CANARY = "the heron at the weir wrote to nobody on tuesday"
LOGS = ("server.log", "generator.log", "output.log", "events.jsonl")


def logs_in(folder: Path) -> dict[str, str]:
    files = [file for name in LOGS for file in folder.rglob(name)]
    return {str(file.relative_to(folder)): file.read_text(encoding="utf-8", errors="replace") for file in files}


def holding(folder: Path, words: str) -> list[str]:
    return [name for name, text in logs_in(folder).items() if words in text.lower()]


def planted(data: Path) -> None:
    """A studio whose records, decisions and drafts hold the sentence, also where the program does not expect it."""
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    files = {
        "good.jsonl": json.dumps({"id": CANARY, "title": CANARY, "text": f"It is told that {CANARY}."}).encode(),
        "bad.jsonl": f'{{"text": "{CANARY}\n{{"text": 7, "{CANARY}": \n[1, "{CANARY}"]\n'.encode(),
        "bad.csv": f"text,text\n{CANARY}\n\0{CANARY},b,c,d\n".encode(),
        "bad.md": f"---\ntitle: [{CANARY}\n: {CANARY}\n---\n{CANARY}".encode(),
        f"{CANARY}.exe": b"MZ",
    }
    terms = importing.Terms(owner=CANARY, basis="consent", purpose=CANARY, expires_on=None)
    uploads = [importing.keep_upload(workspace, name, content) for name, content in files.items()]
    job = importing.import_files(workspace, "p", uploads, terms, name=CANARY, by="Ann")["job"]
    assert finish(workspace, job)["state"] == "done"
    record = deciding.queue(workspace, "p", deciding.RecordFilter())[0]
    deciding.decide(workspace, "p", record, "keep", note=CANARY, by="Ann")
    with_results_that_do_not_fit(workspace)
    workspace.close()


def with_results_that_do_not_fit(workspace: Workspace) -> None:
    """A job that ended with a word where a number belongs: the engine quotes it as it refuses it."""
    _, folder = new_job_folder(workspace)
    project = project_named(workspace, "p")["id"]
    with workspace.store.transaction() as tx:
        queue_job(
            tx,
            folder,
            project_id=project,
            kind="import",
            settings={"files": []},
            facts={"source": "s_x", "n_files": 1},
            by="Ann",
        )
    folder.out.mkdir()
    row = {field.name: CANARY for field in FILES} | {"source_id": "s_x", "project_id": project}
    parquet.write_table(pa.Table.from_pylist([row]), folder.out / "files.parquet")
    parquet.write_table(REJECTED.empty_table(), folder.out / "rejected.parquet")
    folder.write_status({"state": "done", "result": {"n_accepted": 1, "n_rejected": 0}})


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedStudio]:
    root = tmp_path_factory.mktemp("logs")
    planted(root / "data")
    opened = ServedStudio(root)
    opened.start()
    yield opened
    opened.stop()


def log_of(studio: ServedStudio) -> str:
    return (studio.data.parent / "server.log").read_text(encoding="utf-8")


def test_an_import_with_errors_logs_none_of_their_words(studio: ServedStudio) -> None:
    report = studio.get(f"/sources/{studio.get('/projects/p/sources')[0]['id']}")
    assert (
        sum(file["n_rejected"] for file in report["files"])
        + sum(file["status"] == "refused" for file in report["files"])
        > 3
    )
    assert holding(studio.data.parent, CANARY) == []


def test_results_that_the_engine_refuses_are_logged_by_their_place(studio: ServedStudio) -> None:
    until = time.monotonic() + 60
    while "incident" not in log_of(studio) and time.monotonic() < until:
        time.sleep(0.2)
    assert re.search(r"incident i[0-9a-f]{8} in taking over the results of job_", log_of(studio))
    assert "ConversionException" in log_of(studio)
    assert re.search(r"core/workflows/importing\.py:\d+ in ", log_of(studio))
    assert holding(studio.data.parent, CANARY) == []


def test_what_is_asked_for_in_an_address_is_logged_nowhere(studio: ServedStudio) -> None:
    asked = {"words": "heronry"}
    assert studio.http.get("/projects/p/records", params=asked).is_success
    assert studio.http.get(str(studio.http.base_url.copy_with(path="/explore")), params=asked).is_success
    assert holding(studio.data.parent, "heronry") == []


@pytest.mark.usefixtures("without_words")
def test_what_breaks_in_an_answer_is_logged_by_its_route_and_place(
    folder: DataFolder, caplog: pytest.LogCaptureFixture
) -> None:
    running.start(folder)
    api = create_api("token")

    def break_off(words: str) -> None:
        raise broken(words)

    api.add_api_route("/broken/{words}", break_off)
    with TestClient(api, raise_server_exceptions=False) as client:
        answer = client.get(f"/broken/{CANARY}", headers={"Authorization": "Bearer token"})
    running.stop()
    assert (answer.status_code, answer.json()["error"]) == (500, "incident")
    quoted = re.search(r"i[0-9a-f]{8}", answer.json()["remedy"])
    assert quoted is not None
    assert f"incident {quoted[0]} on GET /broken/{{words}}" in caplog.text
    assert "ValueError" in caplog.text
    assert CANARY not in caplog.text + answer.text


@pytest.mark.usefixtures("without_words")
def test_what_streamlit_says_of_a_page_that_breaks_holds_no_words() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logger = logging.getLogger("streamlit.error_util")
    logger.addHandler(handler)
    try:
        with config_of_the_studio():
            error_util._log_uncaught_app_exception(broken(CANARY))
    finally:
        logger.removeHandler(handler)
    assert "Uncaught app execution" in written.getvalue()
    assert "ValueError" in written.getvalue()
    assert CANARY not in written.getvalue()


@contextmanager
def config_of_the_studio() -> Iterator[None]:
    """What it says of Streamlit's own way to print an error, which would pass every log by."""
    told = tomllib.loads((REPOSITORY / "studio" / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    before = config.get_option("logger.enableRich")
    config.set_option("logger.enableRich", told["logger"]["enableRich"])
    try:
        yield
    finally:
        config.set_option("logger.enableRich", before)


def test_what_breaks_in_a_worker_is_logged_by_its_place(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path / "job_1")
    settings = {
        "source_id": "s_1",
        "project_id": "p",
        "goal": CANARY,
        "files": [],
        "known": {},
        "memory_mb": 900,
        "seconds_per_file": 9.0,
    }
    folder.create({"id": "job_1", "kind": "import", "project_id": "p", "settings": settings})
    with folder.log.open("wb") as log:
        subprocess.run([sys.executable, "-m", "core.jobs.worker", str(folder.root)], cwd=REPOSITORY, stdout=log, stderr=log, timeout=120)  # fmt: skip
    status = folder.status()
    assert status["state"] == "failed"
    said = folder.log.read_text()
    assert re.search(r"incident i[0-9a-f]{8} in a job of the kind import", said)
    assert "core/jobs/worker.py:" in said
    assert "ValueError" in said
    assert CANARY not in said + json.dumps(status)


def broken(words: str) -> Exception:
    """An error behind an error, as one meets them; both quote."""
    try:
        try:
            raise KeyError(words)
        except KeyError as error:
            raise ValueError(f"{words} is no row") from error
    except ValueError as error:
        return error


@pytest.fixture
def without_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    hooks = (sys.excepthook, sys.unraisablehook, logging.getLogRecordFactory())
    of_threads = threading.excepthook
    keep_words_out_of_logs()
    yield
    sys.excepthook, sys.unraisablehook = hooks[:2]
    threading.excepthook = of_threads
    logging.setLogRecordFactory(hooks[2])


@pytest.mark.usefixtures("without_words")
@pytest.mark.parametrize(
    "log_it",
    [
        lambda log, error: log.error("it broke", exc_info=error),
        lambda log, error: log.error("it broke: %s", error),
        lambda log, error: log.error("it broke: %r of %d", error, 7),
        lambda log, error: log.error(error),
        lambda log, error: log.error(f"future: <Task exception={error!r}>", exc_info=error),
        lambda log, error: log.warning("%(what)s", {"what": error}),
        lambda log, error: log.error("100% of it", exc_info=error),
        lambda log, error: log.error("group", exc_info=ExceptionGroup(str(error), [error])),
    ],
)
def test_whoever_logs_an_error_logs_its_class_alone(caplog: pytest.LogCaptureFixture, log_it) -> None:  # type: ignore[no-untyped-def]
    log_it(logging.getLogger("of.a.library"), broken(CANARY))
    assert CANARY not in caplog.text
    assert "ValueError" in caplog.text
    assert caplog.records


def test_an_incident_names_every_error_behind_it_and_the_lines_it_came_through(
    caplog: pytest.LogCaptureFixture,
) -> None:
    incident = note_incident(logging.getLogger("a"), "on a page", broken(CANARY))
    assert re.fullmatch(r"i[0-9a-f]{8}", incident)
    assert f"incident {incident} on a page" in caplog.text
    assert caplog.text.index("KeyError") < caplog.text.index("ValueError")
    assert "test_15_logs.py:" in caplog.text
    assert CANARY not in caplog.text


def test_what_the_system_says_is_kept_and_the_name_of_a_file_is_not() -> None:
    told = places_of(OSError(28, "No space left on device", f"/data/{CANARY}"))
    assert told == "OSError: No space left on device"
