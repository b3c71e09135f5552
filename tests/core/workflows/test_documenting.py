"""Documents from the records: every figure is the store's, gaps are named, and no text becomes markup."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from core.config import DataFolder
from core.errors import Invalid, NotFound
from core.nouns import Role
from core.privacy.document_words import GAP
from core.privacy.documents import SOURCES, document_of
from core.workflows import (
    api_keys,
    auditing,
    curating,
    documenting,
    endpoint,
    fact_pages,
    freezing,
    importing,
    limiting,
    people,
    projects,
    signing_in,
    single_sign_on,
    terms,
    training,
)
from core.workflows.limiting import RecordFilter
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.workflows.accounts_by_hand import first_owner, joined
from tests.e2e import made_up
from tests.jobs_by_hand import finish

MARKUP = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) *b* | c"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source in full terms and one that says the least, a version of both, and its run."""
    root = tmp_path_factory.mktemp("documents") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    full: dict[str, Any] = {
        "owner": f"Ann {MARKUP}", "basis": "legitimate_interest", "purpose": "write letters", "uses": None, "expires": None, "licence": "own",
        "controller": "Arkwell Ltd", "special_categories": ["health"], "special_condition": "explicit_consent", "reference": "Contract 4411",
        "retention": "24 months",
    }  # fmt: skip
    brought_in(opened, f"vans {MARKUP}", 12, importing.checked_terms(**full, today=importing.today()))
    brought_in(
        opened,
        "ladders",
        8,
        importing.Terms(owner="Ben", basis="consent", purpose="answer mail", uses=("train", "evaluate")),
    )
    job = freezing.freeze_version(opened, "p", name="v1", by="Ann", recipe="random:18")["job"]
    assert finish(opened, job)["state"] == "done"
    made_up.trained(opened, "p", "v1")
    opened.close()
    return root


def brought_in(workspace: Workspace, name: str, n: int, asked: importing.Terms) -> None:
    words = " ".join(f"{name[:4]}{k}" for k in range(40))
    files = [
        importing.keep_upload(workspace, f"{name[:4]}{k}.md", f"# On {k}\n\n{words} {k}.".encode()) for k in range(n)
    ]
    finish(workspace, importing.import_files(workspace, "p", files, asked, name=name, by="Ann")["job"])


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def cells(workspace: Workspace, kind: str, **options: Any) -> dict[str, str]:
    """What is asked, with what the records say; of the sections that are such tables."""
    report = document_of(kind, documenting.document_facts(workspace, "p", kind, **options))
    return {row[0]: row[1] for section in report.sections for row in section.rows if len(row) == 2}


def source_rows_of(workspace: Workspace, kind: str) -> list[tuple[str, ...]]:
    report = document_of(kind, documenting.document_facts(workspace, "p", kind))
    return [row for section in report.sections for row in section.rows if len(row) == len(SOURCES)]


def one(workspace: Workspace, sql: str, *parameters: Any) -> Any:
    (row,) = workspace.store.read(sql, list(parameters))
    return next(iter(row.values()))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes += attrs


@pytest.mark.parametrize("kind", documenting.KINDS)
def test_a_document_is_written_in_three_forms_and_no_text_becomes_markup(workspace: Workspace, kind: str) -> None:
    page = documenting.document(workspace, "p", kind, "html").decode()
    tags = Tags()
    tags.feed(page)
    assert tags.found <= {"html", "meta", "title", "style", "h1", "h2", "p", "div", "table", "tr", "th", "td"}
    assert not [name for name, _ in tags.attributes if name in ("src", "href") or name.startswith("on")]
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    words = documenting.document(workspace, "p", kind, "md").decode()
    assert r"\<img src=x onerror=alert(1)\>" in words
    assert r"\[a\](javascript:alert(1)) \*b\* \| c" in words
    pdf = pypdfium2.PdfDocument(documenting.document(workspace, "p", kind, "pdf"))
    read = " ".join(page.get_textpage().get_text_range() for page in pdf)
    assert documenting.KINDS[kind].split()[0] in read
    # A narrow cell breaks its words.
    assert "onerror" in "".join(read.split())


