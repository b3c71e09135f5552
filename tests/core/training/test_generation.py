"""Texts of models that say less of themselves than others do."""

from __future__ import annotations

from pathlib import Path

from transformers import LlamaConfig, LlamaForCausalLM

from core.training.chat_format import ChatFormat
from core.training.generation import Sampling, generate_texts


def test_a_model_that_names_no_end_writes_up_to_the_limit(tiny: Path, form: ChatFormat) -> None:
    endless = LlamaForCausalLM(LlamaConfig.from_pretrained(tiny, eos_token_id=None))
    prompts = [[{"role": "user", "content": text}] for text in ("bike", "shop repair wheel")]
    for sampling in (Sampling(40, temperature=0.0), Sampling(40, stops_loops=True)):
        texts = generate_texts(endless, form, prompts, sampling=sampling, seed=1)
        assert [one.n_tokens == 40 or one.is_loop for one in texts] == [True, True]
        assert all(one.is_cut or one.is_loop for one in texts)
