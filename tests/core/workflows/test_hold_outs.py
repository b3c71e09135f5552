"""A version that is measured on another one's hold-out, and the experiment that is built on it: does choosing the records pay?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.curate.recipes import recipe_as_json, recipe_from
from core.curate.versions import FrozenVersion, read_version
from core.errors import NotFound, Refused
from core.nouns import Split
from core.training.base_models import EMBEDDED, model_folder
from core.training.batches import tokenise_examples
from core.training.chat_format import chat_format
from core.workflows import curating, curation_experiment, deciding, experiments, freezing, importing, projects
from core.workflows.frozen_counts import known_answer_tokens
from core.workflows.run_plans import plan_run
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish

ANSWER = (
    "Open the {thing} page of your account, press the red button there, and wait until part {n} says that it has ended."
)
THINGS = [
    "calendar",
    "invoice",
    "window",
    "ladder",
    "van",
    "logo",
    "newsletter",
    "phone",
    "price",
    "bench",
    "garden",
    "boiler",
]
N = 60


def ticket(n: int) -> dict[str, Any]:
    thing = f"{THINGS[n % len(THINGS)]}{n}"
    return {
        "id": f"t{n}",
        "title": f"The {thing} of {n * 31}",
        "question": f"Where do I start the {thing} that came in box {n * 17}, and what does light {n * 7} mean?",
        "answer": ANSWER.format(thing=thing, n=n * 13) + f" Then {thing} {n * 29} is ready." * (1 + n % 4),
    }


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of 60 tickets, 20 of them kept, and v1 of those; of each held-out one there is a copy that nobody chose."""
    root = tmp_path_factory.mktemp("hold_outs") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="desk", goal="support", by="Ann")
    add(opened, "tickets", [ticket(n) for n in range(N)])
    finish(opened, freezing.freeze_version(opened, "desk", name="v1", recipe="random:20", by="Ann")["job"])
    held = [one for split in (Split.VALIDATION, Split.TEST) for one in frozen(opened, "v1").examples[split]]
    copies = [ticket(int(one.external_id[1:])) | {"id": f"copy of {one.external_id}"} for one in held]
    for copy in copies:
        copy["answer"] += " Thanks for asking!"
    add(opened, "copies", copies)
    opened.close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def add(workspace: Workspace, name: str, rows: list[dict[str, Any]]) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    upload = importing.keep_upload(workspace, f"{name}.jsonl", lines.encode())
    terms = importing.Terms(owner="Ann", basis="contract", purpose="answers", expires_on=None)
    finish(workspace, importing.import_files(workspace, "desk", [upload], terms, name=name, by="Ann")["job"])


def frozen(workspace: Workspace, name: str) -> FrozenVersion:
    version = freezing.version_named(workspace, "desk", name)
    return read_version(freezing.version_folder(workspace, version["id"]))


def freeze(workspace: Workspace, name: str, **options: Any) -> dict[str, Any]:
    return finish(workspace, freezing.freeze_version(workspace, "desk", name=name, by="Ann", **options)["job"])


def test_the_hold_out_is_taken_over_by_value(workspace: Workspace) -> None:
    held = frozen(workspace, "v1").examples
    changed = held[Split.TEST][0]
    deciding.edit_text(
        workspace, "desk", changed.external_id, "Somebody wrote this anew, long after it was frozen.", by="Ann"
    )
    freeze(workspace, "v2", recipe="everything", hold_out="v1")
    for split in (Split.VALIDATION, Split.TEST):
        assert frozen(workspace, "v2").examples[split] == held[split]


def test_what_is_held_out_or_says_the_same_is_not_learnt(workspace: Workspace) -> None:
    held = frozen(workspace, "v1").examples
    names = {one.external_id for split in (Split.VALIDATION, Split.TEST) for one in held[split]}
    assert len(names) >= 4
    freeze(workspace, "v2", recipe="everything", hold_out="v1")
    trained = {one.external_id for one in frozen(workspace, "v2").examples[Split.TRAIN]}
    assert trained == {f"t{n}" for n in range(N)} - names
    details = freezing.version_details(workspace, "desk", "v2")
    assert details["dropped"] == {"held_out": len(names), "like_held_out": len(names)}
    (one,) = [row for row in details["left_out"] if row["external_id"] == f"copy of {min(names)}"]
    assert one["detail"] == "says the same as what is held out in v1, or is of the same customer"


def test_a_held_out_record_that_is_rejected_since_still_keeps_its_like_out(workspace: Workspace) -> None:
    name = frozen(workspace, "v1").examples[Split.TEST][0].external_id
    deciding.decide(workspace, "desk", name, "reject", by="Ann")
    freeze(workspace, "v2", recipe="everything", hold_out="v1")
    trained = {one.external_id for one in frozen(workspace, "v2").examples[Split.TRAIN]}
    assert not {name, f"copy of {name}"} & trained


