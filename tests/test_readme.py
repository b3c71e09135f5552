"""The README says what is so: measured figures, pictures that are there, commands that exist."""

from __future__ import annotations

import json
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


def test_the_chapter_on_personal_data_tells_the_last_benchmark_by_kind() -> None:
    chapter = (README.parent / "studio" / "help" / "21-personal-data.md").read_text(encoding="utf-8")
    measured = json.loads((README.parent / "tests" / "benchmarks" / "pii.json").read_text(encoding="utf-8"))
    ours, peer = measured["ours"], measured["presidio_defaults"]
    of_peer = peer["by_labelled_type"]
    rows = [
        f"| {kind} | {one['n_spans']} | {one['recall']:.2f} | {of_peer[kind]['recall']:.2f} |"
        for kind, one in ours["by_labelled_type"].items()
    ]
    assert re.findall(r"^\| [A-Z_]+ \| .*$", chapter, re.MULTILINE) == rows
    told = (
        f"On {measured['n_texts']} labelled texts of {measured['n_templates']} templates that were not looked at while building, {ours['recall']:.2f} of the characters "
        f"were found, and {ours['precision']:.2f} of what was found was right;"
    )
    assert told in " ".join(chapter.split())


def test_no_path_of_a_machine_stands_in_it() -> None:
    assert not re.search(r"(?<![\w.])/(?:home|root|work|tmp)/", TEXT)
    assert Path(README).name == "README.md"
