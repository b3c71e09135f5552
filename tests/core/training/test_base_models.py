"""Where base models are found: the set-up's own, a folder, a hub id in the cache; and what is said when not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import ModelMissing
from core.training.base_models import (
    EMBEDDED,
    base_name,
    base_shape,
    check_sha256,
    folder_sha256,
    model_folder,
    package_file,
)
from core.training.merging import load_exactly
from core.training.models import load_base


def write_model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub cache that holds the model small/writer."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    model = tmp_path / "models--small--writer"
    write_model(model / "snapshots" / "abc123")
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text("abc123", encoding="utf-8")
    return model / "snapshots" / "abc123"


def test_a_hub_id_is_the_folder_that_the_cache_holds(cached: Path, tmp_path: Path) -> None:
    assert model_folder("small/writer", tmp_path) == cached


def test_a_hub_id_that_is_not_cached_is_refused_with_the_way_to_get_it(cached: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="'small/poet' is not on this machine") as error:
        model_folder("small/poet", tmp_path)
    assert "hf download small/poet" in error.value.remedy


def test_a_folder_wins_over_a_hub_id_of_the_same_form(
    cached: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_model(tmp_path / "small" / "writer")
    monkeypatch.chdir(tmp_path)
    assert model_folder("small/writer", tmp_path) == Path("small/writer")


def test_a_cached_model_is_called_by_its_hub_id(cached: Path) -> None:
    assert base_name(cached) == "small/writer"


def test_a_folder_is_called_by_its_name(tmp_path: Path) -> None:
    assert base_name(write_model(tmp_path / "ours")) == "ours"


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"holds no config\.json"):
        model_folder(str(tmp_path), tmp_path)


@pytest.mark.parametrize("base", ["../no-such-models", "a--b/c", "small/writer.git", f"small/{'w' * 100}"])
def test_what_no_hub_id_can_be_is_refused_as_a_folder_that_is_not_there(tmp_path: Path, base: str) -> None:
    with pytest.raises(ModelMissing, match="is not there, and no model of a hub can have that name"):
        model_folder(base, tmp_path)


@pytest.mark.parametrize(
    ("base", "why"), [("w" * 300, "File name too long"), ("~nobody-of-that-name/models", "home directory")]
)
def test_a_folder_that_cannot_be_looked_at_is_refused_with_the_reason(tmp_path: Path, base: str, why: str) -> None:
    with pytest.raises(ModelMissing, match=rf"cannot be looked at: .*{why}\. Name a folder"):
        model_folder(base, tmp_path)


def test_the_hash_of_a_folder_is_that_of_its_files_as_they_are_now(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "base")
    before = folder_sha256(folder)
    (folder / "model.safetensors").write_text("another", encoding="utf-8")
    assert folder_sha256(folder) != before
    (folder / "model.safetensors").write_text("{}", encoding="utf-8")
    assert folder_sha256(folder) == before


def test_a_folder_without_a_tokenizer_has_no_hash(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "base")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelMissing, match=r"in base cannot be read: No such file or directory \(tokenizer\.json\)"):
        folder_sha256(folder)


# What lies there when a repository was cloned without its large files.
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 538090408\n"


def test_weights_that_were_not_fetched_have_no_size(tiny: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny, tmp_path / "pointed")
    (tmp_path / "pointed" / "model.safetensors").write_bytes(POINTER)
    with pytest.raises(ModelMissing, match=r"cannot be told: model\.safetensors is no safetensors file, or not whole"):
        base_shape(tmp_path / "pointed")


@pytest.mark.parametrize("load", [load_base, load_exactly])
def test_weights_that_were_not_fetched_are_not_loaded(tiny: Path, tmp_path: Path, load: Callable[[Path], Any]) -> None:
    shutil.copytree(tiny, tmp_path / "pointed")
    (tmp_path / "pointed" / "model.safetensors").write_bytes(POINTER)
    with pytest.raises(ModelMissing, match="The model in pointed could not be loaded"):
        load(tmp_path / "pointed")


@pytest.mark.parametrize("config", ['{"hidden_size": null, "num_hidden_layers": 2}', "[]"])
def test_a_configuration_without_a_size_is_named(tmp_path: Path, config: str) -> None:
    (write_model(tmp_path / "base") / "config.json").write_text(config, encoding="utf-8")
    (tmp_path / "base" / "model.safetensors").unlink()
    with pytest.raises(ModelMissing, match="The size of the model in base cannot be told"):
        base_shape(tmp_path / "base")


def test_the_embedded_model_before_the_set_up_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="has not been made ready") as error:
        model_folder(EMBEDDED, tmp_path)
    assert "make setup" in error.value.remedy


def test_a_damaged_model_file_is_refused_with_both_hashes(tmp_path: Path) -> None:
    file = tmp_path / "weights.gguf"
    file.write_bytes(b"")
    with pytest.raises(ModelMissing, match="e3b0c44298fc…, expected 000000000000…"):
        check_sha256(file, "0" * 64)


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModelMissing, match="no-such-package is not installed"):
        package_file("no-such-package", "model.gguf")