def test_a_version_from_one_source_keeps_the_terms_of_the_one_that_is_held_out(workspace: Workspace) -> None:
    add(workspace, "late", [ticket(n) for n in range(N, N + 10)])
    freeze(workspace, "v2", recipe={"take": "everything", "sources": [source_id(workspace, "late")]}, hold_out="v1")
    version = freezing.version_named(workspace, "desk", "v2")
    assert [source["name"] for source in version["card"]["sources"]] == ["late", "tickets"]
    assert version["card"]["hold_out"]["name"] == "v1"
    assert version["n_train"] == 10
    folder = freezing.version_folder(workspace, version["id"])
    assert "Validation and test are those of the version v1" in (folder / "README.md").read_text(encoding="utf-8")


def test_a_version_that_holds_nothing_out_or_is_none_is_refused(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="no version 'v9'"):
        freeze(workspace, "v2", hold_out="v9")
    freeze(workspace, "small", recipe="random:2")
    with pytest.raises(Refused, match="small has no test example"):
        freeze(workspace, "v2", hold_out="small")


def test_nothing_is_left_when_all_of_a_recipe_belongs_to_the_hold_out(workspace: Workspace) -> None:
    recipe = {"take": "everything", "sources": [source_id(workspace, "copies")]}
    progress = freeze(workspace, "v2", recipe=recipe, hold_out="v1")
    assert progress["state"] == "failed"
    assert progress["reason"].startswith("Every record that the recipe takes belongs to what is held out in v1.")


def measured(workspace: Workspace) -> None:
    """Every third record, in the order of the ids, has a defect."""
    job = curating.measure_records(workspace, "desk", by="Ann")
    assert job is not None
    finish(workspace, job)


def n_all(workspace: Workspace) -> int:
    return N + sum(len(frozen(workspace, "v1").examples[split]) for split in (Split.VALIDATION, Split.TEST))


def test_a_comparison_is_offered_where_much_is_left_out_with_the_reason_and_not_twice(workspace: Workspace) -> None:
    measured(workspace)
    freeze(workspace, "good")
    (choice, curve) = curation_experiment.offers(workspace, "desk", "good")
    assert (choice.kind, choice.freezes, curve.kind) == ("experiment", "every record", "learning_curve")
    version = freezing.version_named(workspace, "desk", "good")
    n_out = n_all(workspace) - version["n_records"]
    assert choice.sentence.startswith(
        f"good has {version['n_records']} records; {n_all(workspace)} are there that nobody rejected. "
        f"Of those that it left out {n_out} have a defect ({n_out} truncated). "
    )
    with pytest.raises(Refused, match="not frozen yet"):
        curation_experiment.start_curation_comparison(workspace, "desk", "good", by="Ann")
    finish(workspace, curation_experiment.freeze_counterpart(workspace, "desk", "good", by="Ann")["job"])
    assert curation_experiment.offers(workspace, "desk", "good")[0].freezes == ""
    # What was frozen to stand against another version asks no question of its own.
    others = curation_experiment.offers(workspace, "desk", "good everything")
    assert [one.kind for one in others] == ["learning_curve"]
    curation_experiment.start_curation_comparison(workspace, "desk", "good", by="Ann")
    assert [one.kind for one in curation_experiment.offers(workspace, "desk", "good")] == ["learning_curve"]


def test_four_runs_differ_in_their_records_alone_and_learn_as_many_answer_tokens(workspace: Workspace) -> None:
    measured(workspace)
    freeze(workspace, "good")
    finish(workspace, curation_experiment.freeze_counterpart(workspace, "desk", "good", by="Ann")["job"])
    started = curation_experiment.start_curation_comparison(workspace, "desk", "good", by="Ann")
    group = experiments.group_named(workspace, started["group"])
    n = freezing.version_named(workspace, "desk", "good")["n_train"]
    assert [(run["part"], run["config"]["take"]) for run in group.runs] == [
        ("good, as chosen", ""),
        ("everything", ""),
        (f"{n} at random", f"random:{n}"),
        (f"the {n} longest", f"longest:{n}"),
    ]
    assert {run["version"] for run in group.runs[1:]} == {"good everything"}
    same = [{k: v for k, v in run["config"].items() if k != "take"} for run in group.runs]
    assert all(one == same[0] for one in same)
    plan = plan_run(workspace, "desk", "good")
    assert same[0]["train_answer_tokens"] == plan["estimate"]["n_answer_tokens"] > 0
    assert same[0]["train_tokens"] == 0


