"""Whether a text advertises, by several kinds of cue at once.

An offer, a price, a call to act, a promise, a seller, a product praised, a way to reach the seller, noise: each kind counts
once, since honest texts use one of them often and three together rarely. Beside that: one telephone number said again and
again, goods that are sold nowhere but in spam, and words in decorative letters. English.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from core.curate.flags.corpus import Corpus
from core.curate.flags.view import WORD, View, blanked
from core.curate.quick_search import lowered
from core.nouns import Flag, RecordKind

_GOODS = (
    r"(?:casinos?|betting|gambling|slots?|lottery|jackpot|bitcoins?|crypto(?:currenc\w+)?|forex|binary options|loans?|viagra|cialis|escorts?|spell ?casters?|love spells?|psychic|"
    r"backlinks?|seo|web ?design|guest posts?|followers|likes and views|(?:sun)?glasses|handbags|watches|jewel\w+|wigs?|hair|weight loss|diet pills?|supplements?|cbd|vape|essays?|dissertations?|assignment (?:help|writing)|homework help|exam taker|"
    r"payday|mortgages?|insurance quotes?|credit repair|real estate|packers and movers|hotels?|villas?|flights?|airline tickets?|tours?|dating|webinars?|e-?books?|online courses?|coaching|franchise|mlm|fake (?:id|passport)s?|documents for sale|"
    r"recovery (?:expert|agent|specialist)|hackers? for hire|verified accounts|aged mailboxes|smm|digital marketing|app development|outsourc\w+|escort service)"
)
CUES: dict[str, tuple[float, re.Pattern[str]]] = {
    name: (weight, re.compile(pattern, 0 if name in ("noise", "product") else re.IGNORECASE))
    for name, weight, pattern in (
        ("offer", 1.0,
         r"\b\d{1,2} ?(?:%|per ?cent) (?:off|discount|cheaper|interest)|\bdiscount(?:s|ed)?\b|\bsave (?:up to |over )?(?:[$€£]?\d+)|\b(?:promo|coupon|voucher|discount) ?(?:code)?s? [A-Z]+\d+|\buse (?:the )?(?:promo |coupon |discount )?code\b|\benter [A-Z]{3,}\d+\b|\bspecial (?:offer|price|deal|discount)|\bexclusive (?:deal|offer|discount)|\blimited[- ](?:time|offer|edition|stock)\b|"
         r"\b(?:offer|sale|deal) (?:ends|expires|is on|valid)|\bfree (?:trial|demo|domain|shipping|delivery|consultation|quote|estimate|starter|sample|gift|webinar|course|e-?book|breakfast|version|download|account|spins|bonus|months?|month|credits?|assessment)|\b(?:trial|demo|free) (?:version|edition)\b|\btry (?:it |the |our |a )?(?:for free|free|demo)|\bmonths? (?:for )?free\b|\blifetime (?:licen[cs]e|access|deal|updates)|\bfor the price of\b|\bearly birds?\b|"
         r"\b(?:only|just|last) \d+ (?:seats?|places|spots|rooms|left|pieces)|\b(?:seats?|places|spots|stock)s? (?:is|are) (?:limited|running out|filling)|\bcheap(?:est)?\b|\b(?:low|lowest|best|affordable|reasonable|unbeatable|competitive|wholesale|factory) (?:price|rate|cost)s?\b|\baffordable\b|\bminimum order\b|\bmoney[- ]back\b|\bno collateral\b|\binterest rates?\b|\bworld-?wide shipping\b|\bin bulk\b|\breferral (?:link|code|bonus)|\bbuy (?:one|two|\d)\b|\bfor sale\b|\bwhile (?:stocks?|supplies) last"),
        ("price", 0.7, r"[$€£₹]\s?\d[\d.,]*|\b\d[\d.,]* ?(?:dollars?|euros?|usd|eur|pounds?|bucks)\b|\bper (?:page|piece|month|night|person|seat)\b"),
        ("call to act", 1.0,
         r"\b(?:order|buy|call|sign up|subscribe|register|join|download|try it|act|apply|hurry|book|shop|click|contact us|enrol+|grab|get (?:yours|started|it|a demo|in touch)|visit (?:us|our|my|the)|message me|dm me|text us|mail us|write to (?:him|her|us)|start|invest|claim|reserve|check out|follow|learn more) (?:now|today|here|at\b(?! the)|your?s?(?: (?:seat|place|stay|spot|copy|free|appointment|room|ticket|table))|our|us\b|the (?:free|trial|demo|full)|free|my (?:\w+ )?(?:link|page|website|channel|profile|blog)|this (?:offer|deal|link to)|anytime|before (?:\w+day|it)|via|online|below to)\b|"
         r"\bdon['’]?t (?:miss|sleep|wait|hesitate to (?:call|contact|order))\b|\bwhat are you waiting\b|\bcall (?:anytime|us|now|our|\+?\d)|\b(?:via|on|by|through) (?:whats ?app|telegram|skype|viber|signal)\b|\bwhats ?app\b|\btelegram\b|\bchat: ?@|\bhurry\b|\blet me know, \w+|\border here\b|\bcontact (?:us|him|her|me) (?:on|at|via|for|today|now|through)\b|\bvisit (?:my|our|us|www|https?|the (?:web)?site)\b|\byou can (?:try|download|get|buy|order|contact|reach|hire) (?:the |it |a |us|our |him|her|this |its )|\bclick (?:on )?(?:the|this) (?:link|button|banner) (?:in|below|above|to)\b|\bfollow (?:my|our|this) (?:\w+ )?link\b|\bapply (?:today|now|via|online)\b|\b(?:I|we)(?:['’]d| would)? (?:\w+ )?(?:recommend|suggest) (?:using |trying |that you (?:use|try) |you (?:use|try) )?(?:the )?(?-i:(?:[A-Z][\w.-]+ ){1,4}(?:Tool|Software|Converter|Wizard|Backup|Recovery|Migrator|Exporter|Repair|Suite|Utility))\b|\bbook (?:your|now|a (?:demo|call|free))"),
        ("promise", 1.0,
         r"\b100 ?%|\bguarante(?:e[ds]?|ed)\b|\bsatisf(?:ied|action)\b|\b(?:no|without any|zero) (?:risk|data loss|size limit|experience|boss|hassle|questions asked|side effects|hidden (?:fees|costs))\b|\bwithout (?:losing|any loss of|data loss)\b|\binstant(?:ly)? (?:delivery|help|approval|access)|\bin (?:just |only |simply )?(?:\d+|three|two|few|a few|some) (?:clicks|minutes|hours|steps|easy steps|simple steps)\b|\bin (?:a|one) (?:single )?(?:click|week)\b|\b(?:fast|instant|quick|easy|safe|secure|reliable|hassle-free) (?:delivery|solve|solution|money|cash|results?|conversion|migration|recovery|approval|and (?:\w+ )?(?:reliable|secure|easy|safe|accurate|fast))|"
         r"\b(?:best|most trusted|#1|no\.? ?1|number one|leading|top[- ]rated|award[- ]winning|world[- ]class|ultimate|professional|most (?:popular|powerful|reliable|efficient)|perfect|excellent|advanced|recommended|trustworthy) (?:\w+ )?(?:and \w+ \w+ )?(?:tools?|software|services?|products?|solutions?|apps?|utilit(?:y|ies)|providers?|company|companies|agency|agencies|platform|choice|option|wizard|converter|view in town|team|experts?|way to (?:convert|migrate|export|recover|backup|back up))\b|"
         r"\b(?:trusted|recommended|used|loved|chosen) by (?:over |more than |\w+ )?(?:professionals|experts|customers|users|thousands|millions|companies|leading|\d)|\bhappy (?:customers|clients)\b|\bwe think you['’]?ll love\b|\b(?:lightning|blazing)[- ]fast\b|\bbrand[- ]new\b|\bpowered by ai\b|\bplagiarism[- ]free\b|\bpowerful\b|\b(?:very |so )?(?:easy|simple)[- ]to[- ]use\b|\buser[- ]friendly\b|\ball[- ]in[- ]one\b|\bnever (?:lose|worry)\b|\bunlimited (?:\w+ )?(?:files|emails|data|folders|items|mailboxes)\b|\bget rich\b|\bturn (?:\w+ )?\d+ \w+ into\b|\b(?:double|triple|boost|skyrocket|transform(?:s|ed)?|revolutioni\w+) (?:your|their|how|our)\b|\b(?:\d+|many|several) years of experience\b|\breal accounts\b|\bhighly recommend(?:ed)?\b|\bchanged my life\b|\bearn \$?\d|\bmake money\b|\bpassive income\b|\bpreserv\w+ (?:the )?(?:original )?(?:data|folder|formatting)\b|\bbetter (?:future|life)\b|\brestored? my (?:marriage|relationship)|\bbrought (?:him|her|my \w+) back\b"),
        ("seller", 1.0,
         rf"\btoll[- ]?free\b|\bhelp ?line\b|\b(?:customer|technical|tech|support) (?:care|service|support)? ?(?:\w+ )?(?:phone |contact |toll ?free )?numbers?\b|\brefund number\b|\bcertified (?:expert|technician)|\b24[ x*/]{{1,3}}7\b|\bsponsored\b|\bdo-?follow\b|\breal money\b|\baffiliate\b|(?:[?&]|%3F)(?:ref|aff|affid|utm_\w+|partner)=|\bmy mentor\b|\b(?:we|our (?:company|agency|team|experts|firm|hotel|shop|store|clinic|course|academy|tool|software|service|product)s?) (?:\w+ )?(?:offers?|provides?|supply|supplies|sells?|speciali[sz]e|deliver|ship|teach(?:es)?|help(?:s)? (?:you|your|businesses)|are (?:an?|the) (?:\w+ )?(?:\w+ )?(?:professional|leading|agency|company|provider|manufacturer|firm|team))|"
         rf"\b(?:my|our) (?:web ?site|online (?:shop|store)|shop|store|clients|customers|products|services|new course)\b|\bbuy (?:\w+ ){{0,2}}(?:{_GOODS})|\b{_GOODS}\b"),
        ("product", 0.8,
         r"(?i:\b(?:our|this|the|a|an|try|using?|used|download(?:ing)?|recommend(?:ed)?|third[- ]party) (?:[\w-]+[ -]){0,5}(?:converter|migrator|recovery|wizard|exporter|importer|vpn|platform|hosting|toolkit|saas|suite|repair tool|backup tool|migration tool|conversion tool|software)\b)|(?i:\b(?:pst|ost|mbox|eml|msg|nsf|edb|olm|zimbra|imap|gmail|outlook|office 365|thunderbird|vcf) (?:[\w-]+ ){0,3}(?:converter|recovery|repair|rescue|viewer|exporter|migrat\w+|wizard|backup (?:tool|software|wizard)|tool)\b)|\b(?:[A-Z][\w-]+ ){1,4}(?:Converter|Recovery|Migrator|Wizard|Toolkit|Exporter|Importer|Repair|VPN|Suite|Software|Backup Tool|Migration Tool|Tool|Pro|Premium)\b|"
         r"(?i:\b(?:pro|premium|business|enterprise) (?:edition|version|plan)\b)|(?i:\bfor readers of this\b)|(?i:\b(?:we|i)(?:'ve| have)? (?:just )?(?:launched|released|built|created)\b)|(?i:\bunlike (?:the|other)\b)|(?i:\bI (?:really |highly |strongly )?recommend (?:using |you |that you |to )?(?:[A-Z]\w+ ?){1,4})"),
        ("noise", 0.5, r"!!+|[🔥➡✅💰🎁⭐🚀👉💯📞☎💎🎉✨🤑💸⚡]|(?:\b[A-Z]{4,}\b[ !]+){3,}"),
        ("way to reach", 0.6, r"\b[\w.+-]+@[\w-]+\.\w+|https?://|\bwww\.|\b[\w-]+\.(?:com|net|org|io|co|shop|store|online|site)\b|\+?1?[-. ]?\(?\b8(?:00|44|55|66|77|88)\)?[-. ]\d{3}|\(0800\)|\b0800\b|\+\d{1,3}[ -]?\d{2,4}[ -]\d{3}|\b(?:on|via) telegram\b|\bin the sidebar\b|->|→|@\w{4,}"),
    )
}  # fmt: skip
LOWERED = {name: lowered(pattern) for name, (_, pattern) in CUES.items()}
LIMIT = 2.65
# Of these there must be two: the others stand in honest texts all the time.
TELLING = frozenset({"offer", "call to act", "promise", "seller"})
# A telephone number: in groups, or with a plus; not a date, an address of a machine or an id.
NUMBER = re.compile(
    r"(?<![\w.:-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,5}\)[ .-]?|\d{3,5}[ .-])\d{3,4}[ .-]?\d{2,4}(?![\w:-])|(?<!\w)\+\d{9,14}(?!\w)"
)
NUMBER_TIMES = 3
LINK_TARGET = re.compile(r"\]\([^)\n]*\)")
# Letters that look like others, from the blocks of mathematical and enclosed letters.
DECORATED = re.compile(r"[\U0001D400-\U0001D7FF\u24B6-\u24E9\U0001F130-\U0001F189\uFF21-\uFF3A\uFF41-\uFF5A]")
DECORATED_LETTERS = 8


def flags(view: View, corpus: Corpus) -> Iterator[Flag]:
    parts = [(view.taught, view.place(0, len(view.taught)))]
    if view.record.kind is RecordKind.THREAD:
        parts.append((f"{view.record.title}\n{view.question}", (0, len(view.record.title) + 2 + len(view.question))))
    for text, place in parts:
        blast = _blast(text)
        if blast:
            yield Flag("promotional", blast, *place)
            return
        value, names = advertising(text)
        if value >= LIMIT:
            evidence = f"It has what advertisements have: {', '.join(names)}."
            yield Flag("promotional", evidence, *place, value=value, limit=LIMIT)
            return


def advertising(text: str) -> tuple[float, list[str]]:
    """The densest paragraph's weight of advertising cues, and their names; long texts mention many things apart."""
    best: tuple[float, list[str]] = (0.0, [])
    # Words in the address behind a link are nobody's offer.
    text = LINK_TARGET.sub("] https://", text)
    lower = text.lower()
    if sum(bool(LOWERED[name].search(lower)) for name in TELLING) < 2:
        return best
    for paragraph in _paragraphs(text):
        telling = [name for name in TELLING if CUES[name][1].search(paragraph)]
        if len(telling) < 2:
            continue
        found = [name for name, (_, pattern) in CUES.items() if name in telling or (name not in TELLING and pattern.search(paragraph))]  # fmt: skip
        value = sum(CUES[name][0] for name in found)
        if value > best[0]:
            best = (value, found)
    return best


def _paragraphs(text: str) -> list[str]:
    """Paragraphs; a short text is one, since an advertisement may have a line for each of its cues."""
    parts = [part for part in re.split(r"\n\s*\n", text) if part.strip()]
    return parts if len(text) > 900 else [text]


def _blast(text: str) -> str:
    """Why a text is a blast of numbers, links or decoration, as a sentence; empty when it is none."""
    numbers = Counter(
        digits for m in NUMBER.finditer(blanked(text)) if 9 <= len(digits := re.sub(r"\D", "", m.group())) <= 14
    )
    if numbers:
        _, times = numbers.most_common(1)[0]
        if times >= NUMBER_TIMES and len(WORD.findall(text)) < 60 * times:
            return f"One number stands in it {times} times."
    decorated = DECORATED.findall(text)
    if len(decorated) >= DECORATED_LETTERS:
        return f"{len(decorated)} of its letters are decoration, such as {unicodedata.normalize('NFKC', decorated[0])!r} written {decorated[0]!r}."
    return ""
