"""Every route by every role, in one's own project and in another, through the API itself; and what pages let whom do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.config import DataFolder
from core.jobs.executor import ChildProcessExecutor
from core.nouns import Role
from core.people.roles import LADDER
from core.workflows.people import OBJECTS
from core.workflows.workspace import Workspace, project_named
from studio import running
from studio.navigation import SPECS
from tests.studio.role_table import FILE, RouteRole, routes, table
from tests.studio.signed_in import signed_in_app, with_people

# What needs an auditor is for owners and auditors.
RANK = {role: place for place, role in enumerate(LADDER)} | {Role.AUDITOR: LADDER.index(Role.OWNER)}
REPOSITORY = Path(__file__).resolve().parents[2]
# A row of each kind in each project; the paths that name one find its project by it. Nothing else is read of them here.
ROWS = {
    "run": "INSERT INTO runs (id, project_id, version_id, name, job_id, config, estimate, status, created_at, created_by) "
    "VALUES ('run_{p}', ?, 'v', 'same name', 'j', '{{}}', '{{}}', 'queued', now()::TIMESTAMP, 'Olga')",
    "export": "INSERT INTO exports (id, project_id, run_id, job_id, format, type, obstacles, override_reason, created_at, created_by) "
    "VALUES ('export_{p}', ?, 'run_{p}', 'j', 'adapter', '', [], '', now()::TIMESTAMP, 'Olga')",
    "pair": "INSERT INTO draft_pairs (id, project_id, brief_id, first_draft, second_draft, is_same, sides_seed, made_at, made_by) "
    "VALUES ('pair_{p}', ?, 'b', 'd', 'e', false, 's', now()::TIMESTAMP, 'Olga')",
    "item": "INSERT INTO review_items (id, project_id, draft_id) VALUES ('item_{p}', ?, 'draft_{p}')",
    "draft": "INSERT INTO drafts (id, project_id, brief_id, run_id, job_id, system, text, seed, n_tokens, created_at) "
    "VALUES ('draft_{p}', ?, 'b', 'run_{p}', 'j', 'base', 'A draft.', 1, 2, now()::TIMESTAMP)",
    "job": "INSERT INTO jobs (id, project_id, kind, state, facts, reason, created_at, created_by, is_collected, priority) "
    "VALUES ('job_{p}', ?, 'draft', 'cancelled', '{{}}', '', now()::TIMESTAMP, 'Olga', true, 0)",
    "source": "INSERT INTO sources (id, project_id, name, owner, basis, purpose, uses, licence, created_at, created_by, undone_at) "
    "VALUES ('source_{p}', ?, 'posts', 'Olga', 'consent', 'train', ['train'], '', now()::TIMESTAMP, 'Olga', now()::TIMESTAMP)",
}  # fmt: skip


@pytest.fixture(scope="module")
def tokens_and_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[Role, str], TestClient]]:
    folder = DataFolder(tmp_path_factory.mktemp("roles") / "data")
    folder.create()
    # What may be asked for is asked for, and would start workers.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ChildProcessExecutor, "start", lambda _, folder: None)
        tokens = with_people(folder)
        put_rows(running.workspace())
        with signed_in_app(folder) as client:
            client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
            yield tokens, client


def put_rows(workspace: Workspace) -> None:
    for project in ("own", "other"):
        with workspace.store.transaction() as tx:
            for sql in ROWS.values():
                tx.execute(sql.format(p=project), [project_named(workspace, project)["id"]])


def asked(client: TestClient, route: RouteRole, token: str, project: str) -> tuple[int, str]:
    path = route.path.replace("{project}", project)
    for noun in OBJECTS:
        path = path.replace(f"{{{noun}}}", f"{noun}_{project}")
    for part in [part for part in path.split("/") if "{" in part]:
        path = path.replace(part, "nothing")
    answer = client.request(route.method, f"/api{path}", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.text


def test_there_is_a_row_for_every_object_that_a_path_names() -> None:
    assert set(ROWS) == set(OBJECTS)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_checklist_9_a_role_opens_what_it_is_for_in_its_own_project_and_nothing_in_another(
    tokens_and_client: tuple[dict[Role, str], TestClient], role: Role
) -> None:
    tokens, client = tokens_and_client
    wrong = []
    for route in routes():
        own, words = asked(client, route, tokens[role], "own")
        # The role is held in one project and not everywhere, so it opens nothing of the studio's.
        may = route.may(role) and route.where != "studio"
        if (own not in (401, 403)) != may:
            wrong.append(f"{route.method} {route.path}: {own} {words[:120]}")
        if may and "There is no project" in words:
            wrong.append(f"{route.method} {route.path}: {words[:120]}")
        if route.where in ("project", "its project"):
            other, words = asked(client, route, tokens[role], "other")
            if other != 404 or "project_id" in words or "other" in words.replace("_other'", "").replace("'other'", ""):
                wrong.append(f"{route.method} {route.path} of another project: {other} {words[:120]}")
    assert wrong == []


def test_an_owner_everywhere_is_refused_nothing_but_what_is_for_the_machine(
    tokens_and_client: tuple[dict[Role, str], TestClient],
) -> None:
    tokens, client = tokens_and_client
    # Last: what an owner may is really done here, people taken out included; none of these names is anybody's.
    for route in routes():
        for project in ("own", "other"):
            status, words = asked(client, route, tokens[Role.OWNER], project)
            assert (status in (401, 403)) == (route.where == "the machine"), (route, status, words)


def test_nobody_comes_in_without_a_token(tokens_and_client: tuple[dict[Role, str], TestClient]) -> None:
    _, client = tokens_and_client
    for route in routes():
        assert asked(client, route, "token-0123456789ab-" + "A" * 43, "own")[0] == 401, route
        assert asked(client, route, "", "own")[0] == 401, route


def test_lists_across_projects_hold_ones_own_alone(tokens_and_client: tuple[dict[Role, str], TestClient]) -> None:
    tokens, client = tokens_and_client
    for role in (Role.ENGINEER, Role.REVIEWER, Role.AUDITOR):
        rows = client.get("/api/projects", headers={"Authorization": f"Bearer {tokens[role]}"}).json()
        assert [row["name"] for row in rows] == ["own"]


def test_a_name_that_two_projects_have_is_ones_own(tokens_and_client: tuple[dict[Role, str], TestClient]) -> None:
    tokens, client = tokens_and_client
    headers = {"Authorization": f"Bearer {tokens[Role.ENGINEER]}"}
    assert "run_other" not in client.get("/api/runs/same%20name/note", headers=headers).text
    assert client.get("/api/runs/run_own?project=other", headers=headers).status_code == 404
    assert client.get("/api/runs/run_own?project=none", headers=headers).json()["remedy"] == "Projects here: own."


def test_a_route_that_auditors_may_use_only_reads() -> None:
    # Verifying the trail changes nothing either: it reads the chain, in a job, since that takes longer than an answer may.
    more = [one.path for one in routes() if one.need.is_met(Role.AUDITOR) and one.method != "GET"]
    assert more == ["/audit/verify"]


def test_what_reviewers_may_ask_for_is_review_and_what_it_needs() -> None:
    paths = {one.path for one in routes() if one.need.is_met(Role.REVIEWER)}
    words = ("/review", "/pairwise", "/edits", "/guide", "/rubric")
    assert [path for path in paths if not any(word in path for word in words)] == ["/projects"]


def test_the_file_says_what_holds() -> None:
    assert FILE.read_text(encoding="utf-8") == table(), "write it anew: python -m tests.studio.role_table"


# Calls below that are only reached behind a check of the role in their caller.
BEHIND_A_CHECK = {
    ("desk.py", "retraining.retraining"), ("desk.py", "advising.advice"), ("desk.py", "results.results_json"), ("desk.py", "readiness.readiness"),
    ("desk.py", "jobs.move_job"), ("desk.py", "jobs.waiting_jobs"), ("desk.py", "projects.standing"),
}  # fmt: skip


def test_a_page_lets_nobody_do_what_the_api_would_refuse_them() -> None:
    """What a page or a part of it calls that needs more than the page does stands in a function that asks for that role."""
    needs, of_the_studio = needs_of_workflows()
    found, elsewhere = [], []
    for spec in SPECS:
        for file in parts_of(REPOSITORY / "pages" / spec.file):
            for name, asks_for, asks_everywhere in calls_in(file):
                need = needs.get(name)
                is_within = need is None or RANK[need] <= RANK[spec.role]
                if not (is_within or (need is not None and any(RANK[one] >= RANK[need] for one in asks_for))):
                    found.append((spec.file, name))
                if name in of_the_studio and not spec.everywhere and not asks_everywhere:
                    elsewhere.append((spec.file, name))
    # Counting whether there is a record tells nothing, and every page of the data does it first.
    left = {(page, name) for page, name in found if name != "deciding.count_records"}
    assert left - BEHIND_A_CHECK == set()
    assert elsewhere == []


def needs_of_workflows() -> tuple[dict[str, Role], set[str]]:
    """The least role by which a route calls each function of a workflow; and those that only routes of the whole studio call."""
    needs: dict[str, Role] = {}
    of_the_studio: set[str] = set()
    of_projects: set[str] = set()
    for file in (REPOSITORY / "studio" / "api").glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = workflows_in(tree)
        for function in [node for node in tree.body if isinstance(node, ast.FunctionDef)]:
            declared = [ast.unparse(one) for one in function.decorator_list]
            role = next(
                (
                    Role(one.split("needs(Role.")[1].split(")")[0].split(",")[0].lower())
                    for one in declared
                    if "needs(Role." in one
                ),
                None,
            )
            for name in called(function, names) if role else ():
                assert role is not None
                needs[name] = min(role, needs.get(name, Role.OWNER), key=RANK.__getitem__)
                is_studio = any("needs(" in one and "{" not in one and "somewhere" not in one for one in declared)
                (of_the_studio if is_studio else of_projects).add(name)
    return needs, of_the_studio - of_projects


def parts_of(page: Path) -> set[Path]:
    """The page's file, and those of the parts that it is made of."""
    seen: set[Path] = set()
    to_read = [page]
    while to_read:
        file = to_read.pop()
        if file in seen or not file.exists():
            continue
        seen.add(file)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("studio.parts"):
                within = (node.module or "").split(".")[2:]
                to_read += [
                    REPOSITORY / "studio" / "parts" / f"{name}.py"
                    for name in within or [one.name for one in node.names]
                ]
    return seen


