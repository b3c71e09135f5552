"""Whose words they are: little but a link, or little but a quotation.

A quotation is known by its marks: quoted lines, blocks, the head of a forwarded mail, a line that says whose words follow. In an
answer it needs none: words that stand in runs in the question are the asker's, whatever is put around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.curate.flags.corpus import Corpus
from core.curate.flags.view import LINK, TAG, URL, WORD, View, plain_words
from core.nouns import Flag

LINK_WORDS = 9
# A way through menus, or keys to press: an answer, however short.
TELLS = re.compile(
    r"\w[\w .&-]*(?:\s>\s|\s?(?:→|->)\s?(?!\s*(?:http|www|<|$)))\w[\w .&-]*|\b(?:ctrl|cmd|alt|shift)\s?[+-]\s?\w|\b(?:press|hit) F\d",
    re.IGNORECASE,
)
HOST_LINK = re.compile(r"\[((?:[\w-]+\.)+\w+)\]\(https?://\1/?\)")
QUOTED_SHARE, OWN_WORDS = 0.8, 8
BARE_DOMAIN = re.compile(r"\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|de|eu|co|uk|info|dev)(?:/\S*)?", re.IGNORECASE)

MAIL_HEAD = re.compile(
    r"^\s*(?:>\s*)?(?:on\b.{4,80}\bwrote|am\b.{4,80}\bschrieb\b.{0,60}|le\b.{4,80}\ba écrit|el\b.{4,80}\bescribió|il\b.{4,80}\bha scritto|op\b.{4,80}\bschreef\b.{0,60}|den\b.{4,80}\bskrev\b.{0,60}|em\b.{4,80}\bescreveu|.{2,50}\b(?:wrote|said|writes|schrieb|a écrit)(?: (?:on|at) .{4,40})?)\s*:?\s*$|"
    r"^\W*(?:begin forwarded message|anfang der weitergeleiteten|début du message réexpédié|quote from|quoting|zitat von|citation de|forwarded (?:message|mail|from)|in article .{4,60}writes?)\b.{0,80}$|"
    r"^\s*[-_]{2,}\s*(?:original|ursprüngliche|forwarded|weitergeleitete|message d'origine|mensaje original|messaggio originale).{0,40}$|^\s*_{10,}\s*$|"
    r"^\s*(?:from|sent|to|cc|subject|date|von|gesendet|an|betreff|datum|de|envoyé|à|objet|enviado|para|asunto|da|inviato|oggetto|van|verzonden|aan|onderwerp|från|skickat|till|ämne)\s*:\s.{0,120}$",
    re.IGNORECASE | re.MULTILINE,
)
INTRODUCES_ALONE = re.compile(r"\W*(?:begin forwarded|anfang der weiter|début du message|quote from|quoting|zitat von|forwarded|in article)\b", re.IGNORECASE)  # fmt: skip
# HTML, BBCode, Jira, Textile (whose block ends at a blank line).
BLOCK_QUOTE = re.compile(
    r"<(blockquote|q|quote|cite)\b.*?(?:</\1>|\Z)|\[quote\b[^\]]*\].*?(?:\[/quote\]|\Z)|\{quote(?::[^}]*)?\}.*?(?:\{quote\}|\Z)|"
    r"(?:\A|(?<=\n))bq\.\.?(?::\S+)? .*?(?:\n\s*\n|\Z)",
    re.DOTALL | re.IGNORECASE,
)
# A first line that says that somebody's message follows; a last one that says where it ends, or leaves the answer open.
OTHERS_MESSAGE = re.compile(
    r"\A\W*(?:[^\n.!?]{0,40}\b)?(?:customer|client|user|requester|asker|sender|caller|reader|poster|original|original poster|op|his|her|their|forwarded|incoming|full)(?:['’]s)?"
    r" (?:\w+ )?(?:message|mail|e-?mail|question|post|text|words|request|enquiry|inquiry|letter|comment|ticket)\b[^\n.!?]{0,30}:\s*\n",
    re.IGNORECASE,
)
END_OF_MESSAGE = re.compile(r"\n\W*(?:end of|message ends|ends here|unquote|end quote)\b[^\n]{0,30}\Z", re.IGNORECASE)
OPEN_ANSWER = re.compile(
    r"\n\W*\d*\W*(?:agent|answer|our answer|reply|our reply|response|support|team|staff)\s*:\W*\Z", re.IGNORECASE
)
# The same sign before every line, as programs for news and mail put it; a row of a table has one at its end too.
SAME_SIGN = re.compile(r"^\s*([|»:}%])(?!.*\|\s*$)")
RUN_OF_QUESTION = 5
# A few words before the marks only say who is quoted.
INTRODUCTION = re.compile(r"^[^\n\"“«„]{1,60}:\s*(?=[\"“«„])")
QUOTE_MARKS = (('"', '"'), ("“", "”"), ("«", "»"), ("„", "“"), ("'", "'"), ("‘", "’"))


def flags(view: View, corpus: Corpus) -> Iterator[Flag]:
    if not view.taught.strip():
        return
    yield from _link_flag(view)
    yield from _quote_flag(view)


def _link_flag(view: View) -> Iterator[Flag]:
    # The name of a server is made a link by many programs, and is what was asked for.
    taught = HOST_LINK.sub(r"\1", view.taught)
    if taught != view.taught and not URL.search(taught) and "](" not in taught:
        return
    text = LINK.sub(lambda m: " " if not m[1] else "", view.taught)
    link = URL.search(view.taught) or BARE_DOMAIN.search(view.taught)
    if link is None or "`" in text:
        return
    own = [w for w in plain_words(BARE_DOMAIN.sub(" ", URL.sub(" ", TAG.sub(" ", text)))) if not w.isdigit()]
    if "<a " in view.taught.lower():
        own = own[:-1]
    if len(own) < LINK_WORDS and not TELLS.search(TAG.sub(" ", text)):
        evidence = f"{len(own)} words beside the link, at least {LINK_WORDS} expected."
        yield view.flag("link_only", evidence, link.span(), value=len(own), limit=LINK_WORDS)


def _quote_flag(view: View) -> Iterator[Flag]:
    own, n_all = own_words(view.taught)
    if n_all >= OWN_WORDS and (own <= OWN_WORDS and n_all - own >= OWN_WORDS) and 1 - own / n_all >= QUOTED_SHARE / 2:
        share = 1 - own / n_all
        yield view.flag("quote_only", f"{own} of {n_all} words are its own.", value=share, limit=QUOTED_SHARE)
    elif n_all and 1 - own / n_all >= QUOTED_SHARE and n_all >= 2 * OWN_WORDS:
        share = 1 - own / n_all
        yield view.flag("quote_only", f"{share:.0%} of the text is quoted.", value=share, limit=QUOTED_SHARE)
    elif n_all >= 2 * OWN_WORDS and view.question:
        # Below a question that is quoted whole a thanks or a name may stand, but no answer.
        own = not_asked(view.taught, view.question)
        share = 1 - own / n_all
        if own <= OWN_WORDS and share >= QUOTED_SHARE / 2:
            evidence = f"All but {own} of its {n_all} words are the question's."
            yield view.flag("quote_only", evidence, value=share, limit=QUOTED_SHARE)


def not_asked(answer: str, question: str) -> int:
    """How many words of an answer stand in no run of the question's words."""
    asked, said = plain_words(question), plain_words(answer)
    runs = {tuple(asked[i : i + RUN_OF_QUESTION]) for i in range(len(asked) - RUN_OF_QUESTION + 1)}
    repeated: set[int] = set()
    for i in range(len(said) - RUN_OF_QUESTION + 1):
        if tuple(said[i : i + RUN_OF_QUESTION]) in runs:
            repeated.update(range(i, i + RUN_OF_QUESTION))
    return len(said) - len(repeated)


