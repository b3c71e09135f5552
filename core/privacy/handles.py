"""Names that people have on platforms: @name, profile addresses, and what a word calls a user name."""

from __future__ import annotations

import regex

from core.privacy.common_words import COMMON_WORDS
from core.privacy.spans import PersonalSpan, PersonalType

FOUND_BY = "handles"
SURE, LIKELY = 0.8, 0.65
MENTION = regex.compile(r"(?<![\w@./:+=-])@(?P<name>[A-Za-z_][A-Za-z0-9_-]{1,38})(?![\w(/@:]|\.\w)")
PROFILE = regex.compile(
    r"(?i)\b(?:twitter|x|github|gitlab|instagram|facebook|medium|reddit|t|youtube|tiktok|linkedin|mastodon\.social)\.(?:com|me)/"
    r"(?:in/|@|u(?:ser)?/)?(?P<name>[A-Za-z0-9][\w.-]{0,37}[\w-])(?=[\s)\]>\"',;]|[.](?:\s|\Z)|\Z)"
)
NAMED = regex.compile(
    r"(?i)\b(?:user ?name|user ?id|handle|nick(?:name)?|screen ?name|gamer ?tag|login name|skype|discord|telegram|irc|slack|twitter|github)"
    r"(?: (?:name|handle|id|user|account))?(?: is| was|:| =)+ ?[\"'“@]?(?P<name>[A-Za-z][\w.#-]{2,38}[\w])"
)
USER = regex.compile(r"(?<![\w/])u/(?P<name>[A-Za-z0-9_-]{3,20})(?![\w/])")
# Marks of programs and of style sheets, and calls to everybody.
_NO_HANDLES_AS_TEXT = """
media import param params return returns throws throw override property staticmethod classmethod author see since deprecated type
typedef charset font-face keyframes todo everyone here channel all supports include extend mixin apply layer container page namespace
private public protected internal test before after beforeeach aftereach nullable notnull suppresswarnings autowired component service
entity table column id bean inject dataclass pytest functools app api router click decorator link code inheritdoc version exception
example default template interface function class module name license copyright brief file note ts-ignore ts-expect-error
"""
NO_HANDLES = frozenset(_NO_HANDLES_AS_TEXT.split())
_PLATFORM_PAGES_AS_TEXT = """
login signup about help support explore search settings home watch share intent status groups pages features pricing
"""
PLATFORM_PAGES = frozenset(_PLATFORM_PAGES_AS_TEXT.split())


def handles(text: str) -> list[PersonalSpan]:
    """Handles with their sign, overlaps and all."""
    found = []
    for match in MENTION.finditer(text):
        if match["name"].lower() not in NO_HANDLES and not _is_mark_of_code(text, match.start(), match.end()):
            found.append(_span(match.start(), match.end(), SURE))
    found += [
        _span(m.start("name"), m.end("name"), SURE)
        for m in PROFILE.finditer(text)
        if m["name"].lower() not in PLATFORM_PAGES
    ]
    found += [_span(m.start("name"), m.end("name"), SURE) for m in USER.finditer(text)]
    found += [
        _span(m.start("name"), m.end("name"), LIKELY)
        for m in NAMED.finditer(text)
        if m["name"].lower() not in COMMON_WORDS
    ]
    return found


def _span(start: int, end: int, score: float) -> PersonalSpan:
    return PersonalSpan(start, end, PersonalType.HANDLE, score, FOUND_BY)


def _is_mark_of_code(text: str, start: int, end: int) -> bool:
    """Whether it stands alone on its line, above a definition: a decorator or an annotation."""
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    if text[begin:start].strip(" \t+-") or text[end : stop if stop >= 0 else len(text)].strip():
        return False
    following = text[stop + 1 : stop + 60].lstrip(" \t+-") if stop >= 0 else ""
    return (
        regex.match(
            r"(?:@|def |class |async |public |private |protected |static |final |fun |func |void |export )", following
        )
        is not None
    )
