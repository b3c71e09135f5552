"""Whose words they are: little but a link, little but a quotation, or an advertisement.

An advertisement is known by several kinds of cue at once (an offer, a price, a call to act, a promise, a way
to reach the seller); each kind counts once, since honest texts use one of them often and three together rarely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.curate.flags.corpus import Corpus
from core.curate.flags.view import LINK, TAG, URL, WORD, View, plain_words
from core.nouns import Flag, RecordKind

LINK_WORDS = 9
QUOTED_SHARE, OWN_WORDS = 0.8, 8
BARE_DOMAIN = re.compile(r"\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|de|eu|co|uk|info|dev)(?:/\S*)?", re.IGNORECASE)

MAIL_HEAD = re.compile(
    r"^\s*(?:>\s*)?(?:on\b.{4,80}\bwrote|am\b.{4,80}\bschrieb\b.{0,60}|le\b.{4,80}\ba écrit|el\b.{4,80}\bescribió|il\b.{4,80}\bha scritto|op\b.{4,80}\bschreef\b.{0,60}|den\b.{4,80}\bskrev\b.{0,60}|em\b.{4,80}\bescreveu|.{2,50}\b(?:wrote|said|writes|schrieb|a écrit))\s*:?\s*$|"
    r"^\s*[-_]{2,}\s*(?:original|ursprüngliche|forwarded|weitergeleitete|message d'origine|mensaje original|messaggio originale).{0,40}$|^\s*_{10,}\s*$|"
    r"^\s*(?:from|sent|to|cc|subject|date|von|gesendet|an|betreff|datum|de|envoyé|à|objet|enviado|para|asunto|da|inviato|oggetto|van|verzonden|aan|onderwerp|från|skickat|till|ämne)\s*:\s.{0,120}$",
    re.IGNORECASE | re.MULTILINE,
)
QUOTE_MARKS = (('"', '"'), ("“", "”"), ("«", "»"), ("„", "“"), ("'", "'"), ("‘", "’"))

ADVERTISING: dict[str, tuple[float, re.Pattern[str]]] = {
    name: (weight, re.compile(pattern, 0 if name == "noise" else re.IGNORECASE))
    for name, weight, pattern in (
        ("offer", 1.0, r"\b\d{1,2} ?% (?:off|discount)|\bdiscounts?\b|\b(?:promo|coupon|voucher|discount)? ?code [A-Z]+\d+|\buse code\b|\benter [A-Z]{3,}\d+\b|\bspecial (?:offer|price|deal)|\bexclusive (?:deal|offer|discount)|\blimited[- ]time\b|\b(?:offer|sale|deal) (?:ends|expires|is on)|\bfree (?:trial|demo|domain|shipping|consultation|quote|starter|sample|gift)|\b(?:trial|demo) version\b|\blifetime (?:licen[cs]e|access|deal)|\bfor the price of\b|\bearly birds?\b|\bonly \d+ (?:seats?|places|spots|left)|\bcheap(?:est)?\b|\b(?:low|lowest|best|affordable) (?:price|rate)s?\b|\baffordable\b|\bminimum order\b|\bmoney[- ]back\b"),
        ("price", 0.7, r"[$€£₹]\s?\d[\d.,]*|\b\d[\d.,]* ?(?:dollars?|euros?|usd|eur|pounds?|bucks)\b"),
        ("call to act", 1.0, r"\b(?:order|buy|call|sign up|subscribe|register|join|download|try it|act|apply|hurry|book|shop|click|contact us|enrol|grab|get (?:yours|started|it|a demo)|visit our|message me|dm me|write to him|write to her|start) (?:now|today|here|at|yours?|our|us|the free|free|the link|this|anytime|in the)\b|\bdon'?t (?:miss|sleep|wait)\b|\bwhat are you waiting\b|\bcall (?:anytime|us|now)\b|\bwhatsapp\b|\btelegram\b|\bchat: ?@|\bhurry\b|\blet me know, \w+|\border here\b"),
        ("promise", 1.0, r"\b100 ?%|\bguarantee[ds]?\b|\bsatisf(?:ied|action)\b|\bno (?:risk|data loss|size limit|experience|boss|questions asked)\b|\binstant(?:ly)? delivery|\bin (?:just )?(?:\d+|three|two|few|a few) (?:clicks|minutes|hours|steps)\b|\b(?:fast|instant|quick|easy) (?:delivery|solve|solution|money|cash|results?)|\b(?:best|most trusted|#1|number one|leading|top[- ]rated|award[- ]winning|world[- ]class|most (?:popular|powerful|reliable)) (?:\w+ )?(?:and \w+ \w+ )?(?:tool|software|service|product|solution|app|provider|company|platform|choice|wizard|converter)\b|\b(?:trusted|recommended|used|loved) by (?:\w+ )?(?:professionals|experts|customers|users|thousands|millions|companies|leading)|\bhappy customers\b|\bwe think you'?ll love\b|\b(?:lightning|blazing)[- ]fast\b|\bbrand[- ]new\b|\bpowered by ai\b|\bplagiarism[- ]free\b|\bpowerful\b"),
        ("seller", 1.0, r"\btoll[- ]?free\b|\bhelp ?lines?\b|\b(?:customer|technical|tech) (?:care|service|support)(?: \w+)? (?:phone |contact )?numbers?\b|\brefund number\b|\bcertified (?:expert|technician)|\b24[ x*/]{1,3}7\b|\bsponsored\b|\bdo-?follow\b|\bbacklinks?\b|\bseo\b|\bguest post\b|\bcasino\b|\bbetting\b|\bgambling\b|\bcrypto(?:currenc\w+)?\b|\bforex\b|\bloans?\b|\bviagra\b|\bescorts?\b|\bspell ?caster\b|\blottery\b|\bassignment help\b|\bessay (?:writing|help)|\bdissertation\b|\bexam taker\b|\bfollowers\b|\bverified accounts\b|\breal money\b|\bearn \$|\bhair|\bweight loss\b|\bsupplements?\b|\baffiliate\b|\b(?:[?&]|%3F)(?:ref|aff|affid|utm_\w+|partner)="),
        ("product", 0.8, r"\b(?:our|this|the|a|an|try|using?|used|download(?:ing)?) (?:\w+[ -]){0,4}(?:converter|migrator|recovery|wizard|exporter|importer|vpn|platform|hosting|app|software|toolkit|saas|suite|edition|client)\b|\b(?:pst|ost|mbox|eml|nsf|edb|olm) (?:\w+ )?(?:converter|recovery|repair|rescue|viewer|exporter|migrat\w+|wizard|tool)|\b(?:pro|premium|business|enterprise) (?:edition|version|plan)\b|\bfor readers of this\b|\b(?:we|i)(?:'ve| have)? (?:just )?(?:launched|released|built|created)\b|\bunlike (?:the|other)\b"),
        ("noise", 0.5, r"!!+|[🔥➡✅💰🎁⭐🚀👉💯]|(?:\b[A-Z]{4,}\b[ !]+){3,}|\b(\(?\+?\d[\d ()-]{7,}\d)\b(?:.*?\1){1,}"),
        ("way to reach", 0.6, r"\b[\w.+-]+@[\w-]+\.\w+|https?://|\bwww\.|\+?1?[-. ]?\(?\b8(?:00|44|55|66|77|88)\)?[-. ]\d{3}|\(0800\)|\b0800\b|\bin the sidebar\b|->|→"),
    )
}  # fmt: skip
ADVERTISING_LIMIT = 2.6
# Of these there must be two: the others stand in honest texts all the time.
TELLING = frozenset({"offer", "call to act", "promise", "seller"})


def flags(view: View, corpus: Corpus) -> Iterator[Flag]:
    if not view.taught.strip():
        return
    yield from _link_flag(view)
    yield from _quote_flag(view)
    yield from _promotional_flag(view)


def _link_flag(view: View) -> Iterator[Flag]:
    text = LINK.sub(lambda m: " " if not m[1] else "", view.taught)
    link = URL.search(view.taught) or BARE_DOMAIN.search(view.taught)
    if link is None or "`" in text:
        return
    own = [w for w in plain_words(BARE_DOMAIN.sub(" ", URL.sub(" ", TAG.sub(" ", text)))) if not w.isdigit()]
    if "<a " in view.taught.lower():
        own = own[:-1]
    if (len(own) < LINK_WORDS and not view.is_document) or len(own) < LINK_WORDS // 2 + 1:
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


def own_words(text: str) -> tuple[int, int]:
    """(words of one's own, all words): without quoted lines, mail heads with what follows them, and text in quote marks."""
    n_all = len(WORD.findall(text))
    stripped = re.sub(r"<blockquote\b.*?(?:</blockquote>|\Z)", " ", text, flags=re.DOTALL | re.IGNORECASE).strip()
    for opening, closing in QUOTE_MARKS:
        if stripped.startswith(opening) and stripped.endswith(closing) and stripped.count("\n\n" + opening) == 0:
            inner = stripped[1:-1]
            if (opening == closing and inner.count(opening) <= 2) or (
                opening != closing and inner.count(closing) <= inner.count(opening)
            ):
                return 0, n_all
    own: list[str] = []
    heads = 0
    lines = stripped.split("\n")
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


def _is_head_block(lines: list[str]) -> bool:
    """Whether the lines hold the head of a forwarded mail: a rule or sentence that introduces it, or three fields."""
    heads = [line for line in lines if line.strip() and MAIL_HEAD.search(line)]
    return (
        len(heads) >= 3
        or bool(re.match(r"\s*[-_]{2,}\s*\w", heads[-1]))
        or bool(
            re.search(
                r"\b(?:wrote|schrieb\b.*|a écrit|escribió|ha scritto|schreef\b.*|skrev\b.*|escreveu)\s*:\s*$",
                heads[-1],
                re.IGNORECASE,
            )
        )
    )


def _promotional_flag(view: View) -> Iterator[Flag]:
    parts = [(view.taught, view.place(0, len(view.taught)))]
    if view.record.kind is RecordKind.THREAD:
        parts.append((f"{view.record.title}\n{view.question}", (0, len(view.record.title) + 2 + len(view.question))))
    for text, place in parts:
        value, names = advertising(text)
        if value >= ADVERTISING_LIMIT:
            evidence = f"It has what advertisements have: {', '.join(names)}."
            yield Flag("promotional", evidence, *place, value=value, limit=ADVERTISING_LIMIT)
            return


def advertising(text: str) -> tuple[float, list[str]]:
    """The densest paragraph's weight of advertising cues, and their names; long texts mention many things apart."""
    best: tuple[float, list[str]] = (0.0, [])
    if sum(bool(ADVERTISING[name][1].search(text)) for name in TELLING) < 2:
        return best
    paragraphs = [p for p in re.split(r"\n\s*\n", text) if p.strip()]
    for paragraph in paragraphs:
        found = [(weight, name) for name, (weight, pattern) in ADVERTISING.items() if pattern.search(paragraph)]
        value = sum(weight for weight, _ in found) if len(TELLING.intersection(n for _, n in found)) >= 2 else 0.0
        if value > best[0]:
            best = (value, [name for _, name in found])
    return best
