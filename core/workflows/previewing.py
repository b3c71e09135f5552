"""A look at a file before it is imported: what the model would learn from its first three rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.config import PARSE_MEMORY_MB
from core.curate.examples import examples_of
from core.curate.recipes import DEFAULT_MAX_LENGTH
from core.curate.records_in import record_in
from core.errors import UnreadableFile
from core.nouns import Goal, ParsedRecord, RejectedRow
from core.records.field_names import FACTS, SHAPE_OF_FACT, SHAPES
from core.records.formats import is_json_name
from core.records.parsing import ParsedFile
from core.records.sandbox import FileToParse, RefusedFile, parse_files
from core.training.base_models import EMBEDDED, model_folder
from core.training.chat_format import ChatFormat, chat_format
from core.workflows.uploads import Upload, upload_path
from core.workflows.workspace import Workspace, project_named

PREVIEW_ROWS = 3
PREVIEW_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ExamplePreview:
    """One record as the model would see it. messages: of its first example; none when it gives none, for the reason."""

    title: str
    messages: tuple[dict[str, str], ...]
    n_examples: int
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """mapping: our field to the file's column, guessed or chosen. fields: what a column can be chosen for, parts first.

    part: of which part of the upload this is a look, where it has several (a sheet, a file of an archive).
    problem: why nothing could be read although there are columns; what is needed is to be chosen by a person.
    notes: of the export of a known program, what it holds and what is left out of it.
    """

    format: str
    encoding: str
    columns: tuple[str, ...]
    mapping: dict[str, str]
    fields: tuple[str, ...]
    examples: tuple[ExamplePreview, ...]
    rejected: tuple[RejectedRow, ...]
    problem: str = ""
    notes: tuple[str, ...] = ()
    part: str = ""


def preview_upload(
    workspace: Workspace,
    project: str,
    upload: Upload,
    chosen: Mapping[str, str] | None = None,
    others: Sequence[Upload] = (),
) -> Preview:
    """The first three rows of an upload. chosen: our field to the file's column, over what is guessed.

    others: uploads that are to be imported with it.
    Raises UnreadableFile with the reason, ModelMissing when the set-up is not whole.
    """
    row = project_named(workspace, project)
    form = chat_format(model_folder(EMBEDDED, workspace.folder.models))
    beside = tuple((upload_path(workspace, o), o.path) for o in others if o != upload and is_json_name(o.path))
    return _preview(
        upload_path(workspace, upload), upload.path, Goal(row["goal"]), tuple(sorted((chosen or {}).items())), form,
        beside,
    )  # fmt: skip


@lru_cache(maxsize=32)
def _preview(
    path: Path, name: str, goal: Goal, chosen: tuple[tuple[str, str], ...], form: ChatFormat,
    others: tuple[tuple[Path, str], ...],
) -> Preview:  # fmt: skip
    # Remembered by hash: a page runs anew for every click, and the bytes under a hash never change.
    outcomes = parse_files(
        [FileToParse(path, name, dict(chosen), others)],
        goal,
        memory_mb=PARSE_MEMORY_MB,
        seconds_per_file=PREVIEW_SECONDS,
        limit=PREVIEW_ROWS,
    )
    refused: RefusedFile | None = None
    for _, outcome in outcomes:
        if isinstance(outcome, ParsedFile):
            return _of_file(outcome, goal, form, part="" if outcome.name == name else outcome.name)
        refused = refused or outcome
    if refused is not None and refused.columns:
        return Preview("table", "", refused.columns, dict(chosen), _fields(goal, {}), (), (), problem=refused.reason)
    raise UnreadableFile(refused.reason if refused else f"{name} holds nothing that is read.")


def _of_file(parsed: ParsedFile, goal: Goal, form: ChatFormat, *, part: str) -> Preview:
    mapping = parsed.mapping.columns if parsed.mapping else {}
    return Preview(
        format=str(parsed.format),
        encoding=parsed.encoding,
        columns=tuple(parsed.columns),
        mapping=mapping,
        fields=_fields(goal, mapping, parsed.mapping.shape if parsed.mapping else ""),
        examples=tuple(_example(record, form) for record in parsed.records[:PREVIEW_ROWS]),
        rejected=tuple(parsed.rejected[:PREVIEW_ROWS]),
        notes=tuple(parsed.notes),
        part=part,
    )


def _fields(goal: Goal, mapping: Mapping[str, str], shape: str = "") -> tuple[str, ...]:
    """What is mapped, then the facts that such a record can have; the parts of the goal's records when none is mapped."""
    if not mapping:
        return tuple(dict.fromkeys(part for _, needed in SHAPES[goal] for part in needed))
    facts = [fact for fact in FACTS if not shape or SHAPE_OF_FACT.get(fact, shape) == shape]
    return tuple(dict.fromkeys([*mapping, *facts]))


def _example(record: ParsedRecord, form: ChatFormat) -> ExamplePreview:
    row = {
        "id": record.external_id,
        "external_id": record.external_id,
        "kind": record.kind,
        "title": record.title,
        "content": record.content,
    }
    made, dropped = examples_of(
        record_in(row),
        max_tokens=DEFAULT_MAX_LENGTH,
        count_chat=form.count_chat_tokens,
        count_text=form.count_text_tokens,
    )
    return ExamplePreview(
        title=record.title or record.external_id,
        messages=made[0].messages if made else (),
        n_examples=len(made),
        reason="" if made else "; ".join(one.detail for one in dropped),
    )
