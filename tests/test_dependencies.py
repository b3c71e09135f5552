"""The dependency rule, walked over every import; SQL in one place; no torch in the server."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
FILES = sorted(p for top in ("core", "studio", "pages") for p in (REPOSITORY / top).rglob("*.py"))


def imports_of(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def tops(file: Path) -> set[str]:
    return {name.split(".")[0] for name in imports_of(file)}


def test_core_knows_no_web_framework() -> None:
    for file in (REPOSITORY / "core").rglob("*.py"):
        assert not tops(file) & {"streamlit", "fastapi", "starlette", "studio", "pages", "uvicorn"}, file


@pytest.mark.parametrize("noun", ["records", "curate", "tags", "training", "review", "people", "privacy"])
def test_noun_packages_know_no_storage_and_no_jobs(noun: str) -> None:
    for file in (REPOSITORY / "core" / noun).rglob("*.py"):
        for name in imports_of(file):
            assert not name.startswith(("core.store", "core.jobs", "core.workflows")), (file, name)


def test_pages_call_workflows_and_parts_alone() -> None:
    allowed = ("core.workflows", "core.nouns", "core.errors")
    for file in (REPOSITORY / "pages").glob("*.py"):
        for name in imports_of(file):
            if name == "core" or name.startswith("core."):
                assert name.startswith(allowed), (file, name)


def test_sql_stands_in_the_store_alone() -> None:
    for file in FILES:
        if "store" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value.strip()
                assert not text.startswith(("INSERT INTO", "UPDATE ", "DELETE FROM", "CREATE TABLE")), (file, text[:60])


def test_the_server_never_loads_torch() -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "import tempfile\n"
        "from core.config import DataFolder\n"
        "from studio import running\n"
        "from studio.server import create_app\n"
        "folder = DataFolder(Path(tempfile.mkdtemp()))\n"
        "running.start(folder)\n"
        "create_app(folder)\n"
        "running.stop()\n"
        "heavy = {'torch', 'transformers', 'peft', 'datasets', 'sentence_transformers', 'spacy', 'presidio_analyzer'} & set(sys.modules)\n"
        "sys.exit(','.join(heavy) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]


def test_the_parser_child_stays_light() -> None:
    heavy = {"torch", "duckdb", "pyarrow", "numpy", "bs4", "mammoth", "pypdfium2"}
    script = f"import sys, core.records.parser_process; sys.exit(','.join({heavy} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_command_starts_without_the_database() -> None:
    script = "import sys, studio.cli; sys.exit(','.join({'duckdb', 'numpy', 'pyarrow', 'streamlit'} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_no_file_names_a_registry_host() -> None:
    for pattern in ("requirements*.lock", "pyproject.toml", "Makefile", ".ci/run", ".ci/*.py"):
        for file in REPOSITORY.glob(pattern):
            assert "://" not in file.read_text(encoding="utf-8"), file.name
