"""A local git repository as one file of JSON lines: its code and its commits, ready to be imported.

The folder is read where it lies, by whoever may read it, with the `git` command; what is sent to the
studio is this file alone, which is parsed like any other upload. So the server opens no folder that
somebody names to it, and of the history only the newest commits leave the repository, and only those
that could be learnt from; a bundle would carry all of it, with every secret that was ever removed.

The same commit gives the same bytes. How git is kept from running anything else: `git_command`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Invalid, UnreadableFile
from core.records.code_files import reason_by_path, reason_by_text
from core.records.encoding import decode
from core.records.git_command import Git
from core.records.values import storable

DEFAULT_COMMITS = 1_000
MAX_DIFF_CHARACTERS = 16_000
MAX_PACK_BYTES = 256 * 2**20
LINK, SUBMODULE = "120000", "160000"
BOT_NAME = re.compile(
    r".*\[bot\].*|(?:dependabot|renovate|greenkeeper|snyk|github-actions|pre-commit-ci|weblate)\b.*", re.IGNORECASE
)
TRAILER = re.compile(
    r"(?:signed-off-by|co-authored-by|reviewed-by|acked-by|tested-by|reported-by|suggested-by|cc|change-id|reviewed-on"
    r"|git-svn-id|differential revision|pull request resolved|fixes tag)\s*:.*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Packed:
    """name: what to import it as. n_bytes: of the file."""

    name: str
    path: Path
    n_bytes: int


def pack_repository(folder: Path, target: Path, *, revision: str = "HEAD", n_commits: int = DEFAULT_COMMITS) -> Packed:
    """Write the code at a revision and the newest commits up to it into `target`. Raises Invalid with the reason."""
    git = Git(folder)
    name, commit = git.checked(revision)
    with target.open("w", encoding="utf-8") as file:
        n_bytes = 0
        for row in _rows(git, name, commit, n_commits):
            line = json.dumps(row, ensure_ascii=False) + "\n"
            n_bytes += len(line.encode())
            if n_bytes > MAX_PACK_BYTES:
                raise Invalid(
                    f"The code and commits of {folder} are more than {MAX_PACK_BYTES // 2**20} MB.",
                    remedy="Take fewer commits, or split the repository.",
                )
            file.write(line)
    return Packed(f"{name}.repository.jsonl", target, n_bytes)


def message_without_trailers(message: str) -> str:
    """A commit message without the lines that tools and procedures add to its end; they hold addresses, and no reason."""
    lines = message.strip().split("\n")
    while lines and (not lines[-1].strip() or TRAILER.fullmatch(lines[-1].strip())):
        lines.pop()
    return "\n".join(lines).strip()


def wanted_sections(diff: str) -> str:
    """A diff without the files that are no code of the team's, and those of which only a mode, a name or bytes changed."""
    sections = re.split(r"^(?=diff --git )", diff, flags=re.MULTILINE)
    kept = [section for section in sections if "\n@@ " in section and not _is_unwanted(section)]
    return "".join(kept).rstrip("\n")


def _rows(git: Git, name: str, commit: str, n_commits: int) -> Iterator[dict[str, Any]]:
    facts = git.output("show", "--no-patch", "--no-show-signature", "--format=%cI", commit).decode().strip()
    yield {"proofroom": "repository", "name": name, "commit": commit, "committed_at": facts}
    yield from _files(git, commit)
    left_out: Counter[str] = Counter()
    yield from _commits(git, commit, n_commits, left_out)
    yield {"proofroom": "left_out_commits", "counts": dict(sorted(left_out.items()))}


