"""What the API gives a reviewer before the verdict tells nothing of who wrote the draft: not its bytes, ids, order or time.

All texts are drawn in one and the same way (see drafts_by_hand.py), so whatever could be told would come from elsewhere.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable
from hashlib import sha256
from itertools import count
from statistics import quantiles
from typing import Any

import httpx
import pytest

from core.config import DataFolder
from core.nouns import System
from core.workflows import projects
from core.workflows.workspace import open_workspace
from studio import running
from studio.access import ensure_token
from tests.blindness import (
    Received,
    figures_of_id,
    figures_of_words,
    guess_human,
    guess_machine,
    is_told,
    with_planted,
)
from tests.drafts_by_hand import put_drafts
from tests.studio.opened_app import opened_app

pytestmark = [pytest.mark.slow, pytest.mark.alone]

N_BRIEFS = 30
ITEMS = "SELECT i.id AS item, d.id AS draft, d.brief_id AS brief, d.system FROM review_items i JOIN drafts d ON d.id = i.draft_id"
# A long answer is packed, a short one is not.
OF_ITS_LENGTH = {"content-length", "content-encoding", "vary"}
Collect = Callable[..., list[Received]]


@pytest.fixture(scope="module")
def collect(tmp_path_factory: pytest.TempPathFactory) -> Collect:
    """Reviews everything in new studios, with other texts each time, and gives what was received."""
    seeds = count(1)

    def collected(n_studios: int = 6, *, spoilt_by: str = "") -> list[Received]:
        received = []
        for seed in (next(seeds) for _ in range(n_studios)):
            folder = DataFolder(tmp_path_factory.mktemp("blind") / "data")
            workspace = open_workspace(folder)
            projects.create_project(workspace, name="p", goal="voice", by="Ann")
            put_drafts(workspace, "p", n_briefs=N_BRIEFS, seed=seed)
            if spoilt_by:
                with workspace.store.transaction() as tx:
                    tx.execute(spoilt_by)
            workspace.close()
            received += of_studio(folder, str(seed))
        return received

    return collected


@pytest.fixture(scope="module")
def received(collect: Collect) -> list[Received]:
    return collect()


def of_studio(folder: DataFolder, studio: str) -> list[Received]:
    with opened_app(folder) as client:
        client.headers["Authorization"] = f"Bearer {ensure_token(folder.token_file)}"
        known = {row["item"]: row for row in running.workspace().store.read(ITEMS)}
        received, met = [], defaultdict[tuple[str, str], list[int]](list)
        for reviewer in ("Ann", "Bo", "Cy"):
            client.headers["X-Proofroom-By"] = reviewer
            for place in count():
                started = time.perf_counter()
                answer = client.post("/api/projects/p/review/next")
                seconds = time.perf_counter() - started
                told = answer.json()
                if told["item"] is None:
                    break
                started = time.perf_counter()
                saved = client.put(f"/api/review/{told['item']}/text", json={"text": told["text"], "seconds": 1.0})
                draft = known[told["item"]]
                before = met[reviewer, draft["brief"]]
                figures = figures_of_id(told["item"]) | figures_of_answer(answer, told) | {
                    "next_ms": 1000 * seconds, "save_ms": 1000 * (time.perf_counter() - started), "save_bytes": float(len(saved.content)),
                    "place": float(place), "n_of_the_brief": float(len(before)), "since_the_brief": float(place - before[-1]) if before else -1.0,
                }  # fmt: skip
                before.append(place)
                received.append(
                    Received(f"{studio} {reviewer}", draft["draft"], draft["brief"], System(draft["system"]), figures)
                )
                sent = client.post(f"/api/review/{told['item']}", json={"decision": "sign_off"})
                assert sent.is_success
    return received


def figures_of_answer(answer: httpx.Response, told: dict[str, Any]) -> dict[str, float]:
    """Its parts beside the text and their words, its headers, and the text's own length, which tells nothing here."""
    text = json.dumps(told["text"], ensure_ascii=False)
    beside = json.dumps({name: value for name, value in told.items() if value != told["text"]}, ensure_ascii=False)
    headers = " ".join(f"{name} {value}" for name, value in answer.headers.items() if name not in OF_ITS_LENGTH)
    return {
        "status": float(answer.status_code),
        "bytes_beside_the_text": float(len(answer.content) - len(text.encode())),
        "bytes_of_the_text": float(len(text.encode())),
        "n_names": float(len(told)),
        "order_of_names": float(int(sha256("".join(told).encode()).hexdigest()[:4], 16)),
        "n_headers": float(len(answer.headers)),
        "bytes_of_headers": float(sum(len(value) for name, value in answer.headers.items() if name not in OF_ITS_LENGTH)),
        "n_left": float(told["n_left"]),
        "n_facts": float(len(told["facts"]) + len(told["looked_up"])),
    } | figures_of_words("answer", beside) | figures_of_words("header", headers)  # fmt: skip


@pytest.mark.parametrize("guess", [guess_machine, guess_human])
def test_a_classifier_finds_nothing(collect: Collect, received: list[Received], guess: Any) -> None:
    assert len(received) > 300
    data = iter([received])
    assert is_told(lambda: next(data, None) or collect(), guess) is None


def test_an_id_that_comes_from_the_system_would_be_found(collect: Collect) -> None:
    hashed = (
        "UPDATE review_items SET id = 'i_' || (SELECT md5(d.system) FROM drafts d WHERE d.id = draft_id)[:2] || id[5:]"
    )
    assert guess_machine(collect(2, spoilt_by=hashed)).right > 0.9


def test_a_delay_beyond_the_usual_spread_would_be_found(received: list[Received]) -> None:
    quarters = quantiles([one.figures["next_ms"] for one in received], n=4)
    delay = 2 * (quarters[2] - quarters[0])

    def slower(one: Received) -> dict[str, float]:
        return {"next_ms": one.figures["next_ms"] + delay * (one.system is System.TUNED)}

    assert guess_machine(with_planted(received, slower)).is_find


def test_a_word_of_the_same_length_that_differs_by_system_would_be_found(received: list[Received]) -> None:
    def worded(one: Received) -> dict[str, float]:
        more = figures_of_words("answer", f"kind {list(System).index(one.system)}")
        return {name: one.figures[name] + n for name, n in more.items()}

    assert guess_machine(with_planted(received, worded)).is_find


def test_one_byte_more_would_be_found(received: list[Received]) -> None:
    def longer(one: Received) -> dict[str, float]:
        # Alone: in what so few sessions received, the figures of the texts themselves look like more than one byte, by chance.
        nothing_else = dict.fromkeys(one.figures, 0.0)
        return nothing_else | {"bytes_of_headers": one.figures["bytes_of_headers"] + (one.system is System.HUMAN)}

    # Every draft that is taken for a human text is one, where one in eight is by chance.
    assert guess_human(with_planted(received, longer)).right == 1.0