def test_the_record_of_processing_says_what_the_store_says(workspace: Workspace) -> None:
    told = cells(workspace, "record")
    project = project_named(workspace, "p")["id"]
    assert told["controller"] == "Arkwell Ltd; not stated for 1 of 2 sources"
    assert told["purposes"] == "write letters; answer mail"
    assert told["categories of data"] == "20 documents"
    assert told["customers named in the records"] == str(one(workspace, "SELECT count(DISTINCT customer) FROM records"))
    assert told["records that seem to hold personal data"] == GAP + "the records were not measured"
    assert told["special categories (Art. 9)"] == f"vans {MARKUP}: health; explicit consent"
    n_events = one(workspace, "SELECT count(*) FROM events WHERE project_id = ?", project)
    assert told["what is done is on a trail"] == f"{n_events:,} events of this project"
    assert told["endpoint elsewhere"] == (
        "none is set up; 0 drafts were written elsewhere, 0 drafts were sent there to be judged"
    )
    assert told["when and how it is erased"].startswith("1 source is erased by the studio on the day after the last")
    assert "not for 1 of 2, which are kept, unused" in told["when and how it is erased"]
    assert told["people sign in"] == "off: there is no account"
    assert told["what was decided on places of personal data"].startswith(GAP)
    assert told["contact details of the controller"].startswith(GAP)
    assert SOURCES[7] == "used until (period)"
    first, second = source_rows_of(workspace, "record")
    ends = one(workspace, "SELECT expires_on FROM sources WHERE owner <> 'Ben'")
    assert first[1:] == (
        f"Ann {MARKUP}", "Arkwell Ltd", "legitimate interest", "health; explicit consent", "write letters", "train, evaluate, show", "24 months",
        ends.isoformat(), f"erased on {ends + timedelta(days=1)}", "own", "Contract 4411", "12",
    )  # fmt: skip
    assert second == (
        "ladders", "Ben", GAP + "controller", "consent", "none known", "answer mail", "train, evaluate", GAP + "retention", "never", "kept, unused", "own",
        GAP + "consent or contract", "8",
    )  # fmt: skip


def test_what_was_taken_away_measured_and_added_is_counted(workspace: Workspace) -> None:
    measuring = curating.measure_records(workspace, "p", by="Ann")
    assert measuring is not None
    finish(workspace, measuring)
    freezing.export_version(workspace, "p", "v1", target=workspace.folder.root / "taken", by="Ann")
    # A table or a report that somebody saves is no model, version or bundle.
    for noun in ("records", "report", "model_card", "run_group", "version_changes", "document"):
        auditing.exported(workspace, noun, by="Ann", project="p")
    source = one(workspace, "SELECT id FROM sources WHERE owner = 'Ben'")
    terms.add_document(workspace, source, importing.keep_upload(workspace, "consent.txt", b"yes"), by="Ann")
    endpoint.set_endpoint(workspace, "https://models.example/v1", "m", by="Ann")
    told = cells(workspace, "record")
    n_personal = one(workspace, "SELECT count(DISTINCT record_id) FROM active_flags WHERE name = 'personal_data'")
    assert told["records that seem to hold personal data"].startswith(f"{n_personal} of 20 in the project")
    assert told["times that a model, version or bundle was taken away"] == "1"
    assert told["endpoint elsewhere"].startswith("models.example; 0 drafts were written elsewhere, ")
    assert told["its country, and the safeguards"].startswith(GAP)
    assert source_rows_of(workspace, "record")[1][-2] == "no reference (1 document kept)"


def test_recipients_are_named_one_by_one(workspace: Workspace) -> None:
    told = cells(workspace, "record")
    assert told["identity provider for single sign-on"] == "none is set up"
    assert told["hosts of pages for the facts"] == "none is allowed, so none is asked"
    assert told["programs with a key to ask the models, of the whole studio"] == "0"
    assert not [asked for asked in told if asked.startswith(("program with the key", "model elsewhere"))]
    for host in ("prices.example", "plans.example"):
        fact_pages.allow_host(workspace, host, by="Ann")
    fact_pages.allow_host(workspace, "gone.example", by="Ann")
    fact_pages.forbid_host(workspace, "gone.example", by="Ann")
    endpoint.set_endpoint(workspace, "https://models.example/v1", "m", by="Ann")
    api_keys.create_key(workspace, "the help desk", by="Ann")
    api_keys.create_key(workspace, "a trial", by="Ann", models=["base"])
    api_keys.create_key(workspace, "never asked", by="Ann")
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE api_keys SET last_used_at = TIMESTAMP '2026-03-04 05:06:07' WHERE name = 'a trial'")
    for name in ("a trial", "never asked"):
        api_keys.revoke_key(workspace, name, by="Ann")
    rows = recipients(workspace)
    assert [row for row in rows if "host of pages" in row[0]] == [
        ("host of pages for the facts, of the whole studio", f"{host}: is sent the address of a page when somebody asks for it, and nothing else")
        for host in ("plans.example", "prices.example")
    ]  # fmt: skip
    told = dict(rows)
    assert told["program with the key the help desk"] == (
        "asks every model and receives what it writes and, where it asks for facts, the passages that were looked up; no whole record and no draft; never used"
    )
    assert told["program with the key a trial"].startswith(
        "asks base and receives what it writes and, where it asks for facts, the passages that were looked up; no whole record and no draft; last used on 2026-03-04, "
        "revoked on "
    )
    assert "program with the key never asked" not in told
    assert told["programs with a key to ask the models, of the whole studio"] == "1"
    assert told["model elsewhere"].startswith(
        "models.example: briefs that somebody chose, and drafts with their briefs"
    )


