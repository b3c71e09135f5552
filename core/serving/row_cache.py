"""Keys and values of the texts under way: one row each, all ending in the same column.

A text that joins is put so that its last token stands in the last column; one that leaves gives
its row to the last one. So every step adds one column for all, in place, and a row's mask is where
it begins. Positions are each row's own; keys carry them already, so a column can stand for any.

Not covered: layers that remember otherwise than by keys and values; `is_supported` tells them.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers.cache_utils import Cache, CacheLayerMixin, DynamicCache

LEAST_COLUMNS = 256
SUPPORTED_LAYERS = {"full_attention", "sliding_attention"}


def is_supported(config: Any) -> bool:
    """Whether every layer of the model attends to keys and values. A sliding window is a matter of the mask alone."""
    return set(getattr(config, "layer_types", None) or ()) <= SUPPORTED_LAYERS


class RowCache:
    """Room for `most_rows` texts. lengths: how many tokens of each row are held, in the order of the rows."""

    def __init__(self, *, most_rows: int) -> None:
        self._most_rows = most_rows
        self._layers: list[_Layer] = []
        self.lengths: list[int] = []
        # The column behind the last one in use.
        self._stop = 0
        self.for_model = Cache(layers=self._layers)  # type: ignore[arg-type]

    @property
    def n_rows(self) -> int:
        return len(self.lengths)

    @property
    def _start(self) -> int:
        return self._stop - max(self.lengths, default=0)

    def add(self, prefilled: DynamicCache, row: int, length: int) -> None:
        """Take over the last `length` columns of one row of a finished prompt."""
        assert self.n_rows < self._most_rows, "more texts than rows"
        read: list[Any] = list(prefilled.layers)
        if not self._layers:
            self._layers += [_Layer(layer.keys, layer.values, self._most_rows) for layer in read]
        if not self.lengths:
            self._stop = 0
        self._make_room(max(self._stop, length), before=length)
        for own, layer in zip(self._layers, read, strict=True):
            own.put(self.n_rows, self._stop, layer.keys[row, :, -length:], layer.values[row, :, -length:])
        self.lengths.append(length)

    def remove(self, row: int) -> None:
        """The last row moves into the place of this one."""
        last = self.n_rows - 1
        if row != last:
            for layer in self._layers:
                layer.copy_row(last, row, self._start, self._stop)
            self.lengths[row] = self.lengths[last]
        self.lengths.pop()
        if not self.lengths and self._layers and self._layers[0].n_columns > 8 * LEAST_COLUMNS:
            # One long text is no reason to keep the memory of sixteen.
            self._layers.clear()

    def begin_step(self, where: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """(positions, mask) of the next token of every row: (rows, 1) and (rows, columns), the new column included."""
        self._make_room(self._stop + 1, before=max(self.lengths))
        for layer in self._layers:
            layer.n_rows, layer.start, layer.stop = self.n_rows, self._start, self._stop
        lengths = torch.tensor(self.lengths)
        longest = int(lengths.max())
        mask = torch.arange(longest + 1)[None, :] >= (longest - lengths)[:, None]
        return lengths[:, None].to(where), mask.to(where)

    def end_step(self) -> None:
        """The model has written the new column of every row."""
        self._stop += 1
        self.lengths = [length + 1 for length in self.lengths]

    def clear(self) -> None:
        """Forget every row, and let go of the memory."""
        self._layers.clear()
        self.lengths, self._stop = [], 0

    def _make_room(self, stop: int, *, before: int) -> None:
        """See that there are columns up to `stop`, and `before` of them left of where the rows end."""
        n_used = max(self.lengths, default=0)
        n_columns = self._layers[0].n_columns
        if self._stop >= before and stop <= n_columns:
            return
        ends = max(n_used, before)
        # Half of the room stays free, so that columns are moved seldom.
        needed = max(LEAST_COLUMNS, 2 * ends)
        for layer in self._layers:
            layer.move(self.n_rows, self._stop - n_used, self._stop, ends, max(n_columns, needed))
        self._stop = ends


class _Layer(CacheLayerMixin):
    """One layer's keys and values, (rows, heads, columns, width), of which a step sees a window."""

    def __init__(self, keys: torch.Tensor, values: torch.Tensor, n_rows: int) -> None:
        super().__init__()
        self.is_initialized = True
        # Zeros, not memory as it was: what the mask hides is still multiplied, and zero times not-a-number is none.
        self.held_keys = keys.new_zeros(n_rows, keys.shape[1], LEAST_COLUMNS, keys.shape[3])
        self.held_values = values.new_zeros(n_rows, values.shape[1], LEAST_COLUMNS, values.shape[3])
        self.n_rows, self.start, self.stop = 0, 0, 0

    @property
    def n_columns(self) -> int:
        return int(self.held_keys.shape[2])

    def put(self, row: int, stop: int, keys: torch.Tensor, values: torch.Tensor) -> None:
        for own, new in ((self.held_keys, keys), (self.held_values, values)):
            own[row, :, stop - new.shape[1] : stop] = new

    def copy_row(self, source: int, target: int, start: int, stop: int) -> None:
        for own in (self.held_keys, self.held_values):
            own[target, :, start:stop] = own[source, :, start:stop]

    def move(self, n_rows: int, start: int, stop: int, new_stop: int, n_columns: int) -> None:
        """Have the columns end at new_stop, in tensors of n_columns."""
        self.held_keys = _moved(self.held_keys, n_rows, start, stop, new_stop, n_columns)
        self.held_values = _moved(self.held_values, n_rows, start, stop, new_stop, n_columns)

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        end = self.stop + key_states.shape[2]
        for own, new in ((self.held_keys, key_states), (self.held_values, value_states)):
            own[: self.n_rows, :, self.stop : end] = new
        return self.held_keys[: self.n_rows, :, self.start : end], self.held_values[: self.n_rows, :, self.start : end]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.stop - self.start + query_length, 0

    def get_seq_length(self) -> int:
        return self.stop - self.start

    def get_max_length(self) -> int:
        return -1

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        raise AssertionError("made with its shape")


def _moved(own: torch.Tensor, n_rows: int, start: int, stop: int, new_stop: int, n_columns: int) -> torch.Tensor:
    moved = own.new_zeros(*own.shape[:2], n_columns, own.shape[3])
    moved[:n_rows, :, new_stop - (stop - start) : new_stop] = own[:n_rows, :, start:stop]
    return moved
