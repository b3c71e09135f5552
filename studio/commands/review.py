"""Commands on drafts and their review: drafts, review next, review submit, results, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import Invalid
from studio.client import Client
from studio.commands.briefs import add_from
from studio.commands.common import By, Data, Json, Project, connect, show
from studio.parts.counting import several

review = typer.Typer(
    help="The blind queue: next, submit, later, undo, mine, nearest; and who judges what: assign, unassign, assignments.",
    no_args_is_help=True,
)
OfRun = Annotated[
    str | None,
    typer.Option("--run", help="Whose tuned drafts count; the newest run with verdicts.", show_default=False),
]
OfSystem = Annotated[
    str | None,
    typer.Option(
        "--system", help="Whose rate is told: tuned or tuned_facts; the one with most verdicts.", show_default=False
    ),
]
# What Results says below its first sentence; each is empty where there is nothing to say.
BESIDE_THE_RATE = (
    "uneven_in_words", "outlook", "ceiling", "agreement_in_words", "repeats_in_words", "set_aside_in_words", "not_blind_in_words",
)  # fmt: skip


def drafts(
    project: Project,
    run: Annotated[str, typer.Option(help="The run whose adapter writes.")],
    briefs: Annotated[
        Path | None,
        typer.Option(
            help="JSON Lines or CSV: id, prompt, audience, format, length, facts, must_not_say, reference.",
            exists=True,
            show_default=False,
        ),
    ] = None,
    hold_out: Annotated[
        int | None,
        typer.Option(
            help="Instead: so many briefs from the texts that the run's version holds out.", show_default=False
        ),
    ] = None,
    systems: Annotated[
        str,
        typer.Option(
            help="Some of tuned,base,base_fewshot,tuned_facts,base_facts,external; with facts: passages are looked up for each brief."
        ),
    ] = "tuned,base,base_fewshot",
    seed: Annotated[int, typer.Option(help="Draws the words.")] = 17,
    max_new_tokens: Annotated[int, typer.Option(help="The longest a draft may be.")] = 256,
    variants: Annotated[int, typer.Option(help="How often each system writes each brief.")] = 1,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Write drafts for briefs, and put them into the blind queue."""
    if (briefs is None) == (hold_out is None):
        raise Invalid("Drafts need briefs.", remedy="Name either a file with --briefs or a number with --hold-out.")
    client = connect(data, by)
    if briefs is not None:
        added = add_from(client, project, briefs)
    else:
        version = _named_run(client, project, run)["version"]
        added = client.post("projects", project, "briefs", body={"from_version": version, "limit": hold_out})
    body = {
        "run": run,
        "briefs": added["briefs"],
        "systems": [system.strip() for system in systems.split(",") if system.strip()],
        "seed": seed,
        "max_new_tokens": max_new_tokens,
        "n_variants": variants,
    }
    job = client.post("projects", project, "drafts", body=body)["job"]
    done = client.wait(job, quiet=as_json)
    answer = client.get("jobs", job, "drafts") | {
        "tokens_per_second": done["result"]["tokens_per_second"],
        "refused_briefs": added["refused"],
    }
    # Who wrote which stands in the JSON alone: the person who started this may be the one who reviews.
    n = len(answer["drafts"])
    shown = "`proofroom review next` shows them one by one, without their authors"
    words = f"{several(n, 'draft')} written; {shown}." if n else "No draft was written."
    show(answer, as_json, lambda: "\n".join([words, *answer["missed"]]))


