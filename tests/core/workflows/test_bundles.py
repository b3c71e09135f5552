"""A run made again from its bundle: the same weights to the byte here, and told apart where anything is another."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Invalid, ModelMissing, NotFound, Refused
from core.workflows import bundles, importing, model_card, projects, training
from core.workflows.workspace import Workspace, open_workspace
from tests.core.outgoing.test_kept_off import why_not
from tests.core.training.tiny import LONG, tiny_folder
from tests.core.workflows.test_judgements import WORDS
from tests.e2e import made_up
from tests.jobs_by_hand import finish


class RealTraining(made_up.MadeUpWorkers):
    """Measures are made up; training is real."""

    REAL = frozenset({"train"})


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("tiny"), context=LONG)


def trained_studio(data: Path, tiny: Path) -> Workspace:
    """A project with a version and a run on the tiny model, trained by a real worker."""
    opened = open_workspace(DataFolder(data), executor=RealTraining())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    texts = {f"post-{n}.md": f"# About {n}\n\n{' '.join(f'{word}{n}' for word in WORDS * 5)}." for n in range(12)}
    uploads = [importing.keep_upload(opened, name, text.encode()) for name, text in texts.items()]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(opened, importing.import_files(opened, "p", uploads, terms, name="s", by="Ann")["job"])
    made_up.frozen(opened, "p", "v1")
    settings = {"base": str(tiny), "max_steps": 3, "max_length_tokens": 1_000, "learning_rate": 0.01, "n_drafts": 0}
    first = training.start_run(opened, "p", "v1", by="Ann", name="first", settings=settings)
    assert finish(opened, first["job"])["state"] == "done"
    return opened


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Workspace]:
    opened = trained_studio(tmp_path_factory.mktemp("bundles") / "data", tiny)
    projects.create_project(opened, name="empty", goal="voice", by="Ann")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def facts(workspace: Workspace) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(bundles.bundle(workspace, "first", by="Ann"))) as archive:
        told: dict[str, Any] = json.loads(archive.read("bundle.json"))
    return told


def test_a_bundle_holds_data_splits_settings_versions_and_hardware(workspace: Workspace, facts: dict[str, Any]) -> None:
    run = training.run_named(workspace, "first")
    # Where the base model lies on this machine stays here.
    assert facts["config"] == run["config"] | {"base": facts["base"]["name"]}
    assert str(workspace.folder.root) not in json.dumps(facts)
    assert {split: len(ids) for split, ids in facts["splits"].items()}["train"] == run["metrics"]["n_train_examples"]
    assert facts["weights_sha256"] == run["metrics"]["weights_sha256"]
    assert {"torch", "peft"} <= set(facts["libraries"])
    assert facts["machine"]["threads"] >= 1


def test_the_manifest_says_how_the_run_was_kept_off_the_network_and_the_bundle_does_not(
    workspace: Workspace, facts: dict[str, Any]
) -> None:
    run = training.run_named(workspace, "first")
    manifest = json.loads((training.adapter_folder(workspace, run) / "manifest.json").read_text(encoding="utf-8"))
    strictest = "Python sockets guarded" if why_not() else "isolated"
    assert manifest["network"] == {
        "isolation": strictest, "why_not": manifest["network"]["why_not"], "n_attempts": 0, "n_hosts": 0,
        "n_native": None if why_not() else 0, "n_workers": 1,
    }  # fmt: skip
    assert run["metrics"]["network"] == manifest["network"]
    words = training.run_summary(workspace, "first")["network_in_words"]
    assert words.startswith(strictest)
    assert words.endswith("no attempt to reach out")
    assert f"| network | {words}" in model_card.card(workspace, "first")
    # The same run elsewhere may be kept off otherwise, and its bundle has the same bytes.
    assert "network" not in facts


def test_a_run_made_before_says_that_nothing_was_recorded(workspace: Workspace) -> None:
    row = training.run_named(workspace, "first")
    before = {name: value for name, value in row["metrics"].items() if name != "network"}
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE runs SET metrics = ? WHERE id = ?", [before, row["id"]])
    try:
        assert training.run_summary(workspace, "first")["network_in_words"] == "not recorded"
        card = model_card.card(workspace, "first")
        assert "| network | not recorded |" in card
        assert "How the run was kept off the network was not recorded." in card
    finally:
        with workspace.store.transaction() as tx:
            tx.execute("UPDATE runs SET metrics = ? WHERE id = ?", [row["metrics"], row["id"]])


def test_the_same_run_gives_the_same_bundle(workspace: Workspace) -> None:
    one, two = (bundles.bundle(workspace, "first", by="Ann") for _ in range(2))
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert {"bundle.json", "version/train.parquet", "version/version.json"} <= set(archive.namelist())


def test_a_run_from_a_bundle_makes_the_same_weights_to_the_byte(
    workspace: Workspace, facts: dict[str, Any], tiny: Path
) -> None:
    again = bundles.start_from_bundle(workspace, "p", facts, by="Bo", base=str(tiny))
    assert finish(workspace, again["job"])["state"] == "done"
    run = training.run_named(workspace, again["run"])
    told = bundles.reproduction(run)
    assert told is not None
    assert (told["of"], told["is_identical"], told["differs"]) == ("first", True, {})
    files = [
        training.adapter_folder(workspace, one) / "adapter_model.safetensors"
        for one in (run, training.run_named(workspace, "first"))
    ]
    assert files[0].read_bytes() == files[1].read_bytes()


def made_again(facts: dict[str, Any], metrics: dict[str, Any]) -> dict[str, Any]:
    told = bundles.reproduction({"reproduces": facts, "metrics": metrics})
    assert told is not None
    return told


def test_another_library_is_named_and_the_loss_says_whether_it_is_the_same(facts: dict[str, Any]) -> None:
    metrics = {"weights_sha256": "other", "eval_loss": facts["losses"]["tuned"] + 0.004, "machine": facts["machine"],
               "libraries": facts["libraries"] | {"torch": "9.9"}}  # fmt: skip
    told = made_again(facts, metrics)
    assert told["differs"] == {"torch": [facts["libraries"]["torch"], "9.9"]}
    assert (told["is_identical"], told["is_within"]) == (False, True)
    assert not made_again(facts, metrics | {"eval_loss": facts["losses"]["tuned"] + 0.02})["is_within"]


def test_a_run_that_makes_nothing_again_has_no_comparison(workspace: Workspace) -> None:
    assert bundles.reproduction(training.run_named(workspace, "first")) is None


def test_a_project_without_the_data_is_told_how_to_get_it(workspace: Workspace, facts: dict[str, Any]) -> None:
    assert bundles.version_of_bundle(workspace, "empty", facts) is None
    with pytest.raises(NotFound, match="no version with the content"):
        bundles.start_from_bundle(workspace, "empty", facts, by="Bo")


def test_a_base_model_that_lies_elsewhere_here_is_asked_for(workspace: Workspace, facts: dict[str, Any]) -> None:
    with pytest.raises(ModelMissing, match=r"is not found here.*--base FOLDER"):
        bundles.start_from_bundle(workspace, "p", facts, by="Bo")


def test_another_base_model_is_refused(workspace: Workspace, facts: dict[str, Any], tiny: Path) -> None:
    with pytest.raises(Refused, match="is not the one that was trained on"):
        bundles.start_from_bundle(
            workspace, "p", facts | {"base": {"name": "tiny", "sha256": "0" * 64}}, by="Bo", base=str(tiny)
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"form": 9}, "has the form 9"),
        ({"config": "all"}, "settings are not readable"),
        ({"config": {"rank": 8}}, "names are not readable"),
        ({"run": ["first"]}, "names are not readable"),
        ({"base": {"name": "tiny"}}, "hashes are not readable"),
        ({"content_sha256": 5}, "hashes are not readable"),
        ({"losses": {}}, "losses are not readable"),
        ({"losses": {"base": 2.5, "tuned": "low"}}, "losses are not readable"),
        ({"losses": {"base": 2.5, "tuned": float("nan")}}, "losses are not readable"),
        ({"machine": {"threads": "two"}}, "threads are not readable"),
        ({"machine": {"threads": 0}}, "threads are not readable"),
    ],
)
def test_a_bundle_that_says_something_else_is_refused(
    facts: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        bundles.checked_facts(facts | change)


def test_a_bundle_of_a_run_without_a_hold_out_is_read(facts: dict[str, Any]) -> None:
    told = facts | {"losses": {"base": None, "tuned": None}, "machine": {"processor": "another"}}
    assert bundles.checked_facts(told) == told


def test_a_bundle_without_its_settings_names_them(facts: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="does not say its config"):
        bundles.checked_facts({name: value for name, value in facts.items() if name != "config"})
