"""The API against its own description, by Schemathesis: every route, what its description allows and what it does not, by an owner and by a reviewer.

No request breaks the server, every answer is one that the description has, and none shows a traceback. Routes that write to a folder of the
machine are refused to everybody with an account, so nothing is written outside of the test's own data folder. What is asked for as a job is
queued, and no worker is started.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from core.config import DataFolder
from core.jobs.executor import ChildProcessExecutor
from core.nouns import Role
from core.workflows import access_tokens, importing
from studio import running
from tests.core.workflows.accounts_by_hand import first_owner, joined
from tests.core.workflows.finished_run import finished_run
from tests.core.workflows.queue_by_hand import judge_next, put_drafts
from tests.jobs_by_hand import finish
from tests.security.tried import ALLOWED_BY_OWNER, ALLOWED_BY_REVIEWER, NOT_ALLOWED_BY_OWNER
from tests.studio.opened_app import ADDRESS
from tests.studio.role_table import routes
from tests.studio.signed_in import signed_in_app

pytestmark = pytest.mark.slow

PROJECT = "voice"
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance,
]  # fmt: skip
ALLOWED, NOT_ALLOWED = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
# A part of a path with a line end in it, or one that leads up: no server takes the address for one of the API.
NO_PATH_OF_THE_API = re.compile(r"%0A|://[^/]+/(?!api/)", re.IGNORECASE)
# What takes things away is asked for last: the other routes have something to speak of until then.
LAST = ("DELETE", "/end", "/retire", "/withdrawal", "/cancel")


@dataclass
class Fuzzed:
    """A studio with something of every kind in it. known: by the name of a part of a path, what is there."""

    client: TestClient
    tokens: dict[Role, str]
    known: dict[str, list[str]]
    document: dict[str, Any]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    root = tmp_path_factory.mktemp("fuzz")
    folder = DataFolder(root / "data")
    folder.create()
    known = build(folder, root)
    with pytest.MonkeyPatch.context() as patch:
        # What may be asked for is asked for, and would start workers.
        patch.setattr(ChildProcessExecutor, "start", lambda _, folder: None)
        tokens = {
            role: access_tokens.make_token(
                running.workspace(), f"{role} token", account=name, role=role, project=None, by="Olga"
            ).shown
            for role, name in ((Role.OWNER, "Olga"), (Role.REVIEWER, "Rita"))
        }
        with signed_in_app(folder) as client:
            client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
            yield Fuzzed(client, tokens, known, client.get("/api/openapi.json").json())


def build(folder: DataFolder, root: Path) -> dict[str, list[str]]:
    workspace = running.start(folder, sign_in=True)
    run = finished_run(workspace, root, project_name=PROJECT)
    first_owner(workspace)
    joined(workspace, "Rita", Role.REVIEWER, PROJECT)
    sent = [
        importing.keep_upload(workspace, f"{n}.md", f"# Post {n}\n\nThe van of day {n} costs {n} €.\n".encode())
        for n in range(6)
    ]
    terms = importing.checked_terms(
        owner="Ann", basis="consent", purpose="test", uses=None, expires=None, licence=None, today=importing.today()
    )
    started = importing.import_files(workspace, PROJECT, sent, terms, name="posts", by="Ann")
    assert finish(workspace, started["job"])["state"] == "done"
    briefs = put_drafts(workspace, PROJECT, 8)
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE drafts SET run_id = ?", [run])
    judged = judge_next(workspace, PROJECT, by="Olga", text="Another text.")
    read = workspace.store.read
    return {
        "project": [PROJECT], "run": [run, "v1-1"], "version": ["v1"], "older": ["v1"], "newer": ["v1"], "source": [started["source"]],
        "job": [started["job"]], "record": [row["id"] for row in read("SELECT id FROM records LIMIT 3")],
        "item": [judged, *(row["id"] for row in read("SELECT id FROM review_items LIMIT 3"))],
        "draft": [row["id"] for row in read("SELECT id FROM drafts LIMIT 3")], "edit": [row["id"] for row in read("SELECT id FROM reviews")],
        "briefs": briefs[:3], "account": ["Rita"], "recipe": ["recommended", "everything"], "decision": ["keep", "edit", "reject", "sign_off"],
        "sha256": [one.sha256 for one in sent[:2]], "goal": ["voice", "support"], "basis": ["consent"], "role": ["reviewer", "lead"],
        "a": [], "b": [],
    }  # fmt: skip


def hinted(document: dict[str, Any], known: dict[str, list[str]]) -> dict[str, Any]:
    """The description, with what is there beside any other text: random names alone would meet nothing but 404."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    for methods in copy["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path" and known.get(parameter["name"]):
                    parameter["schema"] = {"type": "string", "enum": [*known[parameter["name"]], "nothing"]}
    for schema in copy["components"]["schemas"].values():
        for name, value in schema.get("properties", {}).items():
            if known.get(name) and value.get("type") == "string":
                schema["properties"][name] = {"anyOf": [{"enum": known[name]}, value]}
            elif known.get(name) and value.get("type") == "array":
                schema["properties"][name] = value | {"items": {"anyOf": [{"enum": known[name]}, value["items"]]}}
    return copy


