"""What a batch writes is what the model writes for each prompt alone: whoever joins, leaves, or has another adapter beside it."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, MistralConfig, MistralForCausalLM

from core.serving import row_cache
from core.serving.batch import Batch
from core.serving.row_adapters import AdapterShelf
from core.serving.text_request import Ended, EndReason, Event, Failed, Piece, Started, TextRequest
from core.training.models import load_for_reading
from tests.core.serving.tiny_adapters import save_tiny_adapter

VOCABULARY = 300


def batch_on(folder: Path, *, ends: set[int] | None = None, **options: Any) -> Batch:
    model = load_for_reading(folder)
    shelf = AdapterShelf(folder, model.get_output_embeddings().weight, most=2)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    settings: dict[str, Any] = {"most_held": 100_000} | options
    return Batch(model, tokenizer, ends or set(), shelf, **settings)


def request(name: str, n_prompt: int, *, max_tokens: int = 20, seed: int = 0, **settings: Any) -> TextRequest:
    """Greedy, unless the settings say otherwise; its prompt follows from name and length."""
    drawn = random.Random(f"{name} {n_prompt}")
    prompt = tuple(drawn.randrange(2, VOCABULARY) for _ in range(n_prompt))
    return TextRequest(name, prompt, max_tokens, seed=seed, **({"temperature": 0.0} | settings))


class Reader:
    """Steps a batch, and keeps what it tells of each text."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.events: list[Event] = []

    def step(self, n: int = 1) -> None:
        for _ in range(n):
            self.events += self.batch.step()

    def run(self) -> Reader:
        while not self.batch.is_idle:
            self.step()
        return self

    def text(self, name: str) -> str:
        """Without broken characters at its end: how many of them are shown depends on what would have come next."""
        pieces = [event.text for event in self.events if isinstance(event, Piece) and event.id == name]
        return "".join(pieces).rstrip("\ufffd")

    def end(self, name: str) -> Ended | Failed:
        (end,) = [event for event in self.events if isinstance(event, Ended | Failed) and event.id == name]
        return end

    def order(self, kind: type[Event]) -> list[str]:
        return [event.id for event in self.events if isinstance(event, kind)]


