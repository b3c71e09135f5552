"""Whether a text is whole, one, and of a usable length: placeholder, truncated, merged, missing reference, too short, too long.

A text breaks off where something stays open (a bracket, a block of code, a table row, a list item), where
it ends on a word no sentence ends on or on a piece of a word, or where everything before ends with a stop
and the last paragraph does not. Where only the sense of the last words tells, a base model is asked (`may_break_off`). A reference is missing when what it names is not in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.curate.flags import joined, references, standins
from core.curate.flags.corpus import Corpus
from core.curate.flags.view import URL, View
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
# A colon, an abbreviation that needs an example, a word that needs another one before dots.
ANNOUNCES = re.compile(
    r"(?<=\w)[\"”’)*_]{0,3}:$|\b(?:e\.g|i\.e|cf|viz|incl)\.,?$|\b(?:the|an?|and|or|by|to|with|of|from|which|that is|namely|because|if|your|our) ?(?:\.{3,}|…)$",
    re.IGNORECASE,
)
EMOJI_NAME = re.compile(r"(?:^|\s):\w+:$")
# Of 122 real answers that end without a stop 7 are below, most of them cut indeed; of 72 planted ends four in five.
LEAST_END_SHARE = 0.02
MENU_PATH = re.compile(r"\w[\w &-]*\s?[>→]\s?[A-Za-z][\w &-]*")
MIN_WORDS_BROKEN_OFF, MIN_WORDS_IN_LIST = 5, 3
LIST_ITEM = re.compile(r"(?:\d{1,2}[.)]|[-*+•])\s")
# A letter's last lines end as they like.
SIGNED = re.compile(
    r"\b(?:thanks?(?: you)?|regards|wishes|cheers|sincerely|yours|best|greetings|wrote|love)\b[^.!?\n]{0,25}$",
    re.IGNORECASE,
)
INFLECTIONS = ("s", "es", "ed", "d", "ing", "ly", "er", "ers", "or", "y", "al", "ion", "ions", "ment", "able", "n", "r")
OPENS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»"}


def flags(view: View, corpus: Corpus) -> Iterator[Flag]:
    if not view.taught.strip():
        return
    yield from _length_flags(view, corpus)
    yield from standins.flags(view)
    yield from references.flags(view)
    yield from joined.flags(view, corpus)
    broken = breaks_off(view, corpus)
    if broken:
        end = len(view.taught.rstrip())
        yield view.flag("truncated", f"{broken} It ends with {view.taught.rstrip()[-40:]!r}.", (max(0, end - 60), end))


def _length_flags(view: View, corpus: Corpus) -> Iterator[Flag]:
    n_words, least = view.n_words, MIN_WORDS[view.goal]
    # A way through menus is an answer in few words.
    if n_words < least and not MENU_PATH.search(view.taught):
        yield view.flag("too_short", f"{n_words} words, at least {least} expected.", value=n_words, limit=least)
    elif n_words > corpus.longest:
        evidence = f"{n_words:,} words, up to {corpus.longest:,} expected."
        yield view.flag("too_long", evidence, value=n_words, limit=corpus.longest)


def breaks_off(view: View, corpus: Corpus) -> str:
    """Why a text seems to break off, as a sentence; empty when it does not."""
    text = view.taught.rstrip()
    if text.count("```") % 2:
        return "A block of code is not closed."
    last = _last_line(view)
    if re.fullmatch(r"\d{1,2}[.)]|[-*+•]", last):
        return "A list item is empty."
    if last.startswith("|"):
        rows = [line for line in text.split("\n") if line.strip().startswith("|")]
        whole = len(rows) > 1 and last.count("|") < rows[0].count("|") and not last.endswith("|")
        return "A table row is not whole." if whole else ""
    opened = _open_bracket(last)
    if opened:
        return f"A {opened!r} is not closed."
    if _is_no_sentence(last):
        return ""
    if ANNOUNCES.search(last) and not EMOJI_NAME.search(last):
        return "It announces something that does not come."
    return _broken_end(view, corpus, last)


def may_break_off(view: View) -> bool:
    """Whether the text ends on a line of words without a stop, so that only its sense says whether it is whole."""
    last = _last_line(view)
    return (
        len(last.split()) > MIN_WORDS_BROKEN_OFF
        and not _is_no_sentence(last)
        and not view.taught.rstrip().split("\n")[-1].startswith(("    ", "\t"))
        and not ENDS_WELL.search(last)
        and not last.startswith(("|", "["))
        and not _is_signed(view, last)
        and not _is_link(last.split()[-1])
    )


def cut_off(view: View, end_share: float) -> Flag | None:
    """The flag where a base model does not expect the text to end here. end_share: in [0, 1], as `end_probabilities` gives it."""
    if end_share >= LEAST_END_SHARE:
        return None
    end = len(view.taught.rstrip())
    evidence = (
        f"The sentence seems to go on: a base model gives {end_share:.1%} to an end after {view.taught[:end][-40:]!r}."
    )
    return view.flag("truncated", evidence, (max(0, end - 60), end), value=end_share, limit=LEAST_END_SHARE)


def _last_line(view: View) -> str:
    return view.taught.rstrip().split("\n")[-1].strip()


def _is_no_sentence(last: str) -> bool:
    """A heading, a quotation, markup or code."""
    return last.startswith(("#", ">", "<", "!")) or last.endswith(("```", "`"))


def _is_link(word: str) -> bool:
    return bool(URL.search(word)) or word.endswith(">")


def _is_signed(view: View, last: str) -> bool:
    above = [line for line in view.prose.rstrip().split("\n") if line.strip()][-2:-1]
    return any(SIGNED.search(line.strip()) for line in (last, *above))


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
    if _is_signed(view, last):
        return ""
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
    least = MIN_WORDS_IN_LIST if LIST_ITEM.match(last) else MIN_WORDS_BROKEN_OFF
    if len(words) >= least and (is_open or word in corpus.inner_words or " ".join(words[-2:]).lower() in NO_END):
        return f"No sentence ends on {word!r}."
    if (
        last.startswith(("-", "*", "|", "["))
        or re.match(r"\d{1,2}[.)] ", last)
        or len(words) < MIN_WORDS_BROKEN_OFF + 1
    ):
        return ""
    if word in corpus.mostly_inner_words and _is_punctuated(view):
        return f"Sentences seldom end on {word!r}, and all others end with a stop."
    if _stops_elsewhere(view, last):
        return "The last sentence has no end, the others do."
    return ""


def _is_piece(tail: str, corpus: Corpus) -> bool:
    """Whether the last token is the beginning of a word of the project, and no word itself."""
    piece = re.split(r"[/\-_.]", tail)[-1].lower()
    if not piece.isalpha() or not 2 <= len(piece) <= 9 or not corpus.vocabulary or corpus.vocabulary[piece] > 1:
        return False
    longer = [(w, n) for w, n in _words_of(corpus, piece[:2]) if w.startswith(piece) and w != piece]
    if any(n >= 3 for _, n in longer):
        return True
    # A rarer word counts where more of it is missing than an ending.
    return len(piece) >= 5 and any(n >= 2 and w.removeprefix(piece) not in INFLECTIONS for w, n in longer)


def _words_of(corpus: Corpus, beginning: str) -> list[tuple[str, int]]:
    return corpus.beginnings().get(beginning, [])


def _stops_elsewhere(view: View, last: str) -> bool:
    """Whether the paragraphs before end with a stop: then a last one without is cut, not a habit."""
    paragraphs = [p.strip() for p in re.split(r"\n\s*\n", view.taught) if len(p.split()) >= 6]
    ended = [bool(ENDS_WELL.search(p)) for p in paragraphs[:-1]]
    if view.is_document:
        return len(last.split()) >= 6 and (not ended or sum(ended) >= 0.6 * len(ended))
    sentences = list(re.finditer(r"[.!?](?=\s)", view.prose))
    return len(ended) >= 3 and all(ended) and len(sentences) >= 6


def _is_punctuated(view: View) -> bool:
    """Whether every sentence but the last has its stop."""
    before = view.sentences[:-1]
    return bool(before) and all(ENDS_WELL.search(sentence) for sentence in before)
