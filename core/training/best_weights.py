"""The weights with the lowest hold-out loss of a run so far, on disk beside its checkpoint.

A run that is resumed goes on as if it had never stopped, so what it found best, and how long ago, is found again too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from core.errors import Conflict
from core.training.checkpoints import RESTORE
from core.whole_files import replacing

BEST = "best-{step:08d}.safetensors"
MEASURED = "hold_out.json"


class BestWeights:
    """step, loss: of the best so far; None before the first measurement. n_since: measurements since that were no lower."""

    def __init__(
        self, folder: Path, parameters: Mapping[str, torch.nn.Parameter], *, fingerprint: str, before: int
    ) -> None:
        """fingerprint: of the run. before: the step that it goes on from; what was measured after it is measured again.

        Raises Conflict where what was measured cannot be read.
        """
        self._folder, self._parameters, self._fingerprint = folder, parameters, fingerprint
        self.step: int | None = None
        self.loss = float("inf")
        self.n_since = 0
        self._measured: list[tuple[int, float]] = []
        for step, loss in self._read():
            if step <= before:
                self._take(step, loss)
        if self.step is not None and not self._file(self.step).exists():
            # Without its weights it cannot be taken again; those after it still can.
            self.step, self.loss = None, float("inf")

    def note(self, step: int, loss: float) -> None:
        """A measurement after `step`, unless it is known; the weights as they are now are kept when it is the lowest."""
        if any(step == known for known, _ in self._measured):
            return
        if self._take(step, loss):
            self._write_weights(step)
        self._folder.mkdir(parents=True, exist_ok=True)
        facts = {"fingerprint": self._fingerprint, "measured": self._measured}
        with replacing(self._folder / MEASURED) as unfinished:
            unfinished.write_text(json.dumps(facts), encoding="utf-8")

    def clear_others(self) -> None:
        """Remove the weights of earlier bests: once a checkpoint was saved that is no older than the newest one."""
        for file in self._folder.glob("best-*"):
            if self.step is None or file != self._file(self.step):
                file.unlink()

    def restore(self) -> None:
        """Put the best weights into the parameters. Raises Conflict where their file is damaged."""
        assert self.step is not None
        try:
            tensors = load_file(self._file(self.step))
        except (SafetensorError, FileNotFoundError) as error:
            raise Conflict(f"The best weights of this run cannot be read: {error}.", remedy=RESTORE) from error
        with torch.no_grad():
            for name, parameter in self._parameters.items():
                parameter.copy_(tensors[name])

    def _take(self, step: int, loss: float) -> bool:
        self._measured.append((step, loss))
        if loss < self.loss:
            self.step, self.loss, self.n_since = step, loss, 0
            return True
        self.n_since += 1
        return False

    def _file(self, step: int) -> Path:
        return self._folder / BEST.format(step=step)

    def _read(self) -> list[tuple[int, float]]:
        """The measurements of this very run; none where they are another's. Raises Conflict where the file is damaged."""
        file = self._folder / MEASURED
        if not file.exists():
            return []
        try:
            facts = json.loads(file.read_text(encoding="utf-8"))
            is_own = facts["fingerprint"] == self._fingerprint
            return [(int(step), float(loss)) for step, loss in facts["measured"]] if is_own else []
        except (ValueError, KeyError, TypeError) as error:
            raise Conflict(f"The hold-out losses of this run cannot be read: {error}.", remedy=RESTORE) from error

    def _write_weights(self, step: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        tensors = {name: parameter.detach().cpu().contiguous() for name, parameter in self._parameters.items()}
        with replacing(self._file(step)) as unfinished:
            save_file(tensors, unfinished)
