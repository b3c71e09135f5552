"""Does a tuned model write like its authors? Two authors, drafts for held-out requests, by the base model, with examples, and tuned.

For each author: hold-out loss, how near drafts come to the voice, and whether a classifier of the two authors, trained on real
posts that neither model learnt from, takes the drafts for the right one's. All drafts of a request are cut to the shortest, and
what they are about is the same for base, examples and tuned, so that a subject that one author has alone flatters all three alike: the base
model's rate is what the subject gives away.

    .venv/bin/python -m tests.benchmarks.voice --data FOLDER
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from core.config import DataFolder, offline_environment
from core.curate.versions import read_version
from core.curate.voice import WORD
from core.nouns import Example, Goal, Split
from core.review.statistics import wilson_interval
from core.training.base_models import EMBEDDED, context_tokens
from core.training.batches import TrainingRow, tokenise_examples
from core.training.chat_format import chat_format
from core.training.chosen_examples import answer_text
from core.training.draft_voice import SYSTEMS, drafts_of_held_out, voice_of_drafts
from core.training.evaluation import HoldOutLoss
from core.training.loop import train
from core.training.loss_intervals import loss_estimate
from core.training.models import load_base, ready_model_folder, with_new_adapter
from core.training.presets import preset
from core.training.progress import Silent
from core.workflows import curating, freezing, importing, projects
from core.workflows.workspace import Workspace, open_workspace
from tests.benchmarks.machine import circumstances
from tests.benchmarks.planted.bases import DATA
from tests.jobs_by_hand import finish

RESULT = Path(__file__).with_suffix(".json")
AUTHORS = {"benbalter": DATA / "voice-benbalter" / "posts", "simonw": DATA / "voice-simonw-til" / "posts"}
RECIPE, SEED, MOST_TOKENS = "random:150", 17, 512
N_DRAFTS = 32
FEWEST_WORDS = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="a data folder; versions that it has are taken from it"
    )
    parser.add_argument("--tokens", type=int, default=80_000, help="that each run learns from")
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update(offline_environment())
    result: dict[str, Any] = circumstances() | {"tokens_a_run": arguments.tokens, "seed": SEED, "recipe": RECIPE}
    folder = DataFolder(arguments.data)
    workspace = open_workspace(folder)
    versions = {name: version_of(workspace, name, posts) for name, posts in AUTHORS.items()}
    workspace.close()
    base = ready_model_folder(EMBEDDED, folder.models)
    written = {}
    for name, examples in versions.items():
        # Kept as soon as it is there: the second author takes as long as the first.
        kept = arguments.data / f"{name}-{arguments.tokens}.json"
        if not kept.exists():
            kept.write_text(json.dumps(tuned(base, examples, arguments.tokens)), encoding="utf-8")
        written[name], result[name] = json.loads(kept.read_text(encoding="utf-8"))
        print(f"{name}: {json.dumps(result[name])}", file=sys.stderr, flush=True)
    result |= attributed(versions, written)
    result["load_after"] = [round(x, 2) for x in os.getloadavg()]
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def version_of(workspace: Workspace, name: str, posts: Path) -> dict[Split, tuple[Example, ...]]:
    """A frozen version of one author's posts, in a project of its own."""
    if name not in {one["name"] for one in projects.list_projects(workspace)}:
        projects.create_project(workspace, name=name, goal=Goal.VOICE.value, by="Ann")
        terms = importing.Terms(owner=name, basis="consent", purpose="benchmark", expires_on=None)
        uploads = [
            importing.keep_upload(workspace, file.name, file.read_bytes()) for file in sorted(posts.glob("*.md*"))
        ]
        done(workspace, importing.import_files(workspace, name, uploads, terms, name="posts", by="Ann")["job"])
        job = curating.measure_records(workspace, name, by="Ann")
        assert job is not None
        done(workspace, job)
        recipe = {"take": RECIPE, "max_length_tokens": MOST_TOKENS}
        done(workspace, freezing.freeze_version(workspace, name, name="v1", recipe=recipe, seed=SEED, by="Ann")["job"])
    version = freezing.version_named(workspace, name, "v1")
    return read_version(freezing.version_folder(workspace, version["id"])).examples


def done(workspace: Workspace, job: str) -> None:
    progress = finish(workspace, job, seconds=3_600)
    assert progress["state"] == "done", progress["reason"]


