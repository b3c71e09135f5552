"""Where base models are found: the set-up's own, a folder, a hub id in the cache; and what is said when not."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import ModelMissing
from core.training.base_models import EMBEDDED, base_name, check_sha256, model_folder, package_file


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