def own_words(text: str) -> tuple[int, int]:
    """(words of one's own, all words): without quoted lines, mail heads with what follows them, and text in quote marks."""
    n_all = len(WORD.findall(text))
    stripped = BLOCK_QUOTE.sub(" ", text).strip()
    if OPEN_ANSWER.search(stripped) or OTHERS_MESSAGE.match(stripped) or END_OF_MESSAGE.search(stripped):
        return 0, n_all
    introduction = INTRODUCTION.match(stripped)
    if introduction and len(WORD.findall(introduction.group())) < OWN_WORDS:
        stripped = stripped[introduction.end() :]
    for opening, closing in QUOTE_MARKS:
        if stripped.startswith(opening) and stripped.endswith(closing) and stripped.count("\n\n" + opening) == 0:
            inner = stripped[1:-1]
            if (opening == closing and inner.count(opening) <= 2) or (
                opening != closing and inner.count(closing) <= inner.count(opening)
            ):
                return 0, n_all
    own: list[str] = []
    heads = 0
    lines = _without_signs(stripped.split("\n"))
    for i, line in enumerate(lines):
        if (":" in line or "--" in line or "__" in line or "wrote" in line) and MAIL_HEAD.search(line):
            heads += 1
            # Below the head of a forwarded mail everything is that mail, where no line is marked as quoted.
            is_forwarded = heads >= 3 or not any(x.lstrip().startswith(">") for x in lines)
            if is_forwarded and i + 1 < len(lines) and _is_head_block(lines[: i + 1]):
                break
            continue
        if not line.lstrip().startswith(">"):
            own.append(line)
    return len(WORD.findall("\n".join(own))), n_all


def _without_signs(lines: list[str]) -> list[str]:
    """Lines that nearly all begin with one sign are quoted; they get the usual one."""
    written = [line for line in lines if line.strip()]
    signs = [found[1] for line in written if (found := SAME_SIGN.match(line))]
    if len(signs) < max(2, QUOTED_SHARE * len(written)) or len(set(signs)) > 1:
        return lines
    return [f"> {line}" if SAME_SIGN.match(line) else line for line in lines]


def _is_head_block(lines: list[str]) -> bool:
    """Whether the lines hold the head of a forwarded mail: a rule or sentence that introduces it, or three fields."""
    heads = [line for line in lines if line.strip() and MAIL_HEAD.search(line)]
    return (
        len(heads) >= 3
        or bool(re.match(r"\s*[-_]{2,}\s*\w", heads[-1]))
        or bool(INTRODUCES_ALONE.match(heads[-1]))
        or bool(
            re.search(
                r"\b(?:wrote|schrieb\b.*|a écrit|escribió|ha scritto|schreef\b.*|skrev\b.*|escreveu)\s*:\s*$",
                heads[-1],
                re.IGNORECASE,
            )
        )
    )