def test_the_identity_provider_is_a_recipient_of_the_sign_on_alone(workspace: Workspace) -> None:
    owner = first_owner(workspace)
    session = signing_in.session_of(workspace, signing_in.begin_session(workspace, owner).shown)
    assert session is not None
    single_sign_on.link(workspace, session, issuer="https://accounts.example/tenant", subject="4711")
    asked = "identity provider for single sign-on"
    assert dict(recipients(workspace))[asked] == (
        "accounts.example, which is not set up now; 1 account is linked to it"
    )
    told = dict(recipients(workspace, provider="accounts.example"))[asked]
    assert told.startswith("accounts.example: learns who signs on, and when, and nothing of a project is sent there")
    assert told.endswith("no name and no address is asked for; 1 account is linked to it")
    assert [row[1].split(":")[0].split(",")[0] for row in recipients(workspace, provider="new.example") if row[0] == asked] == [
        "new.example", "accounts.example",
    ]  # fmt: skip
    people.unlink_sign_on(workspace, "Olga", by="Olga")
    assert dict(recipients(workspace))[asked] == "none is set up"


def recipients(workspace: Workspace, **options: Any) -> list[tuple[str, ...]]:
    report = document_of("record", documenting.document_facts(workspace, "p", "record", **options))
    (section,) = [one for one in report.sections if one.title.startswith("Recipients")]
    return list(section.rows)


def test_the_number_of_gaps_is_the_number_of_places_that_are_marked(workspace: Workspace) -> None:
    for kind in documenting.KINDS:
        words = documenting.document(workspace, "p", kind, "md").decode()
        (n,) = re.findall(r"(\d+) places are left to fill in", words)
        # The closing says once what the mark means.
        assert words.count("NOT IN THE RECORDS") == int(n) + 1


def test_the_assessment_tells_what_was_measured_and_leaves_the_judgement(workspace: Workspace) -> None:
    told = cells(workspace, "dpia")
    run = training.list_runs(workspace, "p")[0]
    assert told["operations"].startswith(
        "texts imported, judged by people, frozen as v1 with 18 records, a model trained on it (v1-1)"
    )
    assert told["legitimate interest that is pursued"].startswith(
        f"{GAP}the interest, weighed against the people's, for vans"
    )
    assert told["what is left out of training, and why"] == "not drawn 2"
    heart = (run["metrics"] or {}).get("by_heart")
    expected = (
        f"{heart['n_new']:,} of {heart['n']:,} training texts" if heart else f"{GAP}the run v1-1 was not tested for it"
    )
    assert told["texts that the model gives back word for word"].startswith(expected)
    assert told["likelihood and severity of each risk"].startswith(GAP)
    limiting.withdraw_source(
        workspace, one(workspace, "SELECT id FROM sources WHERE owner = 'Ben'"), reason="They asked.", by="Ann"
    )
    assert "The source ladders was withdrawn" in cells(workspace, "dpia")["learnt, and not allowed any more"]