def by_transformers(folder: Path, asked: TextRequest, *, adapter: Path | None = None, **options: Any) -> str:
    """The library's own greedy text for one prompt alone."""
    model = _library_model(folder, adapter)
    ids = torch.tensor([asked.prompt])
    with torch.inference_mode():
        output = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=asked.max_tokens, do_sample=False,
            eos_token_id=None, pad_token_id=0, **options,
        )  # fmt: skip
    new = output[0, len(asked.prompt) :].tolist()
    assert len(set(new)) > min(3, asked.max_tokens // 4), "a text of one token would prove nothing"
    decoded: str = Tokenizer.from_file(str(folder / "tokenizer.json")).decode(new, skip_special_tokens=True)
    return decoded.rstrip("\ufffd")


@lru_cache(maxsize=4)
def _library_model(folder: Path, adapter: Path | None) -> Any:
    model: Any = AutoModelForCausalLM.from_pretrained(folder)
    return (PeftModel.from_pretrained(model, adapter) if adapter is not None else model).eval()


@pytest.fixture(params=["llama", "sliding window"])
def folder(request: pytest.FixtureRequest, tiny: Path, tmp_path: Path) -> Path:
    """A model that attends to everything, and one that sees eight tokens back."""
    if request.param == "llama":
        return tiny
    torch.manual_seed(3)
    config = MistralConfig(
        vocab_size=320, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        head_dim=8, max_position_embeddings=256, sliding_window=8, tie_word_embeddings=False, initializer_range=0.3, eos_token_id=0, bos_token_id=1,
    )  # fmt: skip
    MistralForCausalLM(config).save_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").write_bytes((tiny / "tokenizer.json").read_bytes())
    return tmp_path


@pytest.mark.parametrize("n_prompt", [1, 7, 40, 130])
def test_a_text_alone_is_what_transformers_writes(folder: Path, n_prompt: int) -> None:
    asked = request("alone", n_prompt, max_tokens=30)
    batch = batch_on(folder, prompt_tokens=32)
    batch.add(asked)
    read = Reader(batch).run()
    assert read.text("alone") == by_transformers(folder, asked)
    assert read.end("alone") == Ended("alone", EndReason.LENGTH, 30)


def test_texts_that_join_later_and_leave_earlier_change_nothing_for_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So few columns that rows are moved and grow again and again.
    monkeypatch.setattr(row_cache, "LEAST_COLUMNS", 8)
    waves = [
        [request("long", 9, max_tokens=60), request("short", 3, max_tokens=4)],
        [request("longer prompt", 70, max_tokens=12), request("middle", 12, max_tokens=25)],
        [request("late", 1, max_tokens=40), request("last", 33, max_tokens=2), request("after", 5, max_tokens=9)],
    ]
    batch = batch_on(folder, most_rows=4, prompt_tokens=32)
    read = Reader(batch)
    for wave in waves:
        for asked in wave:
            batch.add(asked)
        read.step(7)
    read.run()
    for asked in (asked for wave in waves for asked in wave):
        assert read.text(asked.id) == by_transformers(folder, asked), asked.id
        assert read.end(asked.id) == Ended(asked.id, EndReason.LENGTH, asked.max_tokens)
    assert read.order(Ended).index("short") < read.order(Ended).index("long")


def test_each_row_has_its_own_adapter(tiny: Path, adapters: tuple[Path, Path]) -> None:
    a, b = (str(folder) for folder in adapters)
    asked = [request(f"{n}", 4 + n, adapter=adapter) for n, adapter in enumerate([a, "", b, a, b, ""])]
    batch = batch_on(tiny)
    for one in asked:
        batch.add(one)
    read = Reader(batch).run()
    for one in asked:
        expected = by_transformers(tiny, one, adapter=Path(one.adapter) if one.adapter else None)
        assert read.text(one.id) == expected, one.adapter
    assert read.text("0") != by_transformers(tiny, asked[0])


def test_an_adapter_that_all_rows_share_is_the_same(tiny: Path, adapters: tuple[Path, Path]) -> None:
    asked = [request(f"{n}", 4 + 5 * n, adapter=str(adapters[1])) for n in range(3)]
    batch = batch_on(tiny)
    for one in asked:
        batch.add(one)
    read = Reader(batch).run()
    for one in asked:
        assert read.text(one.id) == by_transformers(tiny, one, adapter=adapters[1])


def test_a_rank_stabilised_adapter_has_its_own_scale(tiny: Path, tmp_path: Path) -> None:
    folder = save_tiny_adapter(tiny, tmp_path / "adapter", seed=6, use_rslora=True)
    asked = request("x", 6, adapter=str(folder))
    batch = batch_on(tiny)
    batch.add(asked)
    assert Reader(batch).run().text("x") == by_transformers(tiny, asked, adapter=folder)


def test_an_end_token_ends_the_text_and_is_counted(tiny: Path) -> None:
    asked = request("x", 6)
    whole = Reader(batch_on(tiny))
    whole.batch.add(asked)
    whole.run()
    tokens = Tokenizer.from_file(str(tiny / "tokenizer.json"))
    model = load_for_reading(tiny)
    with torch.inference_mode():
        third = int(
            model.generate(torch.tensor([asked.prompt]), max_new_tokens=3, do_sample=False, eos_token_id=None)[0, -1]
        )
    batch = batch_on(tiny, ends={third})
    batch.add(asked)
    read = Reader(batch).run()
    assert read.end("x").reason is EndReason.STOP  # type: ignore[union-attr]
    assert whole.text("x").startswith(read.text("x"))
    assert tokens.decode([third]) not in read.text("x")


def test_a_stop_string_ends_the_text_before_it(tiny: Path) -> None:
    asked = request("x", 6, max_tokens=40)
    text = by_transformers(tiny, asked)
    stop = text[9:13]
    batch = batch_on(tiny)
    batch.add(replace(asked, stop=("never there", stop)))
    read = Reader(batch).run()
    assert read.text("x") == text[: text.find(stop)].rstrip("\ufffd")
    assert read.end("x").reason is EndReason.STOP  # type: ignore[union-attr]


def test_the_same_seed_draws_the_same_text_whoever_is_beside_it(tiny: Path) -> None:
    asked = request("x", 6, seed=7, temperature=0.8, top_p=0.9)
    texts = []
    for n_others in (0, 3):
        batch = batch_on(tiny)
        for n in range(n_others):
            batch.add(request(f"other {n}", 5 + n, temperature=1.0, seed=n))
        batch.add(asked)
        texts.append(Reader(batch).run().text("x"))
    batch = batch_on(tiny)
    batch.add(replace(asked, seed=8))
    assert texts[0] == texts[1]
    assert Reader(batch).run().text("x") != texts[0]


def test_a_repetition_penalty_is_that_of_transformers(tiny: Path) -> None:
    asked = request("x", 6, repetition_penalty=1.4)
    batch = batch_on(tiny)
    batch.add(asked)
    batch.add(request("beside", 9))
    assert Reader(batch).run().text("x") == by_transformers(tiny, asked, repetition_penalty=1.4)


def test_a_cancelled_text_is_not_written_on_and_the_others_are(tiny: Path) -> None:
    batch = batch_on(tiny, prompt_tokens=16, most_rows=3)
    asked = [request(name, 8, max_tokens=15) for name in ("under way", "kept")]
    waiting, joining = request("waiting", 8), request("joining", 90)
    read = Reader(batch)
    for one in asked:
        batch.add(one)
    read.step(4)
    batch.add(joining)
    read.step(2)
    batch.add(waiting)
    for name in ("under way", "joining", "waiting"):
        batch.cancel(name)
    n_before = len(read.events)
    read.run()
    assert {event.id for event in read.events[n_before:]} == {"kept"}
    assert read.text("kept") == by_transformers(tiny, asked[1])


def test_texts_wait_for_room_in_the_order_in_which_they_came(tiny: Path) -> None:
    batch = batch_on(tiny, most_held=80)
    # Two rows of at most 28 tokens fit into 80, a third does not; the small one behind it is not let past.
    for name in ("first", "second", "third", "small"):
        batch.add(request(name, 8 if name != "small" else 1, max_tokens=20 if name != "small" else 1))
    read = Reader(batch)
    read.step(3)
    assert read.order(Started) == ["first", "second"]
    read.run()
    assert read.order(Started) == ["first", "second", "third", "small"]


def test_one_text_that_needs_more_room_than_there_is_is_written_alone(tiny: Path) -> None:
    batch = batch_on(tiny, most_held=10)
    asked = [request("large", 30), request("next", 3)]
    for one in asked:
        batch.add(one)
    read = Reader(batch).run()
    assert [read.text(one.id) for one in asked] == [by_transformers(tiny, one) for one in asked]
    assert read.order(Ended) == ["large", "next"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "adapter_model.safetensors").write_bytes(b"other"), "train again or restore"),
        (lambda folder: _set(folder / "manifest.json", base={"name": "old", "sha256": "0"}), "trained on old"),
        (lambda folder: _set(folder / "adapter_config.json", use_dora=True), "use_dora set to True"),
        (lambda folder: (folder / "manifest.json").unlink(), "gone from the disk"),
        (lambda folder: (folder / "adapter_config.json").unlink(), "could not be read"),
    ],
)
def test_an_adapter_that_cannot_be_used_fails_its_own_text_alone(
    tiny: Path, tmp_path: Path, damage: Any, said: str
) -> None:
    folder = save_tiny_adapter(tiny, tmp_path / "adapter", seed=5)
    damage(folder)
    batch = batch_on(tiny)
    other = request("good", 5)
    batch.add(request("bad", 5, adapter=str(folder)))
    batch.add(other)
    read = Reader(batch).run()
    failed = read.end("bad")
    assert isinstance(failed, Failed)
    assert said in failed.message
    assert read.text("good") == by_transformers(tiny, other)