@review.command("next")
def review_next(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """The next draft to judge, held for you for five minutes."""
    answer = connect(data, by).post("projects", project, "review", "next")
    if answer["item"] is None:
        words = answer["reason"] or "Nothing waits for you."
    else:
        known = "" if answer["is_blind"] else "It may be known who wrote this one: your verdict counts in no rate.\n\n"
        words = f"{answer['item']}\n\n{known}{_asked(answer)}\n\n{answer['text']}"
    show(answer, as_json, lambda: words)


def _asked(answer: dict[str, Any]) -> str:
    """All that the brief asks for, and what was found for it among the facts."""
    fields = {
        "For": answer["audience"],
        "Form": answer["format"],
        "Length": answer["length"],
        "Not to be said": "; ".join(answer["must_not_say"]),
    }
    lines = [f"Brief: {answer['brief']}", *(f"{name}: {said}" for name, said in fields.items() if said)]
    lines += [f"Fact to use: {fact}" for fact in answer["facts"]]
    lines += [
        f"Found among your facts: {one['passage']} ({', '.join(filter(None, (one['title'], one['source'])))})"
        for one in answer["looked_up"]
    ]
    return "\n".join(lines)


@review.command("submit")
def review_submit(
    item: Annotated[str, typer.Argument(help="As `review next` gave it.")],
    decision: Annotated[str, typer.Option(help="sign_off or reject.")],
    text: Annotated[
        Path | None, typer.Option(help="A file with the text as you would publish it.", exists=True, show_default=False)
    ] = None,
    reason: Annotated[list[str] | None, typer.Option(help="Why; may come several times.")] = None,
    score: Annotated[
        list[str] | None,
        typer.Option(help="CRITERION=good, fair or fails, of the draft as it came; may come several times."),
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long it took you.")] = 0.0,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Sign a draft off, as it is or as you edited it, or reject it."""
    body = {
        "decision": decision,
        "text": text.read_text(encoding="utf-8") if text else None,
        "reasons": reason or [],
        "scores": dict(map(_score, score or [])),
        "seconds": seconds,
    }
    answer = connect(data, by).post("review", item, body=body)
    show(answer, as_json, lambda: f"{item}: {decision} stored.")


def _score(given: str) -> tuple[str, str]:
    criterion, sign, score = given.rpartition("=")
    if not sign:
        raise Invalid(f"The score {given!r} names no criterion.", remedy="Write it as CRITERION=good, fair or fails.")
    return criterion.strip(), score.strip()


@review.command("later")
def review_later(
    item: Annotated[str, typer.Argument(help="As `review next` gave it.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Put a draft off: it comes to you again when nothing else does; what you saved in it is kept."""
    answer = connect(data, by).post("review", item, "later")
    show(answer, as_json, lambda: f"{item} comes again when nothing else does.")


@review.command("undo")
def review_undo(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take back your last verdict."""
    answer = connect(data, by).post("projects", project, "review", "undo")
    kept_apart = (
        ""
        if answer["is_blind"]
        else " It may be known who wrote it, so your new verdict is kept and counts in no rate."
    )
    words = f"{answer['item']} is open again.{kept_apart}" if answer["item"] else "There is nothing to undo."
    show(answer, as_json, lambda: words)


@review.command("mine")
def review_mine(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Your own verdicts, newest first, on briefs of which every draft is judged."""
    answer = connect(data, by).get("projects", project, "review", "mine")
    lines = [f"{one['item']}  {one['verdict'].replace('_', ' ')}  {one['brief'][:80]}" for one in answer["newest"]]
    lines.append(
        f"{several(answer['n_waiting'], 'verdict')} more on briefs of which a draft still waits."
        if answer["n_waiting"]
        else "That is all."
    )
    show(answer, as_json, lambda: "\n".join(lines))


@review.command("nearest")
def review_nearest(
    item: Annotated[str, typer.Argument(help="As `review mine` gave it.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """The three passages of your team's own writing that are nearest to a draft that you judged."""
    answer = connect(data, by).get("review", item, "nearest")
    words = "\n\n".join(
        f"{one['title']} ({one['source']})\n{one['passage']}"
        + (f"\n  {one['n_shared_words']} words in a row are the draft's too: {one['shared']}" if one["shared"] else "")
        for one in answer["passages"]
    )
    show(answer, as_json, lambda: words or "No passage may be shown.")


def results(
    project: Project, run: OfRun = None, system: OfSystem = None, data: Data = None, as_json: Json = False
) -> None:
    """Pass-without-rewrite rates with their intervals, where they stand against the target and your own texts, and how far reviewers agree."""
    answer = connect(data).get("projects", project, "results", **_chosen(run, system))
    lines = [answer["headline"], *(answer[name] for name in BESIDE_THE_RATE if answer[name])]
    for name, found in answer["systems"].items():
        rate = (
            f"{found['rate']:.0%} ({found['low']:.0%} to {found['high']:.0%})"
            if found["is_enough"]
            else "not enough reviews yet"
        )
        on_briefs = f" on {several(found['n_briefs'], 'brief')}" if found["n_briefs"] < found["n"] else ""
        lines.append(f"  {name}: {found['passed']} of {found['n']} passed{on_briefs}, {rate}")
    lines.append(answer["limit_in_words"])
    show(answer, as_json, lambda: "\n".join(lines))


def report(
    project: Project,
    to: Annotated[Path, typer.Option(help="The file to write.")],
    format_: Annotated[
        str, typer.Option("--format", help="md, html, pdf, json, or csv: the verdicts themselves.")
    ] = "md",
    run: OfRun = None,
    system: OfSystem = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Write the report of the review."""
    to.write_bytes(connect(data).get_bytes("projects", project, "report", format=format_, **_chosen(run, system)))
    show({"file": str(to), "n_bytes": to.stat().st_size}, as_json, lambda: f"Written to {to}.")


def _chosen(run: str | None, system: str | None) -> dict[str, str]:
    return {name: value for name, value in (("run", run), ("system", system)) if value}


def _named_run(client: Client, project: str, run: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = client.get("projects", project, "runs")
    found = next((row for row in rows if run in (row["run"], row["name"])), None)
    if found is None:
        raise Invalid(f"There is no run {run!r} in {project}.", remedy="`proofroom runs list` names them.")
    return found
