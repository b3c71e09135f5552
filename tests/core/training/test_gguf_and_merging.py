"""A merged model and a GGUF file say what base and adapter said; what the file cannot say is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Regex, Tokenizer, pre_tokenizers
from transformers import AutoTokenizer

from core.errors import Invalid, Refused
from core.training.chat_format import ChatFormat
from core.training.gguf_check import AWKWARD_TEXTS, check_tokenizer
from core.training.gguf_file import GgufType, load_gguf, write_gguf
from core.training.gguf_settings import gguf_settings, read_config
from core.training.gguf_tokenizer import QWEN2_CUT, TokenKind, gguf_tokenizer
from core.training.merging import load_exactly, merged, save_merged, with_plain_adapter
from core.training.output_check import (
    ComparedTexts,
    Probabilities,
    agreement,
    next_token_probabilities,
    texts_to_compare,
)
from tests.core.training.exportable import tiny_adapter, tiny_model
from tests.core.training.tiny import examples

SHAPES = [("llama", True), ("llama", False), ("qwen2", True), ("qwen2", False)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("llama"))


def tuned(folder: Path, adapter: Path) -> Any:
    return with_plain_adapter(load_exactly(folder), tiny_adapter(load_exactly(folder), adapter))


def texts(folder: Path) -> ComparedTexts:
    return texts_to_compare(ChatFormat(folder), examples(20))


def written(folder: Path, model: Any, file: Path, kind: GgufType = GgufType.F16) -> Path:
    form, settings = ChatFormat(folder), gguf_settings(read_config(folder), folder.name)
    write_gguf(
        file, model.state_dict(), settings=settings, tokenizer=gguf_tokenizer(form, read_config(folder)), kind=kind,
        template=form.template_text, name="tiny",
    )  # fmt: skip
    return file


def test_a_merged_folder_says_what_base_and_adapter_say(folder: Path, tmp_path: Path) -> None:
    model = tuned(folder, tmp_path / "adapter")
    base = next_token_probabilities(load_exactly(folder), texts(folder))
    expected = next_token_probabilities(model, texts(folder))
    save_merged(merged(model), folder, tmp_path / "out", number_type="float32")
    found = next_token_probabilities(load_exactly(tmp_path / "out"), texts(folder))
    assert agreement(expected, found).largest_difference < 1e-4
    assert agreement(expected, base).largest_difference > 0.05
    prompt = [{"role": "user", "content": "bike"}]
    one, other = (AutoTokenizer.from_pretrained(f) for f in (folder, tmp_path / "out"))
    assert one.apply_chat_template(prompt) == other.apply_chat_template(prompt)


@pytest.mark.parametrize(("kind", "limit"), [(GgufType.F16, 0.005), (GgufType.Q8_0, 0.02)])
@pytest.mark.parametrize(("architecture", "is_tied"), SHAPES)
def test_a_gguf_file_loaded_again_says_what_was_written(
    tmp_path: Path, architecture: str, is_tied: bool, kind: GgufType, limit: float
) -> None:
    folder = tiny_model(tmp_path / "model", architecture=architecture, is_tied=is_tied)
    model = merged(tuned(folder, tmp_path / "adapter"))
    expected = next_token_probabilities(model, texts(folder))
    read = load_gguf(written(folder, model, tmp_path / "tiny.gguf", kind))
    assert agreement(expected, next_token_probabilities(read, texts(folder))).largest_in_text < limit
    for name in (
        "max_position_embeddings",
        "num_key_value_heads",
        "tie_word_embeddings",
        "eos_token_id",
        "bos_token_id",
        "vocab_size",
    ):
        assert getattr(read.config, name) == getattr(model.config, name), name
    assert read.config.rope_parameters["rope_theta"] == 5_000.0
    assert read.config.rms_norm_eps == pytest.approx(1e-5)


def test_another_model_is_told_from_the_one_that_was_written(folder: Path, tmp_path: Path) -> None:
    model = load_exactly(folder)
    expected = next_token_probabilities(model, texts(folder))
    weight = model.model.layers[0].self_attn.q_proj.weight
    weight.data = weight.data.flip(0)
    read = load_gguf(written(folder, model, tmp_path / "wrong.gguf"))
    assert agreement(expected, next_token_probabilities(read, texts(folder))).largest_difference > 0.05


def test_what_is_no_number_or_has_another_vocabulary_is_beyond_any_limit(folder: Path) -> None:
    expected = next_token_probabilities(load_exactly(folder), texts(folder))
    after, within = expected.after_prompts, expected.in_chats
    assert agreement(expected, expected).within(0.0)
    assert not agreement(expected, Probabilities(after * float("nan"), within)).within(1.0)
    assert not agreement(expected, Probabilities(after, within * float("nan"))).within(1.0)
    assert not agreement(expected, Probabilities(after[:, 1:], within[:, 1:])).within(1.0)


def test_prompts_end_where_the_answer_begins_and_chats_are_whole(folder: Path) -> None:
    form = ChatFormat(folder)
    compared = texts_to_compare(form, examples(20))
    assert (len(compared.prompts), len(compared.chats)) == (16, 8)
    decoded = form.tokenizer.decode(compared.prompts[0], skip_special_tokens=False)
    assert decoded == form.render(examples(1)[0].messages[:1], for_answer=True)
    assert form.tokenizer.decode(compared.chats[0], skip_special_tokens=False) == form.render(examples(1)[0].messages)


def with_first_cut(folder: Path, cut: pre_tokenizers.PreTokenizer) -> Path:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.pre_tokenizer = cut
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


SMOLLM = pre_tokenizers.Sequence(
    [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
)
QWEN2 = pre_tokenizers.Sequence(
    [
        pre_tokenizers.Split(Regex(QWEN2_CUT), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
)


@pytest.mark.parametrize(
    ("architecture", "cut", "name"),
    [
        ("llama", None, "gpt-2"),
        ("llama", SMOLLM, "smollm"),
        ("llama", QWEN2, "qwen2"),
        ("qwen2", QWEN2, "qwen2"),
        ("qwen2", None, "gpt-2"),
    ],
)
def test_the_tokenizer_in_the_file_cuts_texts_as_the_models_own(
    tmp_path: Path, architecture: str, cut: pre_tokenizers.PreTokenizer | None, name: str
) -> None:
    folder = tiny_model(tmp_path / "model", architecture=architecture)
    if cut is not None:
        with_first_cut(folder, cut)
    form = ChatFormat(folder)
    told = gguf_tokenizer(form, read_config(folder))
    assert (told.first_cut, told.kinds[0], told.kinds[5], told.adds_bos) == (
        name,
        TokenKind.CONTROL,
        TokenKind.NORMAL,
        False,
    )
    file = written(folder, load_exactly(folder), tmp_path / "tiny.gguf")
    check_tokenizer(file, form, told, examples(4))
    ids = AutoTokenizer.from_pretrained(tmp_path, gguf_file=file.name).apply_chat_template(
        [{"role": "user", "content": "bike\n\nzażółć"}], tokenize=False
    )
    assert ids == form.render([{"role": "user", "content": "bike\n\nzażółć"}])


def test_a_file_with_another_tokenizer_is_refused_with_the_place(folder: Path, tmp_path: Path) -> None:
    other = tiny_model(tmp_path / "other")
    told = json.loads((other / "tokenizer.json").read_text(encoding="utf-8"))
    told["model"]["merges"] = told["model"]["merges"][:-20]
    (other / "tokenizer.json").write_text(json.dumps(told), encoding="utf-8")
    file = written(other, load_exactly(other), tmp_path / "tiny.gguf")
    form = ChatFormat(folder)
    with pytest.raises(Refused, match="cuts a text otherwise than the model was trained with, from its token"):
        check_tokenizer(file, form, gguf_tokenizer(form, read_config(folder)), examples(4))


def test_rows_without_a_token_are_marked_unused(folder: Path) -> None:
    form = ChatFormat(folder)
    n_tokens = form.tokenizer.get_vocab_size()
    told = gguf_tokenizer(form, {"vocab_size": n_tokens + 2})
    assert told.tokens[-2:] == (f"[PAD{n_tokens}]", f"[PAD{n_tokens + 1}]")
    assert told.kinds[-2:] == (TokenKind.UNUSED, TokenKind.UNUSED)
    with pytest.raises(Invalid, match="only 100 rows"):
        gguf_tokenizer(form, {"vocab_size": 100})


def test_a_first_cut_without_a_name_is_refused(tmp_path: Path) -> None:
    folder = with_first_cut(tiny_model(tmp_path / "model"), pre_tokenizers.Whitespace())
    with pytest.raises(Invalid, match="cuts text in a way that has no name in GGUF"):
        gguf_tokenizer(ChatFormat(folder), read_config(folder))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model_type": "gpt_neox"}, "architecture 'gpt_neox', which is not written as GGUF here; supported are Llama and Qwen2"),
        ({"rope_parameters": {"rope_type": "llama3", "factor": 8.0}}, "rope of the kind 'llama3'"),
        ({"hidden_act": "gelu"}, "the activation 'gelu'"),
        ({"attention_bias": True}, "biases in its layers"),
        ({"model_type": "qwen2", "use_sliding_window": True}, "a sliding window"),
        ({"model_type": "qwen2", "head_dim": 16}, "heads of 16 numbers in a width of 32"),
    ],
)  # fmt: skip
def test_what_the_file_cannot_say_is_refused_by_name(folder: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        gguf_settings(read_config(folder) | change, "tiny")
    assert refused.value.remedy == "Export it as merged or as adapter."


def test_the_awkward_texts_hold_what_tokenizers_differ_in() -> None:
    text = "".join(AWKWARD_TEXTS)
    assert all(sign in text for sign in ("\r\n", "\n\n22", "ł", "👩", "'s", "  333"))
