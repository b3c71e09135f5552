"""What stands beside exported weights: the Modelfile, the line that serves them, the README."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.training.chat_format import ChatFormat
from core.training.export_card import readme_text, served_name, serving_command, write_manifest, write_words
from core.training.ollama import ChatMl, as_chatml, modelfile
from tests.core.training.tiny import TEMPLATE, tiny_folder

WITH_SYSTEM = (
    "{% if messages[0]['role'] != 'system' %}<|im_start|>system\nBe of help.<|im_end|>\n{% endif %}" + TEMPLATE
)
OTHERS = [
    "{% for message in messages %}[{{ message['role'] }}] {{ message['content'] }}\n{% endfor %}",
    TEMPLATE.replace("message['content']", "message['content'] | trim"),
    TEMPLATE.replace("<|im_end|>\n", "<|im_end|>"),
    "<|im_start|>note\nx<|im_end|>\n" + TEMPLATE,
]
DRAWN: dict[str, Any] = {"stops": ("<|im_end|>",), "temperature": 0.7, "top_p": 0.9, "repeat_penalty": 1.1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("tiny"))


def form_with(folder: Path, template: str) -> ChatFormat:
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    return ChatFormat(folder)


def test_a_modelfile_says_template_system_stops_and_how_words_are_drawn(folder: Path) -> None:
    assert modelfile("v1-1-q8_0.gguf", form_with(folder, WITH_SYSTEM), **DRAWN) == (
        "FROM ./v1-1-q8_0.gguf\n"
        'TEMPLATE """{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n"""\n'
        'SYSTEM """Be of help."""\n'
        'PARAMETER stop "<|im_end|>"\n'
        'PARAMETER stop "<|im_start|>"\n'
        "PARAMETER temperature 0.7\n"
        "PARAMETER top_p 0.9\n"
        "PARAMETER repeat_penalty 1.1\n"
    )


def test_a_form_without_a_system_turn_of_its_own_gets_none(folder: Path) -> None:
    form = form_with(folder, TEMPLATE)
    assert as_chatml(form) == ChatMl("")
    assert "SYSTEM" not in modelfile("a.gguf", form, **DRAWN)


@pytest.mark.parametrize("template", OTHERS)
def test_a_form_that_only_looks_like_chatml_gets_no_template(folder: Path, template: str) -> None:
    form = form_with(folder, template)
    assert as_chatml(form) is None
    text = modelfile("a.gguf", form, **DRAWN)
    assert "TEMPLATE" not in text
    assert 'PARAMETER stop "<|im_end|>"' in text


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("gguf", "ollama create my-run-1 -f '/a b/Modelfile'"),
        ("merged", "vllm serve '/a b' --served-model-name my-run-1"),
        ("adapter", "vllm serve owner/base --enable-lora --lora-modules 'my-run-1=/a b' --max-lora-rank 16"),
    ],
)
def test_the_line_that_serves_an_export_is_quoted_for_a_shell(form: str, line: str) -> None:
    assert serving_command(form, run_name="My run 1", folder="/a b", base="owner/base", rank=12) == line


def test_a_name_of_odd_signs_is_still_one() -> None:
    assert [served_name(name) for name in ("v1-1", "Ünï 2", "...")] == ["v1-1", "n-2", "model"]


def facts(**more: Any) -> dict[str, Any]:
    return {
        "format": "gguf", "type": "q8_0", "run_name": "v1-1", "base": {"name": "owner/base"}, "config": {"rank": 16}, "limit": 0.02,
        "largest_difference": 0.0123, "mean_in_text": 0.004, "largest_in_text": 0.07, "same_likeliest": 0.99, "n_prompts": 16,
        "n_positions": 512,
    } | more  # fmt: skip


def test_the_readme_tells_what_was_checked_how_to_serve_it_and_where_the_rest_stands() -> None:
    text = readme_text(facts(), notes=["Mind the gap."])
    assert (
        "The files (q8_0) were loaded again by transformers and compared with the merged model: largest difference"
        in text
    )
    assert (
        "after 16 real prompts 0.012 (limit 0.02); at 512 places of running text 0.004 on average and 0.07 at most"
        in text
    )
    assert "ollama create v1-1 -f ./Modelfile" in text
    assert "The licence of the base model owner/base holds for this too" in text
    assert "who approved it stands in [MODEL_CARD.md](MODEL_CARD.md)." in text
    assert "Mind the gap." in text
    assert "Exported all the same" not in text


def test_the_readme_says_who_exported_over_what_and_why() -> None:
    override = {"by": "Ann", "reason": "The contract was *renewed*.", "obstacles": ["The source posts expired."]}
    text = readme_text(facts(override=override))
    assert (
        "Exported all the same by Ann. In the way stood: The source posts expired. The reason given: The contract was \\*renewed\\*.\n"
        in text
    )


def test_readme_and_model_card_are_among_the_hashed_files(tmp_path: Path) -> None:
    write_words(tmp_path, facts(), model_card="# v1-1\n")
    assert (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8") == "# v1-1\n"
    assert sorted(write_manifest(tmp_path, {})["files"]) == ["MODEL_CARD.md", "README.md"]


def test_the_manifest_holds_the_hash_of_every_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    manifest = write_manifest(tmp_path, {"run": "r_1"})
    assert manifest["files"] == {"a.txt": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}
    assert json.loads((tmp_path / "export.json").read_text(encoding="utf-8")) == manifest
