"""The audit trail on the command line, and so by the API: verified, listed, exported, its head noted; and on its page."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from core.config import DataFolder
from core.workflows import auditing, projects
from core.workflows.workspace import Workspace, open_workspace
from studio import running
from tests.command_line import CommandLine, answer
from tests.jobs_by_hand import finish
from tests.studio.opened_page import opened_page

STUDIO = Path(__file__).resolve().parents[2]


def test_the_trail_is_verified_listed_exported_and_noted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    proofroom = CommandLine(data)
    try:
        proofroom("project", "create", "p", "--goal", "voice", "--by", "Ann")
        proofroom("project", "create", "q", "--goal", "voice", "--by", "Ben")
        noted = proofroom("audit", "head").stdout.strip()
        assert re.fullmatch(r"2:[0-9a-f]{64}", noted)
        verified = answer(proofroom("audit", "verify", "--head", noted, "--by", "Ida", "--json"))
        assert (verified["is_unbroken"], verified["n_entries"], verified["findings"]) == (True, 2, [])
        assert re.match(r"\d+ entries, unbroken since \d{4}-\d\d-\d\d\.", proofroom("audit", "verify").stdout)
        listed = answer(proofroom("audit", "list", "--person", "Ben", "--json"))
        assert [(one["action"], one["noun"], one["project"]) for one in listed["entries"]] == [
            ("created", "project", "q")
        ]
        lines = proofroom("audit", "list", "--action", "created", "--noun", "project").stdout.splitlines()
        assert ["Ben: created project p_" in lines[0], "[q] (goal voice)" in lines[0], lines[2]] == [
            True,
            True,
            "2 of 2 entries.",
        ]
        said = proofroom("audit", "export", "--to", str(tmp_path / "trail.jsonl"), "--project", "q", "--by", "Ida")
        assert said.stdout == f"Written to {tmp_path / 'trail.jsonl'}.\n"
        (line,) = (tmp_path / "trail.jsonl").read_text().splitlines()
        assert (json.loads(line)["by"], json.loads(line)["previous"]) == (
            "Ben",
            answer(proofroom("audit", "list", "--json"))["entries"][-1]["mac"],
        )
        proofroom("audit", "export", "--to", str(tmp_path / "trail.csv"))
        assert (
            (tmp_path / "trail.csv")
            .read_text()
            .startswith("entry,at,by,project,action,noun,object,facts,previous,mac\n1,")
        )
        assert "exists already" in proofroom("audit", "export", "--to", str(tmp_path / "trail.csv"), code=1).stderr
        assert "no project called 'none'" in proofroom("audit", "list", "--project", "none", code=1).stderr
        proofroom("backup", str(tmp_path / "b.tar.gz"), "--by", "Olaf")
        assert answer(proofroom("audit", "list", "--noun", "studio", "--json"))["entries"][0]["by"] == "Olaf"
    finally:
        proofroom.stop()
    with duckdb.connect(str(data / "proofroom.duckdb")) as connection:
        connection.execute("UPDATE events SET done_by = 'Eve' WHERE seq = 2")
    proofroom = CommandLine(data)
    try:
        broken = proofroom("audit", "verify", code=1).stdout
        assert "BROKEN" in broken
        assert "Entry 2 was changed, or written under another key." in broken
    finally:
        proofroom.stop()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = DataFolder(tmp_path_factory.mktemp("audit") / "data")
    opened = open_workspace(folder)
    for name in ("p", "q"):
        projects.create_project(opened, name=name, goal="voice", by="Ann")
    with opened.store.transaction() as tx:
        tx.events("keep", "record", [f"r_{n}" for n in range(120)], by="Ben_<b>x</b>")
    opened.close()
    yield running.start(folder)
    running.stop()


def page(**query: str) -> AppTest:
    return opened_page("audit", **query)


def entries(app: AppTest) -> list[int]:
    return [int(number) for number in app.dataframe[0].value["entry"]]


def test_the_page_shows_the_newest_first_and_keeps_its_filter_in_the_address(workspace: Workspace) -> None:
    n = auditing.count_entries(workspace, auditing.AuditFilter())
    app = page()
    assert entries(app) == list(range(n, n - 50, -1))
    assert any("not verified yet" in one.value for one in app.markdown)
    app = page(act="created")
    assert entries(app) == [2, 1]
    assert any(one.value == "2 entries, newest first." for one in app.caption)
    app.selectbox(key="of").set_value("q").run()
    assert entries(app) == [2]
    assert entries(page(act="created", by="Ann", on="project", of="p")) == [1]
    assert any("by=Nobody" in one.value.replace("\\", "") for one in page(by="Nobody").warning)


def test_the_page_has_the_trail_verified_by_a_job_and_says_what_was_found(workspace: Workspace) -> None:
    app = page()
    app.button(key="verify_trail").click().run()
    job = auditing.state(workspace).job
    assert job is not None
    finish(workspace, job)
    app = page()
    (told,) = [one.value for one in app.markdown if "unbroken" in one.value]
    assert re.match(r"\*\*\d+ entries, unbroken\*\* since .*; 122 verified about \d+ s ago\.", told)


# What notes by itself that it was taken, and what tells counts alone.
NOTED_WITHIN = ("bundles.bundle", "auditing.export(", "partial(_file, where, form, by)", "generate_latest")


def test_every_file_that_is_taken_away_is_an_entry_whether_by_a_page_or_by_the_api() -> None:
    found = [
        (f"{file.name}:{node.lineno}", ast.unparse(node))
        for top in ("pages", "studio/parts", "studio/api")
        for file in sorted((STUDIO / top).glob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if gives_a_file(node)
    ]
    assert len([one for one in found if "download_button" in one[1]]) >= 11
    assert len([one for one in found if "router.get" in one[1]]) >= 11
    says_so = (*NOTED_WITHIN, "auditing.exported(", "told(")
    assert [place for place, words in found if not any(one in words for one in says_so)] == []


def gives_a_file(node: ast.AST) -> bool:
    """Whether it is a button that downloads, or a route that answers with something other than JSON."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func).endswith("download_button")
    if not isinstance(node, ast.FunctionDef) or node.returns is None:
        return False
    is_route = any("router." in ast.unparse(one) for one in node.decorator_list)
    return is_route and "Response" in ast.unparse(node.returns)
