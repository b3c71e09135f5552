"""Whether two texts were joined into one record.

Known by what is left at the seam: heads of two records, mark-up that wraps each, furniture of a page between them, a
separator of data files, a rule between two sides that share few words. Two texts joined by nothing are not found.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from core.curate.flags.corpus import Corpus
from core.curate.flags.view import CODE, RULE, WORD, View, plain_words
from core.nouns import Flag, Goal

_RECORD = r"(?:case|ticket|issue|record|conversation|thread|post|message|article|entry|document|question|request|incident|item|chat|row|example|sample|e?-?mail|part|text|answer|story|page|dialogue?|comment|id|no)"
RECORD_HEAD = re.compile(
    rf"^[ \t]*(?:#{{1,6}} )?\W{{0,3}}(?:(?P<numbered>{_RECORD})\b\.?[ \t]*(?:id|no\.?|number|nr\.?)?[ \t]*[:#.]?[ \t]*#?(?:\d+|(?-i:[A-H])(?=[ \t]*(?:$|[:.)\]])))|\[\d{{1,3}}\](?=[ \t]+\S)|\(\d{{1,3}}\)(?=[ \t]+(?-i:[A-Z]))|#\d{{3,}}\b(?=\s*[:.-]|\s*$)|(?P<field>subject|title|headline|betreff|topic|ticket|case|url|slug|permalink|date|author)[ \t]*:[ \t]*\S)",
    re.IGNORECASE | re.MULTILINE,
)
FURNITURE = re.compile(
    rf"^[^\w\n]*(?:(?:next|previous|older|newer|following|earlier|another|second) (?:{_RECORD}s?|up)\b.{{0,40}}|(?:←|«|‹|<<)?\s*(?:previous|prev|older|back)\b.{{0,30}}(?:next|newer)\b.{{0,10}}|"
    rf"posted (?:in|by|on|at)\b.{{0,80}}|filed under\b.{{0,60}}|(?:tags?|categor(?:y|ies)|labels?|keywords?|topics?)\s*:.{{1,100}}|(?:\d+|no|one|two|three) (?:comments?|replies|likes|views|responses|shares)\b.{{0,30}}|(?:comments?|replies|responses) ?\(\d+\)|(?:published|written|updated|submitted|created) (?:on|by|at|in)\b.{{0,60}}|(?:by|author:?|von) [A-Z][\w.]+ [A-Z][\w.]+ ?(?:[|,·–-]|on\b).{{0,40}}|"
    rf"(?:read|continue reading|read more|more posts|related (?:posts?|articles?)|you (?:may|might) also (?:like|enjoy)|read (?:more|other|next)\b.{{0,40}})\W*|(?:share|tweet|like|email|print|pin) (?:this|on)\b.{{0,40}}|(?:leave|post|add|write) a (?:comment|reply)\b.{{0,20}}|permalink\b.{{0,20}}|back to top\b.{{0,10}}|page \d+ of \d+|"
    rf"(?:end|begin|start|new|beginning) (?:of )?{_RECORD}s?\b.{{0,20}}|={{3,}}.{{1,60}}={{3,}}|-{{3,}}[ \t]?\w.{{0,60}}\w[ \t]?-{{3,}}|\*{{3,}}[ \t]?\w.{{0,60}}\w[ \t]?\*{{3,}}|"
    rf"(?:\w{{3,9}} \d{{1,2}},? \d{{4}}|\d{{1,2}}\.? \w{{3,9}} \d{{4}}|\d{{4}}-\d{{2}}-\d{{2}}(?:[T ][\d:]+)?))[^\w\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
# What separates texts in data files; it is written nowhere else, so that it need not stand on a line of its own.
SEPARATOR = re.compile(r"<\|[\w /-]{2,30}\|>|</s>\s*<s>|\f|<!--[\s=*-]*(?:next|new|begin|end of|start of|document|post|record|article|page|ticket|split|separator|break)\b[^>]*-->|\[(?:SEP|EOS|BOS|END)\]|\x1e", re.IGNORECASE)  # fmt: skip
_FIELD = r"(?:from|to|cc|date|sent|subject|status|state|group|queue|priority|opened|created|closed|solved|author|posted|user|id|ticket|case|source|category|tags?)"
_STATE = r"(?:closed|new|open(?:ed)?|resolved|solved|created|pending|reopened|answered|asked|replied)"
# What is left between two texts, each with a piece of text without which it cannot be there, in lower case.
LEFT_BETWEEN: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (needles, re.compile(pattern, re.IGNORECASE | re.MULTILINE))
    for needles, pattern in (
        # A field's name and a long text as its value: the next record, in JSON, SQL or CSV.
        (('"', "'"), r"""["']\w{2,20}["']\s?:\s?["'](?=(?:[^\s"']+\s+){8})"""),
        (("insert into", "'),"), r"\binsert into \w+ values\s?\([^()']{0,20}'(?=(?:[^\s']+\s+){8})|'\),\s?\([^()']{0,20}'(?=(?:[^\s']+\s+){8})"),
        (('";', '",', ';"'), r"""^["']?[;,]?\d+[;,]["']?\d{4}-\d\d-\d\d|^["']?\s?\d+;"[^"\n]{0,40}";"""),
        (("\t",), r"\t\S{1,30}\t\S{1,30}\t"),
        (("|||",), r"\s\|{3}\s"),
        (("eof",), r"^(?-i:EOF)\s*\n\s*(?-i:BOF)$"),
        (("</article", "</section", "</post", "</item"), r"</(article|section|post|item)>\s*<\1\b"),
        # A line about a record rather than of its text: a mail's head, fields between bars or dots, a state with its date.
        (("subject",), rf"^[ \t]*{_FIELD}[ \t]?:[^\n]{{1,120}}\n(?:[ \t]*{_FIELD}[ \t]?:[^\n]{{1,120}}\n)*[ \t]*subject[ \t]?:|^[ \t]*subject[ \t]?:[^\n]{{1,120}}\n[ \t]*(?:from|to|date|sent)[ \t]?:"),
        (("|",), rf"^(?=[^\n]*\d)(?=[^\n]*\b{_FIELD}\b)[^\n|]{{1,60}}(?:\|[^\n|]{{1,60}}){{2,6}}$"),
        (("·",), r"^(?=[^\n]*\b\d+ )[^\n·]{1,60}(?:·[^\n·]{1,60}){1,6}$"),
        (("-",), rf"^[ \t]*{_STATE}\b[^\n]{{0,20}}\b\d{{4}}-\d\d-\d\d\b[^\n]{{0,60}}$"),
        ((">", "*", "=", "#", "~"), rf"^[>*=#~-]{{1,6}} ?{_RECORD}s? #?\d+\b[^\n]{{0,60}}$"),
        (("/", " of "), r"^\W*\(\d{1,3} ?(?:/|of) ?\d{1,3}\)\W*$"),
        (("--",), r"^--[ \t]*\n[^\n]{1,80}\n\s*\n(?=\S)"),
        (("by ",), r"^by (?-i:[A-Z]\w+)(?: (?-i:[A-Z]\w+))?(?:,[^\n]{1,40})?$"),
        # Whoever joins two texts by hand says so.
        (("differen", "unrelated", "separate"), r"\b(?:completely|totally|entirely|quite) (?:different|unrelated|separate) (?:subject|topic|problem|issue|matter|question|case)\b[.,:;]"),
        (("another", "a different", "the other"), r"\b(?:message|mail|post|text|question|ticket|answer)s? (?:from|of|by|to) (?:another|a different|the other) (?:customer|user|author|client|reader|poster)\b"),
    )
)  # fmt: skip
# Code in any fence or indented by four, and tables with their heads.
NO_PROSE = re.compile(
    rf"(?s:{CODE.pattern}|~~~.*?(?:~~~|\Z))|(?m:^ {{4}}\S[^\n]*$)|(?m:^[^\n]*\|[^\n]*\n[ \t|:]*-[ \t|:-]*$(?:\n[^\n]*\|[^\n]*)*)"
)
MOST_SEAMS = 3
TABLE_RULE = re.compile(r"[\s|:]*-[\s|:-]*")
# The same kind of time stamp before each of two texts.
STAMPED = re.compile(
    r"^[ \t]*[\[(]?\d{2,4}[-/.]\d{1,2}[-/.]\d{2,4}[T ,]+\d{1,2}:\d\d(?::\d\d)?[\])]?(?=[ \t]+\S)", re.MULTILINE
)
NUMBERED = re.compile(
    r"^[ \t]*(?:Q|A|No\.?|Nr\.?|Item|Text|Merged from \w+|From \w+) ?#?\d+[.:)]", re.MULTILINE | re.IGNORECASE
)
WRAPPED = re.compile(
    r"<(article|record|document|post|ticket|message|doc|item|entry|section|row|conversation|text|answer|page)\b[^>]*>.*?</\1>",
    re.I | re.S,
)
MIN_WORDS_A_SIDE = {Goal.VOICE: 80, Goal.SUPPORT: 8, Goal.CODE: 5}
# Two posts on different subjects mostly share less than this; nine of ten posts share more between any two parts of them.
# Where hardly any record holds a rule, one says more, and the sides may share as much as the two of a common subject do.
LEAST_COHESION, LEAST_COHESION_IF_RARE, RARE = 0.014, 0.035, 0.03


