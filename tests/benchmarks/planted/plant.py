"""Plants one defect into real posts and threads, so that what a detector finds can be counted.

A post is planted into for the goal voice, a thread with a helpful accepted answer for the goal
support. Everything follows from the seed: which base a wording gets, and where it goes. A wording
is never changed, and a base is used once for each defect. The README beside this says what each list holds.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.curate.records_in import RecordIn, record_in
from core.nouns import Goal, RecordKind
from core.records.text import accepted_answer

N_BOILERPLATE_RECORDS = 6
N_TOO_LONG, N_JOINED = 12, 9
GOALS = (Goal.VOICE, Goal.SUPPORT)
# These speak of an answer, or of a conversation: a post has none.
THREADS_ALONE = frozenset({"empty_answer", "closing_without_help", "asker_answer", "prompt_echo", "contradiction"})
INSERTED = frozenset(
    {"placeholder", "missing_reference", "personal_data", "secret", "stale_fact", "mojibake", "repetition"}
)
DEFECTS = (
    "empty_answer", "placeholder", "closing_without_help", "asker_answer", "truncated", "prompt_echo", "merged_records",
    "wrong_language", "mojibake", "repetition", "boilerplate", "link_only", "quote_only", "promotional", "missing_reference",
    "contradiction", "personal_data", "secret", "stale_fact", "too_short", "too_long", "off_topic", "off_voice",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planted:
    """One record with a defect in it.

    item: the wording's place in its list. variant: how it was planted. start, end: where it stands in the
    record's flat text, -1 where the whole is meant. base: the record that it was made from.
    """

    defect: str
    goal: Goal
    item: int
    variant: str
    record: RecordIn
    base: RecordIn
    start: int = -1
    end: int = -1


def plant(defect: str, wordings: Sequence[Any], bases: dict[Goal, Sequence[RecordIn]], *, seed: int) -> list[Planted]:
    """Every wording of one defect, planted twice: once for each goal that has it, else twice for support."""
    drawn = {goal: _shuffled(bases[goal], f"{seed}:{defect}:{goal}") for goal in GOALS}
    taken = {goal: iter(drawn[goal]) for goal in GOALS}
    luck = random.Random(f"{seed}:{defect}")
    goals = (Goal.SUPPORT, Goal.SUPPORT) if defect in THREADS_ALONE else GOALS
    if defect == "contradiction":
        return [p for i, pair in enumerate(wordings) for p in _contradicting(i, pair, taken[Goal.SUPPORT])]
    if defect == "too_long":
        return [_too_long(i, goal, taken[goal]) for i in range(N_TOO_LONG) for goal in goals]
    if defect == "boilerplate":
        return [
            p for i, block in enumerate(wordings) for p in _boilerplate(i, block, goals[i % 2], taken[goals[i % 2]])
        ]
    planted = []
    for i, wording in enumerate(wordings):
        for goal in goals:
            base = next(taken[goal])
            other = next(taken[goal]) if defect in ("merged_records", "off_topic") else None
            planted.append(_planted(defect, i, wording, goal, base, other, luck))
    return planted


def _planted(
    defect: str, item: int, wording: Any, goal: Goal, base: RecordIn, other: RecordIn | None, luck: random.Random
) -> Planted:
    body = _taught(base)
    variant, words = "whole", ""
    match defect:
        case "truncated" if item % 3 == 2:
            variant, text = "cut", _cut(body, luck)
            words = text[-60:]
        case "truncated":
            variant, words = "tail", wording
            text = f"{body.rstrip()}\n\n{wording}"
        case "prompt_echo":
            variant, text = (
                "template",
                wording.replace("{question}", base.content["question"]).replace("{answer}", body),
            )
        case "merged_records":
            assert other is not None
            variant, text = "joined", wording.replace("{first}", body).replace("{second}", _taught(other))
        case "quote_only":
            variant, text = "quoted", _quoting(wording, _passage(base, luck))
        case "promotional":
            variant = luck.choice(("added", "whole"))
            words = wording
            text = f"{body.rstrip()}\n\n{wording}" if variant == "added" else wording
        case "off_topic":
            return _off_topic(item, wording, goal, base)
        case _ if defect in INSERTED:
            words = _wording_text(defect, wording)
            if defect == "placeholder" and goal is Goal.SUPPORT and len(words.split()) > 25:
                text = words
            else:
                variant, text = "inserted", _inserted(body, words, luck)
        case _:
            text = words = wording
    record = _with_taught(base, text, f"{defect}-{item}-{goal}-{base.external_id}")
    if defect == "asker_answer":
        record = without_names(record)
    return _at(Planted(defect, goal, item, variant, record, base), words)


def without_names(record: RecordIn) -> RecordIn:
    """The thread as an export has it that says nothing of who wrote what."""
    content = copy.deepcopy(record.content)
    content["asker"] = ""
    for message in content["messages"]:
        message["author"], message["is_asker"] = "", False
    return _again(record, record.title, content, record.external_id)


def _contradicting(item: int, pair: dict[str, str], bases: Iterator[RecordIn]) -> list[Planted]:
    """Two threads: the same question under titles of two lengths, and one of the two answers each."""
    planted = []
    for side, n_words in (("a", 6), ("b", 9)):
        base = next(bases)
        content = copy.deepcopy(base.content)
        content["question"] = pair["question"]
        accepted_answer(content)["text"] = pair[side]  # type: ignore[index]
        content["messages"] = [m for m in content["messages"] if m["is_solution"]]
        title = " ".join(pair["question"].split()[:n_words])
        record = _again(base, title, content, f"contradiction-{item}-{side}-{base.external_id}")
        planted.append(_at(Planted("contradiction", Goal.SUPPORT, item, side, record, base), pair[side]))
    return planted


def _too_long(item: int, goal: Goal, bases: Iterator[RecordIn]) -> Planted:
    """Nine bases' texts in one. Long ones, so that no base is short by itself."""
    chosen = [next(bases) for _ in range(N_JOINED)]
    text = "\n\n".join(_taught(base) for base in chosen)
    n_words = {Goal.VOICE: 6_000, Goal.SUPPORT: 1_500}[goal]
    while len(text.split()) < n_words:
        text += "\n\n" + _taught(next(bases))
    return Planted(
        "too_long", goal, item, "joined", _with_taught(chosen[0], text, f"too_long-{item}-{goal}"), chosen[0]
    )


