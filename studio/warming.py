"""Makes ready, beside the first visit, what every page needs: its modules, and the counts of the projects.

Without it the first one to open a page waits for its imports, a second of them, and for counts over every record. Whoever is at work
already, as reviewers are after a restart, goes before the counts.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
import threading
import time
from collections.abc import Callable
from typing import Any

import duckdb

from core.errors import ProofroomError
from core.incidents import in_a_word
from core.workflows import (
    advising,
    curating,
    deciding,
    difficulty,
    duplicates,
    exploring,
    facts,
    freezing,
    importing,
    projects,
    queueing,
    results,
    scoring,
    tagging,
)
from core.workflows.recipes import Recipe
from core.workflows.workspace import Workspace
from studio import parts
from studio.memory import set_modules_aside

log = logging.getLogger(__name__)

# What Streamlit imports with the first page that needs it.
LATE_MODULES = (
    "PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "PIL.PpmImagePlugin", "pandas",
    "pyarrow.pandas_compat", "streamlit.material_icon_names", "streamlit.dataframe.lazy_df_adapters", "studio.navigation",
)  # fmt: skip
QUIET_SECONDS, LONGEST_WAIT_SECONDS = 0.3, 5.0
# The first ones are those that open by themselves.
MOST_PROJECTS = 8


def start(workspace: Workspace) -> None:
    """Warm up in a thread of its own. To be called when Streamlit runs: only then can its components be registered."""
    threading.Thread(target=warm_up, args=(workspace,), name="warming", daemon=True).start()


def warm_up(workspace: Workspace) -> None:
    for name in (*LATE_MODULES, *(f"{parts.__name__}.{found.name}" for found in pkgutil.iter_modules(parts.__path__))):
        importlib.import_module(name)
    set_modules_aside()
    own = 0.0
    for project in projects.list_projects(workspace)[:MOST_PROJECTS]:
        for ask in questions():
            _give_way(workspace, own)
            try:
                ask(workspace, project["name"])
            except (ProofroomError, duckdb.Error) as error:
                # The page that needs it will say so; the server may also be closing.
                log.info("could not warm up %s: %s", project["id"], in_a_word(error))
            own = workspace.store.answers.missed_at


def _give_way(workspace: Workspace, own: float) -> None:
    """Wait while somebody else keeps the engine busy, though not for ever. own: when the last question of this thread did."""
    answers, until = workspace.store.answers, time.monotonic() + LONGEST_WAIT_SECONDS
    while answers.missed_at != own and (now := time.monotonic()) < min(until, answers.missed_at + QUIET_SECONDS):
        time.sleep(min(until, answers.missed_at + QUIET_SECONDS) - now)


def questions() -> list[Callable[[Workspace, str], Any]]:
    """What the pages ask of a project before anybody chose anything, page by page."""
    everything = deciding.RecordFilter()
    return [
        projects.standing, results.results_json, advising.advice,
        importing.list_sources,
        duplicates.ask_pairs, duplicates.count_clusters,
        curating.is_current, lambda w, p: queueing.progress(w, p, by=""), deciding.flag_counts, scoring.list_flags, scoring.score_state, difficulty.doubtful,
        tagging.waiting,
        exploring.themes, deciding.tags_in_use, lambda w, p: deciding.list_records(w, p, everything),
        lambda w, p: freezing.preview_recipe(w, p, Recipe()), facts.list_facts,
    ]  # fmt: skip
