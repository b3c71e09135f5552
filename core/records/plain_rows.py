"""The quick lane of large JSON Lines files: plain rows into Parquet by DuckDB, without a Python object a row.

Which rows are plain, and what becomes of them, `plain_sql` says. The others are handed back as lines; ids that stand
twice in a file are handed back too, because their numbering goes over all of its rows.

DuckDB is given batches of lines, cut out of the file's bytes; it may read and write in one folder, and nothing else.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.records.mapping import Mapping
from core.records.plain_sql import NotPlain, NumberedLines, plain_rows_query, quoted

BLOCK_BYTES = 2 * 1024 * 1024
LINE_FEED = 10
MEMORY_MB = 1_024
THREADS = 2
LINES = pa.schema([("row_number", pa.int64()), ("line", pa.string())])


class PlainLane:
    """One large file on its way through DuckDB. A context: its connection closes at the end."""

    def __init__(self, path: Path, mapping: Mapping, part: Path, *, on_rows: Callable[[int], None]) -> None:
        """part: the Parquet file to write. on_rows: told how many lines were read so far, from another thread."""
        # Loaded here: most files are small, and the parser should start at once.
        import duckdb

        self._path, self._mapping, self._part, self._on_rows = path, mapping, part, on_rows
        self._n_lines = self._n_plain = 0
        self._failure = duckdb.Error
        self._connection = duckdb.connect(config={"threads": THREADS, "memory_limit": f"{MEMORY_MB}MB"})
        for setting in (
            f"allowed_directories = [{quoted(str(part.parent))}]",
            "temp_directory = ''",
            "enable_external_access = false",
            # A condition that slips below what it judges would have every line parsed once more.
            "disabled_optimizers = 'filter_pushdown'",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")

    def __enter__(self) -> PlainLane:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def write(self) -> int:
        """Write the plain rows, and return how many there are. Raises NotPlain."""
        (copied,) = self._over_lines(f"COPY ({plain_rows_query(self._mapping)}) TO {self._target(self._part)}")
        self._n_plain = int(copied[0])
        return self._n_plain

    def other_lines(self) -> NumberedLines:
        """The lines that are not among the plain rows; empty ones are no rows."""
        if self._n_lines == self._n_plain:
            return []
        found = self._lines_where(f"row_number NOT IN (SELECT row_number FROM {self._written()})")
        return [(number, line) for number, line in found if line.strip()]

    def give_back(self, ids: Sequence[str]) -> NumberedLines:
        """Take the rows out again whose id stands twice among the plain ones, or is one of these; returns their lines."""
        self._connection.execute("CREATE TEMP TABLE taken AS SELECT unnest($1::TEXT[]) AS external_id", [list(ids)])
        again = f"SELECT external_id FROM {self._written()} GROUP BY external_id HAVING count(*) > 1 UNION FROM taken"
        self._connection.execute(
            f"CREATE TEMP TABLE back AS SELECT row_number FROM {self._written()} WHERE external_id IN ({again})"
        )
        (n_back,) = self._connection.execute("SELECT count(*) FROM back").fetchall()[0]
        if not n_back:
            return []
        lines = self._lines_where("row_number IN (FROM back)")
        kept = self._part.with_suffix(".kept")
        self._connection.execute(
            f"COPY (FROM {self._written()} WHERE row_number NOT IN (FROM back)) TO {self._target(kept)}"
        )
        kept.replace(self._part)
        return lines

    def ids_like_numbered(self) -> list[str]:
        """The ids of plain rows that a repeated id could be given: those with a `#` in them."""
        found = self._connection.execute(f"SELECT external_id FROM {self._written()} WHERE contains(external_id, '#')")
        return [row[0] for row in found.fetchall()]

    def _written(self) -> str:
        return f"read_parquet({quoted(str(self._part))})"

    def _target(self, part: Path) -> str:
        # No dictionaries: the engine would look every text up in one, and nearly all differ.
        return f"{quoted(str(part))} (FORMAT parquet, DICTIONARY_SIZE_LIMIT 1)"

    def _lines_where(self, condition: str) -> NumberedLines:
        return self._over_lines(f"SELECT row_number, line FROM lines WHERE {condition} ORDER BY row_number")

    def _over_lines(self, sql: str) -> list[Any]:
        """The rows of a query over `lines`. Raises NotPlain, also when the memory does not do."""
        self._connection.register("lines", pa.RecordBatchReader.from_batches(LINES, self._counted()))
        try:
            return self._connection.execute(sql).fetchall()
        except self._failure as error:
            raise NotPlain(str(error)) from error

    def _counted(self) -> Iterator[pa.RecordBatch]:
        self._n_lines = 0
        for batch in _lines(self._path):
            yield batch
            self._n_lines += batch.num_rows
            self._on_rows(self._n_lines)


def _lines(path: Path) -> Iterator[pa.RecordBatch]:
    """Batches of lines with their numbers, as universal newlines count them. Raises NotPlain."""
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    octets, buffer = np.frombuffer(content, dtype=np.uint8), pa.py_buffer(content)
    number, start = 1, 0
    while start < len(octets):
        block = octets[start : start + BLOCK_BYTES]
        ends = np.flatnonzero(block == LINE_FEED) + 1
        if start + len(block) == len(octets) and (not ends.size or ends[-1] != len(block)):
            ends = np.append(ends, len(block))
        if not ends.size:
            raise NotPlain("a line is longer than a block")
        length = int(ends[-1])
        _refuse_odd_bytes(content, start, start + length)
        offsets = np.concatenate(([0], ends)).astype(np.int32)
        lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), buffer.slice(start, length))
        try:
            lines.validate(full=True)
        except pa.ArrowInvalid as error:
            raise NotPlain("it is not UTF-8 throughout") from error
        numbers = pa.array(np.arange(number, number + len(ends), dtype=np.int64))
        yield pa.record_batch([numbers, lines], schema=LINES)
        number, start = number + len(ends), start + length


def _refuse_odd_bytes(content: mmap.mmap, start: int, end: int) -> None:
    """NUL bytes may mean another encoding, and a carriage return alone is a line end of an old kind."""
    if content.find(b"\x00", start, end) >= 0:
        raise NotPlain("it holds NUL bytes")
    if content.find(b"\r", start, end) >= 0:
        octets = content[start:end]
        if octets.count(b"\r") != octets.count(b"\r\n"):
            raise NotPlain("it has line ends of an old kind")