def sent(client: TestClient, case: schemathesis.Case, token: str) -> Any:
    told = case.as_transport_kwargs(base_url=f"{ADDRESS}/api", headers={"Authorization": f"Bearer {token}"})
    content = json.dumps(told["json"]).encode() if "json" in told else told.get("data")
    headers = {
        name: value.encode("latin-1", "replace") if isinstance(value, str) else value
        for name, value in told["headers"].items()
    }
    if "json" in told:
        headers.setdefault("Content-Type", b"application/json")
    return client.request(told["method"], told["url"], params=told["params"], content=content, headers=headers)


def tried(fuzzed: Fuzzed, role: Role, mode: schemathesis.GenerationMode, n: int) -> tuple[list[str], Counter[int]]:
    """What went wrong, each once, and how often each status was answered."""
    wrong: dict[str, None] = {}
    statuses: Counter[int] = Counter()
    schema = schemathesis.openapi.from_dict(hinted(fuzzed.document, fuzzed.known))
    operations = [found.ok() for found in schema.get_all_operations()]
    operations.sort(
        key=lambda one: (one.method.upper() != "GET", any(word in f"{one.method.upper()} {one.path}" for word in LAST))
    )
    assert len(operations) == len(routes())
    for operation in operations:

        @settings(
            max_examples=n,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def try_it(case: schemathesis.Case) -> None:
            answer = sent(fuzzed.client, case, fuzzed.tokens[role])
            statuses[answer.status_code] += 1
            if answer.status_code == 404 and NO_PATH_OF_THE_API.search(str(answer.request.url)):
                return
            if "Traceback" in answer.text or 'File "' in answer.text:
                wrong[f"{case.operation.label}: a traceback: {answer.text[:200]}"] = None
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as group:
                for failure in group.exceptions:
                    told = f"{case.operation.label}: {type(failure).__name__} {answer.status_code} {answer.text[:160]}"
                    wrong.setdefault(told)

        try:
            try_it()
        except Unsatisfiable:
            # Nothing of this route can be wrong: it takes nothing.
            continue
    return list(wrong), statuses


def test_what_the_description_allows_a_reviewer_is_answered_as_it_says(fuzzed: Fuzzed) -> None:
    wrong, statuses = tried(fuzzed, Role.REVIEWER, ALLOWED, ALLOWED_BY_REVIEWER)
    assert wrong == []
    assert statuses[403] > statuses[200] > 0


def test_what_the_description_does_not_allow_an_owner_is_refused_as_it_says(fuzzed: Fuzzed) -> None:
    wrong, statuses = tried(fuzzed, Role.OWNER, NOT_ALLOWED, NOT_ALLOWED_BY_OWNER)
    assert wrong == []
    assert statuses[422] > 0


def test_what_the_description_allows_an_owner_is_answered_as_it_says(fuzzed: Fuzzed) -> None:
    wrong, statuses = tried(fuzzed, Role.OWNER, ALLOWED, ALLOWED_BY_OWNER)
    assert wrong == []
    assert statuses[200] > statuses[401] == 0


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b'{"name": "\\ud800", "goal": "voice"}', "half of a character"),
        (b'{"name": NaN, "goal": "voice"}', "NaN"),
        (b'{"name": 1e999, "goal": "voice"}', "too large"),
        (b'{"name": ' + b"9" * 400 + b', "goal": "voice"}', "64 bits"),
        (b'{"name": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "nested too deep"),
        (b'{"name": "\xff", "goal": "voice"}', "UTF-8"),
        (b'{"name": ', "goal"),
    ],
)
def test_a_body_that_no_field_could_take_is_refused_in_words(fuzzed: Fuzzed, body: bytes, what: str) -> None:
    headers = {"Authorization": f"Bearer {fuzzed.tokens[Role.OWNER]}", "Content-Type": "application/json"}
    answer = fuzzed.client.post("/api/projects", content=body, headers=headers)
    assert answer.status_code == 422
    assert set(answer.json()) == {"error", "message", "remedy"}
    assert what in answer.json()["message"] or what == "goal"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/no-such-thing", 404), ("PATCH", "/api/projects", 405)]
)
def test_what_there_is_no_route_for_is_refused_in_the_same_shape(
    fuzzed: Fuzzed, method: str, path: str, status: int
) -> None:
    answer = fuzzed.client.request(method, path, headers={"Authorization": f"Bearer {fuzzed.tokens[Role.OWNER]}"})
    assert (answer.status_code, set(answer.json())) == (status, {"error", "message", "remedy"})