def test_what_is_put_into_the_base_folder_later_changes_nothing_for_the_model_in_memory(
    tiny: Path, tmp_path: Path, adapters: tuple[Path, Path]
) -> None:
    base = Path(shutil.copytree(tiny, tmp_path / "base"))
    batch = batch_on(base)
    first, later = (request(name, 5, adapter=str(folder)) for name, folder in zip("ab", adapters, strict=True))
    batch.add(first)
    read = Reader(batch).run()
    (base / "model.safetensors").unlink()
    (base / "model.safetensors").write_bytes(b"another")
    batch.add(later)
    assert read.run().text("b") == by_transformers(tiny, later, adapter=adapters[1])


def test_a_prompt_that_breaks_the_model_ends_that_text_and_not_those_under_way(tiny: Path) -> None:
    batch = batch_on(tiny)
    good, later = request("good", 5), request("later", 4)
    batch.add(good)
    read = Reader(batch)
    read.step(3)
    batch.add(replace(request("bad", 2), prompt=(999_999,)))
    read.step(2)
    batch.add(later)
    read.run()
    failed = read.end("bad")
    assert isinstance(failed, Failed)
    assert "Quote i" in failed.message
    assert [read.text("good"), read.text("later")] == [by_transformers(tiny, good), by_transformers(tiny, later)]


def test_a_step_that_breaks_ends_its_texts_and_the_next_ones_are_whole(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batch_on(tiny)
    read = Reader(batch)
    batch.add(request("broken", 5))
    read.step(3)

    def no_memory(*_: Any) -> Any:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("core.serving.batch.next_tokens", no_memory)
        read.step()
    after = request("after", 6)
    batch.add(after)
    read.run()
    failed = read.end("broken")
    assert isinstance(failed, Failed)
    assert "ran out of memory" in failed.message
    assert read.text("after") == by_transformers(tiny, after)


def test_a_step_that_breaks_while_texts_join_ends_every_one_of_them(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batch_on(tiny)
    read = Reader(batch)
    batch.add(request("under way", 5))
    read.step(3)
    # Longer than what is under way: columns have to be moved for them.
    for name in ("first", "second", "third"):
        batch.add(request(name, 40))

    def no_memory(*_: Any) -> Any:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(row_cache, "_moved", no_memory)
        read.step()
    assert set(read.order(Failed)) == {"under way", "first", "second", "third"}
    after = request("after", 6)
    batch.add(after)
    assert read.run().text("after") == by_transformers(tiny, after)


def _set(file: Path, **values: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | values))
