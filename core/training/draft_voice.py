"""Does the tuned model write like these people? Drafts for held-out requests, and how far each is from the held-out answers.

The same requests are answered by the tuned model, the base model, and the base model with three examples. Distances are
those of `core.curate.voice`, from all held-out answers but the one that was really given, so that no draft is near for its
subject. They are normalised: 0 is where the base model stands, 1 where the authors' own held-out answers stand, measured
the same way and cut to the longest draft of their request.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
from peft import PeftModel

from core.curate.voice import WORD, VoiceProfile
from core.nouns import Example, System
from core.training.chat_format import ChatFormat, Message
from core.training.chosen_examples import answer_text, evenly
from core.training.generation import GeneratedText, Sampling, generate_texts
from core.training.loss_intervals import N_DRAWS, SEED, TAILS
from core.training.nearest_passages import nearest_passages
from core.training.progress import Progress
from core.training.shots import shots_of

NEW_TOKENS = 128
# An interval from fewer requests would say nothing.
FEWEST_REQUESTS = 4
SYSTEMS = {
    System.TUNED: "the tuned model",
    System.BASE: "the base model",
    System.BASE_FEWSHOT: "the base model with three examples",
}
# A base model that is nearer than this to the authors, in parts of their own distance, has no way to go.
LEAST_WAY = 0.05
Vector = npt.NDArray[np.float64]


def drafts_of_held_out(
    model: PeftModel,
    form: ChatFormat,
    *,
    train: Sequence[Example],
    held_out: Sequence[Example],
    n_requests: int,
    seed: int,
    max_position: int,
    progress: Progress,
    systems: Collection[System] = tuple(SYSTEMS),
) -> list[dict[str, Any]]:
    """One entry a request: example_id, request, reference, and by system the draft and the training passage nearest to it.

    n_requests: evenly chosen among the held-out examples. max_position: the longest text that the model can read; where a
    request with its examples and an answer does not fit, it is asked with fewer examples, or left out.
    """
    if not held_out or not n_requests:
        return []
    room = max_position - NEW_TOKENS
    fitting = [one for one in held_out if has_request(one, form, room)]
    chosen = evenly(fitting, n_requests)
    requests = [request_of(one) for one in chosen]
    shots = shots_of(train, form, seed=seed)
    by_system: dict[System, list[GeneratedText]] = {}
    for system in systems:
        if progress.cancelled() or not requests:
            return []
        prompted = [with_shots(request, shots, form, room) for request in requests]
        by_system[system] = generate_texts(
            model, form, prompted if system is System.BASE_FEWSHOT else requests, sampling=Sampling(NEW_TOKENS), seed=seed,
            use_adapter=system is System.TUNED, progress=progress, phase=f"Writing drafts with {SYSTEMS[system]}",
        )  # fmt: skip
    return _beside_training(chosen, by_system, train)


def voice_of_drafts(drafts: Sequence[Mapping[str, Any]], held_out: Sequence[Example]) -> dict[str, Any] | None:
    """How near each system's drafts are to the authors; None where they are too short, or too few, to tell.

    n: requests of which everything could be measured. author, and by system: distance (1.0 is usual among the held-out
    answers), low, high; share of the way from the base model to the authors with its low and high, None where the base model
    is not clearly farther than they are; longest: words in a row that a draft shares with a training text. 95 % intervals by drawing the requests anew.
    """
    profile = VoiceProfile([answer_text(one) for one in held_out])
    if not profile.is_usable:
        return None
    place = {one.id: i for i, one in enumerate(held_out)}
    columns: dict[str, list[float]] = {"author": [], **{system.value: [] for system in SYSTEMS}}
    for entry in drafts:
        texts = {name: draft["text"] for name, draft in entry["drafts"].items()}
        n_words = max(len(WORD.findall(text)) for text in texts.values())
        texts["author"] = _first_words(entry["reference"], n_words)
        found = {name: profile.distance(text, without=place[entry["example_id"]]) for name, text in texts.items()}
        if all(found.values()):
            for name, distance in found.items():
                columns[name].append(distance.value)  # type: ignore[union-attr]
    n = len(columns["author"])
    if n < FEWEST_REQUESTS:
        return None
    drawn = np.random.default_rng(SEED).integers(0, n, size=(N_DRAWS, n))
    means = {name: np.asarray(values)[drawn].mean(axis=1) for name, values in columns.items()}
    told: dict[str, Any] = {"n": n, "author": _with_interval(columns["author"], means["author"])}
    for system in SYSTEMS:
        name = system.value
        told[name] = _with_interval(columns[name], means[name]) | _share(name, columns, means)
        stretches = [entry["drafts"][name]["nearest"] for entry in drafts]
        told[name]["longest"] = max((one["n_words"] for one in stretches if one), default=0)
    return told


def request_of(example: Example) -> list[Message]:
    """The messages up to the last answer."""
    last = max(i for i, message in enumerate(example.messages) if message["role"] == "assistant")
    return [dict(message) for message in example.messages[:last]]


def has_request(example: Example, form: ChatFormat, most_tokens: int) -> bool:
    """Whether something was said before the last answer, in up to so many tokens: a version from elsewhere may begin with an answer."""
    request = request_of(example)
    return bool(request) and form.count_chat_tokens(request) <= most_tokens


def last_answer(example: Example) -> str:
    """What was really written to the request of `request_of`."""
    return next(message["content"] for message in reversed(example.messages) if message["role"] == "assistant")


def with_shots(request: Sequence[Message], shots: Sequence[Message], form: ChatFormat, room: int) -> Sequence[Message]:
    """With as many of the examples, two turns each, as fit before it."""
    own = [message for message in request if message["role"] == "system"]
    rest = [message for message in request if message["role"] != "system"]
    for start in range(0, len(shots) + 1, 2):
        asked = [*own, *shots[start:], *rest]
        if form.count_chat_tokens(asked) <= room:
            return asked
    return request


def _beside_training(
    asked: Sequence[Example], by_system: Mapping[System, Sequence[GeneratedText]], train: Sequence[Example]
) -> list[dict[str, Any]]:
    """The entries of `drafts_of_held_out`. by_system: one text for each that was asked, in their order."""
    trained = [(one.id, answer_text(one)) for one in train]
    near = {system: nearest_passages([text.text for text in texts], trained) for system, texts in by_system.items()}
    return [
        {
            "example_id": one.id,
            "external_id": one.external_id,
            "request": request_of(one)[-1]["content"],
            "reference": last_answer(one),
            "drafts": {
                system.value: {
                    "text": texts[i].text,
                    "n_tokens": texts[i].n_tokens,
                    "nearest": asdict(stretch) if (stretch := near[system][i]) else None,
                }
                for system, texts in by_system.items()
            },
        }
        for i, one in enumerate(asked)
    ]


def _first_words(text: str, n: int) -> str:
    places = [match.end() for match in WORD.finditer(text)]
    return text if len(places) <= n else text[: places[n - 1]]


def _with_interval(values: Sequence[float], means: Vector) -> dict[str, Any]:
    low, high = np.percentile(means, TAILS)
    return {"distance": float(np.mean(values)), "low": float(low), "high": float(high)}


def _share(name: str, columns: Mapping[str, Sequence[float]], means: Mapping[str, Vector]) -> dict[str, float | None]:
    base, author, own = (float(np.mean(columns[one])) for one in (System.BASE.value, "author", name))
    ways = means[System.BASE.value] - means["author"]
    # A way that chance alone may have made divides everything into nonsense.
    if base - author < LEAST_WAY * author or np.percentile(ways, TAILS[0]) <= 0:
        return {"share": None, "share_low": None, "share_high": None}
    # Where a draw puts the base model next to the authors, the quotient says nothing; a small part of the way is the least.
    way = np.maximum(ways, 0.1 * (base - author))
    low, high = np.percentile((means[System.BASE.value] - means[name]) / way, TAILS)
    return {"share": (base - own) / (base - author), "share_low": float(low), "share_high": float(high)}
