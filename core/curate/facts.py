"""Spans that will not stay true: prices, dates, versions, plans, links, policies, offers.

A tuned model repeats what it learnt, so such a span belongs into what is looked up when a draft is written.
Dates count when they are relative ("next Thursday") or announced ("until 31 May"); a date in a story
stays what it is. Found by patterns of how such facts are said, in English; numbers and links in any language.
Code is passed over: what stands there is part of an example, and no statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.curate.cleaning.lines import prose_spans
from core.curate.quick_search import found_lowered, lowered
from core.curate.taught import taught_texts
from core.nouns import RecordKind


class FactKind(StrEnum):
    PRICE = "price"
    DATE = "date"
    VERSION = "version"
    PLAN = "plan"
    LINK = "link"
    POLICY = "policy"
    OFFER = "offer"


# One and several of each kind, as a sentence says them.
FACT_SINGULARS = {
    FactKind.PRICE: "a price",
    FactKind.DATE: "a date",
    FactKind.VERSION: "a version",
    FactKind.PLAN: "a plan",
    FactKind.LINK: "a link",
    FactKind.POLICY: "a policy",
    FactKind.OFFER: "an offer",
}
FACT_PLURALS = {kind: "policies" if kind is FactKind.POLICY else f"{kind.value}s" for kind in FactKind}


@dataclass(frozen=True, slots=True)
class FactSpan:
    start: int
    end: int
    kind: FactKind


# Links go stale as addresses do, not as statements: they are listed, and raise no flag by themselves, unless they say that they will move:
# programs to install, what has a version, what is only up for a while or is of today.
QUIET_KINDS = frozenset({FactKind.LINK})
_INSTALLER = r"\.(?:exe|msi|dmg|pkg|deb|rpm|apk|ipa|appimage|iso|img|xpi|crx|tar\.\w+|tgz)(?:$|[?#])"
_PASSING = r"(?:latest|newest|today|tonight|tomorrow|current|now|live|staging|stage|demo|sandbox|testing|beta|alpha|nightly|daily|preview|snapshot|rc|canary|stable|temp|tmp|draft|drafts|signup|register|tickets|pricing|prices|offers?|promo|deals?|sale|vacancies|webinar|livestream)"
_MOVES = re.compile(
    # A version in a file's name; a word that stands alone between slashes, or in the name of the host.
    rf"{_INSTALLER}|[/_-]v?\d{1, 3}(?:[._]\d{1, 3})+(?:esr)?[._-][a-z]\w*(?:$|[?#])|[_-]v\d+\.\w+$|/{_PASSING}\d{{0,3}}(?:/|\.\w+$|$|[?#])|^(?:[\w-]+\.)*(?:[\w]+-)*{_PASSING}\d{{0,3}}(?:-\w+)*\.(?=[\w.-]+\.\w)",
    re.IGNORECASE,
)
# Who says "now" says that it was otherwise, and will be again.
CLOCK = re.compile(
    r"\b(?:now|nowadays|currently|at the moment|at present|right now|today|these days|this (?:week|month|quarter|year|spring|summer|autumn|fall|winter)|next (?:\w+day|week|month|year)|until|till|as of|for the time being|last night's|any ?more)\b",
    re.IGNORECASE,
)
# What a page is called whose address is only good for now.
_PASSING_PAGE = re.compile(r"\b(?:currently|right now|at the moment|for now|temporar(?:y|ily)|until|(?:current|latest|newest|our new|the new|old) (?:\w+ )?(?:form|page|version|installer|release|build|site|address|portal|link|download|schedule|list|draft)|(?:is|are) (?:now )?(?:up|running|live|found|available) (?:on|at)|download it|mailing list)\b", re.IGNORECASE)  # fmt: skip

_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
# "This may help" names no month.
_NAMED_MONTH = _MONTH.replace("|may|", "|(?-i:May)(?! (?:be|have|not|also|help|mean|take|work)\\b)|")
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_DATE = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b\.?(?:,? \d{{4}})?|{_MONTH}\b\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?|{_MONTH} \d{{4}}|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}})"
_AMOUNT = r"\d{1,3}(?:[ ,.]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_COIN = r"(?:swiss |french |danish |swedish |norwegian |czech |canadian |australian )?(?:francs?|kron(?:er|or|a|e)|crowns|yen|yuan|rupees|z[lł]oty(?:s|ch)?|pesos|forints?|rou?bles|lei|rand|dollars)"
_NUMBER_WORD = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:a )?hundred|(?:a )?thousand)"
_HOLIDAY = r"(?:christmas|xmas|easter|new year(?:['’]s)?(?: eve| day)?|thanksgiving|ramadan|pentecost|whitsun|halloween|the (?:summer|winter|spring|autumn|christmas|easter|school) (?:break|holidays?|recess)|the (?:holidays|elections?|vote|budget|summit|summer|end of the (?:day|week)))"
# Four numbers below 256 are the address of a machine.
_ADDRESS = r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\.?\d)"
_UNIT = r"(?:minutes?|hours?|(?:business |working |calendar )?days?|weeks?|months?|years?)"
_COUNT = r"(?:\d+|one|two|three|four|five|six|seven|ten|twelve|fourteen|thirty|sixty|ninety|a few|several|unlimited)"
_TIER = r"(?:free|basic|starter|standard|plus|pro|professional|premium|business|enterprise|team|ultimate|gold|silver|family|personal|lite|deluxe)"
# "Team members" and "the basic level" are no plans.
_SOLD_TIER = r"(?:free|starter|plus|pro|premium|enterprise|ultimate|gold|silver|lite|deluxe)"

PATTERNS: dict[FactKind, re.Pattern[str]] = {
    FactKind.LINK: re.compile(
        r"(?:https?://|\bwww\.)[^\s)>\]\"']*[^\s)>\]\"'.,;:!?*]"
        # Without its beginning it is known by the path behind the host.
        r"|(?<![\w@./:-])(?:[a-z0-9][a-z0-9-]*\.){1,4}(?:com|org|net|io|eu|de|uk|fr|gov|edu|info|dev|app)/[^\s)>\]\"'`]*[^\s)>\]\"'`.,;:!?*]"
    ),
    FactKind.PRICE: re.compile(
        rf"(?:US|CA|AU)?[$€£¥₹]\s?(?:{_AMOUNT})(?:k\b)?(?!\d|[.,]\d|\s?(?:m|bn|million|billion|trillion)\b)|\b(?:{_AMOUNT})\s?(?:€|£|dollars?|euros?|pounds?|usd|eur|gbp|chf|bucks|cents?|pence|quid|{_COIN})(?!\w)|\b(?:{_NUMBER_WORD})(?:[ -](?:{_NUMBER_WORD}|and))* (?:dollars|euros|pounds|cents|bucks|quid|{_COIN})\b|\b(?:eur|usd|gbp|chf)\s?(?:{_AMOUNT})\b|\bfree of charge\b|"
        r"\b(?:prices?|fees?|rates?|subscriptions?) (?:will |are |is |have |has )?(?:going |to |gone )*(?:goes|go|rises?|increases?|drops?|start(?:s)? (?:at|from)|up|down)\b[^.\n]{0,30}(?:\d|percent|per cent|%)",
        re.IGNORECASE,
    ),
    FactKind.DATE: re.compile(
        rf"\b(?:next|this coming|coming|this) (?:{_DAY}|week(?:end)?|month|year|quarter|spring|summer|autumn|fall|winter|{_NAMED_MONTH})\b|(?<!of )(?<![\"“'‘])\b(?:tomorrow(?!['’]s|[\"”])|tonight|the day after tomorrow|later (?:today|this (?:week|month|year)))\b|"
        rf"\b(?:by|before|until|till|after|over|around|come) {_HOLIDAY}\b|\bin (?:{_COUNT}) (?:days|weeks|months|hours)(?=,? (?:on|at|time|from)\b)|\b(?:(?:from|as of|starting|beginning) (?:next|this)|since (?:this|last)) (?:{_DAY}|week|month|year|quarter|spring|summer|autumn|fall|winter)\b|\b(?:goes|going|go) live\b|"
        rf"\b(?:at|by|before|until|till|from|since|after|on|due|from the|in) (?:the )?(?:end|beginning|start|middle|mid) of (?:the |this |next )?(?:{_MONTH}|week|month|year|quarter|\d{{4}})\b|"
        rf"\b(?:until|till|by|no later than|before|starting(?: on| from)?|effective(?: from)?|as of|ends? on|ends?|expires?(?: on)?|due(?: on)?|starts? on|begins? on|launch(?:es|ing)? (?:on|in)|released? (?:on|in)|scheduled for|planned for|available (?:from|on)|closes?(?: on)?|ending|beginning in|starting in|reopens?(?: on)?|takes? place on|moved to|postponed (?:to|until)|valid (?:until|till|through)|deadline(?: is| of)?:?) (?:the )?(?:{_DATE}|{_DAY}\b)|"
        rf"\b(?:is|are|will be|be) (?:due|expected|planned|scheduled|coming|out|released|launched|available|held|discontinued|retired|switched off) (?:\w+ ){{0,2}}(?:in|on|by|at|this|next) (?:the )?(?:{_MONTH}|\d{{4}}|{_DAY}|spring|summer|autumn|fall|winter|q[1-4])\b|"
        rf"\bin (?:{_COUNT}) (?:days|weeks|months)(?:'|’)? ?(?:time)?\b(?=[.,!]| (?:we|the|it|there))|\b(?:our )?(?:opening|office|business|support) hours\b|\b(?:mon|tue|wed|thu|fri|sat|sun)(?:day)?s? ?(?:-|–|to) ?(?:mon|tue|wed|thu|fri|sat|sun)(?:day)?s?\b|\b{_DAY}s? and {_DAY}s?\b",
        re.IGNORECASE,
    ),
    FactKind.VERSION: re.compile(
        r"(?<!/)\bv(?:ersion|\.)?\s?\d+(?:\.\d+)*(?:[a-z]\d*|esr)?\b|\b(?:latest|current|newest|most recent|upcoming|next|new) (?:\w+ )?(?:version|release|build|beta|stable|esr|update)\b|\b(?:beta|alpha|rc|release candidate|build|esr|milestone)[ -]?\d+(?:\.\d+)*\b|"
        rf"(?<!\d)(?<!\d\.)(?!{_ADDRESS})\b\d+\.\d+\.\d+(?:\.\d+)?(?:esr|b\d+)?\b|"
        r"\b(?:as of|since|up to|prior to|before|until|from) \d+\.\d+(?:\.\d+)*(?=,? (?:the|it|this|you|we|they|on|there|that|is)\b|[,;)]|\.?$)|\b(?:ships?|shipping|shipped|comes?|bundles?|runs?|packages?)(?: with| on)? (?:\w+ )?(?:\d{2,}(?:\.\d+)+|\d+\.\d+\.\d+)\b(?! ?(?:%|gb|mb|million|percent))|\b(?:currently|now|already|still) (?:at|on) (?:version |release )?\d+(?:\.\d+)*\b(?! ?(?:%|percent|o'clock|am|pm|a\.m|p\.m))|"
        r"\b\d{2,3}(?:\.\d+)*\s?esr\b|\b(?:last night's|nightly|daily|yesterday's) (?:build|release)\b|\b(?:fixed|added|removed|available|introduced|supported|shipped|landed|included) in (?:the (?:next|latest|current|upcoming) (?:version|release|build)|(?:version |release )?\d+(?:\.\d+)*)\b|"
        r"\b(?:Windows|macOS|iOS|Android|Ubuntu|Debian|Fedora|Firefox|Thunderbird|Chrome|Outlook|Office|Python|Java|PHP|Node|Postgres(?:QL)?|MySQL|Drupal|WordPress|Linux) (?!365\b)\d+(?:\.\d+)*\b",
        re.IGNORECASE,
    ),
    FactKind.PLAN: re.compile(
        rf"\b{_TIER}(?: {_TIER})? (?:plan|tier|edition|subscription|package|licen[cs]e|seat)s?\b|\b{_SOLD_TIER} (?:accounts?|customers?|users?|members?|subscribers?|version|level)\b|\b(?:Business|Team|Pro|Premium|Enterprise|Basic|Standard|Office|Family|Personal) (?:Plus|Pro|Premium|Basic|Standard|Essentials|Unlimited)\b|"
        rf"(?:(?<=\bthe )|(?<=\btheir )|(?<=\bour )|(?<=\ba )|(?<=\bits )|(?<=\byour ))(?-i:[A-Z][a-z]+(?: [A-Z][a-z]+)?) (?-i:plan|tier|subscription|package|add-on)s?\b|\b(?:with|includes?|gets?|comes with|offers?|limited to|raised to|up to|only) \d+ ?(?:gb|tb)\b|"
        rf"\b(?:plan|tier|edition|subscription|package) (?:called |named )[\"“']?{_TIER}\b|\b(?:plan|tier|edition|subscription|package) [\"“']{_TIER}\b|\b(?:with|on|in|under|for) (?:our |the |your )?{_TIER} (?:you|we|there)\b|\b(?:up to|limited to|maximum of|max\.?) \d+ (?:users?|seats?|mailboxes|accounts?|aliases|devices|computers|domains|projects|repositories)\b|\b\d+ ?(?:gb|tb|mb) (?:of )?(?:free |mailbox |cloud )?(?:storage|space|quota|mailbox)\b|\b(?:free|included|storage|quota)(?: of)? \d+ ?(?:gb|tb)\b|\bunlimited (?:\w+ )?(?:users?|aliases|storage|mailboxes|traffic|domains|accounts?|devices)\b",
        re.IGNORECASE,
    ),
    FactKind.POLICY: re.compile(
        rf"\b(?:within|up to|after|for|every|in) {_COUNT} {_UNIT} (?:of|after|from|following) (?:purchase|delivery|receipt|order|ordering|payment|the purchase|your order|registration|cancellation|signing)\b|\b(?:refund|return|cancel(?:lation)?|warranty|guarantee|deletion|notice|trial|grace)[ -](?:policy|period|window|terms?|rules?)\b|\b(?:retention|support) (?:policy|period|window) (?:is|of|lasts|covers|ends)\b|"
        rf"\b(?:answer|reply|respond|responds|response|get back|refund|ship|deliver|delivery|restore|process(?:ed)?|delete[ds]?|keep|kept|store[ds]?|retain(?:ed)?|backups?|logs?)\b[^.\n]{{0,60}}\b(?:within|for|after|up to|in) {_COUNT} {_UNIT}\b|\b(?:we|you|customers|users|employees|staff) (?:only |no longer |do not |don't |may |must |can only )?(?:accept|offer|support|refund|ship|charge|require|allow)\b[^.\n]{{0,40}}\b(?:only|per|anymore|any more|any longer|at present|currently|at the moment|business|working)\b|"
        rf"\b(?:under|by|according to|per|in) (?:our|the|their|its) (?:present|current|new|latest|revised|updated) (?:rules?|polic(?:y|ies)|terms|conditions|guidelines?|regulations?|licen[cs]e)\b|\bno longer (?:lets?|allows?|accepts?|supports?|permits?|offers?|covers?|takes?|needs? to|has to|have to|requires?|sells?|provides?|issues?)\b|\b(?:are|is|am) now (?:obliged|required|allowed|entitled|supposed|expected|forbidden|banned) (?:to|from)\b|\b(?:haven['’]?t|hasn['’]?t|not) been (?:used|opened|renewed|paid|claimed) (?:for|in|within) {_COUNT} {_UNIT}\b|"
        rf"\b(?:give|offer|grant|provide)s? (?:full |partial )?refunds?\b|\bnon-?refundable\b|\b(?:trials?|warrant(?:y|ies)|guarantees?|contracts?|subscriptions?|vouchers?|licen[cs]es?) (?:lasts?|runs?|(?:is|are) valid|expires?|covers?|renews?)\b[^.\n]{{0,30}}\b{_COUNT} {_UNIT}\b|\b(?:returns?|refunds?|exchanges?|cancellations?)\b[^.\n]{{0,40}}\b(?:within|for|up to|after) {_COUNT} {_UNIT}\b|\bmust be (?:\w+ )?(?:approved|signed|renewed|returned|changed|submitted) (?:by|within|every|before)\b|\bevery {_COUNT} (?:business |working )?(?:days?|weeks?|months?|years?)\b|\bper (?:user|seat|person|customer) (?:and|per) (?:month|day|year)\b|\b(?:by|under|per) (?:(?:our|company) (?:current )?|the current )(?:policy|rules?|terms)\b",
        re.IGNORECASE,
    ),
    FactKind.OFFER: re.compile(
        r"\b(?:spring|summer|autumn|winter|christmas|easter|holiday|back[- ]to[- ]school|black friday|cyber monday|new year|anniversary|launch|flash|early[- ]bird|introductory|welcome|student|loyalty) (?:sale|offer|deal|discount|promotion|special|price|campaign|bonus|week)s?\b|\b\d{1,2} ?% (?:off|discount|cheaper|less)\b|\b(?:special|limited|exclusive|promotional|current) (?:offer|deal|price|promotion|discount)s?\b|"
        r"\b(?:promo|coupon|voucher|discount) codes?\b|\buse (?:the )?code (?-i:[A-Z0-9]{4,})\b|\bfree (?:trial|month|year|upgrade|shipping|delivery)\b|\b(?:first|next) (?:\w+ )?(?:days?|weeks?|months?|years?) (?:(?:is|are|comes?|for|at|completely|entirely) )*(?:free|half price|no charge|no cost)\b|\bthrows? in (?:the|a|an|free|one|two|\w+ing)\b|\bknocks? \d+ ?%? off\b|\b\d{1,2} ?(?:%|percent|per cent) (?:rebate|reduction|cashback|bonus)\b|\bbuy (?:one|two|three|\d)(?: \w+)?(?:,| and)? get\b|\b(?:get|pay for) (?:one|two|three|\d) (?:\w+ )?for (?:one|two|three|free|\d|the price)\b|\b(?:first|\d+|three|two|six) months? (?:are |is )?free\b|\bwhile stocks? lasts?\b|\b(?:sale|offer|promotion|deal) (?:is on|ends|runs|expires)\b|\bhalf[- ]price\b|\bsave (?:up to )?(?:[$€£]\d+|\d+ ?(?:%|percent))|\b\d{1,2} (?:%|percent) (?:off|discount|cheaper)\b",
        re.IGNORECASE,
    ),
}


_LOWERED = {kind: lowered(pattern) for kind, pattern in PATTERNS.items()}


def fact_spans(text: str) -> list[FactSpan]:
    """Every span outside of code, in order; of two that overlap the longer one stays."""
    lower = text.lower()
    found = [
        FactSpan(m.start(), m.end(), kind)
        for kind, pattern in PATTERNS.items()
        for m in (
            found_lowered(pattern, _LOWERED[kind], text, lower) if len(lower) == len(text) else pattern.finditer(text)
        )
    ]
    chosen: list[FactSpan] = []
    for span in sorted(found, key=lambda s: (s.start - s.end, s.start)):
        if all(span.end <= other.start or span.start >= other.end for other in chosen):
            chosen.append(span)
    prose = prose_spans(text) if chosen and any(mark in text for mark in ("`", "~~~")) else [(0, len(text))]
    return sorted(
        (span for span in chosen if any(a <= span.start and span.end <= b for a, b in prose)), key=lambda s: s.start
    )


def is_moving(text: str, start: int, end: int) -> bool:
    """Whether an address says of itself that it will not stay, or the sentence that gives it in full does."""
    address = text[start:end]
    if _MOVES.search(address.partition("://")[2] or address):
        return True
    # Behind the words of a link it is only where they lead.
    is_given = text[start - 1 : start] != "(" and text[start - 2 : start] != "]("
    return is_given and _PASSING_PAGE.search(text, _sentence_start(text, start), start) is not None


def _sentence_start(text: str, at: int) -> int:
    return max(text.rfind(mark, 0, at) for mark in (". ", "\n", "? ", "! ")) + 1


def is_dated(text: str, span: FactSpan) -> bool:
    """Whether the sentence around a fact says that it is so now."""
    start = _sentence_start(text, span.start)
    stops = [at for mark in (". ", "\n", "? ", "! ") if (at := text.find(mark, span.end)) >= 0]
    return CLOCK.search(text, start, min(stops, default=len(text))) is not None


def taught_facts(kind: RecordKind, title: str, content: dict[str, Any]) -> list[dict[str, Any]]:
    """Every span in what a record teaches: kind, start_char and end_char in its flat text, and value."""
    return [
        {
            "kind": span.kind.value,
            "start_char": taught.start + span.start,
            "end_char": taught.start + span.end,
            "value": taught.text[span.start : span.end],
        }
        for taught in taught_texts(kind, title, content)
        for span in fact_spans(taught.text)
    ]
