"""What the frozen examples of a version say that its card does not: how many of their tokens are learnt, and which answers are the longest.

Each question is answered from the version's Parquet once in the life of this process: a few seconds for thousands of examples.
The content's hash is part of the question, so that no answer outlives what it was about.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.curate.versions import read_version
from core.nouns import Split
from core.store.connection import Row
from core.training.base_models import model_folder
from core.training.batches import token_counts
from core.training.chat_format import chat_format
from core.training.chosen_examples import answer_text, chosen_examples
from core.training.presets import TrainConfig
from core.workflows.freezing import version_folder
from core.workflows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LongestAnswers:
    """ids: of the training examples with the longest answers. answer_share: what their answers are of all, in characters, in [0, 1]."""

    ids: tuple[str, ...]
    answer_share: float


def known_answer_tokens(version: Row) -> int:
    """Tokens of the training examples that are learnt, in one pass, as freezing counted them; 0 of a version from before it did."""
    counted: int = version["card"].get("n_answer_tokens", {}).get("train", 0)
    return counted


def counted_answer_tokens(workspace: Workspace, version: Row, base: str) -> int:
    """The same of any version: where its card does not say, counted as the base model reads the examples. Raises ModelMissing, Invalid."""
    folder = version_folder(workspace, version["id"])
    return known_answer_tokens(version) or _answer_tokens(
        folder, version["content_sha256"], model_folder(base, workspace.folder.models)
    )


def longest_answers(workspace: Workspace, version: Row, config: TrainConfig) -> LongestAnswers:
    """Those that a run takes that is set to take the longest. Raises Invalid where the version is not what was frozen."""
    folder = version_folder(workspace, version["id"])
    return _longest_answers(folder, version["content_sha256"], config.take, config.train_share)


@lru_cache(maxsize=32)
def _answer_tokens(folder: Path, content_sha256: str, base_folder: Path) -> int:
    form = chat_format(base_folder)
    examples = read_version(folder, expected_sha256=content_sha256).examples[Split.TRAIN]
    return sum(token_counts(form, example)[1] for example in examples)


@lru_cache(maxsize=32)
def _longest_answers(folder: Path, content_sha256: str, take: str, train_share: float) -> LongestAnswers:
    examples = read_version(folder, expected_sha256=content_sha256).examples[Split.TRAIN]
    taken = chosen_examples(examples, TrainConfig(take=take, train_share=train_share))
    n_all, n_taken = (sum(len(answer_text(one)) for one in some) for some in (examples, taken))
    return LongestAnswers(tuple(one.id for one in taken), n_taken / max(1, n_all))
