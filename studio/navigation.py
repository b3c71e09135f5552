"""Every page: its path, title, group, icon and the least role it needs. Groups follow the work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import streamlit as st

from core.nouns import Role
from studio.parts.session import may, may_everywhere

PAGES = Path(__file__).resolve().parents[1] / "pages"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """file: in pages/. path: in the address; the desk is the start page and lives at /. is_listed: not only linked from another page.

    role: the least that it needs, in the project of the tab. auditors: it shows itself to them too. everywhere: it belongs to no project.
    """

    file: str
    path: str
    title: str
    group: str
    icon: str
    role: Role
    is_listed: bool = True
    auditors: bool = False
    everywhere: bool = False


SPECS = (
    PageSpec("desk.py", "desk", "Desk", "", "edit_note", Role.REVIEWER, auditors=True),
    PageSpec("sources.py", "sources", "Sources", "Data", "inventory_2", Role.LEAD),
    PageSpec("duplicates.py", "duplicates", "Duplicates", "Data", "content_copy", Role.LEAD),
    PageSpec("curate.py", "curate", "Curate", "Data", "checklist", Role.LEAD),
    PageSpec("tags.py", "tags", "Tags", "Data", "sell", Role.LEAD),
    PageSpec("explore.py", "explore", "Explore", "Data", "search", Role.LEAD),
    PageSpec("datasets.py", "datasets", "Datasets", "Model", "ac_unit", Role.LEAD),
    PageSpec("train.py", "train", "Train", "Model", "model_training", Role.ENGINEER),
    PageSpec("runs.py", "runs", "Runs", "Model", "show_chart", Role.ENGINEER),
    PageSpec("models.py", "models", "Models", "Model", "verified", Role.ENGINEER),
    PageSpec("facts.py", "facts", "Facts", "Review", "menu_book", Role.LEAD),
    PageSpec("brand_guide.py", "guide", "Brand guide", "Review", "rule", Role.LEAD),
    PageSpec("drafts.py", "drafts", "Briefs and drafts", "Review", "description", Role.ENGINEER),
    PageSpec("review.py", "review", "Review", "Review", "rate_review", Role.REVIEWER),
    PageSpec("side_by_side.py", "side-by-side", "Side by side", "Review", "compare_arrows", Role.REVIEWER),
    PageSpec("results.py", "results", "Results", "Review", "insights", Role.LEAD, auditors=True),
    PageSpec("edit_limit.py", "edit-limit", "The light-edit limit", "Review", "tune", Role.LEAD, is_listed=False),
    PageSpec("personal_data.py", "personal-data", "Personal data", "Trust", "shield_person", Role.LEAD),
    PageSpec("register.py", "register", "Register", "Trust", "gavel", Role.AUDITOR),
    PageSpec("erasure.py", "erasure", "Erasure", "Trust", "person_remove", Role.OWNER, everywhere=True),
    PageSpec("audit.py", "audit", "Audit trail", "Trust", "policy", Role.AUDITOR, everywhere=True),
    PageSpec("people.py", "people", "People", "Trust", "group", Role.OWNER, everywhere=True),
    PageSpec("help.py", "help", "Help", " ", "help", Role.REVIEWER, auditors=True),
)


@cache
def spec_at(path: str) -> PageSpec:
    """The page at a path of the address; the start page's path there is empty."""
    return next(spec for spec in SPECS if spec.path == (path or "desk"))


def build() -> list[Any]:
    """Streamlit's pages, remembered for this session so that pages can link to one another.

    No icon here: Streamlit would fetch a page's icon from another host as the tab's picture.
    """
    pages = {
        spec.path: st.Page(
            PAGES / spec.file,
            title=spec.title,
            url_path=None if spec.path == "desk" else spec.path,
            default=spec.path == "desk",
        )
        for spec in SPECS
    }
    st.session_state["pages"] = pages
    return list(pages.values())


def show_links() -> None:
    """The navigation, group by group; each link keeps the project in the address."""
    project = st.session_state.get("project_name")
    with st.container(key="navigation"):
        for group, specs in groupby(
            (one for one in SPECS if one.is_listed and is_open(one)), key=lambda spec: spec.group
        ):
            if group.strip():
                st.caption(group)
            for spec in specs:
                st.page_link(
                    page_at(spec.path), label=spec.title, icon=f":material/{spec.icon}:", width="stretch",
                    query_params={"project": project} if project else None,
                )  # fmt: skip


def is_open(spec: PageSpec) -> bool:
    """Whether the person may see the page."""
    return may_everywhere(spec.role) if spec.everywhere else may(spec.role, auditors=spec.auditors)


def page_at(path: str) -> Any:
    return st.session_state["pages"][path]
