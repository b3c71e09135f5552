"""Writes a model as one GGUF file, tensor by tensor, and loads such a file again as transformers does.

Numbers are stored as 16-bit floats (f16), or as 8-bit integers in blocks of 32 with a scale (q8_0); vectors stay
32-bit. The `gguf` package packs them; their names are its own, too. Llama's query and key rows stand in another
order in the file, because llama.cpp turns neighbouring numbers by rope where transformers turns two halves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Packing
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM, AutoTokenizer

from core.errors import Invalid
from core.training.gguf_settings import GgufSettings
from core.training.gguf_tokenizer import FIRST_CUTS, GgufTokenizer

QUANTISATION_VERSION = 2
OUTPUT = "lm_head.weight"


class GgufType(StrEnum):
    F16 = "f16"
    Q8_0 = "q8_0"


PACKINGS = {GgufType.F16: Packing.F16, GgufType.Q8_0: Packing.Q8_0}
FILE_TYPES = {GgufType.F16: gguf.LlamaFileType.MOSTLY_F16, GgufType.Q8_0: gguf.LlamaFileType.MOSTLY_Q8_0}
ARCHITECTURES = {"llama": gguf.MODEL_ARCH.LLAMA, "qwen2": gguf.MODEL_ARCH.QWEN2}
BLOCK = gguf.GGML_QUANT_SIZES[Packing.Q8_0][0]


@dataclass(frozen=True, slots=True)
class _Tensor:
    """One tensor of the file: its name there and in the model, and how its numbers are packed."""

    name: str
    key: str
    packing: Packing


def write_gguf(
    file: Path,
    weights: Mapping[str, torch.Tensor],
    *,
    settings: GgufSettings,
    tokenizer: GgufTokenizer,
    kind: GgufType,
    template: str,
    name: str,
) -> None:
    """Write the file. weights: by their names in transformers, in float32.

    name: what the file calls the model. Raises Invalid when a weight has no name in GGUF, or is too large for a 16-bit
    float.
    """
    tensors = list(_tensors(weights, settings, kind))
    writer = gguf.GGUFWriter(file, settings.architecture)
    _describe(writer, settings, tokenizer, kind=kind, template=template, name=name)
    for tensor in tensors:
        shape = weights[tensor.key].shape
        packed = gguf.quant_shape_to_byte_shape(shape, tensor.packing) if tensor.packing is Packing.Q8_0 else shape
        writer.add_tensor_info(
            tensor.name, packed, _number_type(tensor.packing), _n_bytes(packed, tensor.packing),
            raw_dtype=tensor.packing,
        )  # fmt: skip
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor in tensors:
        numbers = _in_file_order(weights[tensor.key].numpy(), tensor.key, settings)
        writer.write_tensor_data(_packed(numbers, tensor))
    writer.close()


def load_gguf(file: Path) -> Any:
    """The model of a GGUF file in float32, as transformers reads it from the file alone."""
    return AutoModelForCausalLM.from_pretrained(
        file.parent, gguf_file=file.name, dtype=torch.float32, trust_remote_code=False, local_files_only=True
    ).eval()


def load_gguf_tokenizer(file: Path, *, first_cut: str) -> Any:
    """The tokenizer of a GGUF file, as transformers reads it. first_cut: its name in the file."""
    read = AutoTokenizer.from_pretrained(
        file.parent, gguf_file=file.name, trust_remote_code=False, local_files_only=True
    ).backend_tokenizer
    if first_cut == "smollm":
        # transformers takes this name for GPT-2's cut; llama.cpp knows it, and parts digits first.
        read.pre_tokenizer = FIRST_CUTS[first_cut]
    return read


def _describe(
    writer: gguf.GGUFWriter,
    settings: GgufSettings,
    tokenizer: GgufTokenizer,
    *,
    kind: GgufType,
    template: str,
    name: str,
) -> None:
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(name)
    writer.add_file_type(FILE_TYPES[kind])
    writer.add_quantization_version(QUANTISATION_VERSION)
    writer.add_block_count(settings.n_layers)
    writer.add_context_length(settings.context_length)
    writer.add_embedding_length(settings.width)
    writer.add_feed_forward_length(settings.inner_width)
    writer.add_head_count(settings.n_heads)
    writer.add_head_count_kv(settings.n_key_heads)
    writer.add_rope_dimension_count(settings.head_width)
    writer.add_key_length(settings.head_width)
    writer.add_value_length(settings.head_width)
    writer.add_rope_freq_base(settings.rope_theta)
    writer.add_layer_norm_rms_eps(settings.norm_epsilon)
    writer.add_vocab_size(settings.n_rows)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(tokenizer.first_cut)
    writer.add_token_list(tokenizer.tokens)
    writer.add_token_types(tokenizer.kinds)
    writer.add_token_merges(tokenizer.merges)
    for short, token in tokenizer.special_ids.items():
        getattr(writer, f"add_{short}_token_id")(token)
    writer.add_add_bos_token(tokenizer.adds_bos)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(template)


def _tensors(weights: Mapping[str, torch.Tensor], settings: GgufSettings, kind: GgufType) -> Iterator[_Tensor]:
    names = gguf.get_tensor_name_map(ARCHITECTURES[settings.architecture], settings.n_layers)
    for key, weight in weights.items():
        if key == OUTPUT and settings.is_tied:
            continue
        name = names.get_name(key, try_suffixes=(".weight", ".bias"))
        if name is None:
            raise Invalid(
                f"The weight {key} has no name in a GGUF file of the architecture {settings.architecture}.",
                remedy="Export it as merged or as adapter.",
            )
        yield _Tensor(name, key, _packing(tuple(weight.shape), kind))


def _packing(shape: tuple[int, ...], kind: GgufType) -> Packing:
    """Vectors are few and weigh much: they stay exact. A row that does not come out in whole blocks stays 16-bit."""
    if len(shape) < 2:
        return Packing.F32
    if kind is GgufType.Q8_0 and shape[-1] % BLOCK:
        return Packing.F16
    return PACKINGS[kind]


def _number_type(packing: Packing) -> np.dtype[Any]:
    return np.dtype({Packing.F32: np.float32, Packing.F16: np.float16, Packing.Q8_0: np.uint8}[packing])


def _n_bytes(shape: tuple[int, ...], packing: Packing) -> int:
    return int(np.prod(shape, dtype=np.int64)) * _number_type(packing).itemsize


def _packed(numbers: NDArray[np.float32], tensor: _Tensor) -> NDArray[Any]:
    if tensor.packing is Packing.F16 and float(np.abs(numbers).max()) > float(np.finfo(np.float16).max):
        raise Invalid(
            f"The weight {tensor.key} holds {float(np.abs(numbers).max()):.3g}, more than a 16-bit float can.",
            remedy="Export it as merged.",
        )
    return gguf.quantize(np.ascontiguousarray(numbers), tensor.packing)


def _in_file_order(numbers: NDArray[np.float32], key: str, settings: GgufSettings) -> NDArray[np.float32]:
    """Of Llama's queries and keys each head's rows 0, 1, 2 ... become 0, h, 1, h+1 ..., with h half of the head."""
    heads = {"q_proj": settings.n_heads, "k_proj": settings.n_key_heads}.get(key.rsplit(".", 2)[-2])
    if settings.architecture != "llama" or heads is None:
        return numbers
    halves = numbers.reshape(heads, 2, settings.head_width // 2, -1)
    return halves.swapaxes(1, 2).reshape(numbers.shape)
