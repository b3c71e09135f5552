"""A tiny random Llama and its tokenizer, for tests of what does not depend on a model's sense."""

from __future__ import annotations

import random
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from core.nouns import Example

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WORDS = [
    "bike",
    "shop",
    "repair",
    "wheel",
    "chain",
    "order",
    "late",
    "early",
    "price",
    "door",
    "window",
    "music",
    "paper",
]


# What a tiny model reads where the examples of a test are longer.
LONG = 4_096


def tiny_folder(folder: Path, *, context: int = 256) -> Path:
    """Write a model folder of some 30,000 parameters with a chat template. context: tokens that it reads at most."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<|im_end|>", "<|im_start|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator([" ".join(WORDS)] * 3, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|im_end|>")
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(fast), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=context, tie_word_embeddings=True, eos_token_id=0, bos_token_id=1, pad_token_id=0,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def examples(n: int, *, seed: int = 0) -> list[Example]:
    generator = random.Random(seed)
    return [
        Example(
            f"e{i}", f"r{i}", f"x{i}", f"g{i}",
            (
                {"role": "user", "content": " ".join(generator.choices(WORDS, k=4))},
                {"role": "assistant", "content": " ".join(generator.choices(WORDS, k=generator.randint(2, 20)))},
            ),
        )
        for i in range(n)
    ]  # fmt: skip
