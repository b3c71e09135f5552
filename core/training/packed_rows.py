"""A micro-batch as one row without padding, in which each example sees itself alone.

On a graphics processor attention is one call for all examples, whatever their lengths (`torch.nn.attention.varlen`, which goes on to
flash attention); on a CPU the same path takes one example after the other, so that all but that call can be tested anywhere. The
attention is registered with transformers under a name of its own: a call that says nothing of examples gets what `sdpa` gives.

Used on a graphics processor by default, and never on a CPU, where padding is quick. Seen on one (an H200, PyTorch 2.11) to give the loss and
the gradients of padded rows but for bfloat16's rounding. Not covered: sliding windows, dropout in the attention, and models of other kinds than those named here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch.nn.attention.varlen import varlen_attn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from core.training.batches import TrainingRow

ATTENTION = "packed_rows"
# Tested with a small model of each: full causal attention, told apart by these keywords of every layer.
KINDS = ("llama", "qwen2", "qwen3")
# What flash attention takes.
LARGEST_HEAD, HEAD_STEP = 256, 8


@dataclass(frozen=True, slots=True)
class PackedRows:
    """ids, labels, positions: (1, tokens of all rows), without padding. starts: (rows + 1,), where each row begins, and the end.

    The label of each row's first token is -100: what precedes it there is another row.
    """

    ids: torch.Tensor
    labels: torch.Tensor
    positions: torch.Tensor
    starts: torch.Tensor
    longest: int

    @property
    def for_model(self) -> dict[str, Any]:
        """What the decoder is called with beside the ids, under the names that transformers passes on to its attention."""
        # A mask of four dimensions is taken as it is; made by transformers, it would be as wide and as high as all rows together.
        unused = torch.ones(1, 1, 1, 1, dtype=torch.bool, device=self.ids.device)
        return {
            "position_ids": self.positions, "attention_mask": unused, "cu_seq_lens_q": self.starts, "cu_seq_lens_k": self.starts,
            "max_length_q": self.longest, "max_length_k": self.longest,
        }  # fmt: skip

    def shares(self, prompt_weight: float) -> torch.Tensor:
        """(1, tokens): 1 for a token of an answer, prompt_weight for any other, 0 where nothing of the row precedes it."""
        shares = torch.where(self.labels != -100, 1.0, prompt_weight)
        shares[0, self.starts[:-1].long()] = 0.0
        return shares


def pack(rows: Sequence[TrainingRow], where: torch.device) -> PackedRows:
    """The rows one after the other."""
    lengths = torch.tensor([row.n_tokens for row in rows])
    starts = torch.cat([torch.zeros(1, dtype=torch.long), lengths.cumsum(0)])
    labels = torch.tensor([label for row in rows for label in row.labels])
    labels[starts[:-1]] = -100
    positions = torch.cat([torch.arange(row.n_tokens) for row in rows])
    return PackedRows(
        ids=torch.tensor([[token for row in rows for token in row.ids]]).to(where),
        labels=labels[None].to(where),
        positions=positions[None].to(where),
        starts=starts.to(where, torch.int32),
        longest=max(row.n_tokens for row in rows),
    )


def can_pack(model: Any) -> bool:
    """Whether the model's attention can be told where rows begin. model: without an adapter."""
    config = model.config
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return (
        config.model_type in KINDS
        and all(kind == "full_attention" for kind in getattr(config, "layer_types", None) or ())
        and not getattr(config, "attention_dropout", 0.0)
        and head <= LARGEST_HEAD
        and head % HEAD_STEP == 0
    )


def take_packed_rows(model: Any) -> None:
    """Give the model the attention that knows where rows begin. model: one that `can_pack`, without an adapter."""
    AttentionInterface.register(ATTENTION, _attention)
    AttentionMaskInterface.register(ATTENTION, sdpa_mask)
    model.set_attn_implementation(ATTENTION)


def packs_rows(model: Any) -> bool:
    """Whether micro-batches go through this model packed: those that were told to take them so."""
    return bool(model.config._attn_implementation == ATTENTION)


def _attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float | None = None,
    cu_seq_lens_q: torch.Tensor | None = None,
    max_length_q: int | None = None,
    **more: Any,
) -> tuple[torch.Tensor, None]:
    """query, key, value: (1, heads, tokens, width), key and value perhaps of fewer heads. Returns (1, tokens, heads, width)."""
    if cu_seq_lens_q is None or max_length_q is None:
        told: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **more
        )
        return told
    if query.is_cuda:
        queries, keys, values = (one[0].transpose(0, 1) for one in (query, key, value))
        output = varlen_attn(
            queries, keys, values, cu_seq_lens_q, cu_seq_lens_q, max_length_q, max_length_q, scale=scaling, window_size=(-1, 0),
            enable_gqa=query.shape[1] != key.shape[1],
        )  # fmt: skip
        assert isinstance(output, torch.Tensor), "without auxiliary outputs it is one tensor"
        return output[None], None
    outputs = [
        scaled_dot_product_attention(
            query[:, :, start:end], key[:, :, start:end], value[:, :, start:end], is_causal=True, scale=scaling,
            enable_gqa=query.shape[1] != key.shape[1],
        )
        for start, end in pairwise(cu_seq_lens_q.tolist())
    ]  # fmt: skip
    return torch.cat(outputs, dim=2).transpose(1, 2), None
