"""Make a project, and say where it stands and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import Conflict, Invalid
from core.nouns import Goal
from core.store import draft_pairs as pair_rows
from core.store import jobs as job_rows
from core.store import measures as measure_rows
from core.store import open_items as open_item_rows
from core.store import projects as project_rows
from core.store import records as record_rows
from core.store.connection import Row, new_id
from core.workflows.waiting import note_told
from core.workflows.workspace import Workspace, checked_name, checked_person, project_named

# Examples that a goal usually needs, from what teams report: voice 200-500, a task 1,000-5,000.
READY_RANGE = {Goal.VOICE: (200, 500), Goal.SUPPORT: (1_000, 5_000), Goal.CODE: (1_000, 5_000)}

# Where one watches each kind of job.
PAGES_OF_JOBS = {
    "import": "sources", "index": "explore", "curate": "curate", "score": "curate", "difficulty": "curate", "suggest": "tags",
    "cleaning": "datasets", "freeze": "datasets", "version": "datasets", "leaks": "datasets", "preflight": "train", "train": "runs", "continue": "runs", "draft": "drafts",
    "export": "runs", "facts": "facts", "guide": "results", "judge": "results", "audit": "audit", "pii": "personal-data",
}  # fmt: skip

MOST_REVIEWERS = 9
# One draft in so many comes back; more often it would be noticed, and more seldom it would say nothing.
LEAST_REPEAT_EVERY, MOST_REPEAT_EVERY = 4, 100
# Enough that a stretch of a hundred decisions is told with its number.
RECENT_EVENTS = 200


def create_project(workspace: Workspace, *, name: str, goal: str, by: str) -> Row:
    """Make a project. Raises Invalid for a name or goal that is not allowed, Conflict when the name is taken."""
    checked_name(name, "project")
    if goal not in list(Goal):
        raise Invalid(f"{goal!r} is not a goal.", remedy=f"Choose one of {', '.join(Goal)}.")
    if project_rows.project_named(workspace.store, name):
        raise Conflict(f"A project called {name!r} exists already.", remedy="Choose another name, or use that project.")
    project_id, person = new_id("p_"), checked_person(by)
    with workspace.store.transaction() as tx:
        project_rows.insert_project(tx, project_id, name=name, goal=goal, by=person)
        tx.event("created", "project", project_id, by=person, project_id=project_id, goal=goal)
    return project_named(workspace, project_id)


def list_projects(workspace: Workspace) -> list[Row]:
    return project_rows.projects(workspace.store)


def set_light_edit_limit(workspace: Workspace, project: str, *, limit: float, by: str) -> Row:
    """Change how much of a draft may be edited and still pass; every rate is computed anew from then on."""
    if not 0.0 <= limit <= 0.5:
        raise Invalid(f"A light edit of up to {limit:.0%} is not possible.", remedy="Choose a share from 0 % to 50 %.")
    return _change(workspace, project, "light_edit_limit", limit, by=by)


def set_pass_target(workspace: Workspace, project: str, *, target: float, by: str) -> Row:
    """Change the pass rate that the project wants to reach; results are held against it from then on."""
    if not 0.01 <= target <= 0.99:
        raise Invalid(f"A target of {target:.0%} is not possible.", remedy="Choose a share from 1 % to 99 %.")
    return _change(workspace, project, "pass_target", target, by=by)


def set_reviewers_per_draft(workspace: Workspace, project: str, *, n: int, by: str) -> Row:
    """Say how many people judge each draft; drafts that have fewer verdicts come back into the queue, if nobody was told who wrote them."""
    if not 1 <= n <= MOST_REVIEWERS:
        raise Invalid(f"{n} people for each draft is not possible.", remedy=f"Choose 1 to {MOST_REVIEWERS}.")
    return _change(workspace, project, "reviewers_per_draft", n, by=by)


def set_repeat_every(workspace: Workspace, project: str, *, every: int, by: str) -> Row:
    """Say which share of drafts comes back to who judged them: one in so many, 0 for none."""
    if every and not LEAST_REPEAT_EVERY <= every <= MOST_REPEAT_EVERY:
        raise Invalid(
            f"One draft in {every} cannot come back.",
            remedy=f"Choose {LEAST_REPEAT_EVERY} to {MOST_REPEAT_EVERY}, or 0 for none.",
        )
    return _change(workspace, project, "repeat_every", every, by=by)


def set_assigned_only(workspace: Workspace, project: str, *, is_on: bool, by: str) -> Row:
    """Say whether reviewers get only drafts that are assigned to them, or those that nobody is assigned to as well."""
    return _change(workspace, project, "assigned_only", is_on, by=by)


def _change(workspace: Workspace, project: str, setting: project_rows.Setting, value: float, *, by: str) -> Row:
    row, person = project_named(workspace, project), checked_person(by)
    with workspace.store.transaction() as tx:
        project_rows.set_setting(tx, row["id"], setting, value)
        if setting == "reviewers_per_draft":
            note_told(tx, row["id"])
        tx.event("changed", setting, row["id"], by=person, project_id=row["id"], old=row[setting], new=value)
    return project_named(workspace, project)


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do next: a heading, why, and the page (its path) where it is done."""

    title: str
    reason: str
    button: str
    page: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a project stands: counts along the path, the next step, the usual range of examples, what changed lately."""

    counts: dict[str, int]
    statuses: dict[str, int]
    next_step: NextStep
    ready_range: tuple[int, int]
    recent: list[Row]


def standing(workspace: Workspace, project: str) -> Standing:
    """What the desk shows. Reads only."""
    row = project_named(workspace, project)
    counts = project_rows.counts(workspace.store, row["id"])
    statuses = record_rows.status_counts(workspace.store, row["id"])
    counts |= {
        "kept": statuses.get("kept", 0) + statuses.get("edited", 0),
        "decided": sum(n for status, n in statuses.items() if status != "undecided"),
    }
    return Standing(
        counts=counts,
        statuses=statuses,
        next_step=_next_step(workspace, row, counts),
        ready_range=READY_RANGE[Goal(row["goal"])],
        recent=project_rows.recent_events(workspace.store, row["id"], limit=RECENT_EVENTS),
    )


def curation_is_current(workspace: Workspace, project_id: str) -> bool:
    """Whether the records are those that were measured last: none has come, gone or changed its text since."""
    measured = measure_rows.curation(workspace.store, project_id)
    return measured is not None and measured["fingerprint"] == record_rows.fingerprint(workspace.store, project_id)


def _next_step(workspace: Workspace, project: Row, counts: dict[str, int]) -> NextStep:
    running = [row for row in job_rows.jobs_of(workspace.store, project["id"]) if row["state"] in ("queued", "running")]
    if running:
        kind = running[-1]["kind"]
        page = PAGES_OF_JOBS[kind]
        return NextStep("Work is under way", "It goes on if you leave; the page shows how far it is.", "Watch", page)
    if not counts["records"]:
        return NextStep("Add your writing", "Nothing has been imported yet.", "Add a source", "sources")
    open_drafts = open_item_rows.n_open_items(workspace.store, project["id"])
    if open_drafts > 0:
        return NextStep(
            "Review drafts",
            f"{open_drafts:,} {'draft waits' if open_drafts == 1 else 'drafts wait'} for a verdict.",
            "Start reviewing",
            "review",
        )
    open_pairs = len(pair_rows.open_pairs(workspace.store, project["id"]))
    if open_pairs:
        return NextStep(
            "Compare drafts",
            f"{open_pairs:,} {'pair waits' if open_pairs == 1 else 'pairs wait'} to be judged side by side.",
            "Start comparing",
            "side-by-side",
        )
    if not curation_is_current(workspace, project["id"]):
        return NextStep(
            "Let the studio read it",
            "Some records were not measured yet: duplicates and defects among them are not known.",
            "Go to Curate to measure them",
            "curate",
        )
    if not counts["versions"]:
        return NextStep(
            "Freeze a dataset version",
            f"A person judged {counts['decided']:,} of {counts['records']:,} records; "
            "the recommended recipe leaves out defects and duplicates among the others.",
            "Choose what goes in",
            "datasets",
        )
    if counts["runs"] and not counts["adapters"]:
        return NextStep("Resume the run", "No run has ended with a model yet.", "Look at the runs", "runs")
    if not counts["runs"]:
        return NextStep("Train", "A version is frozen and nothing has been trained on it.", "Plan a run", "train")
    if not counts["drafts"]:
        return NextStep("Write drafts", "There is a run, but no draft for anyone to judge.", "Write drafts", "drafts")
    return NextStep("Read the results", "Every draft has a verdict.", "See the results", "results")
