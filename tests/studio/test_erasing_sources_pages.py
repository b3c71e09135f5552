"""Register and Desk: what will be erased is said before, an owner erases a source by hand, and its row tells of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.config import DataFolder
from core.store.connection import utc_now
from core.workflows import erasing, importing, projects, register, terms
from core.workflows.jobs import wait_for_job
from core.workflows.workspace import FailedErasure, Workspace
from studio import running
from tests.studio.opened_page import opened_page


@pytest.fixture
def workspace(folder: DataFolder) -> Iterator[Workspace]:
    folder.create()
    opened = running.start(folder)
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    yield opened
    running.stop()


def brought_in(workspace: Workspace) -> str:
    """A source whose last day is the ninth from today."""
    today = importing.today()
    asked = importing.checked_terms(
        owner="Ann", basis="consent", purpose="test", uses=None, expires=(today + timedelta(days=9)).isoformat(), licence="own", today=today,
        retention="12 months",
    )  # fmt: skip
    files = [importing.keep_upload(workspace, "herons.md", b"# Herons\n\nA text about herons.")]
    started = importing.import_files(workspace, "p", files, asked, name="herons", by="Ann")
    wait_for_job(workspace, started["job"], seconds=60)
    return started["source"]


def on_the_page(name: str) -> AppTest:
    return opened_page(name, project="p")


def words_on(app: AppTest) -> str:
    """As a person reads them, without the marks that keep markup from meaning anything."""
    told = [*app.warning, *app.markdown, *app.caption, *app.success, *app.info]
    return " ".join(str(one.value) for one in told).replace("\\", "")


def test_what_will_be_erased_is_said_on_desk_and_register_until_it_is_kept(workspace: Workspace) -> None:
    source = brought_in(workspace)
    day = f"{importing.today() + timedelta(days=10):%-d %b %Y}"
    for page in ("desk", "register"):
        assert f"herons will be erased on {day}" in words_on(on_the_page(page))
    app = on_the_page("register")
    assert f"erased on {importing.today() + timedelta(days=10)}" in words_on(app)
    app.selectbox(key=f"at_end_{source}").set_value("keep")
    next(one for one in app.button if one.label == "Change the terms").click().run()
    assert not app.exception
    assert importing.source_named(workspace, source)["at_end"] == "keep"
    for page in ("desk", "register"):
        assert "will be erased" not in words_on(on_the_page(page))


def test_register_and_desk_say_that_a_source_could_not_be_erased_and_why(workspace: Workspace) -> None:
    source = brought_in(workspace)
    # It was tried just now, so that no round tries it meanwhile.
    workspace.failed_erasures[source] = FailedErasure(utc_now(), "No space left on device (i1 in the log).")
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = '2020-01-01' WHERE id = ?", [source])
    said = "herons was to be erased on 2 Jan 2020 and could not be: No space left on device (i1 in the log)."
    app = on_the_page("register")
    assert [one for one in app.error if said in one.value.replace("\\", "")]
    assert "The source herons was to be erased and could not be: No space left" in words_on(on_the_page("desk"))


def test_what_is_left_of_a_source_that_was_taken_out_is_erased_from_the_register(workspace: Workspace) -> None:
    source = brought_in(workspace)
    importing.undo_import(workspace, source, by="Ann")
    app = on_the_page("register")
    assert "Taken out" in [one.value for one in app.subheader]
    assert "it was taken out, and what is left of it goes." in words_on(app)
    app.toggle(key=f"erase_count_{source}").set_value(True).run()
    assert "So does what was made of 1 record that had been taken out before." in words_on(app)
    app.button(key=f"erase_{source}").click().run()
    assert not app.exception
    erasing.go_on(workspace)
    found = register.register(workspace, "p")
    assert ([one["id"] for one in found.erased], found.taken_out) == ([source], [])


def test_an_owner_erases_a_source_by_hand_and_the_register_says_so(workspace: Workspace) -> None:
    source = brought_in(workspace)
    terms.change_terms(workspace, source, {"at_end": "keep"}, by="Ann")
    app = on_the_page("register")
    app.toggle(key=f"erase_count_{source}").set_value(True).run()
    assert "1 record with all that was made of them, 0 refused rows and 1 file go." in words_on(app)
    app.button(key=f"erase_{source}").click().run()
    assert not app.exception
    # Where a round of the studio took it first, there is nothing left to carry on with.
    erasing.go_on(workspace)
    (row,) = register.register(workspace, "p").erased
    app = on_the_page("register")
    labels = [one.label.replace("\\", "") for one in app.expander]
    (told,) = [one for one in labels if one.startswith("herons: erased on")]
    assert told.endswith(f"certificate {row['erasure_id']}")
    app = on_the_page("erasure")
    assert "the source herons" in words_on(app)
    assert not app.error
    # As where a file of it could not be taken away.
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE erasures SET ended_at = NULL, certificate = NULL")
    workspace.failed_erasures[source] = FailedErasure(utc_now(), "No space left on device (i1 in the log).")
    (told,) = on_the_page("erasure").error
    assert "what was left to do failed: No space left on device" in told.value.replace("\\", "")
    assert "erased" in on_the_page("sources").dataframe[0].value["state"].tolist()