def _files(git: Git, commit: str) -> Iterator[dict[str, Any]]:
    listing = git.output("ls-tree", "-r", "-z", "--long", "--full-tree", commit)
    wanted: list[tuple[str, str]] = []
    for entry in listing.split(b"\0"):
        if not entry:
            continue
        facts, _, raw_path = entry.partition(b"\t")
        mode, _, blob, size = facts.decode().split()
        path = storable(raw_path.decode("utf-8", "replace"))
        reason = {LINK: "It is a link, not a file.", SUBMODULE: "It is a submodule, which is not entered."}.get(mode)
        reason = reason or reason_by_path(path, int(size))
        if reason:
            yield {"proofroom": "left_out", "path": path, "reason": reason}
        else:
            wanted.append((path, blob))
    for (path, _), content in zip(wanted, git.blobs([blob for _, blob in wanted]), strict=True):
        yield _file(path, content)


def _file(path: str, content: bytes) -> dict[str, Any]:
    if b"\0" in content:
        return {"proofroom": "left_out", "path": path, "reason": "It is binary."}
    try:
        text = decode(content, path).text if content.strip() else ""
    except UnreadableFile as error:
        return {"proofroom": "left_out", "path": path, "reason": str(error)}
    reason = reason_by_text(text)
    if reason:
        return {"proofroom": "left_out", "path": path, "reason": reason}
    return {"proofroom": "file", "path": path, "text": text}


def _commits(git: Git, commit: str, n_commits: int, left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """The newest commits that could be learnt from; of the others, how many there are for each reason."""
    if n_commits <= 0:
        return
    wanted = ("--max-count", str(n_commits))
    listing = git.output(
        "log",
        "-z",
        *wanted,
        "--no-show-signature",
        "--encoding=UTF-8",
        "--format=%H%x1f%P%x1f%aN%x1f%aE%x1f%aI%x1f%B",
        commit,
        "--",
    )
    for entry in listing.decode("utf-8", "replace").split("\0"):
        if not entry.strip():
            continue
        sha, parents, author, address, written_at, message = entry.split("\x1f", 5)
        reason = _reason_by_facts(parents, author, address, message)
        row = None if reason else _commit(git, sha, author, written_at, message)
        if isinstance(row, dict):
            yield row
        else:
            left_out[reason or str(row)] += 1


def _reason_by_facts(parents: str, author: str, address: str, message: str) -> str:
    """The word under which a commit that teaches nothing is counted; nothing for the others."""
    if len(parents.split()) > 1:
        return "merge"
    if BOT_NAME.fullmatch(author.strip()) or "[bot]@" in address:
        return "bot"
    if re.match(r'Revert "|revert[:!(]|This reverts commit', message.strip(), re.IGNORECASE):
        return "revert"
    return "" if message_without_trailers(message) else "no message"


def _commit(git: Git, sha: str, author: str, written_at: str, message: str) -> dict[str, Any] | str:
    # A character has up to four bytes; twice the limit is room for the files of a diff that are not wanted.
    most = 8 * MAX_DIFF_CHARACTERS
    raw = git.diff_of(sha, most=most)
    diff = wanted_sections(raw.decode("utf-8", "replace"))
    if len(raw) >= most or len(diff) > MAX_DIFF_CHARACTERS:
        return "too long"
    if not diff:
        return "no code"
    return {
        "proofroom": "commit", "commit": sha, "author": storable(author), "written_at": written_at,
        "message": storable(message_without_trailers(message)), "diff": storable(diff),
    }  # fmt: skip


def paths_in(diff: str) -> list[str]:
    """The paths that the files of a diff have after the change, or had where they are gone."""
    found = [re.search(r'^\+\+\+ "?b/(.+?)"?\t?$|^--- "?a/(.+?)"?\t?\n\+\+\+ /dev/null$', section, re.MULTILINE)
             for section in re.split(r"^(?=diff --git )", diff, flags=re.MULTILINE)]  # fmt: skip
    return [match.group(1) or match.group(2) for match in found if match]


def _is_unwanted(section: str) -> bool:
    """Whether one file of a diff is a link, a submodule, or no code of the team's."""
    head = section.partition("\n@@ ")[0]
    if re.search(rf"(?:mode|index \S+) (?:{LINK}|{SUBMODULE})$", head, re.MULTILINE):
        return True
    return any(reason_by_path(path, 0) for path in paths_in(head) or [""])