def calls_in(file: Path) -> Iterator[tuple[str, list[Role], bool]]:
    """Workflow functions that a file calls, each with the roles that the function around it asks for, and whether everywhere."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = workflows_in(tree)
    around = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in ast.walk(tree):
        for name in called(node, names, deep=False):
            functions = [one for one in around if one.lineno <= node.lineno <= (one.end_lineno or 0)]  # type: ignore[attr-defined]
            text = " ".join(ast.unparse(one) for one in functions)
            yield (
                name,
                [
                    role
                    for role in RANK
                    if any(f"{word}(Role.{role.name}" in text for word in ("may", "must", "may_everywhere"))
                ],
                "everywhere=True" in text or "may_everywhere" in text,
            )


def workflows_in(tree: ast.AST) -> dict[str, str]:
    """Local name to `module` or `module.function`."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "core.workflows":
            names |= {one.asname or one.name: one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("core.workflows."):
            names |= {one.asname or one.name: f"{(node.module or '').split('.')[2]}.{one.name}" for one in node.names}
    return names


def called(tree: ast.AST, names: dict[str, str], *, deep: bool = True) -> Iterator[str]:
    for node in ast.walk(tree) if deep else [tree]:
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and "." not in names.get(node.value.id, ".")
        ):
            yield f"{names[node.value.id]}.{node.attr}"
        elif isinstance(node, ast.Name) and "." in names.get(node.id, ""):
            yield names[node.id]
