"""Looking back at one's verdicts: not before they can tell nothing, and only at writing that may be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.config import DataFolder
from core.errors import NotFound, Refused
from core.review.own_passages import OwnText, nearest_own_passages
from core.serving.embedder import Embedder
from core.workflows import curating, deciding, importing, looking_back, projects, reviewing
from core.workflows.workspace import Workspace, open_workspace
from tests.core.workflows.queue_by_hand import judge_next, put_drafts
from tests.e2e import made_up
from tests.jobs_by_hand import finish

TEXTS = {
    "van.md": "The van of the town goes out on Monday, and comes home early. It is a good van.",
    "window.md": "Windows want washing twice in spring, and once before the frost comes in autumn.",
    "price.md": "We raised the price of a sweep by two pounds, and nobody rang us about it.",
    "rota.md": "The rota hangs beside the kettle, and whoever drinks tea signs for Saturday.",
}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """Four posts that were measured, and one brief with two drafts."""
    monkeypatch.setattr(Embedder, "embed", embed)
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    put_drafts(opened, "p", 1)
    yield opened
    opened.close()


def embed(_: Embedder, texts: Sequence[str]) -> np.ndarray:
    return vectors(texts)


def vectors(texts: Sequence[str]) -> np.ndarray:
    return np.array([made_up._vector(text) for text in texts], dtype=np.float32)


def imported(
    workspace: Workspace, *, uses: tuple[str, ...] = ("train", "evaluate", "show"), expires_on: date | None = None
) -> None:
    uploads = [importing.keep_upload(workspace, name, text.encode()) for name, text in TEXTS.items()]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None, uses=uses)
    finish(workspace, importing.import_files(workspace, "p", uploads, terms, name="posts", by="Ann")["job"])
    finish(workspace, curating.measure_records(workspace, "p", by="Ann") or "")
    with workspace.store.transaction() as tx:
        # The vectors were made up; they stand for the encoder's.
        tx.execute("UPDATE vectors SET encoder = ?", [curating.ENCODER_ID])
        tx.execute("UPDATE sources SET expires_on = ?", [expires_on])


def both_judged(workspace: Workspace, first_by: str = "Ann") -> str:
    """Returns the item of the first reviewer."""
    item = judge_next(workspace, "p", by=first_by, text="Another text.")
    judge_next(workspace, "p", by="Bo")
    return item


def titles(workspace: Workspace, item: str, by: str = "Ann") -> list[str]:
    return [one.title for one in looking_back.nearest_writing(workspace, item, by=by)]


def test_a_verdict_can_be_looked_back_at_once_no_draft_of_its_brief_waits(workspace: Workspace) -> None:
    imported(workspace)
    item = judge_next(workspace, "p", by="Ann", text="Another text.")
    found = looking_back.my_verdicts(workspace, "p", by="Ann")
    assert (found.newest, found.n, found.n_waiting) == ((), 0, 1)
    with pytest.raises(Refused, match="Another draft of this brief waits"):
        looking_back.nearest_writing(workspace, item, by="Ann")
    judge_next(workspace, "p", by="Bo")
    found = looking_back.my_verdicts(workspace, "p", by="Ann")
    assert (found.n, found.n_waiting) == (1, 0)
    assert (found.newest[0].item, found.newest[0].final_text, found.newest[0].verdict) == (
        item,
        "Another text.",
        "rewritten",
    )
    assert len(looking_back.nearest_writing(workspace, item, by="Ann")) == 3


def test_it_waits_for_every_verdict_where_several_people_judge_a_draft(workspace: Workspace) -> None:
    imported(workspace)
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    both_judged(workspace)
    assert looking_back.my_verdicts(workspace, "p", by="Ann").n_waiting == 1


def test_a_verdict_that_was_taken_back_is_none_to_look_back_at(workspace: Workspace) -> None:
    imported(workspace)
    item = judge_next(workspace, "p", by="Ann")
    reviewing.undo_last_review(workspace, "p", by="Ann")
    assert looking_back.my_verdicts(workspace, "p", by="Ann").n_waiting == 0
    with pytest.raises(NotFound, match="no verdict on an item"):
        looking_back.nearest_writing(workspace, item, by="Ann")


def test_nobody_looks_at_a_colleagues_verdict(workspace: Workspace) -> None:
    imported(workspace)
    item = both_judged(workspace)
    assert item not in [one.item for one in looking_back.my_verdicts(workspace, "p", by="Bo").newest]
    for someone in ("Bo", "Cy"):
        with pytest.raises(NotFound, match="no verdict on an item"):
            looking_back.nearest_writing(workspace, item, by=someone)
    with pytest.raises(NotFound, match="no verdict on an item"):
        looking_back.nearest_writing(workspace, "i_nothing", by="Ann")


def test_the_nearest_passage_comes_first_with_the_words_that_both_have(workspace: Workspace) -> None:
    imported(workspace)
    first = looking_back.nearest_writing(workspace, both_judged(workspace), by="Ann")[0]
    assert (first.title, first.source) == ("Van", "posts")
    assert first.shared.startswith("on Monday, and comes home")
    assert first.n_shared_words in (5, 6), "the tuned draft comes home early, as the post has it"


def test_no_passage_of_a_source_that_may_not_be_shown_or_has_expired(workspace: Workspace) -> None:
    imported(workspace, uses=("train", "evaluate"))
    item = both_judged(workspace)
    assert titles(workspace, item) == []
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET uses = ['train', 'show'], expires_on = '2020-01-01'")
    assert titles(workspace, item) == []
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = NULL")
    assert len(titles(workspace, item)) == 3


def test_no_passage_of_a_record_that_was_rejected(workspace: Workspace) -> None:
    imported(workspace)
    item = both_judged(workspace)
    assert titles(workspace, item)[0] == "Van"
    deciding.decide(workspace, "p", "van.md", "reject", by="Ann")
    assert "Van" not in titles(workspace, item)


def test_a_passage_reads_as_it_was_edited(workspace: Workspace) -> None:
    imported(workspace)
    item = both_judged(workspace)
    edited = {"title": "Van", "content": {"body": "The van of the town goes out no more."}}
    deciding.decide(workspace, "p", "van.md", "edit", by="Ann", edited=edited)
    passages = [one.passage for one in looking_back.nearest_writing(workspace, item, by="Ann")]
    assert "The van of the town goes out no more." in passages


def test_without_measured_writing_it_says_so(workspace: Workspace) -> None:
    item = both_judged(workspace)
    with pytest.raises(Refused, match="was not measured yet"):
        looking_back.nearest_writing(workspace, item, by="Ann")


def test_of_a_long_text_the_passage_that_is_meant_is_told() -> None:
    paragraphs = [" ".join(f"{word}{n}" for n in range(60)) for word in ("alpha", "beta", "gamma")]
    text = OwnText("r1", "Greek", "\n\n".join(paragraphs), "posts")
    draft = " ".join(f"gamma{n}" for n in range(10, 40))
    found = nearest_own_passages(draft, [text], vectors)
    assert found[0].passage.startswith("gamma0")
    assert (found[0].n_shared_words, found[0].shared) == (30, draft)
    assert all("gamma" not in one.passage for one in found[1:])
    assert nearest_own_passages(draft, [], vectors) == []
