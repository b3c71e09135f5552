"""Every page: its path, title, group and the least role it needs. Groups follow the work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from core.nouns import Role

PAGES = Path(__file__).resolve().parents[1] / "pages"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """file: in pages/. path: in the address; the desk is the start page and lives at /."""

    file: str
    path: str
    title: str
    group: str
    role: Role


SPECS = (
    PageSpec("desk.py", "desk", "Desk", "", Role.REVIEWER),
    PageSpec("sources.py", "sources", "Sources", "Data", Role.LEAD),
    PageSpec("duplicates.py", "duplicates", "Duplicates", "Data", Role.LEAD),
    PageSpec("curate.py", "curate", "Curate", "Data", Role.LEAD),
    PageSpec("explore.py", "explore", "Explore", "Data", Role.LEAD),
    PageSpec("datasets.py", "datasets", "Datasets", "Model", Role.LEAD),
    PageSpec("train.py", "train", "Train", "Model", Role.ENGINEER),
    PageSpec("drafts.py", "drafts", "Briefs and drafts", "Review", Role.ENGINEER),
    PageSpec("review.py", "review", "Review", "Review", Role.REVIEWER),
    PageSpec("results.py", "results", "Results", "Review", Role.LEAD),
    PageSpec("help.py", "help", "Help", "Trust", Role.REVIEWER),
)


@cache
def spec_at(path: str) -> PageSpec:
    return next(spec for spec in SPECS if spec.path == path)


def build() -> dict[str, list[Any]]:
    """Streamlit pages by group, remembered for this session so that pages can link to one another."""
    groups: dict[str, list[Any]] = {}
    pages = {}
    for spec in SPECS:
        built = st.Page(
            PAGES / spec.file,
            title=spec.title,
            url_path=None if spec.path == "desk" else spec.path,
            default=spec.path == "desk",
        )
        pages[spec.path] = built
        groups.setdefault(spec.group, []).append(built)
    st.session_state["pages"] = pages
    return groups


def page_at(path: str) -> Any:
    return st.session_state["pages"][path]
