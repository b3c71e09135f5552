"""The wheel holds everything: installed alone and started from another folder, it serves its pages.

The dependencies come from the environment that runs the tests; the project itself only from the wheel.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core.config import models_folder
from tests.served import ServedStudio

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]
LOADED_FROM = "import core, pages, studio; print(*(m.__path__[0] for m in (core, pages, studio)), sep='\\n')"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that what earlier builds left in the repository does not get in."""
    source = tmp_path_factory.mktemp("source")
    files = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True).stdout
    for name in files.decode().rstrip("\0").split("\0"):
        if (REPOSITORY / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((REPOSITORY / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", str(source)], check=True, capture_output=True
    )
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and the dependencies of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    own = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    # A path file's folders come last and their own path files are not read, so the checkout stays out.
    (own / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"], encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--python", str(folder / "bin" / "python"), "install", "--no-deps", str(wheel)], check=True)
    return folder / "bin" / "python"


@pytest.fixture
def studio(python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServedStudio]:
    monkeypatch.setenv("PROOFROOM_MODELS", str(models_folder()))
    served = ServedStudio(tmp_path, python=python, cwd=tmp_path)
    served.start()
    yield served
    served.stop()


def test_the_wheel_holds_pages_help_migrations_and_pictures(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, pattern in (("studio/help", "*.md"), ("core/store/migrations", "*.sql"), ("pages", "*.py")):
        there = {file.relative_to(REPOSITORY).as_posix() for file in (REPOSITORY / folder).glob(pattern)}
        assert there
        assert there - names == set()
    assert {"studio/static/favicon.png", "studio/.streamlit/config.toml"} <= names


def test_the_wheel_holds_no_tests_and_no_data(wheel: Path) -> None:
    assert {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()} <= {
        "core", "pages", "studio", "proofroom-0.1.0.dist-info"
    }  # fmt: skip


def test_the_project_is_loaded_from_the_wheel(python: Path, tmp_path: Path) -> None:
    done = subprocess.run([python, "-c", LOADED_FROM], cwd=tmp_path, check=True, capture_output=True, text=True)
    folders = done.stdout.split()
    assert len(folders) == 3
    assert all(Path(folder).is_relative_to(python.parent.parent) for folder in folders)


def test_started_from_another_folder_it_serves_its_api_and_its_pages(studio: ServedStudio) -> None:
    studio.import_posts("p")
    assert len(studio.get("/projects/p/records")) == 12
    page = httpx.get(str(studio.http.base_url.join("/")), trust_env=False)
    assert page.status_code == 200
    assert "<title>" in page.text


def test_its_command_is_a_client_of_that_studio(studio: ServedStudio, python: Path) -> None:
    command = python.parent / "proofroom"
    made = subprocess.run(
        [command, "project", "create", "q", "--goal", "voice", "--json"],
        env=os.environ | {"PROOFROOM_DATA": str(studio.data), "PROOFROOM_BY": "Ann"},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(made.stdout)["project"] == "q"
    assert [project["name"] for project in studio.get("/projects")] == ["q"]
