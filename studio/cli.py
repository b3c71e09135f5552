"""The command line: `proofroom`. A client of the API; see studio/client.py.

Exit codes: 0 done, 1 failed, 2 wrong use.
"""

from __future__ import annotations

import json
import sys

import typer

from core.errors import ProofroomError
from studio.commands import (
    assignments,
    audit,
    brand_guide,
    briefs,
    bundles,
    common,
    continuing,
    curation,
    data,
    edit_limit,
    endpoint,
    erasing,
    exports,
    fact_store,
    facts,
    keys,
    model,
    pairwise,
    people,
    personal_data,
    quality,
    queue,
    recipes,
    register,
    registry,
    review,
    review_loop,
    rubrics,
    run_groups,
    studio,
    tags,
    versions,
)

app = typer.Typer(
    help=(
        "Turn a team's own writing into a fine-tuned model on this machine, and have its drafts signed off.\n\n"
        "The usual way: project create, import, dedup, score, freeze, train, drafts, review, results, report. "
        "Every command takes --data DIR (the data folder), and all but `serve` --json (one JSON object on standard output). "
        "Commands start the studio in the background when none is running on that folder."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(studio.serve)
app.add_typer(studio.project, name="project")
app.command("import")(data.import_files)
app.command()(data.pack)
app.add_typer(data.sources, name="sources")
app.add_typer(register.register, name="register")
app.command()(curation.dedup)
app.add_typer(curation.duplicates, name="duplicates")
app.command()(curation.score)
app.command()(quality.rescore)
app.command()(quality.difficulty)
app.add_typer(quality.flags, name="flags")
app.add_typer(quality.gold, name="gold")
app.command()(curation.records)
app.command()(curation.themes)
app.command()(curation.signals)
app.command()(curation.decide)
app.command("decide-all")(curation.decide_all)
app.command("undo-all")(curation.undo_all)
app.command()(curation.edit)
app.command()(tags.tag)
app.add_typer(tags.tags, name="tags")
app.command()(queue.queue)
app.add_typer(queue.second, name="second")
app.command()(queue.agreement)
app.command()(recipes.readiness)
app.add_typer(recipes.recipes, name="recipes")
app.add_typer(recipes.cleaning, name="cleaning")
app.command()(recipes.preview)
app.command()(facts.facts)
app.add_typer(facts.moved, name="moved")
app.add_typer(fact_store.fact_store, name="fact-store")
app.command()(facts.advice)
app.command()(personal_data.pii)
app.add_typer(personal_data.personal, name="personal")
app.command()(versions.freeze)
app.add_typer(versions.versions, name="versions")
app.command()(model.train)
app.command()(registry.preflight)
app.command()(registry.sweep)
app.command("learning-curve")(registry.learning_curve)
app.command("curation")(registry.curation)
model.runs.command("compare")(registry.compare)
model.runs.command("drafts")(registry.compare_drafts)
model.runs.command("offers")(run_groups.offers)
model.runs.command("groups")(run_groups.groups)
model.runs.command("group")(run_groups.group)
model.runs.command("held-out")(registry.held_out)
model.runs.command("note")(registry.note)
model.runs.command("bundle")(bundles.write)
model.runs.command("continue")(continuing.continue_run)
app.add_typer(model.runs, name="runs")
app.add_typer(registry.models, name="models")
app.add_typer(model.jobs, name="jobs")
app.add_typer(brand_guide.guide, name="guide")
app.add_typer(rubrics.rubric, name="rubric")
app.command()(review.drafts)
app.add_typer(pairwise.pairwise, name="pairwise")
app.add_typer(assignments.review, name="review")
review.review.add_typer(edit_limit.edit, name="edit")
review.review.add_typer(edit_limit.limit, name="limit")
review.review.command("candidates")(review_loop.candidates)
review.review.command("lessons")(review_loop.lessons)
review.review.command("judge")(review_loop.judge)
app.add_typer(review.review, name="review")
app.command()(review_loop.retraining)
app.command()(review.results)
app.command()(review.report)
app.command()(register.document)
app.add_typer(exports.exports, name="exports")
app.add_typer(briefs.briefs, name="briefs")
app.add_typer(briefs.draft, name="draft")
app.add_typer(endpoint.endpoint, name="endpoint")
app.add_typer(keys.keys, name="keys")
app.add_typer(people.accounts, name="accounts")
app.add_typer(people.tokens, name="tokens")
app.command()(exports.export)
app.command("export-version")(versions.export_version)
app.add_typer(audit.audit, name="audit")
app.command()(erasing.erase)
app.add_typer(erasing.erasures, name="erasures")
app.command()(studio.backup)
app.command()(studio.restore)
app.command()(studio.doctor)


def main() -> None:
    """Run the command line; an error is one sentence on standard error."""
    try:
        app()
    except ProofroomError as error:
        if "--json" in sys.argv:
            typer.echo(
                json.dumps({"error": error.code, "message": error.message, "remedy": error.remedy}, ensure_ascii=False)
            )
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None
    finally:
        common.disconnect()


if __name__ == "__main__":
    main()
