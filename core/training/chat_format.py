"""A model's own chat template and tokenizer, without the model.

Renders chat messages as the model expects them, finds the characters that an assistant wrote,
and counts tokens: with `tokenizers` and `jinja2` alone, so the server can do it too.

Not covered: templates that need tools or images. Rendering agrees with the template function
of transformers, which a test checks on the real model and on what templates of others are written with.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import TemplateError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

from core.errors import Invalid, ModelMissing

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class TokenisedChat:
    """ids and labels of equal length; a label is the token's id where it is trained on, else -100."""

    ids: tuple[int, ...]
    labels: tuple[int, ...]

    @property
    def n_target_tokens(self) -> int:
        return sum(label != -100 for label in self.labels)


# Some templates write the day into every chat. A run that is resumed or made again on another day has to read the same rows.
TEMPLATE_DATE = datetime(2024, 7, 26)


# What a template ends in that was written badly, or to do harm: beside what its language says, an include of a file, a range without end.
BROKEN_TEMPLATE = (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)


class ChatFormat:
    """One model's template and tokenizer, read from its folder."""

    def __init__(self, folder: Path) -> None:
        """Raises ModelMissing when the folder has no tokenizer.json or no chat template, or one that cannot be read."""
        self.folder = folder
        settings = _settings(folder)
        self.tokenizer = _tokenizer(folder)
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.special_tokens = {
            name: _token_text(settings.get(name)) for name in ("bos_token", "eos_token", "pad_token", "unk_token")
        }
        self.control_tokens = tuple(
            sorted(t.content for t in self.tokenizer.get_added_tokens_decoder().values() if t.special)
        )
        self.template_text = _template_text(folder, settings)
        self._template = _compile(self.template_text, folder.name)

    def render(self, messages: Sequence[Message], *, for_answer: bool = False) -> str:
        """The messages as the model reads them. for_answer: end where the assistant is to begin."""
        try:
            return str(
                self._template.render(messages=list(messages), add_generation_prompt=for_answer, **self.special_tokens)
            )
        except BROKEN_TEMPLATE as error:
            raise Invalid(f"The chat template of {self.folder.name} refuses these messages: {error}.") from error

    def count_text_tokens(self, text: str) -> int:
        return len(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def count_chat_tokens(self, messages: Sequence[Message]) -> int:
        return self.count_text_tokens(self.render(messages))

    def control_token_in(self, messages: Sequence[Message]) -> str | None:
        """A token that steers the model and stands in somebody's text, where it would end the turn early."""
        for message in messages:
            for token in self.control_tokens:
                if token in message["content"]:
                    return token
        return None

    def tokenise(self, messages: Sequence[Message]) -> TokenisedChat:
        """Token ids, with labels on what the assistant wrote and on the token that ends its turn."""
        text = self.render(messages)
        spans = self._assistant_spans(messages, text)
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        labels = [
            token if any(start <= a and b <= end for start, end in spans) and b > a else -100
            for token, (a, b) in zip(encoding.ids, encoding.offsets, strict=True)
        ]
        return TokenisedChat(tuple(encoding.ids), tuple(labels))

    def pieces(self, messages: Sequence[Message]) -> list[str]:
        """The text of each token of the messages, in the order of `tokenise`; all of them together are the rendered text.

        A character of several tokens stands with the last of them.
        """
        text = self.render(messages)
        offsets = self.tokenizer.encode(text, add_special_tokens=False).offsets
        starts = [max(start, 0) for start, _ in offsets]
        pieces, done = [], 0
        for place in range(len(offsets)):
            end = starts[place + 1] if place + 1 < len(offsets) else len(text)
            end = max(end, done)
            pieces.append(text[done:end])
            done = end
        return pieces

    def _assistant_spans(self, messages: Sequence[Message], text: str) -> list[tuple[int, int]]:
        spans = []
        for i, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            before = self.render(messages[:i], for_answer=True)
            after = self.render(messages[: i + 1])
            if not (text.startswith(after.rstrip()) and after.startswith(before)):
                raise Invalid(
                    f"The chat template of {self.folder.name} rewrites earlier turns, so the answer cannot be told from the prompt.",
                    remedy="Choose a base model whose template adds turns one after another.",
                )
            spans.append((len(before), len(after.rstrip())))
        return spans


@lru_cache(maxsize=4)
def chat_format(folder: Path) -> ChatFormat:
    """The format of a model folder, read once per process."""
    return ChatFormat(folder)


def _settings(folder: Path) -> dict[str, Any]:
    file = folder / "tokenizer_config.json"
    try:
        settings: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except ValueError as error:
        raise ModelMissing(
            f"The tokenizer_config.json of {folder.name} cannot be read: {error}.", remedy="Fetch the model again."
        ) from error
    return settings


def _tokenizer(folder: Path) -> Tokenizer:
    file = folder / "tokenizer.json"
    if not file.exists():
        raise ModelMissing(f"{folder.name} has no tokenizer.json.", remedy="Choose a base model with a fast tokenizer.")
    text = file.read_text(encoding="utf-8")
    if not text.lstrip().startswith("{"):
        raise ModelMissing(
            f"The tokenizer.json of {folder.name} holds no tokenizer; it begins with {text[:40]!r}.",
            remedy="Fetch the model again, its large files too (`git lfs pull`).",
        )
    return Tokenizer.from_str(text)


def _template_text(folder: Path, settings: dict[str, Any]) -> str:
    file = folder / "chat_template.jinja"
    if file.exists():
        return file.read_text(encoding="utf-8")
    if isinstance(settings.get("chat_template"), str):
        return str(settings["chat_template"])
    raise ModelMissing(
        f"{folder.name} has no chat template.", remedy="Choose an instruction-tuned base model, which brings one."
    )


class _Generation(Extension):
    """Reads {% generation %} ... {% endgeneration %}, by which some templates mark an answer, as what stands inside."""

    tags = {"generation"}

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        # What is set inside is not known outside, as in the library that made the tag up.
        return nodes.Scope(body, lineno=line)


def _compile(source: str, name: str) -> Any:
    """name: what to call the model. Raises ModelMissing."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, "jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = _raise_template_error
    environment.globals["strftime_now"] = TEMPLATE_DATE.strftime
    environment.filters["tojson"] = _as_json
    try:
        return environment.from_string(source)
    except BROKEN_TEMPLATE as error:
        raise ModelMissing(
            f"The chat template of {name} cannot be read: {error}.", remedy="Choose another base model."
        ) from error


def _as_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """For templates: the filter that comes with the library writes marks such as < as numbers, since it is meant for HTML."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _raise_template_error(message: str) -> None:
    raise TemplateError(message)


def _token_text(value: Any) -> str:
    return str(value["content"]) if isinstance(value, dict) else str(value or "")
