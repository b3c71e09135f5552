"""A studio with markup in every field that somebody outside can fill, made by the workflows; only what needs a trained model is made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.config import DataFolder
from core.jobs.folder import JobFolder, write_json
from core.nouns import System
from core.review.briefs import BriefIn
from core.store import open_items as open_item_rows
from core.workflows import (
    access_tokens,
    api_keys,
    assigning,
    briefing,
    curating,
    deciding,
    documenting,
    drafting,
    endpoint,
    erasure_certificates,
    exporting,
    fact_documents,
    freezing,
    guiding,
    importing,
    lapsing,
    leaking,
    limiting,
    models,
    pair_making,
    people,
    personal_search,
    projects,
    recipes,
    results,
    retaining,
    reviewing,
    rubrics,
    run_notes,
    signing_in,
    tagging,
    taxonomy,
    training,
    version_import,
)
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.workflows.accounts_by_hand import first_owner
from tests.e2e import made_up
from tests.e2e.test_pages import THINGS, body
from tests.jobs_by_hand import finish
from tests.security.inputs import MARKUP, dose, mark

BY = dose("reviewer")
# Names of projects, versions, runs, recipes, keys, tokens, accounts and tags take letters, digits and dots: enough for what Markdown makes a link of.
LINK = "www.evil.example"
LANGUAGE, AUTHOR, ASKER = dose("language"), dose("author"), dose("asker")


@dataclass(frozen=True, slots=True)
class Planted:
    """session: what the owner's cookie holds. pages: whole HTML files that the studio writes, by what they are. records: some to be opened."""

    session: str
    pages: dict[str, Path]
    records: dict[str, list[str]]
    run: str


def planted(data: Path) -> Planted:
    workspace = open_workspace(DataFolder(data), executor=QuotingWorkers())
    _voice(workspace)
    _threads(workspace)
    _changes(workspace)
    run = _model(workspace)
    _reviews(workspace, run)
    _facts(workspace)
    ended = finish(workspace, personal_search.find_in_project(workspace, "voice", by=BY))
    assert ended["state"] == "done", ended["reason"]
    _taken_back(workspace, data.parent)
    pages = _files(workspace, data.parent, run)
    pages |= _lapsed(workspace, data.parent)
    # Late, so that it is among the newest entries of the trail.
    endpoint.set_endpoint(workspace, "https://models.example/v1", dose("model"), by=BY)
    records = {
        project: deciding.queue(workspace, project, deciding.RecordFilter(), limit=4)
        for project in ("voice", "support", "code")
    }
    records["voice"] += deciding.queue(workspace, "voice", deciding.RecordFilter(status="rejected"))
    owner = first_owner(workspace)
    people.invite(workspace, "Bo, of the team", role="reviewer", project="voice", by="Olga")
    people.invite(workspace, LINK, role="reviewer", project=LINK, by="Olga")
    access_tokens.make_token(workspace, LINK, account="Olga", role="owner", project=LINK, by="Olga")
    api_keys.create_key(workspace, LINK, by=BY, models=["base"])
    session = signing_in.begin_session(workspace, owner).shown
    workspace.close()
    return Planted(session, pages, records, run)


class QuotingWorkers(made_up.MadeUpWorkers):
    """Made-up workers that quote what they read, and models that write markup, as real ones can."""

    def start(self, folder: JobFolder) -> None:
        super().start(folder)
        kind = folder.spec()["kind"]
        if kind == "curate":
            _rewrite(folder.out / "flags.parquet", lambda row: row | {"evidence": dose("evidence")})
            _rewrite(folder.out / "scores.parquet", lambda row: row | {"reasons": [dose("scorereason")]})
            _rewrite(
                folder.out / "pairs.parquet", lambda row: row | {"swapped": f"{dose('swapped')} / {dose('swapped')}"}
            )
        elif kind == "draft":
            _rewrite(folder.out / "drafts.parquet", lambda row: row | {"text": f"{row['text']} {dose('draft')}"})
        elif kind == "train":
            _quote_in_run(folder)


def _quote_in_run(folder: JobFolder) -> None:
    checked = json.loads((folder.out / "preflight.json").read_bytes())
    checked["template"] |= {"before_answer": dose("template"), "ends_with": dose("ending")}
    checked["first_batch"][0]["pieces"] = [[dose("token"), True]]
    write_json(folder.out / "preflight.json", checked)
    written = json.loads((folder.out / "drafts.json").read_bytes())
    for request in written["requests"]:
        for draft in request["drafts"].values():
            draft["text"] = dose("rundraft")
            if draft["nearest"]:
                draft["nearest"]["passage"] = dose("nearest")
    write_json(folder.out / "drafts.json", written)
    # Weights that nothing will load, for the export.
    adapter = folder.out / "adapter"
    (adapter / "adapter_config.json").write_text("{}", encoding="utf-8")
    (adapter / "adapter_model.safetensors").write_bytes(b"made up")
    weights = sha256(b"made up").hexdigest()
    write_json(
        adapter / "manifest.json",
        json.loads((adapter / "manifest.json").read_bytes()) | {"weights_sha256": weights, "config": {"rank": 8}},
    )
    status = folder.status()
    status["result"]["weights_sha256"] = weights
    for one in status["result"]["by_heart"]["passages"]:
        one["passage"] = dose("byheart")
    folder.write_status(status)


