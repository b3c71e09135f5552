"""A cross-encoder of the user's own orders what was found; what it does not read keeps its order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelMissing, Unavailable
from core.facts.reranking import DEPTH, VARIABLE, CrossEncoder, reordered, reranker_folder
from core.facts.retrieval import Hit
from core.serving.embedder import Embedder

PASSAGES = [f"passage {n}" for n in range(DEPTH + 3)]
HITS = [Hit(n, 0.5) for n in range(DEPTH + 3)]


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny one with drawn weights: it knows nothing, but reads pairs and gives each a score."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("cross") / "encoder"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"w{n}" for n in range(40))]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    ).save_pretrained(folder)
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, num_labels=1,
        max_position_embeddings=64,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def test_the_best_by_score_come_first_and_the_unread_keep_their_order() -> None:
    def scores(request: str, passages: Sequence[str]) -> list[float]:
        assert request == "asked"
        return [float(passage == "passage 7") for passage in passages]

    found = [hit.place for hit in reordered(HITS, PASSAGES, "asked", scores)]
    assert found == [7, *(n for n in range(DEPTH + 3) if n != 7)]


def test_without_a_hit_nothing_is_read() -> None:
    assert reordered([], PASSAGES, "asked", lambda *_: pytest.fail("nothing to read")) == []


def test_without_the_variable_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert reranker_folder() is None


def test_a_folder_without_a_model_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(ModelMissing, match="there is no cross-encoder"):
        reranker_folder()


@pytest.mark.model
def test_each_pair_has_its_own_score_whatever_stands_beside_it(cross_encoder: Path) -> None:
    model = CrossEncoder(cross_encoder)
    passages = ["w1 w2 w3", "w4", "w5 w6 w7 w8 w9 w10 w11"]
    together = model.scores("w20 w21", passages)
    assert len(set(together)) == 3
    assert [model.scores("w20 w21", [passage])[0] for passage in passages] == pytest.approx(together, abs=1e-5)


@pytest.mark.model
def test_the_process_that_embeds_gives_the_same_scores(
    cross_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(cross_encoder))
    embedder = Embedder(log_file=tmp_path / "log")
    try:
        passages = ["w1 w2 w3", "w4"]
        assert embedder.scores("w20", passages) == pytest.approx(
            CrossEncoder(cross_encoder).scores("w20", passages), abs=1e-5
        )
        assert np.asarray(embedder.embed(["w1"])).shape == (1, 384)
        assert embedder.scores("w20", []) == []
    finally:
        embedder.close()


@pytest.mark.model
def test_without_one_configured_the_process_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    embedder = Embedder(log_file=tmp_path / "log")
    try:
        with pytest.raises(Unavailable, match="No cross-encoder was configured"):
            embedder.scores("asked", ["passage"])
    finally:
        embedder.close()
