"""Facts for a request that is made right now: what may be looked up today, in an index that is kept until that changes.

The index lives in the server; only the request's vector comes from a process that holds the encoder.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Refused
from core.facts.budget import within_budget
from core.facts.reranking import reordered, reranker_folder
from core.facts.retrieval import PassageIndex
from core.facts.store_files import KnownFact, read_known, write_vectors
from core.store import known_facts
from core.store.connection import utc_now
from core.workflows.workspace import Workspace, project_named

# Of so many projects the index is kept.
MOST_KEPT = 4


@dataclass(frozen=True, slots=True)
class _Kept:
    mark: tuple[Any, ...]
    facts: list[KnownFact]
    index: PassageIndex


_kept: dict[tuple[str, str], _Kept] = {}
_lock = threading.Lock()


def look_up(workspace: Workspace, project: str, request: str, *, count_tokens: Callable[[str], int]) -> list[KnownFact]:
    """The facts for a request, best first, within the tokens of a prompt. Raises Refused where there is none to look up, Unavailable."""
    row = project_named(workspace, project)
    kept = _index(workspace, row["id"])
    if not kept.facts:
        raise Refused(
            f"{row['name']} has no fact that may be looked up today.",
            remedy="Add facts, renew those that have expired, or ask without them.",
        )
    (vector,) = workspace.embedder.embed([request])
    hits = kept.index.search(request, vector, limit=50)
    passages = [fact.told for fact in kept.facts]
    if reranker_folder():
        hits = reordered(hits, passages, request, workspace.embedder.scores)
    return [kept.facts[at] for at in within_budget(hits, passages, count_tokens)]


def _index(workspace: Workspace, project_id: str) -> _Kept:
    today = utc_now().date()
    key = (str(workspace.folder.root), project_id)
    with _lock:
        mark = known_facts.mark(workspace.store, project_id, today)
        found = _kept.get(key)
        if found is None or found.mark != mark:
            found = _built(workspace, project_id, mark)
            _kept.pop(key, None)
            while len(_kept) >= MOST_KEPT:
                _kept.pop(next(iter(_kept)))
            _kept[key] = found
        return found


def _built(workspace: Workspace, project_id: str, mark: tuple[Any, ...]) -> _Kept:
    with tempfile.TemporaryDirectory(dir=workspace.folder.exchange, prefix="facts_") as scratch:
        file = Path(scratch) / "known_facts.parquet"
        with workspace.store.transaction() as tx:
            known_facts.copy_usable_to(tx, project_id, utc_now().date(), file)
        facts, vectors, missing = read_known(file, workspace.embedder.embed, today=utc_now().date())
        if missing:
            new = Path(scratch) / "vectors.parquet"
            write_vectors(new, [facts[at].id for at in missing], vectors[missing])
            with workspace.store.transaction() as tx:
                known_facts.insert_vectors_from(tx, new, project_id=project_id)
    return _Kept(mark, facts, PassageIndex([fact.searched for fact in facts], vectors))
