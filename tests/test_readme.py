"""The README says what is so: measured figures, pictures that are there, commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

from studio.cli import app
from tests.benchmarks.readme_table import README, with_table

TEXT = README.read_text(encoding="utf-8")


def test_its_figures_are_those_of_the_last_benchmarks() -> None:
    assert with_table(TEXT) == TEXT


def test_every_picture_and_link_is_there() -> None:
    targets = [t for t in re.findall(r"\]\(([^)#]+)\)", TEXT) if "://" not in t]
    assert targets
    assert [t for t in targets if not (README.parent / t).exists()] == []


def test_every_command_that_it_shows_exists() -> None:
    known = {c.name or c.callback.__name__ for c in app.registered_commands if c.callback}
    known |= {group.name or "" for group in app.registered_groups}
    shown = set(re.findall(r"^(?:\.venv/bin/)?proofroom ([a-z-]+)", TEXT, re.MULTILINE))
    assert shown
    assert shown <= known


def test_it_links_every_chapter_of_the_guide() -> None:
    chapters = sorted((README.parent / "studio" / "help").glob("*.md"))
    assert [c.name for c in chapters if f"studio/help/{c.name}" not in TEXT] == []


def test_no_path_of_a_machine_stands_in_it() -> None:
    assert not re.search(r"(?<![\w.])/(?:home|root|work|tmp)/", TEXT)
    assert Path(README).name == "README.md"
