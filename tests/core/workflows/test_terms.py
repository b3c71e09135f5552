"""A source's terms in full: stored as they came in, changed with a trail, and the consent or contract kept as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotFound, Refused
from core.privacy.lawful import at_end_in_words, retention_ends
from core.workflows import importing, projects, register, terms, upkeep
from core.workflows.workspace import Workspace, open_workspace
from tests.jobs_by_hand import finish

CONTRACT = b"%PDF-1.4 <script>alert(1)</script>"
FULL: dict[str, Any] = {
    "owner": "Ann", "basis": "contract", "purpose": "train our support model", "uses": ["train", "show"], "licence": "own",
    "controller": "Arkwell Ltd", "special_categories": ["health"], "special_condition": "explicit_consent", "reference": "Contract 4411",
    "retention": "24m",
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    yield opened
    opened.close()


def brought_in(workspace: Workspace, *, document: importing.Upload | None = None, **changes: Any) -> str:
    asked = importing.checked_terms(**(FULL | {"expires": None} | changes), today=importing.today())
    uploads = [importing.keep_upload(workspace, "a.md", b"# On vans\n\nA text about vans.")]
    started = importing.import_files(workspace, "p", uploads, asked, name="posts", by="Ann", document=document)
    finish(workspace, started["job"])
    return started["source"]


def events(workspace: Workspace, action: str) -> list[dict[str, Any]]:
    return workspace.store.read("SELECT * FROM events WHERE action = ? ORDER BY seq", [action])


def test_an_import_stores_every_term_and_the_expiry_follows_from_the_retention(workspace: Workspace) -> None:
    source = importing.source_named(workspace, brought_in(workspace))
    today = importing.today()
    assert source["controller"] == "Arkwell Ltd"
    assert (source["special_categories"], source["special_condition"]) == (["health"], "explicit_consent")
    assert (source["reference"], source["retention"]) == ("Contract 4411", "24 months")
    assert source["expires_on"] == retention_ends("24 months", today)


def test_an_expiry_is_never_after_the_end_of_the_retention(workspace: Workspace) -> None:
    today = importing.today()
    soon = (today + timedelta(days=10)).isoformat()
    asked = {name: FULL[name] for name in ("owner", "basis", "purpose", "uses", "licence")} | {"today": today}
    assert importing.checked_terms(**asked, expires=soon, retention="24m").expires_on == today + timedelta(days=10)
    assert importing.checked_terms(**asked, expires="never", retention="30d").expires_on == today + timedelta(days=30)
    assert importing.checked_terms(**asked, expires="never").expires_on is None


def test_what_has_a_retention_is_erased_at_its_end_and_all_else_is_kept_unless_somebody_says_so() -> None:
    asked = {name: FULL[name] for name in ("owner", "basis", "purpose", "uses", "licence")} | {
        "today": date(2026, 1, 31), "expires": None,
    }  # fmt: skip
    assert importing.checked_terms(**asked, retention="1 month").at_end == "erase"
    assert importing.checked_terms(**asked).at_end == "keep"
    assert importing.checked_terms(**asked, retention="1 month", at_end="keep").at_end == "keep"
    assert importing.checked_terms(**asked, at_end="erase").at_end == "erase"
    with pytest.raises(Invalid, match="Choose one of erase, keep"):
        importing.checked_terms(**asked, at_end="burn")


def test_what_becomes_of_a_source_is_said_with_the_day_after_its_last() -> None:
    assert at_end_in_words("erase", date(2027, 2, 28)) == "erased on 2027-03-01"
    assert at_end_in_words("erase", None) == "erased, but it never expires"
    assert at_end_in_words("keep", date(2027, 2, 28)) == "kept, unused"


def test_what_becomes_of_a_source_at_its_end_is_changed_with_a_trail(workspace: Workspace) -> None:
    source = brought_in(workspace)
    assert terms.change_terms(workspace, source, {"at_end": "keep"}, by="Cleo")["at_end"] == "keep"
    (event,) = events(workspace, "changed terms")
    assert (event["facts"]["before"], event["facts"]["after"]) == ({"at_end": "erase"}, {"at_end": "keep"})
    # A new retention does not bring an erasure back that nobody asked for.
    assert terms.change_terms(workspace, source, {"retention": "12 months"}, by="Cleo")["at_end"] == "keep"


def test_changed_terms_are_an_event_that_tells_settings_and_only_the_length_of_texts(workspace: Workspace) -> None:
    source = brought_in(workspace, expires="2099-01-01", retention="")
    changed = terms.change_terms(
        workspace, source, {"uses": ["train"], "owner": "Ben of the support team", "expires": "2098-01-01"}, by="Cleo"
    )
    assert (changed["uses"], changed["owner"], changed["expires_on"]) == (
        ["train"],
        "Ben of the support team",
        date(2098, 1, 1),
    )
    (event,) = events(workspace, "changed terms")
    assert (event["noun"], event["object_id"], event["done_by"]) == ("source", source, "Cleo")
    assert set(event["facts"]["before"]) == set(event["facts"]["after"]) == {"uses", "owner", "expires_on"}
    assert event["facts"]["before"]["uses"] == ["train", "show"]
    assert event["facts"]["after"]["expires_on"] == "2098-01-01"
    assert event["facts"]["after"]["owner"]["length"] == len("Ben of the support team")
    assert "Ben" not in str(event["facts"])


def test_terms_that_stay_the_same_are_no_event(workspace: Workspace) -> None:
    source = brought_in(workspace)
    terms.change_terms(workspace, source, {"owner": "Ann", "uses": ["train", "show"]}, by="Cleo")
    assert not events(workspace, "changed terms")


def test_an_expired_source_is_renewed_and_its_other_terms_can_be_changed_while_it_is(workspace: Workspace) -> None:
    source = brought_in(workspace, retention="")
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = '2020-01-01' WHERE id = ?", [source])
    assert terms.change_terms(workspace, source, {"owner": "Ben"}, by="Ann")["expires_on"] == date(2020, 1, 1)
    with pytest.raises(Invalid, match="The expiry 2020-01-02 has passed"):
        terms.change_terms(workspace, source, {"expires": "2020-01-02"}, by="Ann")
    assert terms.change_terms(workspace, source, {"expires": "never"}, by="Ann")["expires_on"] is None


def test_a_new_retention_counts_from_the_day_on_which_the_source_came_in(workspace: Workspace) -> None:
    source = brought_in(workspace, retention="", expires="never")
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET created_at = '2020-01-31' WHERE id = ?", [source])
    changed = terms.change_terms(workspace, source, {"retention": "1 month"}, by="Ann")
    assert (changed["retention"], changed["expires_on"]) == ("1 month", date(2020, 2, 29))


def days_ago(workspace: Workspace, source: str, n: int) -> None:
    with workspace.store.transaction() as tx:
        came_in = tx.at - timedelta(days=n)
        tx.execute("UPDATE sources SET created_at = ? WHERE id = ?", [came_in, source])


def test_a_retention_by_which_a_source_would_be_erased_today_is_refused(workspace: Workspace) -> None:
    source = brought_in(workspace, retention="36 months")
    days_ago(workspace, source, 400)
    with pytest.raises(Refused, match="posts would be erased today") as refused:
        terms.change_terms(workspace, source, {"retention": "6 months"}, by="Cleo")
    assert "keep it at its end" in (refused.value.remedy or "")
    assert importing.source_named(workspace, source)["retention"] == "36 months"
    assert not events(workspace, "changed terms")
    kept = terms.change_terms(workspace, source, {"retention": "6 months", "at_end": "keep"}, by="Cleo")
    assert (kept["retention"], kept["at_end"]) == ("6 months", "keep")


def test_one_that_has_expired_is_not_told_to_be_erased_but_with_a_day_to_come(workspace: Workspace) -> None:
    source = brought_in(workspace, retention="", expires="never")
    yesterday = importing.today() - timedelta(days=1)
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = ? WHERE id = ?", [yesterday, source])
    with pytest.raises(Refused, match="would be erased today"):
        terms.change_terms(workspace, source, {"at_end": "erase"}, by="Cleo")
    ends = {"at_end": "erase", "expires": importing.today().isoformat()}
    assert terms.change_terms(workspace, source, ends, by="Cleo")["at_end"] == "erase"


def test_what_becomes_of_a_source_is_not_left_open_once_it_is_there(workspace: Workspace) -> None:
    source = brought_in(workspace, retention="")
    with pytest.raises(Invalid, match="what becomes of the source at its end"):
        terms.change_terms(workspace, source, {"at_end": "", "retention": "24 months"}, by="Cleo")
    assert importing.source_named(workspace, source)["at_end"] == "keep"


def test_what_cannot_be_changed_is_refused(workspace: Workspace) -> None:
    source = brought_in(workspace)
    with pytest.raises(Invalid, match="no term 'colour'"):
        terms.change_terms(workspace, source, {"colour": "red"}, by="Ann")
    with pytest.raises(Invalid, match="has no owner"):
        terms.change_terms(workspace, source, {"owner": " "}, by="Ann")
    with pytest.raises(Invalid, match="501 characters"):
        terms.change_terms(workspace, source, {"purpose": "x" * 501}, by="Ann")
    importing.undo_import(workspace, source, by="Ann")
    with pytest.raises(Conflict, match="was taken out again"):
        terms.change_terms(workspace, source, {"owner": "Ben"}, by="Ann")


def test_a_contract_is_kept_by_its_hash_and_given_back_as_it_is(workspace: Workspace) -> None:
    kept = importing.keep_upload(workspace, "../contracts/4411.pdf", CONTRACT)
    source = brought_in(workspace, document=kept)
    (document,) = importing.import_report(workspace, source)["documents"]
    assert (document["name"], document["sha256"], document["n_bytes"]) == ("4411.pdf", kept.sha256, len(CONTRACT))
    file, name, _ = terms.document_file(workspace, document["id"])
    assert (file.read_bytes(), name) == (CONTRACT, "4411.pdf")
    (event,) = events(workspace, "added document")
    assert event["facts"] == {"document": document["id"], "sha256": kept.sha256, "n_bytes": len(CONTRACT)}
    with pytest.raises(NotFound):
        terms.document_file(workspace, "doc_0")


def test_a_newer_contract_stands_before_the_older_which_stays(workspace: Workspace) -> None:
    source = brought_in(workspace, document=importing.keep_upload(workspace, "old.pdf", b"old"))
    terms.add_document(workspace, source, importing.keep_upload(workspace, "new.pdf", b"new"), by="Ann")
    assert [one["name"] for one in importing.import_report(workspace, source)["documents"]] == ["new.pdf", "old.pdf"]


def test_a_contract_outlives_the_clearing_of_uploads_and_the_source(workspace: Workspace) -> None:
    kept = importing.keep_upload(workspace, "4411.pdf", CONTRACT)
    source = brought_in(workspace, document=kept)
    importing.undo_import(workspace, source, by="Ann")
    importing.drop_unused(workspace, list(workspace.folder.uploads.iterdir()))
    assert (workspace.folder.uploads / kept.sha256).read_bytes() == CONTRACT
    assert upkeep.examine(workspace)["ok"]
    (workspace.folder.uploads / kept.sha256).unlink()
    assert upkeep.examine(workspace)["problems"] == [f"The upload {kept.sha256[:12]}… is not on disk."]


def test_the_register_tells_of_a_source_what_is_to_be_known_before_it_is_used() -> None:
    day = date(2026, 6, 1)
    source = {"id": "s", "name": "posts", "withdrawn_at": None, "expires_on": None, "uses": ["train"]}
    told = {
        "in use": source,
        "not to be trained on": source | {"uses": ["evaluate", "show"]},
        "expires soon": source | {"expires_on": date(2026, 7, 1)},
        "expired": source | {"expires_on": date(2026, 5, 31), "uses": ["show"]},
        "withdrawn": source | {"withdrawn_at": datetime(2026, 5, 1), "expires_on": date(2026, 5, 31)},
    }
    assert {register.state_of(one, day): one for one in told.values()} == told
    assert register.state_of(source | {"expires_on": date(2026, 7, 2)}, day) == "in use"
