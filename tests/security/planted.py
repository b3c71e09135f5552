"""A studio with markup in every field that somebody outside can fill, made by the workflows; only what needs a trained model is made up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from core.config import DataFolder
from core.nouns import System
from core.review.briefs import BriefIn
from core.store import open_items as open_item_rows
from core.workflows import (
    assigning,
    briefing,
    curating,
    deciding,
    documenting,
    drafting,
    endpoint,
    fact_documents,
    freezing,
    guiding,
    importing,
    limiting,
    models,
    pair_making,
    people,
    personal_search,
    projects,
    results,
    reviewing,
    rubrics,
    run_notes,
    signing_in,
    tagging,
    taxonomy,
)
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.workflows.accounts_by_hand import first_owner
from tests.e2e import made_up
from tests.e2e.test_pages import THINGS, body
from tests.jobs_by_hand import finish
from tests.security.inputs import MARKUP, dose, mark

BY = dose("reviewer")
LANGUAGE, AUTHOR, ASKER = dose("language"), dose("author"), dose("asker")


@dataclass(frozen=True, slots=True)
class Planted:
    """session: what the owner's cookie holds. pages: whole HTML files that the studio writes, by what they are. records: some to be opened."""

    session: str
    pages: dict[str, Path]
    records: dict[str, list[str]]
    run: str


def planted(data: Path) -> Planted:
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    _voice(workspace)
    _threads(workspace)
    _changes(workspace)
    run = _model(workspace)
    _reviews(workspace, run)
    _facts(workspace)
    ended = finish(workspace, personal_search.find_in_project(workspace, "voice", by=BY))
    assert ended["state"] == "done", ended["reason"]
    endpoint.set_endpoint(workspace, "https://models.example/v1", dose("model"), by=BY)
    pages = _files(workspace, data.parent, run)
    records = {
        project: deciding.queue(workspace, project, deciding.RecordFilter(), limit=4)
        for project in ("voice", "support", "code")
    }
    records["voice"] += deciding.queue(workspace, "voice", deciding.RecordFilter(status="rejected"))
    owner = first_owner(workspace)
    people.invite(workspace, "Bo, of the team", role="reviewer", project="voice", by="Olga")
    session = signing_in.begin_session(workspace, owner).shown
    workspace.close()
    return Planted(session, pages, records, run)


def _voice(workspace: Workspace) -> None:
    projects.create_project(workspace, name="voice", goal="voice", by=BY)
    files = {f"{dose('file')}-{n}.md": _post(n, payload) for n, payload in enumerate(MARKUP)}
    row = {"id": "1", "text": body(99, "bench"), dose("column"): dose("cell")}
    files["table.jsonl"] = json.dumps(row) + f'\n{{"text": {dose("badrow")}\n'
    files[f"{dose('refused')}.exe"] = "MZ"
    _imported(workspace, "voice", files)
    first, second, third, *_ = deciding.queue(workspace, "voice", deciding.RecordFilter())
    meaning = dose("meaning")
    taxonomy.set_list(workspace, "voice", [{"tag": "calm", "meaning": meaning}, {"tag": "loud", "meaning": meaning}], by=BY)  # fmt: skip
    for record in (first, second, third):
        tagging.tag(workspace, "voice", record, ["calm"], by=BY)
    deciding.decide(workspace, "voice", first, "reject", note=dose("decision"), by=BY)
    where = deciding.RecordFilter(ids=(third,))
    limiting.limit_records(
        workspace, "voice", where, by=BY, expected=1, uses=["train", "evaluate"], reason=dose("limit")
    )
    deciding.edit_text(workspace, "voice", second, f"{dose('body')}\n\n{body(77, 'van')}", by=BY)


def _post(n: int, payload: str) -> str:
    title = json.dumps(dose("title") if n == 0 else payload)
    own = "\n\n".join([dose("body"), *MARKUP]) if n == 0 else f"{payload} and then {payload}"
    # Somebody's address beside the payload, so that what is shown around a place of personal data holds it too.
    return f"---\ntitle: {title}\n---\n{own}\n\n{body(n, THINGS[n % len(THINGS)])}\n\nWrite to {payload} n{n}@example.com, who costs $12.50.\n"


def _threads(workspace: Workspace) -> None:
    projects.create_project(workspace, name="support", goal="support", by=BY)
    lines = []
    for n, payload in enumerate(MARKUP):
        answer = {
            "id": f"{n}-1",
            "author": AUTHOR,
            "role": "agent",
            "text": f"{payload} {dose('comment')} {body(n, 'van')}",
            "is_solution": True,
        }
        lines.append(
            {"id": str(n), "asker": ASKER, "asker_name": ASKER, "title": payload, "question": f"{payload} {dose('question')} number {n}", "answers": [answer]}
        )  # fmt: skip
    _imported(workspace, "support", {"threads.jsonl": "".join(json.dumps(line) + "\n" for line in lines)})


def _changes(workspace: Workspace) -> None:
    projects.create_project(workspace, name="code", goal="code", by=BY)
    lines = [
        {"id": str(n), "repository": payload, "language": LANGUAGE, "path": f"a{n}.py", "author": AUTHOR, "comment": f"{payload} {dose('comment')}",
         "diff": f"--- a/a{n}.py\n+++ b/a{n}.py\n@@ -1,2 +1,2 @@\n-{payload}\n+{payload} {n}\n"}
        for n, payload in enumerate(MARKUP)
    ]  # fmt: skip
    _imported(workspace, "code", {"reviews.jsonl": "".join(json.dumps(line) + "\n" for line in lines)})


