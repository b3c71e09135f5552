"""The generators of a studio: one for each base model that is asked for, and only so many at a time.

A base model that nobody asks for gives way to one that is; where all are at work, the request is refused.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from core.errors import Busy
from core.serving.generator import RETRY_SECONDS, Generator, Limits, TextStream, TokenCounts
from core.serving.text_request import TextRequest

# Each holds a model in memory.
MOST_PROCESSES = 2


class Generators:
    """Where texts are asked for, by base model. Belongs to one event loop. tokens: of all of them."""

    def __init__(
        self, models: Path, *, log_file: Path, limits: Limits | None = None, tokens: TokenCounts | None = None
    ) -> None:
        self._models, self._log_file, self._limits = models, log_file, limits
        self._tokens = tokens or TokenCounts()
        self._by_base: dict[str, Generator] = {}
        self._changing = asyncio.Lock()

    @property
    def process_ids(self) -> list[int]:
        """Of those that run."""
        return [g.process_id for g in self._by_base.values() if g.process_id is not None]

    async def write(self, base: str, request: TextRequest) -> TextStream:
        """The stream of a text. base: as a run's configuration names it. Raises Busy, Unavailable."""
        if base not in self._by_base:
            # Making place takes a moment; another request for the same base meanwhile waits for this one's generator.
            async with self._changing:
                if base not in self._by_base:
                    await self._make_place()
                    self._by_base[base] = Generator(
                        base, self._models, log_file=self._log_file, limits=self._limits, tokens=self._tokens
                    )
        return await self._by_base[base].write(request)

    async def close(self) -> None:
        """End every process."""
        async with self._changing:
            generators, self._by_base = list(self._by_base.values()), {}
            for generator in generators:
                await generator.close()

    async def _make_place(self) -> None:
        if len(self._by_base) < MOST_PROCESSES:
            return
        idle = [base for base, generator in self._by_base.items() if not generator.n_texts]
        if not idle:
            raise Busy(
                f"{MOST_PROCESSES} other base models are at work, and no more fit beside them.",
                remedy="Send it again in a minute.",
                retry_after_seconds=RETRY_SECONDS,
            )
        await self._by_base.pop(min(idle, key=lambda base: self._by_base[base].used_at)).close()
