"""Examples into token ids, and token ids into batches that waste little on padding.

Every example keeps its place in an optimiser batch of `batch_size`; inside one, micro-batches
hold examples of like length under a budget of padded tokens. Rows are padded on the right and
get no attention mask: causal attention never looks right, and without a mask it takes the fast
path (measured: several times faster on a CPU).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import Invalid
from core.nouns import Dropped, Example
from core.training.chat_format import ChatFormat

# Sorting within this many batches at a time keeps lengths alike and the order still random.
BATCHES_PER_BUCKET = 8


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One example as tokens; labels are -100 where nothing is learnt."""

    example_id: str
    ids: tuple[int, ...]
    labels: tuple[int, ...]

    @property
    def n_tokens(self) -> int:
        return len(self.ids)

    @property
    def n_target_tokens(self) -> int:
        # The first token has no predecessor to be predicted from.
        return sum(label != -100 for label in self.labels[1:])


def tokenise_examples(
    examples: Sequence[Example], form: ChatFormat, *, max_length_tokens: int
) -> tuple[list[TrainingRow], list[Dropped]]:
    """Rows of every example that fits, and those that do not, with the reason; nothing is cut."""
    rows, dropped = [], []
    for example in examples:
        control = form.control_token_in(example.messages)
        if control is not None:
            detail = f"the text holds {control}, which steers the model"
            dropped.append(Dropped(example.record_id, example.external_id, "control_token", detail))
            continue
        try:
            chat = form.tokenise(example.messages)
        except Invalid as error:
            dropped.append(Dropped(example.record_id, example.external_id, "template", error.message))
            continue
        if len(chat.ids) > max_length_tokens:
            detail = f"{len(chat.ids)} tokens, {max_length_tokens} allowed"
            dropped.append(Dropped(example.record_id, example.external_id, "too_many_tokens", detail))
        elif not chat.n_target_tokens:
            dropped.append(Dropped(example.record_id, example.external_id, "no_answer", "no token to learn from"))
        else:
            rows.append(TrainingRow(example.id, chat.ids, chat.labels))
    return rows, dropped


def token_counts(form: ChatFormat, example: Example) -> tuple[int, int]:
    """Tokens of an example, and those of them that are learnt; none of these where the template hides where an answer begins."""
    try:
        chat = form.tokenise(example.messages)
    except Invalid:
        return form.count_chat_tokens(example.messages), 0
    return len(chat.ids), chat.n_target_tokens


def optimiser_batches(
    rows: Sequence[TrainingRow], *, batch_size: int, n_steps: int, seed: int
) -> list[list[TrainingRow]]:
    """n_steps batches of batch_size rows, pass after pass, in an order that depends on the seed alone.

    The last batch of a pass takes its missing rows from the next pass, so that every step weighs the same.
    """
    generator = random.Random(seed)
    stream: list[TrainingRow] = []
    while len(stream) < n_steps * batch_size:
        stream += _one_pass(rows, batch_size, generator)
    return [stream[i * batch_size : (i + 1) * batch_size] for i in range(n_steps)]


def batches_for_tokens(
    rows: Sequence[TrainingRow], *, batch_size: int, n_tokens: int, seed: int, of_answers: bool = False
) -> list[list[TrainingRow]]:
    """As many of the same batches as bring the tokens of all rows together to n_tokens, pass after pass.

    of_answers: the tokens that are learnt are counted, not those that are read.
    """

    def size(some: Sequence[TrainingRow]) -> int:
        return sum(row.n_target_tokens if of_answers else row.n_tokens for row in some)

    of_a_pass = size(rows)
    n_passes = -(-n_tokens // of_a_pass)
    batches = optimiser_batches(rows, batch_size=batch_size, n_steps=-(-n_passes * len(rows) // batch_size), seed=seed)
    n_so_far = 0
    for n_steps, batch in enumerate(batches, start=1):
        n_so_far += size(batch)
        if n_so_far >= n_tokens:
            return batches[:n_steps]
    return batches


def micro_batches(batch: Sequence[TrainingRow], *, budget_tokens: int) -> list[list[TrainingRow]]:
    """Rows of like length together, each group within the budget of padded tokens (or one row alone)."""
    groups: list[list[TrainingRow]] = []
    # Longest first: the first row of a group is its padded length.
    for row in sorted(batch, key=lambda r: (-r.n_tokens, r.example_id)):
        if groups and (len(groups[-1]) + 1) * groups[-1][0].n_tokens <= budget_tokens:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _one_pass(rows: Sequence[TrainingRow], batch_size: int, generator: random.Random) -> list[TrainingRow]:
    shuffled = list(rows)
    generator.shuffle(shuffled)
    bucket = batch_size * BATCHES_PER_BUCKET
    batches = []
    for start in range(0, len(shuffled), bucket):
        alike = sorted(shuffled[start : start + bucket], key=lambda r: r.n_tokens)
        batches += [alike[i : i + batch_size] for i in range(0, len(alike), batch_size)]
    full = [batch for batch in batches if len(batch) == batch_size]
    rest = [row for batch in batches if len(batch) < batch_size for row in batch]
    generator.shuffle(full)
    return [row for batch in full for row in batch] + rest
