"""The table of roles by route and by page, in ROLES.md, from what the routes and pages declare.

`python -m tests.studio.role_table` writes it; tests/security/test_09_roles.py asks the API for every cell and holds the file against this.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi.routing import APIRoute

from core.nouns import Role
from core.people.roles import Need
from core.workflows.people import OBJECTS
from studio.api.app import create_api
from studio.navigation import SPECS

FILE = Path(__file__).resolve().parents[2] / "ROLES.md"
HEAD = """# Who may do what

Written by `python -m tests.studio.role_table` from what every route and page declares; `tests/security/test_09_roles.py` asks the API for each
cell and fails where this file says something else. `yes` is in the project where the role is held: in another project every
answer is that there is no such project. *Where* says whose role counts: of the project in the path (project), of the project that the run, draft, job
or the like belongs to (its project), of any project, with the answer narrowed to those (any project), or a role held everywhere (studio).
What writes into a folder of the server's machine is for commands on that machine alone.

"""


@dataclass(frozen=True, slots=True)
class RouteRole:
    method: str
    path: str
    need: Need
    where: str

    def may(self, role: Role) -> bool:
        """Whether an account may that has the role everywhere the route looks for it."""
        return self.where != "the machine" and self.need.is_met(role)


def routes() -> list[RouteRole]:
    """Every route of the API; one that declares nothing fails here."""
    routers = [getattr(included, "original_router", None) for included in create_api("token").routes]
    found = []
    for route in (route for router in routers if router for route in router.routes):
        assert isinstance(route, APIRoute), route
        (check,) = [d.dependency for d in route.dependencies if hasattr(d.dependency, "need")]
        for method in sorted(route.methods):
            found.append(RouteRole(method, route.path, check.need, _where(route.path, check)))  # type: ignore[union-attr]
    return found


def _where(path: str, check: object) -> str:
    if check.at_the_machine:  # type: ignore[attr-defined]
        return "the machine"
    if check.somewhere:  # type: ignore[attr-defined]
        return "any project"
    if "{project}" in path:
        return "project"
    return "its project" if any(f"{{{noun}}}" in path for noun in OBJECTS) else "studio"


def table() -> str:
    roles = list(Role)
    head = " | ".join(roles)
    lines = [HEAD + "## Routes of the API\n", f"| route | where | {head} |", "|---" * (len(roles) + 2) + "|"]
    for one in sorted(routes(), key=lambda one: (one.path, one.method)):
        cells = " | ".join("yes" if one.may(role) else "" for role in roles)
        lines.append(f"| {one.method} `{one.path}` | {one.where} | {cells} |")
    lines += ["\n## Pages\n", f"| page | where | {head} |", "|---" * (len(roles) + 2) + "|"]
    for spec in SPECS:
        need, where = Need(spec.role, spec.auditors), "studio" if spec.everywhere else "project"
        cells = " | ".join("yes" if need.is_met(role) else "" for role in roles)
        lines.append(f"| {spec.title} | {where} | {cells} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(table(), encoding="utf-8")