@pytest.mark.parametrize(("recipe", "words"), [("everything", "everything"), ("random:40", "{name}, drawn at random")])
def test_of_a_version_that_nobody_chose_it_is_told_what_would_be_kept_and_why_not_the_rest(
    workspace: Workspace, recipe: str, words: str
) -> None:
    measured(workspace)
    freeze(workspace, "messy", recipe=recipe)
    learnt = {one.external_id for one in frozen(workspace, "messy").examples[Split.TRAIN]}
    bad = {r["external_id"] for r in workspace.store.read(
        "SELECT r.external_id FROM active_flags f JOIN records r ON r.id = f.record_id WHERE f.name = 'truncated'")}  # fmt: skip
    n_bad = len(learnt & bad)
    (offer, _) = curation_experiment.offers(workspace, "desk", "messy")
    assert (offer.kind, offer.freezes) == ("experiment", "what the recommended recipe takes")
    assert ("of the whole project" in offer.sentence) is (recipe != "everything")
    assert offer.sentence.startswith(
        f"messy learns from {len(learnt)} records that nobody chose. The recommended recipe would leave out {n_bad} of them: "
        f"{n_bad} have a defect ({n_bad} truncated). The other {len(learnt) - n_bad} are likely better."
    )
    finish(workspace, curation_experiment.freeze_counterpart(workspace, "desk", "messy", by="Ann")["job"])
    kept = frozen(workspace, "messy recommended").examples
    for split in (Split.VALIDATION, Split.TEST):
        assert kept[split] == frozen(workspace, "messy").examples[split]
    assert not {one.external_id for one in kept[Split.TRAIN]} & bad
    started = curation_experiment.start_curation_comparison(workspace, "desk", "messy", by="Ann")
    runs = experiments.group_named(workspace, started["group"]).runs
    first, second = runs[0], runs[1]
    assert (first["part"], first["version"]) == ("messy recommended, as recommended", "messy recommended")
    assert (second["part"], second["version"]) == (words.format(name="messy"), "messy")
    n = len(kept[Split.TRAIN])
    rest = [f"random:{n}", f"longest:{n}"] if n < len(learnt) else []
    assert [(run["config"]["take"], run["version"]) for run in runs[2:]] == [(take, "messy") for take in rest]
    assert len({run["config"]["train_answer_tokens"] for run in runs}) == 1
    # Both have the hold-out of the version that was asked about, and neither is asked about again.
    for name in ("messy", "messy recommended"):
        assert [one.kind for one in curation_experiment.offers(workspace, "desk", name)] == ["learning_curve"]


def test_where_the_recommended_recipe_would_keep_nearly_all_there_is_nothing_to_compare(workspace: Workspace) -> None:
    # Nothing was measured, so nothing is known against any record.
    assert [one.kind for one in curation_experiment.offers(workspace, "desk", "v1")] == ["learning_curve"]


@pytest.mark.parametrize(
    ("recipe", "is_unchosen"),
    [("everything", True), ("random:8", True), ("longest:8", True), ("recommended", False),
     ({"take": "everything", "clean": []}, True), ({"take": "everything", "per_cluster": 1}, False),
     ({"take": "random:8", "flags_out": ["truncated"]}, False)],
)  # fmt: skip
def test_a_version_is_chosen_where_a_filter_chose_its_records(recipe: Any, is_unchosen: bool) -> None:
    if isinstance(recipe, str):
        version = {"recipe": recipe, "card": {}}
    else:
        version = {"recipe": recipe["take"], "card": {"recipe_settings": recipe_as_json(recipe_from(recipe))}}
    assert curation_experiment.is_unchosen(version) is is_unchosen


def test_a_version_tells_how_many_of_its_tokens_are_learnt(workspace: Workspace) -> None:
    version = freezing.version_named(workspace, "desk", "v1")
    form = chat_format(model_folder(EMBEDDED, workspace.folder.models))
    for split, examples in frozen(workspace, "v1").examples.items():
        rows, _ = tokenise_examples(examples, form, max_length_tokens=4_096)
        assert version["card"]["n_answer_tokens"][split.value] == sum(row.n_target_tokens for row in rows)
    assert 0 < known_answer_tokens(version) < version["n_train_tokens"]


def before_answers_were_counted(workspace: Workspace, name: str) -> int:
    """Make a version one from then. Returns how many answer tokens its training examples have."""
    version = freezing.version_named(workspace, "desk", name)
    card = {k: v for k, v in version["card"].items() if k != "n_answer_tokens"}
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE versions SET card = ? WHERE id = ?", [card, version["id"]])
    return known_answer_tokens(version)


def test_an_experiment_on_versions_from_before_answers_were_counted_counts_them(workspace: Workspace) -> None:
    measured(workspace)
    freeze(workspace, "good")
    finish(workspace, curation_experiment.freeze_counterpart(workspace, "desk", "good", by="Ann")["job"])
    plan = plan_run(workspace, "desk", "good")
    n = before_answers_were_counted(workspace, "good")
    n_of_all = before_answers_were_counted(workspace, "good everything")
    # A look at the card does not wait for the count, and guesses none.
    assert plan_run(workspace, "desk", "good")["estimate"]["n_answer_tokens"] == 0
    started = curation_experiment.start_curation_comparison(workspace, "desk", "good", by="Ann")
    runs = experiments.group_named(workspace, started["group"]).runs
    budget = plan["estimate"]["n_answer_tokens"]
    assert {run["config"]["train_answer_tokens"] for run in runs} == {budget}
    # So many steps as bring the budget, of a version whose answers were counted for that.
    batch = plan["config"]["batch_size"]
    others = freezing.version_named(workspace, "desk", "good everything")
    steps = round(budget * others["n_train"] / (n_of_all * batch))
    assert n < n_of_all
    assert runs[1]["estimate"]["n_steps"] == steps


def source_id(workspace: Workspace, name: str) -> str:
    return next(row["id"] for row in importing.list_sources(workspace, "desk") if row["name"] == name)