def _imported(workspace: Workspace, project: str, files: dict[str, str]) -> None:
    terms = importing.Terms(
        owner=dose("owner"), basis="consent", purpose=dose("purpose"), expires_on=None, licence=dose("licence"),
        controller=dose("controller"), reference=dose("reference"),
    )  # fmt: skip
    uploads = [importing.keep_upload(workspace, name, text.encode()) for name, text in files.items()]
    document = importing.keep_upload(workspace, f"{dose('document')} {mark('document')}.pdf", b"%PDF-1.7")
    job = importing.import_files(
        workspace, project, uploads, terms, name=dose("source"), by=BY, document=document
    )["job"]  # fmt: skip
    assert finish(workspace, job)["state"] == "done"
    measured = curating.measure_records(workspace, project, by=BY)
    assert measured is not None
    finish(workspace, measured)


def _model(workspace: Workspace) -> str:
    made_up.frozen(workspace, "voice", "v1")
    job = freezing.freeze_version(workspace, "voice", name="v2", by=BY, recipe="everything")["job"]
    assert finish(workspace, job)["state"] == "done"
    run = made_up.trained(workspace, "voice", "v1")
    made_up.trained(workspace, "voice", "v2")
    run_notes.write_note(workspace, run, note=dose("runnote"), tags=[dose("runtag")], by=BY)
    models.approve(workspace, run, reason=dose("retire"), by=BY)
    return run


def _reviews(workspace: Workspace, run: str) -> None:
    criterion = dose("criterion")
    rubric = {
        "reasons": [dose("reason")],
        "criteria": [{"name": criterion, "meaning": dose("criterionmeaning"), "critical": True}],
    }
    rubrics.set_rubric(workspace, "voice", rubric, by=BY)
    rule = {"name": "words", "kind": "existence", "level": "error", "tokens": ["phone calls"], "message": dose("rule")}
    guiding.set_guide(workspace, "voice", {"notes": dose("guide"), "rules": [rule]}, by=BY)
    made_up.drafted(workspace, "voice", run, [_brief(n) for n in range(4)])
    assigning.assign(workspace, "voice", assigning.Which(all=True), to=[BY, "Olga"], by=BY)
    # The last brief waits for whoever opens Review.
    _judged(workspace, {"b0", "b1", "b2"}, by=BY)
    comparisons = [one.comparison for one in pair_making.plan_pairs(workspace, "voice", run=run).possible if one.n]
    pair_making.make_pairs(workspace, "voice", comparisons[:1], by=BY, run=run)
    # And one of which no pair is made, so that its reviewer may look back at it.
    made_up.drafted(workspace, "voice", run, [_brief(4)])
    _judged(workspace, {"b4"}, by="Olga")


def _brief(n: int) -> BriefIn:
    return BriefIn(
        f"b{n}", f"{dose('prompt')} {n}", audience=dose("audience"), form=dose("form"), facts=(dose("fact"),),
        must_not_say=(dose("mustnot"),), reference=dose("human"),
    )  # fmt: skip


def _judged(workspace: Workspace, briefs: set[str], *, by: str) -> None:
    """Tuned drafts are edited and signed off, last, so that they stand first where one looks back; all others are rejected."""
    briefs_of = {row["id"]: row["external_id"] for row in briefing.list_briefs(workspace, "voice")}
    drafts = {row["id"]: row for row in drafting.list_drafts(workspace, "voice")}
    project_id = project_named(workspace, "voice")["id"]
    opened = [(item["id"], drafts[item["draft_id"]]) for item in open_item_rows.open_items(workspace.store, project_id)]
    for item, draft in sorted(opened, key=lambda one: one[1]["system"] == System.TUNED.value):
        if briefs_of[draft["brief_id"]] not in briefs:
            continue
        is_tuned = draft["system"] == System.TUNED.value
        reviewing.submit(
            workspace, item, "sign_off" if is_tuned else "reject", by=by, seconds=40.0,
            scores={dose("criterion"): "good" if is_tuned else "fails"}, text=f"{draft['text']} {dose('edit')}" if is_tuned else None,
            reasons=[dose("reason")],
        )  # fmt: skip


def _facts(workspace: Workspace) -> None:
    text = "# " + dose("facttext") + "\n\n" + "\n\n".join(f"{payload} costs 12 euros." for payload in MARKUP)
    upload = importing.keep_upload(workspace, f"{dose('factfile')} {mark('factfile')}.md", text.encode())
    job = fact_documents.add_documents(workspace, "voice", [upload], owner=dose("factowner"), by=BY)["job"]
    assert finish(workspace, job)["state"] == "done"


def _files(workspace: Workspace, folder: Path, run: str) -> dict[str, Path]:
    """What is opened in a browser from a disk, where no policy of ours holds anything back."""
    made = {"report": results.report(workspace, "voice", "html", run=run)}
    for kind in documenting.KINDS:
        made[kind] = documenting.document(workspace, "voice", kind, "html").decode()
    pages = {}
    for name, text in made.items():
        pages[name] = folder / f"{name}.html"
        pages[name].write_text(str(text), encoding="utf-8")
    return pages