def flags(view: View, corpus: Corpus) -> Iterator[Flag]:
    text, least = view.taught, MIN_WORDS_A_SIDE[view.goal]
    wrapped = WRAPPED.findall(text)
    if len(wrapped) >= 2:
        yield view.flag("merged_records", f"{len(wrapped)} <{wrapped[0]}> blocks stand in it.")
        return
    heads = _two_heads(view, least)
    if heads:
        first, second = heads
        evidence = f"It has two heads: {first.group().strip()[:30]!r} and {second.group().strip()[:30]!r}."
        yield view.flag("merged_records", evidence, second.span())
        return
    begun = _two_begun(view, least)
    if begun:
        yield view.flag(
            "merged_records",
            f"A second text begins with {begun.group().strip()[:30]!r}, as the first does.",
            begun.span(),
        )
        return
    between = next((m for m in _seams(view, corpus) if _has_two_sides(text, m, least)), None)
    if between:
        yield view.flag("merged_records", f"In its middle stands {between.group().strip()[:50]!r}.", between.span())


def _two_heads(view: View, least: int) -> tuple[re.Match[str], re.Match[str]] | None:
    """The heads of two records of one kind, the first where the text begins, with a text after each."""
    text = view.taught
    heads = list(RECORD_HEAD.finditer(view.prose))
    kinds = [(m["field"] or re.sub(r"\d+|(?<=\s)[a-h]$", "0", m.group().strip().lower())).lower() for m in heads]
    for first, second in zip(range(len(heads)), range(1, len(heads)), strict=False):
        between = len(WORD.findall(text[heads[first].end() : heads[second].start()]))
        after = len(WORD.findall(text[heads[second].end() :]))
        if kinds[first] == kinds[second] and heads[first].start() < 40 and between >= least and after >= least:
            return heads[first], heads[second]
    return None