def tuned(
    base: Path, examples: dict[Split, tuple[Example, ...]], n_tokens: int
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The drafts of the three systems, and the figures of the run."""
    form = chat_format(base)
    config = replace(
        preset(Goal.VOICE, n_examples=len(examples[Split.TRAIN])), seed=SEED, train_tokens=n_tokens, n_evaluations=0,
        keep_best=False, max_length_tokens=MOST_TOKENS,
    )  # fmt: skip
    held = [*examples[Split.TEST], *examples[Split.VALIDATION]]

    def rows(some: Any) -> list[TrainingRow]:
        return tokenise_examples(some, form, max_length_tokens=MOST_TOKENS)[0]

    model = with_new_adapter(load_base(base), config)
    with tempfile.TemporaryDirectory(prefix="proofroom-voice-") as checkpoint:
        result = train(
            model, config, train_rows=rows(examples[Split.TRAIN]), validation_rows=[], test_rows=rows(held),
            checkpoint=Path(checkpoint), progress=Silent(),
        )  # fmt: skip
    written = drafts_of_held_out(
        model, form, train=examples[Split.TRAIN], held_out=held, n_requests=N_DRAFTS, seed=SEED,
        max_position=context_tokens(base), progress=Silent(),
    )  # fmt: skip
    assert result.base_loss is not None
    assert result.tuned_loss is not None
    return written, {
        "n_train": len(examples[Split.TRAIN]),
        "n_held_out": len(held),
        "n_train_tokens": result.n_train_tokens,
        "n_steps": result.n_steps,
        "tokens_per_second": round(result.tokens_per_second, 1),
        "base_loss": told(result.base_loss),
        "tuned_loss": told(result.tuned_loss),
        "voice": voice_of_drafts(written, held),
    }


def told(loss: HoldOutLoss) -> dict[str, Any]:
    each = [
        {
            "example_id": one.example_id,
            "n_target_tokens": one.n_target_tokens,
            "tuned": one.nats / one.n_target_tokens,
        }
        for one in loss.examples
    ]
    estimate = loss_estimate(each)
    assert estimate is not None
    return {key: round(value, 4) for key, value in asdict(estimate).items()}


def attributed(
    versions: dict[str, dict[Split, tuple[Example, ...]]], written: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """How many drafts a classifier of the two authors takes for the right one's; it has learnt from real held-out texts alone.

    The post that a request comes from is left out of them; its own rate is by leaving one post out, too.
    """
    texts, authors, posts = [], [], []
    for name, examples in versions.items():
        for one in (*examples[Split.TEST], *examples[Split.VALIDATION]):
            texts.append(answer_text(one))
            authors.append(name)
            posts.append(one.record_id)
    found: dict[str, Any] = {"real_held_out": own_rate(texts, authors, posts)}
    found["attributed"] = {}
    for system in (one.value for one in SYSTEMS):
        right = []
        for name, entries in written.items():
            for entry in entries:
                drafts = [draft["text"] for draft in entry["drafts"].values()]
                n = min(len(WORD.findall(text)) for text in drafts)
                if n < FEWEST_WORDS:
                    continue
                # The post that the request comes from speaks of the same subject, so it does not count.
                post = entry["example_id"].rpartition(":")[0]
                kept = [i for i, one in enumerate(posts) if one != post]
                model = classifier().fit([texts[i] for i in kept], [authors[i] for i in kept])
                right.append(model.predict([first_words(entry["drafts"][system]["text"], n)])[0] == name)
        low, high = wilson_interval(sum(right), len(right))
        found["attributed"][system] = {
            "n": len(right), "right": sum(right), "rate": round(sum(right) / len(right), 4), "low": round(low, 4), "high": round(high, 4),
        }  # fmt: skip
    return found


def own_rate(texts: list[str], authors: list[str], posts: list[str]) -> dict[str, Any]:
    right = []
    for post in sorted(set(posts)):
        kept = [i for i, one in enumerate(posts) if one != post]
        model = classifier().fit([texts[i] for i in kept], [authors[i] for i in kept])
        right += [model.predict([texts[i]])[0] == authors[i] for i, one in enumerate(posts) if one == post]
    return {"n": len(right), "rate": round(statistics.mean(right), 4)}


def classifier() -> Any:
    """Characters in twos to fours within words: usage and build more than subject."""
    return make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=2),
        LogisticRegression(C=10.0, class_weight="balanced", max_iter=1_000, random_state=SEED),
    )


def first_words(text: str, n: int) -> str:
    places = [match.end() for match in WORD.finditer(text)]
    return text[: places[n - 1]]


if __name__ == "__main__":
    main()
