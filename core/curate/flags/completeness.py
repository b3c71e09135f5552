"""Whether a text is whole, one, and of a usable length: placeholder, truncated, merged, missing reference, too short, too long.

A text breaks off where something stays open (a bracket, a block of code, a table row, a list item), where
it ends on a word no sentence ends on or on a piece of a word, or where everything before ends with a stop
and the last paragraph does not. A reference is missing when what it names is not in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.curate.flags import references, standins
from core.curate.flags.corpus import Corpus
from core.curate.flags.view import URL, WORD, View
from core.nouns import Flag, Goal

MIN_WORDS = {Goal.VOICE: 40, Goal.SUPPORT: 6, Goal.CODE: 3}

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
OPENS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»"}

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
    yield from standins.flags(view)
    yield from references.flags(view)
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
