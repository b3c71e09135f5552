"""Asks the package index for known flaws of every pinned version in the locks.

Run as `make audit`, with a network. What is asked and read is pip-audit's; here stands what counts as an answer. pip-audit by
itself ends well where the index knows a package but gives nothing about its version: here such a package is asked about once
more, by what is said of the project's newest release, which is an answer where that is the one pinned. What is then still
without an answer is named, and is no good end.

Ends with 1 where a version has a known flaw, with 3 where none is known but some packages went without an answer.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pip_audit
import requests
from lock import pins_of
from packaging.version import Version
from pip_audit._service import Dependency, PyPIService, ResolvedDependency, ServiceError, VulnerabilityResult

Get = Callable[..., Any]


def or_of_the_newest(get: Get) -> Get:
    """The index's answer for a version; where there is none, the one for its project's newest release if that is this version."""

    def asked(url: str, timeout: int | None = None) -> Any:
        answer = get(url=url, timeout=timeout)
        if answer.status_code != 404:
            return answer
        project, version = url.removesuffix("/json").rsplit("/", 1)
        newest = get(url=f"{project}/json", timeout=timeout)
        if newest.ok and Version(newest.json()["info"]["version"]) == Version(version):
            return newest
        return answer

    return asked


def pinned(paths: list[Path]) -> list[Dependency]:
    found = {pin for path in paths for pin in pins_of(path.read_text(encoding="utf-8"))}
    return [ResolvedDependency(name, Version(version)) for name, version in sorted(found)]


def told(of: Dependency, flaw: VulnerabilityResult) -> str:
    names = ", ".join([flaw.id, *sorted(flaw.aliases)])
    fixed = ", ".join(str(version) for version in flaw.fix_versions) or "no release yet"
    return f"{of.name} {of.version}: {names}; fixed in {fixed}. {flaw.description[:160]}"


def main(paths: list[Path]) -> int:
    service = PyPIService(timeout=30)
    service.session.get = or_of_the_newest(service.session.get)
    packages = pinned(paths)
    flaws, unanswered = {}, []
    try:
        for package, (of, found) in zip(packages, service.query_all(iter(packages)), strict=True):
            if of.is_skipped():
                unanswered.append(f"{package.name} {package.version}")
            flaws |= {(package.name, flaw.id): told(package, flaw) for flaw in found}
    except (requests.RequestException, ServiceError) as error:
        print(f"The package index could not be asked: {type(error).__name__}.")
        return 3
    day = datetime.datetime.now(datetime.UTC).date()
    n_answered = len(packages) - len(unanswered)
    counts = f"{len(packages)} pinned versions, {n_answered} answered for, {len(flaws)} known flaws"
    print(f"{day}, pip-audit {pip_audit.__version__}: {counts}.")
    for line in flaws.values():
        print(line)
    if unanswered:
        print(f"No answer about {len(unanswered)}: {', '.join(unanswered)}.")
    return 1 if flaws else 3 if unanswered else 0


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
