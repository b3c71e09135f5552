"""What a reviewer has chosen of a draft before the verdict: stored when chosen, so that a reload loses nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.review.rubric import checked_scores
from core.store import rubrics as rubric_rows
from core.workflows.review_items import item_of
from core.workflows.rubrics import rubric_of
from core.workflows.workspace import Workspace, checked_person, project_named


def save_choices(
    workspace: Workspace,
    item: str,
    *,
    by: str,
    reasons: Sequence[str],
    scores: Mapping[str, str],
    asked_in: str | None = None,
) -> None:
    """Keep the reasons and scores chosen so far, in place of those kept before; the verdict is another act.

    scores: by criterion. asked_in: as of item_of. Raises Invalid for a criterion or a score that there is not.
    """
    reviewer = checked_person(by)
    row = item_of(workspace, item, reviewer, asked_in=asked_in)
    checked = checked_scores(rubric_of(workspace.store, project_named(workspace, row["project_id"])), scores)
    with workspace.store.transaction() as tx:
        rubric_rows.save_choices(
            tx, item_id=item, reviewer=reviewer, reasons=list(dict.fromkeys(reasons)),
            scores={criterion.name: score.value for criterion, score in checked.items()},
        )  # fmt: skip
