"""Commands on what reviews give back: review candidates, review lessons, review judge, retraining."""

from __future__ import annotations

from typing import Annotated

import typer

from studio.commands.common import By, Data, Json, Project, connect, show
from studio.parts.counting import several


def candidates(
    project: Project,
    take: Annotated[
        bool, typer.Option("--take", help="Make records of them; without it they are only counted.")
    ] = False,
    owner: Annotated[str, typer.Option(help="Whose they are.", show_default="that of the sources behind")] = "",
    basis: Annotated[str, typer.Option(help="The lawful basis.", show_default="that of the sources behind")] = "",
    purpose: Annotated[str, typer.Option(help="What they are kept for.", show_default=False)] = "",
    expires: Annotated[
        str, typer.Option(help="YYYY-MM-DD, no later than the sources behind.", show_default="the first of theirs")
    ] = "",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Signed-off texts as candidate records: undecided until somebody keeps them, never held out; `sources undo` takes them out."""
    client = connect(data, by)
    if take:
        body = {"owner": owner, "basis": basis, "purpose": purpose, "expires": expires or None}
        taken = client.post("projects", project, "signed-off", body=body)
        show(
            taken,
            as_json,
            lambda: f"{several(taken['n_records'], 'record')} in the source {taken['source']}, undecided.",
        )
        return
    found = client.get("projects", project, "signed-off")
    lines = [f"{several(found['n_texts'], 'text')} signed off and not yet a record; --take makes records of them."]
    if found["left_out"]:
        lines.append(f"Not among them: {found['left_out_in_words']}.")
    if found["n_taken"]:
        lines.append(f"{several(found['n_taken'], 'record')} came out of reviews; {found['n_outdated']:,} outdated.")
    show(found, as_json, lambda: "\n".join(lines))


def lessons(
    project: Project,
    add_rule: Annotated[
        str, typer.Option("--add-rule", metavar="WORDING", help="Put a rule against this wording of the list into the brand guide.")
    ] = "",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Edits that recur and reasons given often, with the records that hold the same; `records --holds WORDING` lists them."""
    client = connect(data, by)
    if add_rule:
        added = client.post("projects", project, "lessons", "rule", body={"removed": add_rule})
        show(added, as_json, lambda: f"The brand guide has the rule {added['rule']}.")
        return
    found = client.get("projects", project, "lessons")
    lines = [one["sentence"] for one in [*found["edits"], *found["reasons"]]]
    show(found, as_json, lambda: "\n".join(lines) or f"No edit recurs yet among {found['n_edits']:,}.")


def retraining(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Whether there is a reason to train again, each with its counts."""
    found = connect(data).get("projects", project, "retraining")
    lines = [one["sentence"] for one in found["reasons"]]
    show(found, as_json, lambda: "\n".join(lines) or "There is no reason to train again.")


def judge(
    project: Project,
    calibrate: Annotated[bool, typer.Option("--calibrate", help="Learn from the verdicts that there are, and wait for it.")] = False,
    uncertain_first: Annotated[
        bool | None, typer.Option("--uncertain-first/--drawn", help="The order of the review queue; as it is.", show_default=False)
    ] = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """How well verdicts can be foreseen from the texts alone, and whether that orders the queue. It never gives a verdict."""
    client = connect(data, by)
    if calibrate:
        client.wait(client.post("projects", project, "judge")["job"], quiet=as_json)
    if uncertain_first is not None:
        client.put("projects", project, "judge", "order", body={"uncertain_first": uncertain_first})
    found = client.get("projects", project, "judge")
    lines = [
        found["judge"]["sentence"]
        if found["judge"]
        else f"Not calibrated; {several(found['n_verdicts'], 'draft')} with a verdict."
    ]
    if found["judge"] and found["judge"]["elsewhere_in_words"]:
        lines.append(found["judge"]["elsewhere_in_words"])
    order = "most uncertain first" if found["uncertain_first"] else "drawn"
    lines.append(f"Order of the queue: {order}. {found['caution']}".strip())
    show(found, as_json, lambda: "\n".join(lines))
