"""Rules from styles of Vale (YAML, one rule a file), as far as a guide can hold them; each other one with the reason.

Source of what the settings mean: Vale's documentation and its behaviour as of version 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from core.errors import Invalid
from core.review.guide.reading import read_rule, shown
from core.review.guide.rules import Case, Level, Rule, RuleKind, Scope
from core.review.yaml_file import loaded

MAX_BYTES = 1 << 20
KINDS = {kind.value: kind for kind in RuleKind if kind is not RuleKind.CLAIM}
UNSUPPORTED = {
    "spelling": "it needs a dictionary",
    "sequence": "it needs parts of speech",
    "script": "it is a program, and no program is run here",
    "metric": "it is a formula",
    "readability": "it is a formula",
}
SCOPES = {"text": Scope.TEXT, "summary": Scope.TEXT, "raw": Scope.RAW, "heading": Scope.HEADING, "sentence": Scope.SENTENCE,
          "paragraph": Scope.PARAGRAPH, "list": Scope.LIST}  # fmt: skip
CASES = {f"${case}": case for case in Case}
# Keys that change nothing here: links and editors' actions, and word lists of Vale's own configuration.
IGNORED = frozenset({"link", "action", "description", "limit", "vocab", "code", "name"})
COMMON = frozenset({"extends", "message", "level", "scope", "ignorecase", "nonword", "exceptions"})
OF_KIND = {
    "existence": {"tokens", "raw", "append"},
    "substitution": {"swap"},
    "occurrence": {"token", "max", "min"},
    "repetition": {"tokens", "max", "alpha"},
    "consistency": {"either"},
    "conditional": {"first", "second"},
    "capitalization": {"match", "style", "threshold", "indicators", "prefix"},
}


@dataclass(frozen=True, slots=True)
class RefusedRule:
    """A file that is no rule of ours, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadStyle:
    rules: tuple[Rule, ...]
    refused: tuple[RefusedRule, ...]


def read_style(files: Iterable[tuple[str, bytes]]) -> ReadStyle:
    """files: (path, content). A rule is named by its folder and file, as Vale names it: Brand/Terms.yml is Brand.Terms."""
    rules: list[Rule] = []
    refused: list[RefusedRule] = []
    for path, content in files:
        try:
            rules.append(_read(path, content))
        except RecursionError:
            refused.append(RefusedRule(path, "It is nested too deep. Leave the file out."))
        except Invalid as error:
            refused.append(RefusedRule(path, str(error)))
    return ReadStyle(tuple(rules), tuple(refused))


def _read(path: str, content: bytes) -> Rule:
    if len(content) > MAX_BYTES:
        raise Invalid(f"It has {len(content):,} bytes.", remedy=f"A rule has up to {MAX_BYTES:,}.")
    try:
        found = loaded(content)
    except ValueError as error:
        raise Invalid(f"It is no YAML: {error}.", remedy="Mend the file.") from error
    if not isinstance(found, dict) or not isinstance(found.get("extends"), str):
        raise Invalid("It does not say what it extends, so it is no rule.", remedy="Leave the file out.")
    kind = found["extends"]
    if kind in UNSUPPORTED or kind not in KINDS:
        why = UNSUPPORTED.get(kind, "there is no such kind")
        raise Invalid(
            f"It extends {kind!r}: {why}.", remedy="Such a rule cannot be brought along; go on checking it with Vale."
        )
    unknown = sorted(set(map(str, found)) - COMMON - IGNORED - OF_KIND[kind])
    if unknown:
        raise Invalid(
            f"It has {unknown[0]!r}, which is not known of {kind}.", remedy="Leave it out, or check the rule with Vale."
        )
    values = _common(path, found) | _of_kind(kind, found)
    return read_rule({key: value for key, value in values.items() if value is not None}, place=path)


def _common(path: str, found: Mapping[str, Any]) -> dict[str, Any]:
    place = PurePosixPath(path.replace("\\", "/"))
    style = f"{place.parent.name}." if place.parent.name else ""
    return {
        "name": style + place.stem,
        "kind": found["extends"],
        "message": found.get("message"),
        "level": found.get("level", Level.WARNING.value),
        "scope": _scope(found.get("scope")),
        "exceptions": found.get("exceptions"),
        "ignorecase": bool(found.get("ignorecase", False)),
        "nonword": bool(found.get("nonword", False)),
        "is_pattern": True,
        "source": path,
    }


def _scope(value: Any) -> str:
    wanted = value if isinstance(value, list) and value else [value or "text"]
    # "paragraph.rst" and the like name a format, "heading.h2" a level: the part is the first word.
    found = {SCOPES.get(str(one)[:40].split(".")[0]) for one in wanted}
    scope = found.pop()
    if found or scope is None or any(str(one).startswith("heading.h") for one in wanted):
        raise Invalid(f"Its scope is {shown(value)}.", remedy=f"Known here are {', '.join(SCOPES)}, one at a time.")
    return scope.value


def _of_kind(kind: str, found: Mapping[str, Any]) -> dict[str, Any]:
    match kind:
        case "existence":
            return _existence(found)
        case "substitution":
            # Numbers and words such as yes that YAML takes for values are words here.
            return {"swap": {str(key): str(value) for key, value in _pairs(found, "swap").items()}}
        case "consistency":
            return {"swap": {str(key): str(value) for key, value in _pairs(found, "either").items()}}
        case "occurrence":
            token = found.get("token")
            return {"tokens": [token] if token else None, "maximum": found.get("max"), "minimum": found.get("min")}
        case "repetition":
            if found.get("tokens") and not found.get("alpha"):
                return {"tokens": _strings(found["tokens"]), "maximum": found.get("max")}
            # Words alone: what every such style means by its tokens.
            return {"maximum": found.get("max")}
        case "conditional":
            return {"first": found.get("first"), "second": found.get("second")}
        case _:
            case = CASES.get(str(found.get("match")))
            if case is None:
                raise Invalid(f"It asks for {shown(found.get('match'))}.", remedy=f"Known here are {', '.join(CASES)}.")
            return {"case": case.value, "is_pattern": False}


def _existence(found: Mapping[str, Any]) -> dict[str, Any]:
    tokens, raw = _strings(found.get("tokens") or []), "".join(_strings(found.get("raw") or []))
    if found.get("append") and tokens:
        joined = "|".join(tokens)
        return {"raw": (f"(?:{joined})" if found.get("nonword") else rf"\b(?:{joined})\b") + raw}
    return {"tokens": tokens or None, "raw": raw}


def _pairs(found: Mapping[str, Any], name: str) -> Mapping[Any, Any]:
    value = found.get(name)
    if not isinstance(value, Mapping) or not value:
        raise Invalid(f"Its {name} is {shown(value)}.", remedy="It needs pairs.")
    return value


def _strings(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise Invalid(f"It has {shown(value)} where a list is needed.", remedy="Write a list.")
    return [str(one) for one in value]
