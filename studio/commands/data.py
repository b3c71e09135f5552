"""Commands on data: import, sources."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import Invalid
from core.privacy.lawful import at_end_in_words
from core.workflows.packing import DEFAULT_COMMITS, pack_one, pack_repositories
from studio.commands.common import By, Data, Json, Project, connect, show

sources = typer.Typer(help="Sources: list, show, undo.", no_args_is_help=True)
Source = Annotated[str, typer.Argument(help="Its id, as `sources list` shows it.")]
Controller = Annotated[
    str, typer.Option(help="Who decides on the data (GDPR Art. 4(7)); not stated.", show_default=False)
]
Special = Annotated[
    str, typer.Option(metavar="CATEGORY,...", help="Special categories that it holds (Art. 9(1)), such as health; none known.", show_default=False)
]  # fmt: skip
Condition = Annotated[
    str, typer.Option(help="What allows these (Art. 9(2)), such as explicit_consent.", show_default=False)
]
Reference = Annotated[
    str, typer.Option(help="Of the consent or contract, such as its number; none stated.", show_default=False)
]
Document = Annotated[
    Path | None, typer.Option(help="The consent or contract, a file that is kept and never read.", exists=True, dir_okay=False, show_default=False)
]  # fmt: skip
Retention = Annotated[
    str, typer.Option(metavar="PERIOD", help="How long rows are used, as 24 months; the expiry is its end at the latest. None.", show_default=False)
]  # fmt: skip
AtEnd = Annotated[
    str, typer.Option(metavar="erase|keep", help="What becomes of it when it has expired: erased with all that was made of it, or kept, unused; erased where it has a retention period, else kept.", show_default=False)
]  # fmt: skip
MISSING_NAMED = 20
# What an import states of its terms.
TOLD_TERMS = (
    "owner", "basis", "purpose", "uses", "expires_on", "licence", "controller", "special_categories", "special_condition", "reference", "retention",
    "at_end",
)  # fmt: skip
Rev = Annotated[str, typer.Option(help="The commit, branch or tag of a repository to read.")]
Commits = Annotated[int, typer.Option(help="So many of the newest commits of a repository; 0 for none.", min=0)]
SKIPPED_NAMES = frozenset({".DS_Store", "Thumbs.db"})


def import_files(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders or ZIP archives; git repositories with --git.")],
    project: Project,
    owner: Annotated[str, typer.Option(help="Who answers for this data.")] = "",
    purpose: Annotated[str, typer.Option(help="What it is used for, in a few words.")] = "",
    basis: Annotated[
        str,
        typer.Option(
            help="Lawful basis: consent, contract, legal_obligation, vital_interests, public_task, legitimate_interest."
        ),
    ] = "",
    updates: Annotated[
        str,
        typer.Option(
            metavar="SOURCE", help="The files are a newer export of this source, by id or name; its terms hold."
        ),
    ] = "",
    uses: Annotated[
        str | None, typer.Option(help="Some of train,evaluate,show; all three.", show_default=False)
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="YYYY-MM-DD or never; twelve months from today.", show_default=False)
    ] = None,
    licence: Annotated[str | None, typer.Option(help="The licence of the texts; own.", show_default=False)] = None,
    controller: Controller = "",
    special: Special = "",
    condition: Condition = "",
    reference: Reference = "",
    document: Document = None,
    retention: Retention = "",
    at_end: AtEnd = "",
    map_: Annotated[list[str] | None, typer.Option("--map", help="FIELD=COLUMN, over what is guessed.")] = None,
    name: Annotated[str, typer.Option(help="What to call the source.")] = "",
    git: Annotated[bool, typer.Option("--git", help="Every PATH is a git repository: its code and commits.")] = False,
    rev: Rev = "HEAD",
    commits: Commits = DEFAULT_COMMITS,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Bring files in, row by row, with a reason for every row that does not get in."""
    needed = {"--owner": owner, "--purpose": purpose, "--basis": basis}
    if not updates and not all(needed.values()):
        raise typer.BadParameter(
            f"A new source needs {', '.join(option for option, given in needed.items() if not given)}."
        )
    client = connect(data, by)
    with tempfile.TemporaryDirectory(prefix="proofroom_") as scratch:
        repositories = pack_repositories(paths, Path(scratch), revision=rev, n_commits=commits) if git else []
        files = [(packed.path, packed.name) for packed in repositories] or files_of(paths)
        uploads = [client.upload(file, file_name) for file, file_name in files]
    kept = client.upload(document, document.name) if document else None
    body = {
        "files": [{"sha256": u["sha256"], "path": u["path"]} for u in uploads],
        "updates": updates,
        "owner": owner,
        "basis": basis,
        "purpose": purpose,
        "uses": None if uses is None else listed(uses),
        "expires": expires,
        "licence": licence,
        "controller": controller,
        "special_categories": listed(special),
        "special_condition": condition,
        "reference": reference,
        "retention": retention,
        "at_end": at_end,
        "document": kept and {"sha256": kept["sha256"], "path": kept["path"]},
        "mapping": _mapping(map_ or []),
        "name": name,
    }
    started = client.post("projects", project, "imports", body=body)
    client.wait(started["job"], quiet=as_json)
    answer = _import_answer(client.get("sources", started["source"]), is_update=bool(updates))
    show(answer, as_json, lambda: _import_words(answer))
    if not any(file["status"] == "imported" for file in answer["files"]):
        raise typer.Exit(1)


