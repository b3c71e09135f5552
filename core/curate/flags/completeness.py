"""Whether a text is whole, one, and of a usable length: placeholder, truncated, merged, missing reference, too short, too long.

A text breaks off where something stays open (a bracket, a block of code, a table row, a list item), where
it ends on a word no sentence ends on or on a piece of a word, or where everything before ends with a stop
and the last paragraph does not. A reference is missing when what it names is not in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.curate.flags.corpus import Corpus
from core.curate.flags.view import CODE, URL, WORD, View
from core.nouns import Flag, Goal

MIN_WORDS = {Goal.VOICE: 40, Goal.SUPPORT: 6, Goal.CODE: 3}

FILLER = re.compile(
    r"\b(?:lorem ipsum|dolor sit amet|consectetur adipiscing|placeholder (?:text|copy|content)|(?:dummy|filler) text|"
    r"(?:text|content|answer|body|title|copy)(?: text)? (?:to follow|goes here|comes here|to come|here later)|(?:^|[(\[])(?:coming soon|to be (?:written|added|completed|done|confirmed|announced|filled in))(?=[)\].]|$)|"
    r"fill (?:this )?in later|insert \w+(?: \w+)? here|test test|blah? blah?)(?!\w)",
    re.IGNORECASE | re.MULTILINE,
)
MARKER = re.compile(r"\b(?:TODO|TBD|TBC|FIXME|TKTK|XXX+)\b")
TEMPLATE = re.compile(
    r"\{\{[^{}\n]{1,60}\}\}|\{%[^%\n]{1,80}%\}|%[A-Z][A-Z_]{3,}%|\$\{\w+\}|<<[^<>\n]{2,40}>>|#\{\w+\}|\[%\w+%\]|__[A-Z_]{4,}__|\{[a-z]+_[a-z_]+\}"
)
BLANKS = re.compile(r"_{5,}(?!\n)|(?<!\d)(?:19|20)\?\?|\.{8,}(?= \w)|\b[Xx]{4,}\b")
SLOT = re.compile(
    r"(?<![\]\w!\\])\[([^\[\]\n]{2,50})\](?![(\[:])|<([^<>\n/@]{2,40})>|\(((?:insert|put your|fill in) [^()\n]{2,40}|[^()\n]{2,30} (?:goes here|to follow|here))\)"
)
NAMES_SLOT = re.compile(
    r"(?:your|insert|enter|fill in|first|last|full|customer|company|client|product|agent|recipient|sender|ticket|order)\b.*|"
    r".*\b(?:here|goes here|to come|tbd|tbc|placeholder)|.*\?|(?:the |a |an )?(?:name|date|day|month|year|time|figure|number|amount|price|title|city|country|address|link|"
    r"e-?mail|phone|signature|subject|topic|quote|source|author|example|screenshot|image|picture|logo|department|ministry|provider)s?",
    re.IGNORECASE,
)
SAID_IN_BRACKETS = re.compile(r"(?:SOLVED|CLOSED|EDIT(?:ED)?|UPDATE[D]?|OK|FIXED|NEW|NOTE|SIC|RESOLVED|BUG|HTML|PDF|ENTER|CTRL|ALT|SHIFT|ESC|TAB|DEL|\W+|\d+)", re.IGNORECASE)  # fmt: skip
SAME_WORD = re.compile(r"(?<![\w:])([A-Za-z]{2,})(?:[ ,.]+\1\b){3,}", re.IGNORECASE)

ENDS_WELL = re.compile(r"[.!?…;)\]\"'”’»*_`>|}~]\s*$|:\)?\s*$|https?://\S+\s*$")
NEVER_LAST = frozenset(
    ["the", "a", "an", "and", "or", "nor", "but", "because", "if", "unless", "although", "though", "whereas", "while", "that", "which", "whose", "who", "whom", "when", "than", "of", "from", "into", "onto", "your", "our", "my", "their", "his", "its", "every", "each", "is", "are", "was", "were", "be", "been", "being", "has", "have", "had", "will", "would", "shall", "should", "can", "could", "may", "might", "must", "to", "with", "for", "by", "at", "as", "between", "among", "during", "without", "within", "about", "under", "very", "so", "too", "either", "neither", "both", "such", "some", "any", "no", "not", "i", "we", "they", "he", "she", "it", "this", "these", "those", "where", "why", "how", "what", "upon", "per", "via", "until", "since", "before", "after"]
)  # fmt: skip
# Answers end on some of these without a stop: "what it is for", "the one I logged in with", "that's it".
OFTEN_LAST = frozenset(
    [
        "for",
        "with",
        "to",
        "at",
        "by",
        "about",
        "it",
        "this",
        "that",
        "those",
        "these",
        "is",
        "are",
        "was",
        "do",
        "not",
        "so",
        "too",
        "some",
        "any",
        "have",
        "had",
        "can",
        "could",
        "will",
        "would",
        "has",
        "where",
        "why",
        "how",
        "what",
        "before",
        "after",
        "since",
        "under",
        "without",
        "within",
        "who",
        "i",
        "as",
        "be",
        "both",
        "either",
        "neither",
        "such",
        "no",
        "should",
        "must",
        "might",
    ]
)
NO_END = frozenset(
    ["is that", "so that", "such as", "in order to", "due to", "because of", "instead of", "rather than", "as well as"]
)
MIN_WORDS_BROKEN_OFF = 5
# What is announced comes soon, or not at all.
FOLLOWS_WITHIN = 700
OPENS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»"}

ATTACHED = re.compile(
    r"\b(?:see|please find|find|in|as in|here(?:'s| is)?|per|i(?:'ve| have)?|we(?:'ve| have)?|am|is|are|added|sent) (?:an? |the |my |our |you |this )?(?:att?ac?h(?:e?d|ments?|ement|mnets?|mnet)|enclosed|enclosures?)\b(?: \w+)?|"
    r"\b(?:attached|enclosed) (?:is|are|you|please|file|screenshot|image|document|pdf|photo|picture|form|log|sheet)\b|\bplease find (?:the )?(?:form|file|document|enclosed|attached)\b|\bi am (?:giving|sending|attaching) you\b|\bi(?:'ve| have) (?:attached|enclosed|uploaded)\b",
    re.IGNORECASE,
)
PICTURED = re.compile(
    r"\b(?:see|in|from|as) (?:the|this|that|my|these|first|second|next) (?:attached |above |following )?(?:screen ?shots?|screen ?grabs?|images?|(?<!in the )pictures?|photos?|pics?|figures?|diagrams?|illustrations?)\b|"
    r"\b(?:screen ?shots?|images?|pictures?|photos?|figures?|diagrams?|charts?|graphs?|slides|video) (?:above|below|attached|here|shows?|to the (?:right|left)|on the (?:right|left))\b|\bas (?:pictured|shown|illustrated) (?:above|below|here|in)\b|"
    r"\b(?-i:Figure|Fig\.|Table|Diagram|Chart|Exhibit|Appendix) \d+\b|\b(?:see|from|in) (?-i:(?:Figure|Fig\.|Table|Appendix) [A-Z\d]+)\b|\bthe (?:red |green |blue )?(?:arrow|circle) (?:shows|points|marks)\b|\b(?:circled|highlighted|marked) (?:the|it|in) \w+ (?:in|with) (?:red|yellow|green)\b",
    re.IGNORECASE,
)  # fmt: skip
LISTED = re.compile(
    r"\b(?:the )?(?:list|steps|instructions|guide|checklist|points|code|snippet|script|command|log|output|table|text|link|lines?|settings|example)s? (?:is |are |shown |listed |given )?(?:below|at the (?:end|bottom)|further down|underneath)\b|"
    r"\b(?:follow|do|see|try|use|with) (?:these|the following|the) (?:steps|instructions|list|points)(?: below)?\s*:?\s*$|\b(?:here(?:'s|’s| is| are)|this is) (?:the|your|a|my) (?:link|list|code|log|file|script|command|screenshot|address|url|steps)\b\s*:?\s*$|\bas follows\s*:?\s*$|\bthe following\s*:\s*$",
    re.IGNORECASE | re.MULTILINE,
)
ELSEWHERE = re.compile(
    r"\b(?:as|like|what) (?:I|we|you|he|she|\w+) (?:said|wrote|mentioned|explained|suggested|described|discussed|agreed|told you|posted) (?:before|earlier|above|further up|previously|already|yesterday|last (?:time|week)|on the phone|in (?:my|our|your|the) (?:last|previous|first|earlier|other))\b|"
    r"\bas (?:already )?(?:discussed|agreed|promised|mentioned|explained|said|requested|announced) (?:to you |with you )?(?:on the (?:phone|call)|over the (?:phone|telephone)|at the \w+|by (?:phone|mail|e-?mail)|in (?:my|our|the|your) (?:last|previous|first|earlier|other|call|chat|meeting)|yesterday|earlier|last (?:week|time|month)|before|above)\b|"
    r"\b(?:further up|further down|above|earlier|elsewhere|higher up) in (?:this|the) (?:thread|topic|conversation|discussion|forum|chat)\b|"
    r"\b(?:in|of|from|see) (?:my|our|the|your|his|her) (?:last|previous|earlier|first|other|preceding) (?:mail|e-?mail|message|post|reply|answer|comment|letter|ticket|article|part|chapter|section|call)\b|"
    r"\b(?:on|over) the (?:phone|telephone)(?: (?:this|yesterday|earlier|just))|\b(?:in|during) (?:our|yesterday's|today's|this morning's|last week's) (?:call|meeting|chat|conversation|phone call)\b|"
    r"\b(?:the )?(?:first|second|third|last|previous|next|earlier) (?:part|instalment|installment|post|article|episode) (?:of|in) (?:this|the|my|our) (?:series|trilogy|article)\b|\b(?:see|in) part (?:one|two|three|\d|I+)\b|"
    r"\bsee (?:my (?:other|previous|earlier)|the (?:other|previous) (?:thread|post|answer|reply))\b|\b(?:see|in) (?:the |this )?(?:foot|end)notes?\b|\bthe footnote (?:explains|says|has|gives)\b|\bwhat \w+ suggested (?:above|further up|earlier)\b",
    re.IGNORECASE,
)  # fmt: skip
FOOTNOTE = re.compile(r"(?<=[\w.,!?)\"”])\[\^?(\d{1,2})\](?!\()|(?<=[a-z.,])[¹²³⁴⁵⁶⁷⁸⁹]")
HAS_PICTURE = re.compile(r"!\[|<img|<figure|\.(?:png|jpe?g|gif|svg|webp)\b", re.IGNORECASE)
HAS_TABLE = re.compile(r"^\s*\|.*\|\s*$|<table", re.MULTILINE)
HAS_LIST = re.compile(r"^\s*(?:[-*•+]|\d{1,2}[.)])\s+\S", re.MULTILINE)

RULE = re.compile(r"^\s*(?:[-*_=~#](?:\s?[-*_=~#]){2,}|⁂|§+)\s*$", re.MULTILINE)
RECORD_HEAD = re.compile(
    r"^[ \t]*(?:#{1,6} )?\W{0,3}(?:(?:case|ticket|issue|record|conversation|thread|post|message|article|entry|document|question|request|incident|item|chat|row|example|sample|email|mail|part|id|no)\b\.?[ \t]*(?:id|no\.?|number)?[ \t]*[:#.]?[ \t]*#?\d+|\[\d{1,3}\](?=[ \t]+\S)|\(\d{1,3}\)(?=[ \t]+[A-Z]))",
    re.IGNORECASE | re.MULTILINE,
)
FURNITURE = re.compile(
    r"^[^\w\n]*(?:(?:next|previous|older|newer|following|earlier) (?:post|article|entry|story|page|ticket|message|thread|record)s?\b.{0,40}|(?:←|«|‹|<<)?\s*(?:previous|prev|older|back)\b.{0,30}(?:next|newer)\b.{0,10}|"
    r"posted (?:in|by|on|at)\b.{0,80}|filed under\b.{0,60}|\d+ (?:comments?|replies|likes|views)\b.{0,30}|(?:published|written) (?:on|by)\b.{0,60}|(?:read|continue reading|read more)\W*|(?:share|tweet|like) this\b.{0,40}|permalink\b.{0,20}|"
    r"(?:end|begin|start|new) (?:of )?(?:post|article|ticket|thread|record|message|document|conversation)\b.{0,20}|={3,}.{1,60}={3,}|-{3,}[ \t]?\w.{0,60}\w[ \t]?-{3,})[^\w\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
WRAPPED = re.compile(
    r"<(article|record|document|post|ticket|message|doc|item|entry|section)\b[^>]*>.*?</\1>", re.I | re.S
)
MIN_WORDS_A_SIDE = {Goal.VOICE: 80, Goal.SUPPORT: 8, Goal.CODE: 5}


def flags(view: View, corpus: Corpus) -> Iterator[Flag]:
    if not view.taught.strip():
        return
    yield from _length_flags(view, corpus)
    yield from _placeholder_flag(view)
    yield from _missing_flag(view)
    yield from _merged_flag(view)
    broken = breaks_off(view, corpus)
    if broken:
        end = len(view.taught.rstrip())
        yield view.flag("truncated", f"{broken} It ends with {view.taught.rstrip()[-40:]!r}.", (max(0, end - 60), end))


def _length_flags(view: View, corpus: Corpus) -> Iterator[Flag]:
    n_words, least = view.n_words, MIN_WORDS[view.goal]
    if n_words < least:
        yield view.flag("too_short", f"{n_words} words, at least {least} expected.", value=n_words, limit=least)
    elif n_words > corpus.longest:
        evidence = f"{n_words:,} words, up to {corpus.longest:,} expected."
        yield view.flag("too_long", evidence, value=n_words, limit=corpus.longest)


def _placeholder_flag(view: View) -> Iterator[Flag]:
    # Code and quoted templates speak of TODO and {{ name }} without being stand-ins.
    bare = CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), view.taught)
    found = next((m for p in (FILLER, MARKER, TEMPLATE, BLANKS, SAME_WORD) if (m := p.search(bare))), None) or _slot(
        bare
    )
    if found:
        yield view.flag("placeholder", f"The text holds {found.group()[:60]!r}.", found.span())


def _slot(text: str) -> re.Match[str] | None:
    """A bracketed place to be filled in: one that names what goes there, or several in capitals."""
    unsure = []
    for match in SLOT.finditer(text):
        inside = (match[1] or match[2] or match[3]).strip()
        if SAID_IN_BRACKETS.fullmatch(inside) or (
            match[2] and not re.fullmatch(r"[A-Z][A-Z_ ]+|(?:your|the|my)[ ._].*", inside)
        ):
            continue
        if NAMES_SLOT.fullmatch(inside) or match[3] or (match[2] and inside.isupper()):
            return match
        if len(inside) >= 5 and (inside.isupper() or (inside.istitle() and " " in inside)):
            unsure.append(match)
    return unsure[0] if len({match.group() for match in unsure}) >= 2 else None


def _missing_flag(view: View) -> Iterator[Flag]:
    text, prose = view.taught, view.prose
    has_picture = bool(HAS_PICTURE.search(text))
    checks = (
        (ATTACHED, lambda m: not has_picture and not _is_linked(text, m)),
        (PICTURED, lambda m: not has_picture and not (HAS_TABLE.search(text) and "able" in m.group())),
        (LISTED, lambda m: not _follows(text, m.end())),
        (ELSEWHERE, lambda m: not _is_linked(text, m)),
        (FOOTNOTE, lambda m: text.count(m.group()) < 2 and not re.search(r"^\[\^?\d+\]:|<sup|<fn", text, re.MULTILINE)),
    )
    for pattern, is_missing in checks:
        found = pattern.search(prose)
        if found and is_missing(found):
            yield view.flag(
                "missing_reference", f"It says {found.group().strip()[:60]!r}, and that is not here.", found.span()
            )
            return


def _follows(text: str, place: int) -> bool:
    """Whether a list, code, a table, a quotation or a link comes after this place."""
    rest = text[place : place + FOLLOWS_WITHIN]
    return bool(HAS_LIST.search(rest) or URL.search(rest) or "```" in rest or HAS_TABLE.search(rest)
                or re.search(r"^\s*>|^ {4}\S|`|<(?:ol|ul|pre|code)", rest, re.MULTILINE) or "](" in rest)  # fmt: skip


def _is_linked(text: str, found: re.Match[str]) -> bool:
    """Whether a link stands in the same sentence: then the other place can be found."""
    around = text[max(0, found.start() - 100) : found.end() + 100]
    return "](" in around or bool(URL.search(around))


def _merged_flag(view: View) -> Iterator[Flag]:
    text, least = view.taught, MIN_WORDS_A_SIDE[view.goal]
    wrapped = WRAPPED.findall(text)
    heads = list(RECORD_HEAD.finditer(view.prose))
    if len(wrapped) >= 2:
        yield view.flag("merged_records", f"{len(wrapped)} <{wrapped[0]}> blocks stand in it.")
        return
    kinds = [re.sub(r"\d+", "0", m.group().strip().lower()) for m in heads]
    for first, second in zip(range(len(heads)), range(1, len(heads)), strict=False):
        between = len(WORD.findall(text[heads[first].end() : heads[second].start()]))
        after = len(WORD.findall(text[heads[second].end() :]))
        if kinds[first] == kinds[second] and heads[first].start() < 40 and between >= least and after >= least:
            evidence = (
                f"It has two heads: {heads[first].group().strip()[:30]!r} and {heads[second].group().strip()[:30]!r}."
            )
            yield view.flag("merged_records", evidence, heads[second].span())
            return
    # In a post a rule parts sections; in an answer there is nothing to part.
    rules = [] if view.is_document else list(RULE.finditer(view.prose))
    for match in [*FURNITURE.finditer(view.prose), *rules]:
        if _has_two_sides(text, match, least):
            yield view.flag("merged_records", f"In its middle stands {match.group().strip()[:50]!r}.", match.span())
            return


def _has_two_sides(text: str, match: re.Match[str], least: int) -> bool:
    return len(WORD.findall(text[: match.start()])) >= least and len(WORD.findall(text[match.end() :])) >= least


def breaks_off(view: View, corpus: Corpus) -> str:
    """Why a text seems to break off, as a sentence; empty when it does not."""
    text = view.taught.rstrip()
    if text.count("```") % 2:
        return "A block of code is not closed."
    last = text.split("\n")[-1].strip()
    if re.fullmatch(r"\d{1,2}[.)]|[-*+•]", last):
        return "A list item is empty."
    if last.startswith("|"):
        rows = [line for line in text.split("\n") if line.strip().startswith("|")]
        whole = len(rows) > 1 and last.count("|") < rows[0].count("|") and not last.endswith("|")
        return "A table row is not whole." if whole else ""
    opened = _open_bracket(last)
    if opened:
        return f"A {opened!r} is not closed."
    if last.startswith(("#", ">", "<", "!", "    ")) or last.endswith(("```", "`")):
        return ""
    return _broken_end(view, corpus, last)


def _open_bracket(last: str) -> str:
    if re.search(r"[.!?…][*_\"'”’)\]]*$", last):
        return ""
    bare = re.sub(r"[:;8=][-o]?[()\[\]]", "", last)
    for opening, closing in OPENS.items():
        if (
            bare.rfind(opening) > bare.rfind(closing)
            and bare.count(opening) > bare.count(closing)
            and len(bare) > bare.rfind(opening) + 1
        ):
            return opening
    return ""


def _broken_end(view: View, corpus: Corpus, last: str) -> str:
    words = last.split()
    tail = words[-1] if words else ""
    if re.fullmatch(r".*\w-", tail) and len(words) >= MIN_WORDS_BROKEN_OFF:
        return "A word is cut by a hyphen."
    if tail[-1:] in ",&€$£+=/" and not URL.search(tail) and len(words) >= MIN_WORDS_BROKEN_OFF + 2:
        return "The sentence goes on."
    if _is_piece(tail, corpus):
        return "The last word is a piece of one."
    if ENDS_WELL.search(last) or URL.search(tail):
        return ""
    word = tail.lower().strip("\"'”’")
    is_open = word in NEVER_LAST and (view.is_document or word not in OFTEN_LAST)
    if len(words) >= MIN_WORDS_BROKEN_OFF and (is_open or " ".join(words[-2:]).lower() in NO_END):
        return f"No sentence ends on {word!r}."
    if (
        last.startswith(("-", "*", "|", "["))
        or re.match(r"\d{1,2}[.)] ", last)
        or len(words) < MIN_WORDS_BROKEN_OFF + 1
    ):
        return ""
    if _stops_elsewhere(view, last):
        return "The last sentence has no end, the others do."
    return ""


def _is_piece(tail: str, corpus: Corpus) -> bool:
    """Whether the last token is the beginning of a word of the project, and no word itself."""
    piece = re.split(r"[/\-_.]", tail)[-1].lower()
    if not piece.isalpha() or not 2 <= len(piece) <= 9 or not corpus.vocabulary or corpus.vocabulary[piece] > 1:
        return False
    return any(word.startswith(piece) and n >= 3 for word, n in _words_of(corpus, piece[:2]))


def _words_of(corpus: Corpus, beginning: str) -> list[tuple[str, int]]:
    return corpus.beginnings().get(beginning, [])


def _stops_elsewhere(view: View, last: str) -> bool:
    """Whether the paragraphs before end with a stop: then a last one without is cut, not a habit."""
    paragraphs = [p.strip() for p in re.split(r"\n\s*\n", view.taught) if len(p.split()) >= 6]
    ended = [bool(ENDS_WELL.search(p)) for p in paragraphs[:-1]]
    if view.is_document:
        return len(last.split()) >= 6 and (not ended or sum(ended) >= 0.6 * len(ended))
    sentences = list(re.finditer(r"[.!?](?=\s)", view.prose))
    return len(ended) >= 2 and all(ended) and len(sentences) >= 4