def _boilerplate(item: int, block: str, goal: Goal, bases: Iterator[RecordIn]) -> list[Planted]:
    planted = []
    for n in range(N_BOILERPLATE_RECORDS):
        base = next(bases)
        record = _with_taught(
            base, f"{_taught(base).rstrip()}\n\n{block}", f"boilerplate-{item}-{n}-{base.external_id}"
        )
        planted.append(_at(Planted("boilerplate", goal, item, "added", record, base), block))
    return planted


def _off_topic(item: int, wording: dict[str, str], goal: Goal, base: RecordIn) -> Planted:
    """The whole record on another subject. A thread gets the passage's first half as question, the second as answer."""
    content = copy.deepcopy(base.content)
    if goal is Goal.VOICE:
        content["body"] = wording["body"]
    else:
        sentences = wording["body"].replace("? ", "?|").replace(". ", ".|").split("|")
        half = (len(sentences) + 1) // 2
        content["question"] = " ".join(sentences[:half])
        answer = accepted_answer(content)
        assert answer is not None
        answer["text"] = " ".join(sentences[half:])
        content["messages"] = [answer]
    record = _again(base, wording["title"], content, f"off_topic-{item}-{goal}-{base.external_id}")
    return Planted("off_topic", goal, item, "whole", record, base)


def _wording_text(defect: str, wording: Any) -> str:
    if defect == "mojibake":
        text: str = wording["text"]
        for _ in range(wording.get("times", 1)):
            text = text.encode(wording["written_as"], "ignore").decode(wording["read_as"], "ignore")
        return text
    if defect == "repetition":
        return str(wording.get("separator", "")).join([wording["text"]] * wording["times"])
    return str(wording["text"] if isinstance(wording, dict) else wording)


def _inserted(body: str, words: str, luck: random.Random) -> str:
    """The words as a paragraph of their own, between two of the body where it has two."""
    paragraphs = body.split("\n\n")
    # Never into a block of code, nor between two parts of a list or table.
    places = [
        i
        for i in range(1, len(paragraphs) + 1)
        if "\n\n".join(paragraphs[:i]).count("```") % 2 == 0
        and not paragraphs[i - 1].lstrip().startswith(("-", "*", "|", ">", "1", "2", "3"))
    ] or [len(paragraphs)]
    place = luck.choice(places)
    return "\n\n".join([*paragraphs[:place], words, *paragraphs[place:]])


def _cut(body: str, luck: random.Random) -> str:
    """The body up to the middle of a sentence in its second half, within the running text."""
    words = [(m, i) for i, m in enumerate(body) if m == " "]
    later = [i for _, i in words if i > len(body) // 2 and body[i - 1].isalpha() and body[i + 1 : i + 2].islower()]
    return body[: luck.choice(later)] if later else body[: len(body) * 2 // 3].rstrip(" .!?\n")


def _passage(base: RecordIn, luck: random.Random) -> str:
    if base.kind is RecordKind.THREAD:
        return str(base.content["question"])
    prose = [p for p in base.content["body"].split("\n\n") if len(p.split()) >= 25 and p[0].isalpha()]
    return "\n\n".join(prose[:2]) if prose else base.content["body"][:600]


def _quoting(wording: str, passage: str) -> str:
    lines = "\n".join(f"> {line}" for line in passage.split("\n"))
    return wording.replace("{quoted_lines}", lines).replace("{quoted}", passage)


def _taught(record: RecordIn) -> str:
    if record.kind is RecordKind.DOCUMENT:
        return str(record.content["body"])
    answer = accepted_answer(record.content)
    assert answer is not None
    return str(answer["text"])


def _with_taught(base: RecordIn, text: str, external_id: str) -> RecordIn:
    content = copy.deepcopy(base.content)
    if base.kind is RecordKind.DOCUMENT:
        content["body"] = text
    else:
        answer = accepted_answer(content)
        assert answer is not None
        answer["text"] = text
    return _again(base, base.title, content, external_id)


def _again(base: RecordIn, title: str, content: dict[str, Any], external_id: str) -> RecordIn:
    row = {"id": external_id, "external_id": external_id, "kind": base.kind, "title": title, "content": content}
    return record_in(row)


def _at(planted: Planted, words: str) -> Planted:
    start = planted.record.text.rfind(words) if words.strip() else -1
    if start < 0:
        return planted
    found: Callable[..., Planted] = Planted
    return found(
        planted.defect, planted.goal, planted.item, planted.variant, planted.record, planted.base, start, start + len(words)
    )  # fmt: skip


def _shuffled(records: Sequence[RecordIn], seed: str) -> list[RecordIn]:
    order = sorted(records, key=lambda r: r.external_id)
    random.Random(seed).shuffle(order)
    return order
