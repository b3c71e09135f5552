"""What changed lately, as a person would tell it; acts of the same kind in a row become one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

ONE_OF_MANY = re.compile(r"\b1 (record|brief|draft|page|pair|row|source|finding)s\b")
# (noun, action) to (one, several); {n} is the number of acts, the others are facts of the newest act.
SAID = {
    ("project", "created"): ("made the project", ""),
    ("source", "registered"): ("added a source", "added {n} sources"),
    ("source", "imported"): ("imported {n_accepted} records, {n_rejected} rows refused", "imported {n} sources"),
    ("source", "updated"): ("brought in a newer export: {n_updated} records changed, {n_new} new", "brought in {n} newer exports"),
    ("source", "update_undone"): ("took a newer export back", "took {n} newer exports back"),
    ("source", "undone"): ("took {n_records} records of a source out again", "took {n} sources out again"),
    ("source", "erased"): ("erased {n_records} records of a source, with all that was made of them", "erased {n} sources"),
    ("source", "certified"): ("read back that a source is erased", "read back that {n} sources are erased"),
    ("records", "measured"): ("had {n_records} records measured", "had the records measured {n} times"),
    ("answers", "read"): ("let a base model read {n_measured} answers", "let a base model read answers {n} times"),
    ("flag", "switched_off"): ("switched the flag {flag} off", "switched {n} flags off"),
    ("flag", "switched_on"): ("switched the flag {flag} on", "switched {n} flags on"),
    ("record", "gold_add"): ("added a record to the gold subset", "added {n} records to the gold subset"),
    ("record", "gold_remove"): ("took a record out of the gold subset", "took {n} records out of the gold subset"),
    ("record", "gold_undo"): ("took a gold mark back", "took {n} gold marks back"),
    ("record", "keep"): ("kept a record", "kept {n} records"),
    ("record", "edit"): ("edited a record", "edited {n} records"),
    ("record", "reject"): ("rejected a record", "rejected {n} records"),
    ("record", "defer"): ("put a record off", "put {n} records off"),
    ("record", "undo"): ("took a decision back", "took {n} decisions back"),
    ("record", "tagged"): ("tagged a record", "tagged {n} records"),
    ("record", "untagged"): ("took a tag off a record", "took tags off {n} records"),
    ("record", "canonical"): ("chose which duplicate stays", "chose which duplicate stays, {n} times"),
    ("pair", "same"): ("called two records the same", "called {n} pairs of records the same"),
    ("pair", "different"): ("called two records different", "called {n} pairs of records different"),
    ("cluster", "different"): ("kept {n_records} alike records apart", "kept {n} groups of alike records apart"),
    ("duplicates", "undo"): ("took a judgement on duplicates back", "took {n} judgements on duplicates back"),
    ("duplicate_thresholds", "changed"): (
        "changed how alike records must be to be merged or asked about",
        "changed how alike records must be to be merged or asked about, {n} times",
    ),
    ("record", "read_again"): ("read a record a second time", "read {n} records a second time"),
    ("second_reading", "undo"): ("took a second reading back", "took {n} second readings back"),
    ("second_share", "changed"): ("changed how many records are read twice", "changed how many records are read twice, {n} times"),
    ("records", "tagged"): ("tagged {n_records} alike records", "tagged alike records {n} times"),
    ("tagging", "undo"): ("took an act on tags back", "took {n} acts on tags back"),
    ("taxonomy", "imported"): ("imported a list of tags", "imported {n} lists of tags"),
    ("taxonomy", "renamed"): ("renamed a tag on {n_records} records", "renamed {n} tags"),
    ("taxonomy", "merged"): ("merged a tag of {n_records} records", "merged {n} tags"),
    ("taxonomy", "removed"): ("removed a tag", "removed {n} tags"),
    ("tag_target", "changed"): ("changed how many examples a tag needs", "changed how many examples a tag needs, {n} times"),
    ("taxonomy", "changed"): ("changed the list of tags", "changed the list of tags {n} times"),
    ("personal_data", "searched"): (
        "looked for personal data in {n_texts} records: {n_spans} places",
        "looked for personal data {n} times",
    ),
    ("personal_data", "keep"): ("decided to keep personal data", "decided {n} times to keep personal data"),
    ("personal_data", "mask"): ("decided to mask personal data", "decided {n} times to mask personal data"),
    ("personal_data", "replace"): ("decided to replace personal data", "decided {n} times to replace personal data"),
    ("personal_data", "block"): ("had undecided personal data stop a version", "set what undecided personal data does {n} times"),
    ("personal_data", "read"): ("read a record for personal data", "read {n} records for personal data"),
    ("personal_data", "undone"): ("took a decision on personal data back", "took {n} decisions on personal data back"),
    ("version", "frozen"): ("froze a dataset version", "froze {n} dataset versions"),
    ("version", "imported"): ("took an exported version back", "took {n} exported versions back"),
    ("source", "confirmed"): ("confirmed the terms of a source", "confirmed the terms of {n} sources"),
    ("recipe", "saved"): ("saved a recipe", "saved recipes {n} times"),
    ("recipe", "forgot"): ("took a recipe off the list", "took {n} recipes off the list"),
    ("version", "move_undone"): ("took {n_facts} passages out of the fact store again", "took moved facts back {n} times"),
    ("version", "exported"): ("exported a dataset version", "exported {n} dataset versions"),
    ("version", "checked"): ("looked for leaks in a version: {n_leaks} found", "looked for leaks {n} times"),
    ("run", "started"): ("started a run on {version}", "started {n} runs"),
    ("run", "continued"): ("went on from {earlier} with {n_pairs} pairs of reviews", "went on with reviews, {n} times"),
    ("run", "resumed"): ("resumed a run", "resumed {n} runs"),
    ("run", "trained"): ("finished a run", "finished {n} runs"),
    ("run", "noted"): ("wrote a note beside a run", "wrote notes beside runs {n} times"),
    ("run", "bundled"): ("wrote the bundle of a run", "wrote {n} bundles of runs"),
    ("run_plan", "checked"): ("checked a run on {version} before starting it: {n_findings} findings", "checked runs before starting them {n} times"),
    ("model", "approve"): ("approved a model", "approved {n} models"),
    ("model", "retire"): ("retired a model", "retired {n} models"),
    ("model", "undo"): ("took a decision on a model back", "took {n} decisions on models back"),
    ("run", "exported"): ("exported a model", "exported {n} models"),
    ("export", "overridden"): ("had a model exported over what forbids it", "had models exported over what forbids it, {n} times"),
    ("export", "copied"): ("copied an exported model out", "copied {n} exported models out"),
    ("briefs", "added"): ("added {n_briefs} briefs", "added briefs {n} times"),
    ("drafts", "written"): ("had {n_drafts} drafts written", "had drafts written {n} times"),
    ("draft", "sign_off"): ("signed a draft off", "signed {n} drafts off"),
    ("draft", "reject"): ("rejected a draft", "rejected {n} drafts"),
    ("signed_off", "taken"): ("made {n_records} candidate records of signed-off texts", "made candidate records of signed-off texts {n} times"),
    ("review", "undo"): ("took a verdict back", "took {n} verdicts back"),
    ("draft_pairs", "made"): ("made {n_pairs} pairs of drafts to compare", "made pairs of drafts to compare {n} times"),
    ("draft_pairs", "withdrawn"): ("withdrew {n_pairs} pairs of drafts", "withdrew pairs of drafts {n} times"),
    ("draft_pair", "judged"): ("compared two drafts side by side", "compared {n} pairs of drafts side by side"),
    ("draft_pair", "undo"): ("took a comparison of drafts back", "took {n} comparisons of drafts back"),
    ("light_edit_limit", "changed"): ("changed what counts as a light edit", "changed the light-edit limit {n} times"),
    ("light_edit_limit", "calibrated"): ("took the light-edit limit that {n_pairs} labelled pairs speak for", "calibrated the light-edit limit {n} times"),
    ("edit", "labelled"): ("said what an edit is", "said of {n} edits what they are"),
    ("edit", "undo"): ("took a label of an edit back", "took {n} labels of edits back"),
    ("pass_target", "changed"): ("changed the target of the pass rate", "changed the target of the pass rate {n} times"),
    ("reviewers_per_draft", "changed"): ("changed how many people judge a draft", "changed how many people judge a draft {n} times"),
    ("repeat_every", "changed"): ("changed how many drafts come back", "changed how many drafts come back, {n} times"),
    ("assigned_only", "changed"): ("changed what reviewers get", "changed what reviewers get, {n} times"),
    ("drafts", "assigned"): ("assigned the drafts of {n_briefs} briefs", "assigned drafts {n} times"),
    ("drafts", "unassigned"): ("took the drafts of {n_briefs} briefs from reviewers", "took drafts from reviewers {n} times"),
    ("judge", "calibrated"): ("calibrated the judge on {n} verdicts", "calibrated the judge {n} times"),
    ("queue_order", "changed"): ("changed the order of the review queue", "changed the order of the review queue {n} times"),
    ("guide", "changed"): ("changed the brand guide", "changed the brand guide {n} times"),
    ("facts", "added"): ("added facts: {n_documents} documents", "added facts {n} times"),
    ("pages", "queued to be fetched"): ("had {n_pages} pages fetched for their facts", "had pages fetched for their facts {n} times"),
    ("facts", "renewed"): ("renewed a document of facts", "renewed {n} documents of facts"),
    ("facts", "removed"): ("took a document of facts out", "took {n} documents of facts out"),
    ("draft", "set aside"): ("took a draft out of the queue", "took {n} drafts out of the queue"),
    ("draft", "put back"): ("put a draft back into the queue", "put {n} drafts back into the queue"),
    ("briefs", "queued to be sent"): ("had {n_briefs} briefs sent to a model elsewhere", "had briefs sent to a model elsewhere, {n} times"),
    ("drafts", "queued to be sent"): (
        "had {n_drafts} drafts sent to a model elsewhere to be judged",
        "had drafts sent to a model elsewhere to be judged, {n} times",
    ),
    ("invitation", "invited"): ("invited somebody", "invited {n} people"),
    ("account", "role_changed"): ("changed somebody's role", "changed the roles of people {n} times"),
    ("job", "moved"): ("moved a waiting job", "moved {n} waiting jobs"),
    ("job", "failed"): ("had a job fail", "had {n} jobs fail"),
    ("job", "lost"): ("lost a job: its process died", "lost {n} jobs: their processes died"),
    ("job", "cancelled"): ("cancelled a job", "cancelled {n} jobs"),
}  # fmt: skip


def lines(events: Sequence[dict[str, Any]], *, most: int = 8) -> list[tuple[Any, str, str]]:
    """(when, who, what) of the newest acts; events: newest first. What only machinery did is left out."""
    told = [event for event in events if (event["noun"], event["action"]) in SAID]
    found = []
    # A reviewer signs off and rejects in turn; by kind within one person's stretch it is still one line each.
    for who, stretch in groupby(told, key=lambda event: event["done_by"]):
        kinds: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for event in stretch:
            kinds.setdefault((event["noun"], event["action"]), []).append(event)
        for kind, acts in kinds.items():
            one, several = SAID[kind]
            n = {"n": f"{len(acts):,}"}
            # Of several acts n is their number, whatever the newest one counts.
            facts = n | acts[0]["facts"] if len(acts) == 1 else acts[0]["facts"] | n
            words = (one if len(acts) == 1 else several).format_map(facts)
            words = ONE_OF_MANY.sub(r"1 \1", words)
            found.append((acts[0]["happened_at"], who, words))
    return found[:most]