def pack(
    folder: Annotated[Path, typer.Argument(help="The top folder of a git repository.")],
    to: Annotated[Path, typer.Option(help="A file that does not exist yet, NAME.repository.jsonl.")],
    rev: Rev = "HEAD",
    commits: Commits = DEFAULT_COMMITS,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Write a repository's code and commits into one file, to import it from another machine or in the browser."""
    packed = pack_one(folder, to, revision=rev, n_commits=commits)
    answer = {"file": str(packed.path), "n_bytes": packed.n_bytes}
    show(answer, as_json, lambda: f"Written to {packed.path}, {packed.n_bytes // 1000:,} kB.")


@sources.command("list")
def sources_list(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Every source of a project with its terms and counts."""
    rows = connect(data).get("projects", project, "sources")
    lines = [
        f"{row['id']}  {row['name']}: {row['n_accepted']} records, {row['n_rejected']} rows rejected; {row['owner']}, {row['basis']}, "
        f"expires {row['expires_on'] or 'never'}{'; erased' if row['erasure_id'] else '; taken out' if row['undone_at'] else ''}"
        for row in rows
    ]
    show({"sources": rows}, as_json, lambda: "\n".join(lines) or "No sources yet.")


@sources.command("show")
def sources_show(source: Source, data: Data = None, as_json: Json = False) -> None:
    """A source's terms, files, and every row that did not get in, with its reason."""
    report = connect(data).get("sources", source)
    show(report, as_json, lambda: _import_words(report))


@sources.command("terms")
def sources_terms(
    source: Source,
    owner: Annotated[str | None, typer.Option(help="Who answers for this data.", show_default=False)] = None,
    controller: Annotated[str | None, typer.Option(help="Who decides on it (Art. 4(7)).", show_default=False)] = None,
    basis: Annotated[str | None, typer.Option(help="Lawful basis.", show_default=False)] = None,
    special: Annotated[str | None, typer.Option(metavar="CATEGORY,...", help="Special categories (Art. 9(1)).", show_default=False)] = None,
    condition: Annotated[str | None, typer.Option(help="What allows these (Art. 9(2)).", show_default=False)] = None,
    reference: Annotated[str | None, typer.Option(help="Of the consent or contract.", show_default=False)] = None,
    document: Document = None,
    purpose: Annotated[str | None, typer.Option(help="What it is used for.", show_default=False)] = None,
    uses: Annotated[str | None, typer.Option(help="Some of train,evaluate,show.", show_default=False)] = None,
    retention: Annotated[str | None, typer.Option(metavar="PERIOD", help="How long rows are used, or none.", show_default=False)] = None,
    at_end: Annotated[str | None, typer.Option(metavar="erase|keep", help="What becomes of it when it has expired.", show_default=False)] = None,
    expires: Annotated[str | None, typer.Option(help="YYYY-MM-DD or never.", show_default=False)] = None,
    licence: Annotated[str | None, typer.Option(help="The licence of the texts.", show_default=False)] = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Change a source's terms, or add its consent or contract; with no option, say what they are. The trail keeps before and after."""
    asked = {
        "owner": owner, "controller": controller, "basis": basis, "special_categories": None if special is None else listed(special),
        "special_condition": condition, "reference": reference, "purpose": purpose, "uses": None if uses is None else listed(uses),
        "retention": retention, "at_end": at_end, "expires": expires, "licence": licence,
    }  # fmt: skip
    client = connect(data, by)
    if any(value is not None for value in asked.values()):
        client.patch("sources", source, "terms", body=asked)
    if document is not None:
        sent = client.upload(document, document.name)
        client.post("sources", source, "documents", body={"sha256": sent["sha256"], "path": sent["path"]})
    report = client.get("sources", source)
    answer = {
        "source": report["source"],
        "terms": {key: report["terms"][key] for key in TOLD_TERMS},
        "documents": report["documents"],
    }
    show(answer, as_json, lambda: _terms_words(answer["terms"], answer["documents"]))


@sources.command("undo")
def sources_undo(
    source: Source,
    update: Annotated[bool, typer.Option("--update", help="Only its newest export; the first import stays.")] = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take an import out again: its records go, its report stays."""
    if update:
        back = connect(data, by).delete("sources", source, "updates", "newest")
        words = f"{back['n_removed']} records were taken out again, {back['n_restored']} have their earlier text again."
        show(back, as_json, lambda: words)
        return
    answer = connect(data, by).delete("sources", source)
    show(answer, as_json, lambda: f"{answer['n_records']} records were taken out again.")


def files_of(paths: list[Path]) -> list[tuple[Path, str]]:
    """Files with the name they are imported under: relative to the folder named. Raises Invalid for a missing one.

    Where two would have one name, the folder's own name stands before it.
    """
    found = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not _is_hidden(p.relative_to(path)))
            found += [(file, file.relative_to(path).as_posix(), path.resolve().name) for file in inside]
        elif path.is_file():
            found.append((path, path.name, path.resolve().parent.name))
        else:
            raise Invalid(f"There is no file {path}.", remedy="Check the path.")
    if not found:
        raise Invalid(
            "There is no file in " + ", ".join(map(str, paths)) + ".", remedy="Name a folder with files in it."
        )
    times = Counter(name for _, name, _ in found)
    return [(file, f"{above}/{name}" if times[name] > 1 else name) for file, name, above in found]


def listed(text: str) -> list[str]:
    """The parts of a text between commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_hidden(relative: Path) -> bool:
    return any(part.startswith(".") or part in SKIPPED_NAMES for part in relative.parts)


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        field, sign, column = pair.partition("=")
        if not (field and sign and column):
            raise Invalid(f"{pair!r} is no mapping.", remedy="Write FIELD=COLUMN, for example text=body.")
        mapping[field.strip()] = column.strip()
    return mapping


def _import_answer(report: dict[str, Any], *, is_update: bool) -> dict[str, Any]:
    """What this import brought into a source: its files, the terms, and what a newer export changed."""
    terms = report["terms"]
    newest = report["updates"][0] if is_update else None
    answer = {
        "source": report["source"],
        "files": [file for file in report["files"] if file["update"] == (newest["id"] if newest else None)],
        "terms": {key: terms[key] for key in TOLD_TERMS},
        "documents": report["documents"],
    }
    if newest:
        counts = {name: newest[f"n_{name}"] for name in ("unchanged", "updated", "new")}
        answer["update"] = counts | {"missing": report["missing"] if newest["n_missing"] is not None else None}
    return answer


def _import_words(answer: dict[str, object]) -> str:
    files: list[dict[str, object]] = answer["files"]  # type: ignore[assignment]
    lines = []
    for file in files:
        lines += [f"{file['path']}: {note}" for note in file["notes"]]  # type: ignore[attr-defined]
        if file["status"] == "refused":
            lines.append(f"{file['path']}: refused. {file['reason']}")
        for row in file["rejected"]:  # type: ignore[attr-defined]
            lines.append(f"{file['path']}, row {row['row']}: {row['reason']} {row['value']}".rstrip())
    accepted = sum(int(str(f["n_accepted"])) for f in files)
    rejected = sum(int(str(f["n_rejected"])) for f in files)
    lines += _update_words(answer.get("update"))
    terms: dict[str, object] = answer["terms"]  # type: ignore[assignment]
    lines.append(f"{accepted} records from {len(files)} files; {rejected} rows rejected.")
    lines.append(_terms_words(terms, answer["documents"]))  # type: ignore[arg-type]
    return "\n".join(lines)


def _terms_words(terms: dict[str, Any], documents: list[dict[str, Any]]) -> str:
    """What was not asked for is stated as well: nobody has said so, or none is known."""
    special = ", ".join(terms["special_categories"])
    if special:
        special += f" ({terms['special_condition']})"
    names = ", ".join(one["name"] for one in documents)
    expires_on = date.fromisoformat(terms["expires_on"]) if terms["expires_on"] else None
    return (
        f"Terms: {terms['owner']}, {terms['basis']}, {terms['purpose']}; uses {', '.join(terms['uses'])}; "
        f"expires {terms['expires_on'] or 'never'}; licence {terms['licence']}.\n"
        f"Controller {terms['controller'] or 'not stated'}; "
        f"special categories {special or 'none known'}; "
        f"consent or contract {terms['reference'] or 'none stated'}{f' ({names})' if names else ''}; "
        f"retention period {terms['retention'] or 'until it expires'}.\n"
        f"At its end it is {at_end_in_words(terms['at_end'], expires_on)}."
    )


def _update_words(update: object) -> list[str]:
    """What a newer export changed; nothing for a first import."""
    if not isinstance(update, dict):
        return []
    missing = update["missing"]
    if not update["updated"] and not update["new"] and missing == []:
        return [f"Nothing changed: all {update['unchanged']} records are as they were."]
    gone = (
        "what is gone is not known, because a file could not be read"
        if missing is None
        else f"{len(missing)} gone from the export"
    )
    lines = [f"{update['updated']} records updated, {update['new']} new, {update['unchanged']} unchanged; {gone}."]
    if missing:
        lines.append(
            f"Gone, and kept: {', '.join(missing[:MISSING_NAMED])}" + (", ..." if len(missing) > MISSING_NAMED else "")
        )
    return lines
