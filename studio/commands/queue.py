"""Commands on the queue: queue, second next|read|undo|share, agreement."""

from __future__ import annotations

from typing import Annotated

import typer

from studio.commands.common import By, Data, Json, Project, connect, show

second = typer.Typer(help="Second readings of a sample: next, read, undo, share.", no_args_is_help=True)


def queue(
    project: Project,
    limit: Annotated[int, typer.Option(help="How many of the next records to name.")] = 20,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """How much is settled by the score and by people, what is open, and which records come next."""
    now = connect(data, by).get("projects", project, "queue", limit=limit)
    words = (
        f"{now['n_rule']} settled by the score ({now['n_taken']} high, {now['n_left_out']} low or doubles), {now['n_person']} by people; "
        f"{now['n_open']} open, about {now['minutes_left']:.0f} min."
    )
    show(now, as_json, lambda: "\n".join([words, *now["next"]]))


@second.command("next")
def second_next(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Records that wait for a second reading by you."""
    found = connect(data, by).get("projects", project, "second")
    show(found, as_json, lambda: "\n".join(found["records"]) or "Nothing waits for you.")


@second.command("read")
def second_read(
    record: Annotated[str, typer.Argument(help="Its id or external id.")],
    reading: Annotated[str, typer.Argument(help="keep or reject.")],
    project: Project,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say what you would decide; the first decision stands."""
    answer = connect(data, by).post("projects", project, "second", body={"record": record, "reading": reading})
    show(answer, as_json, lambda: f"{record}: {reading}.")


@second.command("undo")
def second_undo(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take back your last second reading."""
    answer = connect(data, by).post("projects", project, "second", "undo")
    show(answer, as_json, lambda: answer["record"] or "There is nothing to undo.")


@second.command("share")
def second_share(
    share: Annotated[float, typer.Argument(help="From 0 to 1.")],
    project: Project,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set which share of the decided records a second person reads."""
    answer = connect(data, by).put("projects", project, "second", "share", body={"share": share})
    show(answer, as_json, lambda: f"{answer['share']:.0%} of the decided records are read a second time.")


def agreement(project: Project, data: Data = None, as_json: Json = False) -> None:
    """How far two readers agree, chance allowed for, and what is to settle."""
    told = connect(data).get("projects", project, "agreement")
    lines = [f"{told['n_agree']} of {told['n_readings']} second readings agree."]
    for name, words in (("kappa", "Cohen's kappa"), ("alpha", "Krippendorff's alpha")):
        if told[name] is not None:
            lines.append(f"{words}: {told[name]:.2f}")
    lines += [f"  to settle: {d['external_id']} ({d['first']} / {d['second']})" for d in told["disagreements"]]
    show(told, as_json, lambda: "\n".join(lines))
