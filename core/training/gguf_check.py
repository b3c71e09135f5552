"""Whether the tokenizer inside a GGUF file cuts texts into the very ids that the model was trained with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.errors import Invalid, Refused
from core.nouns import Example
from core.training.chat_format import ChatFormat
from core.training.gguf_file import load_gguf_tokenizer
from core.training.gguf_tokenizer import GgufTokenizer

MOST_EXAMPLES = 200
# What tokenizers differ in: digits, blanks, line ends, marks, letters of several bytes, contractions, code, rare signs.
AWKWARD_TEXTS = (
    "It's 12,345.67 € on 2024-01-31; we'd said 7%.",
    "Line one\n\n\n  - indented\ttabbed  twice\r\n\r\n1. First\n\n22. Second  333",
    "Zażółć gęślą jaźń, naïve café, Straße, Ελληνικά, Привет, 日本語のテキスト, 한국어, العربية, हिन्दी",
    "👩‍👩‍👧 🎉🎉 ½ ² ™ … “quoted” ‘single’ — dash \u00a0 hard space \u200d joiner",
    "def f(x):\n    return {'a': [1, 2], \"b\": x**2}  # done\n",
    "   leading and trailing   ",
)


def check_tokenizer(file: Path, form: ChatFormat, tokenizer: GgufTokenizer, examples: Sequence[Example]) -> None:
    """Compare on awkward texts, on every special token inside of a text, and on chats. Raises Refused with the first that differs."""
    read = load_gguf_tokenizer(file, first_cut=tokenizer.first_cut)
    for text in _texts(form, examples):
        expected, found = (t.encode(text, add_special_tokens=False).ids for t in (form.tokenizer, read))
        if expected != found:
            at = next((i for i, pair in enumerate(zip(expected, found, strict=False)) if pair[0] != pair[1]), 0)
            raise Refused(
                f"Read from the GGUF file, the tokenizer cuts a text otherwise than the model was trained with, from its token {at + 1} "
                f"on: {expected[at : at + 5]} became {found[at : at + 5]}. Nothing was kept.",
                remedy="Export it as merged.",
            )


def _texts(form: ChatFormat, examples: Sequence[Example]) -> list[str]:
    texts = [*AWKWARD_TEXTS, *(f"One {token}two{token} three" for token in form.control_tokens)]
    for example in examples[:MOST_EXAMPLES]:
        try:
            texts.append(form.render(example.messages))
        except Invalid:
            continue
    return texts