def test_the_summary_of_training_content_tells_the_size_of_what_was_learnt(workspace: Workspace) -> None:
    told = cells(workspace, "training")
    version = freezing.version_named(workspace, "p", "v1")
    run = training.list_runs(workspace, "p")[0]
    n = (run["metrics"] or {}).get("n_train_examples")
    learnt = f"{n:,} examples" if n is not None else "examples not counted"
    assert told["1.3 size of what was learnt"] == (
        f"{learnt} of the version v1: 18 records, {version['n_train_tokens']:,} tokens to train on"
    )
    assert told["1.2 model"].startswith("v1-1, made from the base model ")
    (day,) = {row["day"] for row in workspace.store.read("SELECT max(created_at)::DATE AS day FROM sources")}
    assert told["1.3 latest data"].startswith(f"the newest source was added to the studio on {day}; ")
    assert told["1.3 whether it goes on learning from new data"].startswith("no: ")
    assert told["1.2 day on which it was placed on the Union market"].startswith(GAP)
    assert told["2.5 synthetic data"] == "0 examples that a model wrote and a person signed off"
    assert told["2.6 other sources of data"] == GAP + "which of the sources below are your own writing"
    assert told["3.3 withdrawn or limited by their owners"] == "0 withdrawn, 0 limited records in the project"
    limiting.limit_records(
        workspace,
        "p",
        RecordFilter(source=one(workspace, "SELECT id FROM sources WHERE owner = 'Ben'")),
        by="Ann",
        expected=8,
        uses=["train"],
    )
    assert (
        cells(workspace, "training")["3.3 withdrawn or limited by their owners"]
        == "0 withdrawn, 8 limited records in the project"
    )


def test_the_summary_of_training_content_names_what_came_in_by_reviews(workspace: Workspace) -> None:
    brought_in(workspace, "hooks", 3, importing.Terms(owner="Cy", basis="consent", purpose="answer mail"))
    hooks = one(workspace, "SELECT id FROM sources WHERE owner = 'Cy'")
    assert [row[0] for row in source_rows_of(workspace, "training")] == [f"vans {MARKUP}", "ladders"]
    with workspace.store.transaction() as tx:
        tx.execute(
            "UPDATE runs SET continues = ?",
            [{"run": "r", "name": "first", "records": [], "briefs": [], "sources": [hooks]}],
        )
    told = {row[0]: row[-1] for row in source_rows_of(workspace, "training")}
    assert told["hooks"] == "0, and by pairs from reviews"
    assert told["ladders"].isdecimal()
    assert "hooks" not in {row[0] for row in source_rows_of(workspace, "datasheet")}


def test_roles_are_counted_of_those_who_can_sign_in_here(workspace: Workspace) -> None:
    projects.create_project(workspace, name="other", goal="voice", by="Ann")
    first_owner(workspace)
    joined(workspace, "Bo", Role.REVIEWER, "p")
    joined(workspace, "Cy", Role.REVIEWER, "p")
    joined(workspace, "Di", Role.LEAD, "p")
    joined(workspace, "Ed", Role.ENGINEER, "other")
    people.end_account(workspace, "Di", by="Olga")
    for kind in ("record", "dpia"):
        assert cells(workspace, kind)["people sign in"] == "on; roles held here: 1 owner, 2 reviewers"


def test_a_data_sheet_is_of_its_version(workspace: Workspace) -> None:
    told = cells(workspace, "datasheet", version="v1")
    version = freezing.version_named(workspace, "p", "v1")
    splits = {name: version[f"n_{name}"] for name in ("train", "validation", "test")}
    assert told["records"] == "18"
    assert told["examples"] == ", ".join(f"{name} {n:,}" for name, n in splits.items())
    assert told["tokens to train on"] == f"{version['n_train_tokens']:,}"
    assert told["content SHA-256"] == version["content_sha256"]
    assert told["allowed by every source"] == "train, evaluate"
    assert told["what became of personal data in it"].startswith(GAP)
    assert told["what is missing, and why"] == "not drawn 2"
    held = {row[0]: row[-1] for row in source_rows_of(workspace, "datasheet")}
    assert {
        name: str(source["n_records"]) for source in version["card"]["sources"] for name in [source["name"]]
    } == held


def test_a_project_with_nothing_names_every_gap(tmp_path: Path) -> None:
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    for kind in documenting.KINDS:
        assert GAP in documenting.document(opened, "p", kind).decode()
    with pytest.raises(Invalid, match="There is no document 'poem'"):
        documenting.document(opened, "p", "poem")
    with pytest.raises(Invalid, match="cannot be written as 'docx'"):
        documenting.document(opened, "p", "dpia", "docx")
    with pytest.raises(NotFound):
        documenting.document(opened, "p", "datasheet", version="v9")
    opened.close()
