"""Commands on drafts side by side: pairwise plan, make, withdraw, next, submit, undo, results."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.commands.common import By, Data, Json, Project, connect, show
from studio.commands.review import OfRun
from studio.parts.counting import several

pairwise = typer.Typer(
    help="Two drafts side by side: plan, make, withdraw, next, submit, undo, results.", no_args_is_help=True
)
Run = Annotated[
    str | None,
    typer.Option("--run", help="Whose tuned drafts are compared; the newest run with drafts.", show_default=False),
]


@pairwise.command("plan")
def pairwise_plan(project: Project, run: Run = None, data: Data = None, as_json: Json = False) -> None:
    """What can be compared, with how many pairs."""
    answer = connect(data).get("projects", project, "pairwise", **({"run": run} if run else {}))
    show(answer, as_json, lambda: "\n".join(_plan_words(answer)))


@pairwise.command("make")
def pairwise_make(
    project: Project,
    compare: Annotated[list[str], typer.Option(help="As `plan` names it: base, base_fewshot, run:NAME ...; several times for several.")],
    run: Run = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Make the pairs that there can be; reviewers are asked once every draft of their brief has its verdicts."""
    body = {"comparisons": compare, "run": run}
    answer = connect(data, by).post("projects", project, "pairwise", body=body)
    same = f" {several(answer['same'], 'pair')} of one and the same text: not asked about." if answer["same"] else ""
    show(answer, as_json, lambda: f"{several(answer['made'], 'pair')} to be judged.{same}")


@pairwise.command("withdraw")
def pairwise_withdraw(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Ask about no pair any more that waits for a verdict."""
    answer = connect(data, by).delete("projects", project, "pairwise")
    show(answer, as_json, lambda: f"{several(answer['withdrawn'], 'pair')} withdrawn.")


@pairwise.command("next")
def pairwise_next(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """The next pair to judge, held for you for five minutes."""
    answer = connect(data, by).post("projects", project, "pairwise", "next")
    if answer["pair"] is None:
        words = answer["reason"] or "No pair waits for you."
    else:
        words = f"{answer['pair']}\n\nBrief: {answer['brief']}\n\nA:\n{answer['a']}\n\nB:\n{answer['b']}"
    show(answer, as_json, lambda: words)


@pairwise.command("submit")
def pairwise_submit(
    pair: Annotated[str, typer.Argument(help="As `pairwise next` gave it.")],
    choice: Annotated[str, typer.Option(help="a, b, both_good, both_bad, or skip.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say which of the two drafts is better, that both are good or bad, or put the pair off."""
    answer = connect(data, by).post("pairwise", pair, body={"choice": choice})
    show(answer, as_json, lambda: f"{pair}: {choice} stored.")


@pairwise.command("undo")
def pairwise_undo(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take back your last choice."""
    answer = connect(data, by).post("projects", project, "pairwise", "undo")
    show(answer, as_json, lambda: f"{answer['pair']} is open again." if answer["pair"] else "There is nothing to undo.")


@pairwise.command("results")
def pairwise_results(project: Project, run: OfRun = None, data: Data = None, as_json: Json = False) -> None:
    """Whose drafts are preferred, with the interval."""
    answer = connect(data).get("projects", project, "pairwise", "results", **({"run": run} if run else {}))
    lines = [_result_words(found) for found in answer["side_by_side"]]
    show(answer, as_json, lambda: "\n".join(lines) or "No pair was judged yet.")


def _plan_words(plan: dict[str, Any]) -> list[str]:
    if plan["run"] is None:
        return ["There is no draft of a tuned model yet."]
    lines = [f"Drafts of {plan['run']}:"]
    lines += [
        f"  {one['comparison']}: {one['words']}, {several(one['n'], 'new pair')}, {one['n_made']:,} made already"
        for one in plan["possible"]
    ]
    return [*lines, f"{several(plan['n_open'], 'pair')} waiting for a verdict."]


def _result_words(found: dict[str, Any]) -> str:
    counts = (
        f"{several(found['n'], 'pair')} judged: {found['first']} and {found['second']} preferred, {found['both_good']} both good, "
        f"{found['both_bad']} both bad, {found['differ']} on which reviewers differ; {found['same']} of the same text; "
        f"{found['waiting']} waiting"
    )
    return f"{found['in_words']}\n  {counts}"
