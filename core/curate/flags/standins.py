"""Whether a text holds something that stands for what was to be written: filler, a note to oneself, a slot, a template's mark.

Code and quoted templates speak of TODO and {{ name }} without being stand-ins, so code is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.curate.flags.unfilled import NO_TARGET, unfilled
from core.curate.flags.view import URL, View
from core.curate.quick_search import lowered
from core.nouns import Flag

_THING = r"(?:text|content|copy|body|answer|reply|response|introduction|intro|conclusion|summary|paragraph|section|description|message|title|headline|heading|caption|quote|example|examples|details|story|image|picture|screenshot|logo|link|figure|figures|numbers?|names?|date|signature|bio|comment|steps)"
# Code, pictures with their descriptions, and addresses.
NO_WRITING = re.compile(
    rf"```(?:.|\n)*?(?:```|\Z)|`[^`\n]+`|!\[[^\n]*?\]\([^)\n]*\)|{URL.pattern}|(?<=\]\()[^)\n]*|^(?: {{4}}|\t)\S.*$",
    re.MULTILINE,
)
FILLER = re.compile(
    rf"\b(?:lorem ipsum|dolor sit amet|consectetur adipiscing|the quick brown fox|"
    rf"{_THING}(?: text)? (?:to follow|(?:goes|go|comes|belongs) here|to come|here later|to be (?:added|written|supplied|provided|determined|inserted|confirmed|filled in|done|completed))|"
    rf"(?:^|(?<=[(\[<])|(?:this|here) is (?:a |some )?|replace (?:this|the) |just )(?:placeholder|dummy|filler|sample|blind) (?:text|copy|content|image)|"
    rf"(?:enter|type|write|put|paste|add|insert) (?:your |the |some |an? )?(?:{_THING} )?{_THING} here|(?:your|company|my|customer) (?:name|text|title|logo|content|company|business|answer|message) here|fill (?:this |it )?in later|(?<!can )(?<!to )(?<!could )(?<!and )(?<!you )insert \w+(?: \w+)? here|"
    rf"test test|testing,? (?:testing|1,? ?2|one,? two)|bla+h?(?:[ ,]+bla+h?)+|asdf\w*|sdf(?:sdf)+|qwer(?:qwer)+|jkl;|foo bar baz|(?:this )?(?:page|section|paragraph|field|space|line)(?: is| was|) (?:intentionally )?left (?:blank|empty)|intentionally (?:left )?(?:blank|empty)|"
    rf"(?:(?:^|[(\[])to do|note to (?:self|editor|myself|the editor|reviewers?|author)|citation needed|source needed|needs? (?:a )?(?:citation|source|reference)s?|still (?:to be )?(?:missing|to write|needs writing)|not (?:yet )?written yet)(?=\s*[:.)\]!]|\s*$))(?!\w)|"
    rf"(?:^|[(\[])\W*(?:more )?(?:coming soon|to be (?:written|added|completed|done|confirmed|announced|filled in|continued|determined|decided|discussed)|under construction|work in progress|wip)(?=[.)\]! ]*$|[)\]])",
    re.IGNORECASE | re.MULTILINE,
)
MARKER = re.compile(r"\b(?:TODO|TBD|TBA|TBC|FIXME|TKTK|TK TK|XXX+)\b|(?i:(?::|^|[(\[])\s*(?:todo|tbd|tba|tbc|tk|fixme|t\.b\.d\.)\b[ .)\]]*$)|(?i:[(\[]\s*(?:todo|tbd|tba|tbc|tk|fixme|wip)\s*[:)\]])|(?i:^\W{0,3}(?:rough |first |early )?draft\b\s*(?:[-–—:,(]|only\b|version\b|$))", re.MULTILINE)  # fmt: skip
# Programs' variables of the shell are written like template marks.
TEMPLATE = re.compile(
    r"\{\{[^{}\n]{1,60}\}\}|\{%[^%\n]{1,80}%\}|%(?!APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAM|TEMP|TMP|PATH|HOME|SYSTEM|WINDIR|COMSPEC|USERNAME|COMPUTERNAME|ALLUSERS|PUBLIC)[A-Z][A-Z_]{3,}%|\$\{\w+\}|<<[^<>\n]{2,40}>>|#\{\w+\}|\[%\w+%\]|__[A-Z_]{4,}__|\{[a-z]+_[a-z_]+\}|"
    r"\{(?i:first|last|full|user|customer|company|agent|client|product|order|ticket|your|insert|recipient|sender)?[ _.]?(?i:name|date|link|url|e-?mail|number|title|city|amount|price)\}|\*\|[A-Z_]+\|\*|@@\w+@@|##[A-Z_]{3,}##|\$[A-Z_]{4,}\$|%%[a-z_]{3,}%%|\[\[(?i:[^\[\]\n]*(?:name|date|link|number|insert|title|customer)[^\[\]\n]*)\]\]|~[A-Z_]{4,}~"
)
BLANKS = re.compile(
    r"_{5,}(?!\n)|(?<!\d)(?:19|20)\?\?|\.{8,}(?= \w)|\b[Xx]{4,}\b|[$€£]\s?(?:X{1,}|x{2,}|\?+|_+)(?:\.X+)?\b|\bX{2,}(?:[.,]X+)? ?(?:%|percent|per cent|euros?|dollars?|pounds?|days?|hours?|users?|people|years?|months?|weeks?)|\b\?{2,} ?(?:%|percent|euros?|dollars?|people|years?)|\b(?:XX|DD|MM)[./-](?:XX|DD|MM)[./-](?:XX(?:XX)?|YY(?:YY)?)\b"
)
SLOT = re.compile(
    r"(?<![\]\w!\\])\[([^\[\]\n]{2,60})\](?![(\[:])|<([^<>\n/@]{2,60})>|\(((?:insert|put your|fill in|add|include|find|check|need|needs|link|source|ask|replace|write|which|what|who|when|quote) ?[^()\n]{0,40}|[^()\n]{2,40} (?:goes here|to follow|to come|here|tbd|tbc|needed|missing))\)"
)
_SLOT_NAME = r"(?:name|number|date|day|month|year|time|figure|amount|price|title|city|country|address|link|url|e-?mail|phone|signature|subject|topic|quote|author|example|screenshot|image|picture|photo|logo|department|ministry|provider|company|product|version|reason|step|setting|feature|organi[sz]ation|agency|person|colleague|customer|client|place|location|percentage|value|reference|chart|table|graph|video|caption|salutation|greeting|position|role|region|deadline|id)s?"
NAMES_SLOT = re.compile(
    rf"(?:your|insert|enter|fill in|add|put|write|describe|explain|list|replace|choose|select|paste|include|attach|link to|mention|give|state|first|last|full|customer|company|client|product|agent|recipient|sender|ticket|order|source)\b.*|"
    rf".*\b(?:here|goes here|to come|to follow|tbd|tbc|tba|placeholder|needed|missing)|.*\?|(?:the |a |an |our |new |exact |relevant |other |another )*(?:\w+ )?{_SLOT_NAME}(?: (?:of|for|from|to|with|and|or|in) .{{2,40}})?",
    re.IGNORECASE,
)
BEGINS_SLOT = re.compile(r"(?:insert|enter|add|put|fill in|your|the|name of|date of|replace|customer|company|first|last|link|quote|number)[ ._].*", re.IGNORECASE)  # fmt: skip
SAID_IN_BRACKETS = re.compile(r"(?:SOLVED|CLOSED|EDIT(?:ED)?|UPDATE[D]?|OK|FIXED|NEW|NOTE|SIC|RESOLVED|BUG|HTML|PDF|ENTER|CTRL|ALT|SHIFT|ESC|TAB|DEL|\W+|\d+)", re.IGNORECASE)  # fmt: skip
# In round brackets these are notes to the writer only where they say little else.
NOTE_TO_WRITER = re.compile(
    rf"(?:insert|put your|fill in|add|include|find|check|needs?|link|source|ask|replace|write|quote)(?: (?:an?|the|your|more|some|better|another|to|with|up|here|this|it|link|source|{_THING}|{_SLOT_NAME}|[A-Z]\w+))*\??|(?:link|source|quote|name|date|figure|number|amount|title)\??|(?:\w+ ){1, 3}(?:goes here|to follow|to come|tbd|tbc)|(?!as|if|not|when|where|or|and|is|are|was|only|even|no)(?:\w+ ){1, 2}(?:needed|missing)|(?:\w+ ){{1,3}}here",
)
SAME_WORD = re.compile(r"(?<![\w:])([A-Za-z]{2,})(?:[ ,.]+\1\b){3,}", re.IGNORECASE)


_LOWERED_FILLER, _LOWERED_SAME_WORD = lowered(FILLER), lowered(SAME_WORD)


def flags(view: View) -> Iterator[Flag]:
    bare = NO_WRITING.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), view.taught)
    lower = bare.lower()
    patterns = (
        *((FILLER,) if _LOWERED_FILLER.search(lower) else ()),
        MARKER,
        TEMPLATE,
        BLANKS,
        *((SAME_WORD,) if _LOWERED_SAME_WORD.search(lower) else ()),
    )
    # Who quotes a template's mark speaks of the template.
    standing = (m for p in patterns for m in p.finditer(bare) if not (p is TEMPLATE and _is_quoted(bare, m)))
    found = next((m for m in standing if not _is_in_path(bare, m)), None) or _slot(bare) or _unfilled(view, bare, lower)
    if found:
        yield view.flag("placeholder", f"The text holds {found.group()[:60]!r}.", found.span())


def _unfilled(view: View, bare: str, lower: str) -> re.Match[str] | None:
    """A mark of something to be filled in that is not quoted, and a link without a target."""
    found = next((m for m in unfilled(bare, lower) if not _is_quoted(bare, m)), None)
    return found or (NO_TARGET.search(view.taught) if "](" in view.taught else None)


def _is_in_path(text: str, match: re.Match[str]) -> bool:
    """Whether it stands for a part of a path or an address, as in C:\\Users\\[name]."""
    return text[max(0, match.start() - 1) : match.start()] in ("\\", "/", "@") or text[
        match.end() : match.end() + 1
    ] in (
        "\\",
        "/",
    )


def _slot(text: str) -> re.Match[str] | None:
    """A bracketed place to be filled in: one that names what goes there, or several in capitals."""
    unsure = []
    for match in SLOT.finditer(text):
        inside = (match[1] or match[2] or match[3]).strip()
        if SAID_IN_BRACKETS.fullmatch(inside) or _is_in_path(text, match) or _is_quoted(text, match):
            continue
        if f"[{inside}]:" in text:
            continue
        if match[2]:
            # Angle brackets hold tags, addresses and keys too.
            if re.fullmatch(r"[A-Z][A-Z_ ]+", inside) or ((" " in inside or "." in inside) and BEGINS_SLOT.fullmatch(inside)):  # fmt: skip
                return match
            continue
        if match[3]:
            if NOTE_TO_WRITER.fullmatch(inside):
                return match
            continue
        if NAMES_SLOT.fullmatch(inside):
            return match
        if len(inside) >= 5 and (inside.isupper() or (inside.istitle() and " " in inside)):
            unsure.append(match)
    return unsure[0] if len({match.group() for match in unsure}) >= 2 else None


def _is_quoted(text: str, match: re.Match[str]) -> bool:
    """In a quotation, brackets hold words that the one who quotes has put in."""
    start = text.rfind("\n", 0, match.start()) + 1
    line_before = text[start : match.start()]
    is_open = line_before.count('"') % 2 == 1 or line_before.count("“") > line_before.count("”")
    return line_before[:4].lstrip().startswith(">") or is_open