def _rewrite(file: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    table = parquet.read_table(file)
    parquet.write_table(pa.Table.from_pylist([change(row) for row in table.to_pylist()], schema=table.schema), file)


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


def _imported(workspace: Workspace, project: str, files: dict[str, str], *, name: str = dose("source")) -> str:
    """The id of the source."""
    terms = importing.Terms(
        owner=dose("owner"), basis="consent", purpose=dose("purpose"), expires_on=None, licence=dose("licence"),
        controller=dose("controller"), reference=dose("reference"),
    )  # fmt: skip
    uploads = [importing.keep_upload(workspace, name, text.encode()) for name, text in files.items()]
    document = importing.keep_upload(workspace, f"{dose('document')} {mark('document')}.pdf", b"%PDF-1.7")
    started = importing.import_files(workspace, project, uploads, terms, name=name, by=BY, document=document)
    assert finish(workspace, started["job"])["state"] == "done"
    measured = curating.measure_records(workspace, project, by=BY)
    assert measured is not None
    finish(workspace, measured)
    return started["source"]


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
    named = {"name": dose("rulename"), "kind": "occurrence", "level": "warning", "tokens": ["zeppelin"], "maximum": 3}
    rule = {"name": "words", "kind": "existence", "level": "error", "tokens": ["phone calls"], "message": dose("rule")}
    guiding.set_guide(workspace, "voice", {"notes": dose("guide"), "rules": [rule, named]}, by=BY)
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
    broken = importing.keep_upload(workspace, f"{dose('factrefused')} {mark('factrefused')}.pdf", b"%PDF-1.7")
    job = fact_documents.add_documents(workspace, "voice", [upload, broken], owner=dose("factowner"), by=BY)["job"]
    assert finish(workspace, job)["state"] == "done"


def _taken_back(workspace: Workspace, folder: Path) -> None:
    """A version whose card somebody else wrote, and a file of somebody's that another version is compared with."""
    projects.create_project(workspace, name=LINK, goal="voice", by=BY)
    exported = freezing.export_version(workspace, "voice", "v2", target=folder / "v2", by=BY)
    card_file = exported / version_import.CARD
    card = json.loads(card_file.read_bytes())
    card |= {
        "name": LINK,
        "recipe": dose("cardrecipe"),
        "recipe_in_words": {dose("cardrule"): dose("cardwords")},
        "cleaned": {dose("cardstep"): 3},
    }
    for source in card["sources"]:
        source |= {"name": dose("cardsource"), "owner": dose("cardowner")}
    card_file.write_text(json.dumps(card), encoding="utf-8")
    uploads = [
        importing.keep_upload(workspace, one.name, one.read_bytes()) for one in exported.iterdir() if one.is_file()
    ]
    job = version_import.import_version(workspace, LINK, uploads, by=BY, confirmed=True)["job"]
    ended = finish(workspace, job)
    assert ended["state"] == "done", ended["reason"]
    held = importing.keep_upload(
        workspace,
        f"{dose('leakfile')} {mark('leakfile')}.jsonl",
        (json.dumps({"text": _post(0, MARKUP[0])}) + "\n").encode(),
    )
    ended = finish(workspace, leaking.check_leaks(workspace, "voice", "v2", by=BY, against=held))
    assert ended["state"] == "done", ended["reason"]


def _lapsed(workspace: Workspace, folder: Path) -> dict[str, Path]:
    """A source that was withdrawn under a model that is used and taken away all the same, and one that was erased. Returns the certificate."""
    files = {f"post-{n}.md": body(n + 200, THINGS[n % len(THINGS)]) for n in range(12)}
    source = _imported(workspace, LINK, files, name=dose("withdrawnsource"))
    recipes.save_recipe(workspace, LINK, LINK, {"take": "everything"}, by=BY)
    job = freezing.freeze_version(workspace, LINK, name=f"{LINK} 2", by=BY, recipe=LINK)["job"]
    assert finish(workspace, job)["state"] == "done"
    started = training.start_run(workspace, LINK, f"{LINK} 2", by=BY, name=LINK)
    assert finish(workspace, started["job"])["state"] == "done"
    limiting.withdraw_source(workspace, source, reason=dose("withdrawn"), by=BY)
    exporting.start_export(workspace, started["run"], form="adapter", by=BY, override=dose("override"))
    lapsing.exempt(workspace, started["run"], reason=dose("exempt"), by=BY)
    gone = _imported(workspace, LINK, {"gone.md": body(300, "van")}, name=dose("erased"))
    certified = retaining.erase_source(workspace, LINK, gone, by=BY)
    page = folder / "certificate.html"
    page.write_bytes(erasure_certificates.certificate_document(workspace, certified.erasure, "html"))
    return {"certificate": page}


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
