"""The texts that one model writes at the same time: they join and leave between the steps.

A step reads a part of the prompts that wait, and adds one token to every text under way. On a CPU the
pass over the weights is what costs, so sixteen texts at once take little longer than one.

Texts wait in the order in which they came; none is passed over, however long it is. What is wrong with one
text ends that one.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers.cache_utils import DynamicCache

from core.errors import ProofroomError
from core.incidents import note_incident, places_of
from core.serving.pieces import TextPieces
from core.serving.row_adapters import AdapterShelf, AdapterWeights, RowAdapters
from core.serving.row_cache import RowCache
from core.serving.sampling import Draws, next_tokens
from core.serving.text_request import Ended, EndReason, Event, Failed, Piece, Started, TextRequest

log = logging.getLogger(__name__)

MOST_ROWS = 16
# Tokens of prompts that are read in one step: more would make the texts under way wait for them.
PROMPT_TOKENS = 384


@dataclass(slots=True, eq=False)
class _Row:
    """One text under way."""

    request: TextRequest
    adapter: AdapterWeights | None
    pieces: TextPieces
    draws: Draws
    n_tokens: int = 0
    last: int = 0


@dataclass(slots=True)
class _Joining:
    """Prompts that are being read: several short ones at once, or a part of a long one a step. logits: once all is read."""

    rows: list[_Row]
    cache: DynamicCache = field(default_factory=DynamicCache)
    n_read: int = 0
    logits: torch.Tensor | None = None

    @property
    def longest(self) -> int:
        return max(len(row.request.prompt) for row in self.rows)


class Batch:
    """What is written on one loaded model.

    ends: tokens that end a text. most_held: tokens that all rows may hold together, counting each as long as the longest.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Tokenizer,
        ends: set[int],
        shelf: AdapterShelf,
        *,
        most_held: int,
        most_rows: int = MOST_ROWS,
        prompt_tokens: int = PROMPT_TOKENS,
    ) -> None:
        self._model, self._tokenizer, self._ends, self._shelf = model, tokenizer, ends, shelf
        self._most_rows, self._most_held, self._prompt_tokens = most_rows, most_held, prompt_tokens
        self._where = model.get_output_embeddings().weight.device
        self._adapters = RowAdapters(model)
        self._cache = RowCache(most_rows=most_rows)
        self._waiting: deque[TextRequest] = deque()
        self._joining: _Joining | None = None
        self._rows: list[_Row] = []
        self._events: list[Event] = []

    @property
    def is_idle(self) -> bool:
        return not (self._waiting or self._joining or self._rows)

    def add(self, request: TextRequest) -> None:
        self._waiting.append(request)

    @torch.inference_mode()
    def cancel(self, text_id: str) -> None:
        """Write no more of a text. One that is not here has ended already."""
        self._waiting = deque(request for request in self._waiting if request.id != text_id)
        if self._joining is not None and any(row.request.id == text_id for row in self._joining.rows):
            self._leave_joining(text_id)
        for place, row in enumerate(self._rows):
            if row.request.id == text_id:
                self._remove(place)
                return

    def step(self) -> list[Event]:
        """Read prompts, add a token to each text. Returns what is to be told; what goes wrong ends the texts it concerns."""
        self._events = []
        with torch.inference_mode():
            reason = _reason_for(self._read_prompts)
            if reason and self._joining is not None:
                self._fail(self._joining.rows, reason)
                self._joining = None
            reason = _reason_for(self._write)
            if reason:
                self._fail([*self._rows, *(self._joining.rows if self._joining else ())], reason)
                self._rows, self._joining = [], None
                self._cache.clear()
        return self._events

    def _fail(self, rows: Sequence[_Row], reason: str) -> None:
        # Of what was told in this step their pieces stand; an end that was told comes before, and counts.
        self._events += [Failed(row.request.id, reason) for row in rows]

    def _read_prompts(self) -> None:
        if self._joining is None:
            rows = self._admitted()
            if not rows:
                return
            self._joining = _Joining(rows)
        self._read_part(self._joining)

    def _join(self, joining: _Joining, logits: torch.Tensor) -> None:
        # Until all are in the cache they are told of as joining: what breaks off in between ends every one of them.
        for place, row in enumerate(joining.rows):
            self._cache.add(joining.cache, place, len(row.request.prompt))
        self._joining = None
        self._rows += joining.rows
        self._take(logits, joining.rows)

    def _admitted(self) -> list[_Row]:
        """The next texts from the line, as many as there is room for and as can be read in one step; a long one alone."""
        rows: list[_Row] = []
        longest = 0
        while self._waiting:
            request = self._waiting[0]
            together = max(longest, len(request.prompt))
            if not self._has_room(rows, request) or (rows and together * (len(rows) + 1) > self._prompt_tokens):
                break
            self._waiting.popleft()
            try:
                adapter = self._shelf.get(request.adapter)
            except (ProofroomError, OSError, ValueError, KeyError) as error:
                log.error("the adapter in %s could not be used\n%s", request.adapter, places_of(error))
                reason = str(error) if isinstance(error, ProofroomError) else "Its adapter could not be read."
                self._events.append(Failed(request.id, reason))
                continue
            self._events.append(Started(request.id))
            rows.append(_Row(request, adapter, TextPieces(self._tokenizer, request.stop), Draws(request)))
            longest = together
        return rows

    def _has_room(self, joining: list[_Row], request: TextRequest) -> bool:
        others = [row.request.most_tokens for row in (*self._rows, *joining)]
        if not others:
            # One alone is always written: what a model can hold was checked before it was sent.
            return True
        n_rows = len(others) + 1
        return n_rows <= self._most_rows and n_rows * max(*others, request.most_tokens) <= self._most_held

    def _read_part(self, joining: _Joining) -> None:
        """Read the next columns of these prompts; behind the last one stand the logits of the first tokens."""
        n_rows, longest, start = len(joining.rows), joining.longest, joining.n_read
        end = longest if n_rows > 1 else min(longest, start + self._prompt_tokens)
        ids = torch.zeros(n_rows, longest, dtype=torch.long)
        mask = torch.zeros(n_rows, longest, dtype=torch.bool)
        for place, row in enumerate(joining.rows):
            prompt = row.request.prompt
            ids[place, longest - len(prompt) :] = torch.tensor(prompt)
            mask[place, longest - len(prompt) :] = True
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        self._adapters.use([row.adapter for row in joining.rows], self._where)
        output = self._model(
            input_ids=ids[:, start:end].to(self._where),
            attention_mask=mask[:, :end].to(self._where),
            position_ids=positions[:, start:end].to(self._where),
            past_key_values=joining.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        joining.n_read = end
        if end == longest:
            joining.logits = _last(output.logits)

    def _write(self) -> None:
        """Take in the texts whose prompt was read, then one token for every text under way."""
        if self._joining is not None and self._joining.logits is not None:
            self._join(self._joining, self._joining.logits)
        if not self._rows:
            return
        positions, mask = self._cache.begin_step(self._where)
        self._adapters.use([row.adapter for row in self._rows], self._where)
        ids = torch.tensor([[row.last] for row in self._rows], device=self._where)
        output = self._model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=self._cache.for_model,
            use_cache=True,
            logits_to_keep=1,
        )
        self._cache.end_step()
        self._take(_last(output.logits), self._rows)

    def _take(self, logits: torch.Tensor, rows: list[_Row]) -> None:
        """Draw the next token of each row, and tell what it adds. Texts that end leave."""
        for row, token in zip(list(rows), next_tokens(logits, [row.draws for row in rows]), strict=True):
            row.last = token
            row.n_tokens += 1
            row.draws.note(token)
            text = "" if token in self._ends else row.pieces.add(token)
            reason = self._end_of(row, token)
            if reason is not None:
                text += row.pieces.finish()
            if text:
                self._events.append(Piece(row.request.id, text))
            if reason is not None:
                self._events.append(Ended(row.request.id, reason, row.n_tokens))
                self._remove(self._rows.index(row))

    def _end_of(self, row: _Row, token: int) -> EndReason | None:
        if token in self._ends or row.pieces.has_stopped:
            return EndReason.STOP
        return EndReason.LENGTH if row.n_tokens >= row.request.max_tokens else None

    def _remove(self, place: int) -> None:
        """The last text takes the place of this one, as its row in the cache does."""
        self._cache.remove(place)
        last = self._rows.pop()
        if place < len(self._rows):
            self._rows[place] = last

    def _leave_joining(self, text_id: str) -> None:
        """The prompts beside it are read anew: little is lost, and it is seldom."""
        assert self._joining is not None
        others = [row for row in self._joining.rows if row.request.id != text_id]
        self._joining = _Joining(others) if others else None


def _reason_for(act: Callable[[], None]) -> str:
    """Do it. Returns why it broke off, in a sentence; empty when it did not."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - the frame of the process: texts end with a reason, the generator goes on
        incident = note_incident(log, "in a step", error)
        if isinstance(error, MemoryError) or "alloc" in str(error).lower():
            return "The machine ran out of memory while this text was written. Ask for fewer tokens, or for fewer texts at once."
        return f"Something unexpected happened while this text was written ({type(error).__name__}). Quote {incident}."
    return ""


def _last(logits: torch.Tensor) -> torch.Tensor:
    return logits[:, -1].float().cpu()
