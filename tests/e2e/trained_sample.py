"""Makes a data folder for the README's pictures of trained pages: a script, not a test. It trains a model, so it takes a while.

    .venv/bin/python -m tests.e2e.trained_sample FOLDER            the sample project with a real run, drafts and verdicts
    .venv/bin/python -m tests.e2e.screenshots --data FOLDER        the pictures of it

The run is a short one of the embedded model, and the drafts are what it writes. Nobody read them: the reviewers are made up, called "Sample"
with a number, and judge by one rule that knows the text alone, not who wrote it. So the figures of the folder show what the pages look like,
and say nothing of the model.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from core.config import DataFolder
from core.nouns import System
from core.review.briefs import BriefIn, Length
from core.workflows import briefing, drafting, freezing, guiding, models, reviewing, training
from core.workflows.rubrics import rubric_of
from core.workflows.sample import PERSON, SAMPLES, make_samples
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.e2e.screenshots import measured
from tests.jobs_by_hand import finish

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLE = REPOSITORY / "data" / "sample"
PROJECT = SAMPLES[0].project
SYSTEMS = [System.TUNED.value, System.BASE.value]
PRESETS = ("no-exclamation-marks", "no-emoji", "sentence-length", "no-word-twice")
# Of the briefs that ship with the studio so many get drafts; the others wait on the page for theirs.
N_WRITTEN, N_HELD_OUT = 8, 5
LONGEST_TOKENS = 110
# Each judges one draft of a brief at most, unless twenty others lie between.
REVIEWERS = tuple(f"Sample {n}" for n in range(1, 13))
# What a reviewer who follows the rule takes out, and what it is then called.
REPLACED = (
    (re.compile(r"\[[^\]\n]*\]"), ""),
    (re.compile(r"\*\*|^#+ |^Subject:.*\n", re.MULTILINE), ""),
    (re.compile(r"!"), "."),
)
FLATTERY = re.compile(
    r"\b(?:exciting|thrilled|delighted|proud to|committed to|seamless|innovative|hope this|testament)\b", re.IGNORECASE
)
SENTENCE = re.compile(r"[^.!?\n]+[.!?]*[ \n]*")
# More than this share of a draft that goes makes mending it longer work than writing it.
MOST_CUT = 0.5
# Still open when the pictures are taken: Review shows one of them.
OPEN = (
    BriefIn(
        "van-service", "Tell customers that the van is away for a week, and what that means for their visit.",
        audience="households that booked for the first week of May", facts=("The van is away from 4 May to 8 May.", "Nobody's visit is cancelled."),
        length=Length(60, 160), must_not_say=("inconvenience",),
    ),
    BriefIn("first-frost", "Write about the first frost, and why so many ring on that one morning.", length=Length(80, 200)),
    BriefIn("left-on-the-step", "Write about a customer who leaves something on the step for the sweep every year.", length=Length(80, 200)),
    BriefIn("new-brush", "Write about a brush that lasted eleven years, and about the one that came after it.", length=Length(80, 200)),
)  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, help="the data folder, which must not exist")
    folder = options.parse_args().folder
    if folder.exists():
        options.error(f"{folder} exists already")
    workspace = open_workspace(DataFolder(folder))
    workspace.supervisor.start()
    try:
        make(workspace)
    finally:
        workspace.close()


def make(workspace: Workspace) -> None:
    """The sample project with a version, a run, drafts and verdicts."""
    make_samples(workspace, SAMPLE)
    measured(workspace)
    done(workspace, freezing.freeze_version(workspace, PROJECT, name="v1", by=PERSON)["job"])
    run = trained(workspace)
    reviewed(workspace, run)


def reviewed(workspace: Workspace, run: str) -> None:
    """Drafts by the run's model and the base model for the shipped briefs and for some held-out texts, with verdicts; and a few more without."""
    models.approve(workspace, run, reason="The hold-out loss fell.", by=PERSON)
    for preset in PRESETS:
        guiding.add_preset(workspace, PROJECT, preset, by=PERSON)
    shipped = briefing.import_briefs(
        workspace, PROJECT, (SAMPLE / "voice" / "briefs.jsonl").read_bytes(), by=PERSON
    ).ids
    held_out = briefing.briefs_from_hold_out(workspace, PROJECT, "v1", limit=N_HELD_OUT)
    ids = shipped[:N_WRITTEN] + briefing.add_briefs(workspace, PROJECT, held_out, by=PERSON)
    written(workspace, run, ids, n_variants=2)
    judged(workspace)
    written(workspace, run, briefing.add_briefs(workspace, PROJECT, OPEN, by=PERSON))


def trained(workspace: Workspace) -> str:
    """One pass at a gentle rate: a run of some minutes. Returns its id."""
    settings = {"epochs": 1.0, "learning_rate": 5e-4, "ask_again": False}
    started = training.start_run(workspace, PROJECT, "v1", by=PERSON, settings=settings)
    done(workspace, started["job"])
    return started["run"]


def written(workspace: Workspace, run: str, ids: list[str], *, n_variants: int = 1) -> None:
    job = drafting.write_drafts(
        workspace, PROJECT, run=run, brief_ids=ids, systems=SYSTEMS, by=PERSON, max_new_tokens=LONGEST_TOKENS, n_variants=n_variants,
    )["job"]  # fmt: skip
    done(workspace, job)


def judged(workspace: Workspace) -> None:
    """A verdict on every draft that waits, each reviewer one after the other, until nobody gets one any more."""
    reasons = rubric_of(workspace.store, project_named(workspace, PROJECT)).reasons
    given = True
    while given:
        given = False
        for place, reviewer in enumerate(REVIEWERS):
            item = reviewing.next_draft(workspace, PROJECT, by=reviewer).current
            if item is None:
                continue
            given = True
            text = mended(item.draft, (item.brief, *item.facts))
            is_kept = bool(text.strip()) and len(text) >= (1 - MOST_CUT) * len(item.draft)
            reviewing.submit(
                workspace, item.item, "sign_off" if is_kept else "reject", by=reviewer, text=text if is_kept else None,
                reasons=[] if text == item.draft else [reasons[len(item.draft) % len(reasons)]],
                seconds=20 + len(item.draft) / 25 + 3 * place,
            )  # fmt: skip


def mended(draft: str, support: Sequence[str]) -> str:
    """The draft without stand-ins, headings, exclamation marks, and the sentences that flatter, repeat one, or name what nobody gave."""
    for pattern, words in REPLACED:
        draft = pattern.sub(words, draft)
    kept: list[str] = []
    for sentence in SENTENCE.findall(draft):
        says_it_again = sentence.strip() in {one.strip() for one in kept}
        if not (says_it_again or FLATTERY.search(sentence) or reviewing.unsupported_values(sentence, support)):
            kept.append(sentence)
    return "".join(kept)


def done(workspace: Workspace, job: str) -> None:
    ended = finish(workspace, job, seconds=3_600)
    assert ended["state"] == "done", ended["reason"]


if __name__ == "__main__":
    main()
