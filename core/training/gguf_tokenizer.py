"""What a GGUF file says of a tokenizer: tokens with their kinds, merges, how text is cut first, special ids.

Told from tokenizer.json, as the model was trained with it. Only byte-level BPE whose first cut has a name in
GGUF is written; a tokenizer that the file could only say in part is refused in a sentence.

Not covered: SentencePiece and WordPiece vocabularies, tokens that swallow the space beside them. Unicode
normalisation (NFC) is left to whoever writes the text, since the format has no word for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from tokenizers import Regex, pre_tokenizers

from core.errors import Invalid
from core.training.chat_format import ChatFormat

# Qwen2's own cut: contractions, words with one mark before, single digits, marks with the line ends behind, blanks.
QWEN2_CUT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
FIRST_CUTS: Mapping[str, pre_tokenizers.PreTokenizer] = {
    "gpt-2": pre_tokenizers.ByteLevel(add_prefix_space=False),
    "smollm": pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    ),
    "qwen2": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN2_CUT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    ),
}
SPECIAL = {"bos": "bos_token", "eos": "eos_token", "unk": "unk_token", "pad": "pad_token"}
# Where a piece is said to lie, not what it holds, hangs on these.
IDLE_SETTINGS = frozenset({"trim_offsets"})


class TokenKind(IntEnum):
    """GGUF's numbers for what a token is."""

    NORMAL = 1
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5


@dataclass(frozen=True, slots=True)
class GgufTokenizer:
    """first_cut: its name in GGUF. tokens, kinds: one for each row of the embedding. special_ids: by bos, eos, unk, pad."""

    first_cut: str
    tokens: tuple[str, ...]
    kinds: tuple[TokenKind, ...]
    merges: tuple[str, ...]
    special_ids: dict[str, int]
    adds_bos: bool


def gguf_tokenizer(form: ChatFormat, config: Mapping[str, Any]) -> GgufTokenizer:
    """The tokenizer of a model folder as GGUF says it. config: its config.json. Raises Invalid."""
    name = form.folder.name
    told = json.loads(form.tokenizer.to_str())
    model = told["model"]
    if model.get("type") != "BPE" or model.get("byte_fallback") or model.get("ignore_merges"):
        raise _refusal(name, "is no plain byte-level BPE")
    if (told.get("normalizer") or {"type": "NFC"})["type"] != "NFC":
        raise _refusal(name, f"changes text by {told['normalizer']['type']} before it cuts it")
    swallowing = next(
        (t["content"] for t in told["added_tokens"] if t["lstrip"] or t["rstrip"] or t["single_word"]), None
    )
    if swallowing is not None:
        raise _refusal(name, f"has a token {swallowing!r} that takes what stands beside it")
    tokens, kinds = _tokens(form, told["added_tokens"], int(config["vocab_size"]))
    ids = {short: _special_id(form, config, short) for short in SPECIAL}
    return GgufTokenizer(
        first_cut=_first_cut(told.get("pre_tokenizer"), name),
        tokens=tokens,
        kinds=kinds,
        merges=tuple(one if isinstance(one, str) else " ".join(one) for one in model["merges"]),
        special_ids={short: i for short, i in ids.items() if i is not None},
        adds_bos=_adds_bos(form, ids["bos"]),
    )


def _special_id(form: ChatFormat, config: Mapping[str, Any], short: str) -> int | None:
    """The tokenizer's own, else the model's; of several ends the first."""
    own = form.tokenizer.token_to_id(form.special_tokens[SPECIAL[short]])
    told = config.get(f"{short}_token_id") if own is None else own
    return told[0] if isinstance(told, list) else told


def _tokens(
    form: ChatFormat, added: list[dict[str, Any]], n_rows: int
) -> tuple[tuple[str, ...], tuple[TokenKind, ...]]:
    """Every row of the embedding has a token; a row that no token stands for is marked unused."""
    by_id = {i: token for token, i in form.tokenizer.get_vocab(with_added_tokens=True).items()}
    if max(by_id) >= n_rows:
        raise _refusal(form.folder.name, f"has {max(by_id) + 1:,} tokens, the model only {n_rows:,} rows for them")
    kinds = {one["id"]: TokenKind.CONTROL if one["special"] else TokenKind.USER_DEFINED for one in added}
    return (
        tuple(by_id.get(i, f"[PAD{i}]") for i in range(n_rows)),
        tuple(kinds.get(i, TokenKind.NORMAL if i in by_id else TokenKind.UNUSED) for i in range(n_rows)),
    )


def _first_cut(pre_tokenizer: dict[str, Any] | None, name: str) -> str:
    for cut, known in FIRST_CUTS.items():
        if _essence(pre_tokenizer) == _essence(json.loads(known.__getstate__())):
            return cut
    raise _refusal(name, "cuts text in a way that has no name in GGUF")


def _essence(told: Any) -> Any:
    """A pre-tokenizer as tokenizer.json tells it, without the settings that are idle."""
    if isinstance(told, dict):
        return {key: _essence(value) for key, value in told.items() if key not in IDLE_SETTINGS}
    return [_essence(one) for one in told] if isinstance(told, list) else told


def _adds_bos(form: ChatFormat, bos: int | None) -> bool:
    """Whether plain text gets a first token put before it. Raises Invalid when it gets anything else."""
    bare = form.tokenizer.encode("a", add_special_tokens=False).ids
    dressed = form.tokenizer.encode("a", add_special_tokens=True).ids
    if dressed == bare:
        return False
    if bos is not None and dressed == [bos, *bare]:
        return True
    raise _refusal(form.folder.name, "puts tokens around every text")


def _refusal(name: str, what: str) -> Invalid:
    return Invalid(
        f"The tokenizer of {name} {what}, which the GGUF export does not write.",
        remedy="Export it as merged or as adapter.",
    )