def _two_begun(view: View, least: int) -> re.Match[str] | None:
    """The beginning of the second of two texts that begin alike, with a time or a number."""
    for pattern in (STAMPED, NUMBERED):
        marks = list(pattern.finditer(view.taught))
        if len(marks) == 2 and marks[0].start() < 3 and _has_two_sides(view.taught, marks[1], least):
            return marks[1]
    return None


def _seams(view: View, corpus: Corpus) -> Iterator[re.Match[str]]:
    text = NO_PROSE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), view.taught)
    yield from SEPARATOR.finditer(text)
    yield from FURNITURE.finditer(view.prose)
    lower = text.lower()
    for needles, pattern in LEFT_BETWEEN:
        if any(needle in lower for needle in needles):
            found = [m for m in pattern.finditer(text) if not TABLE_RULE.fullmatch(m.group())]
            # What comes again and again is a listing in the text, not a seam of two.
            yield from found if len(found) <= MOST_SEAMS else ()
    rules = list(RULE.finditer(view.prose))
    # Several rules part sections of one text.
    if len(rules) == 1 and not _parts_code(view.taught, rules[0]):
        cohesion = _cohesion(view.prose, rules[0], corpus) if view.is_document else 0.0
        if cohesion < (LEAST_COHESION_IF_RARE if corpus.ruled_share <= RARE else LEAST_COHESION):
            yield rules[0]


def _cohesion(text: str, rule: re.Match[str], corpus: Corpus) -> float:
    """How many rare words both sides of a rule share: their cosine, by the length of the shorter side."""
    n_records = max(corpus.vocabulary.values(), default=0)
    if not n_records:
        return 1.0
    sides = [Counter(w for w in plain_words(part) if len(w) > 2) for part in (text[: rule.start()], text[rule.end() :])]
    weights = [
        {w: (1 + math.log(n)) * math.log((n_records + 1) / (corpus.vocabulary[w] + 1)) for w, n in side.items()}
        for side in sides
    ]
    lengths = [math.sqrt(sum(x * x for x in side.values())) or 1.0 for side in weights]
    shared = sum(x * weights[1].get(w, 0.0) for w, x in weights[0].items()) / (lengths[0] * lengths[1])
    return shared / math.log(2 + min(side.total() for side in sides))


def _parts_code(text: str, rule: re.Match[str]) -> bool:
    """Whether the rule frames a block of code, or follows a list."""
    before, after = text[: rule.start()].rstrip(), text[rule.end() :].lstrip()
    return after.startswith("```") or before.endswith("```")


def _has_two_sides(text: str, match: re.Match[str], least: int) -> bool:
    return len(WORD.findall(text[: match.start()])) >= least and len(WORD.findall(text[match.end() :])) >= least
