"""A link from anywhere may be followed to the studio by who is signed in, and changes nothing, wherever it leads."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from starlette.routing import Route
from starlette.testclient import TestClient

from core.config import DataFolder
from core.workflows.workspace import Workspace
from studio import running
from tests.core.workflows.accounts_by_hand import PASSWORD
from tests.studio.signed_in import sign_in, signed_in_app, with_people

FOLLOWED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
WAYS_IN = {"/sign-in", "/sign-on", "/join", "/account"}


def test_no_link_changes_anything_for_who_is_signed_in(folder: DataFolder) -> None:
    """On every path that answers a GET; those of the API want a token, which no link carries."""
    with_people(folder)
    with signed_in_app(folder) as client:
        sign_in(client, "Olga", PASSWORD)
        paths = paths_with_get(client)
        assert paths >= WAYS_IN | {"/healthz", "/metrics", "/api/audit/export", "/api/projects/own/records"}
        before = kept(running.workspace())
        answers = {path: client.get(path, headers=FOLLOWED).status_code for path in sorted(paths)}
        assert kept(running.workspace()) == before
        statuses = Counter(answers.values())
        assert statuses[403] == 0
        assert {status for path, status in answers.items() if path.startswith("/api/")} == {401}
        assert statuses[401] > 100
        assert client.get("/account", headers=FOLLOWED).status_code == 200, "nobody was signed out"


def paths_with_get(client: TestClient) -> set[str]:
    """Those of the studio's own routes, of Streamlit's and of the API, with a name in the place of each parameter; some of pages that are acted on."""
    app: Any = client.app
    own = {
        re.sub(r"{[^}]+}", "own", one.path)
        for one in app._starlette_app.routes
        if isinstance(one, Route) and "GET" in (one.methods or {"GET"})
    }
    api = client.get("/api/openapi.json").json()["paths"]
    named = {re.sub(r"{[^}]+}", "own", f"/api{path}") for path, ways in api.items() if "get" in ways}
    return own | named | {"/", "/sign-out", "/review?project=own", "/people?revoke=1", "/sign-in?next=/", "/v1/models"}


def kept(workspace: Workspace) -> dict[str, int]:
    """How many rows each table holds, those of the trail and of sessions among them."""
    tables = [row["table_name"] for row in workspace.store.read("SELECT table_name FROM duckdb_tables()")]
    return {name: workspace.store.read(f'SELECT count(*) AS n FROM "{name}"')[0]["n"] for name in tables}
