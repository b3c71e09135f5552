"""Whether a text speaks of something that is not in it: an attachment, a picture, a list, another message.

A mention is missing its object where the kind of thing that it names (a picture, a list, code, a link) does not stand
near enough, on the side that it says. Another place that a link in the same line leads to is not missing. A long text may
point at itself ("as mentioned above"), so that only an answer is asked what came before it. Mentions in footnotes cite
other people's works. English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from core.curate.flags.view import URL, WORD, View
from core.curate.quick_search import lowered
from core.nouns import Flag

_PICTURE = r"(?:screen ?-?shots?|screen ?grabs?|images?|pictures?|photos?|photographs?|pics?|diagrams?|illustrations?|charts?|graphs?|drawings?|sketch(?:es)?|maps?|animations?|gifs?|videos?|slides?|infographics?)"
_PAPER = r"(?:files?|documents?|docs?|pdfs?|forms?|logs?(?: files?)?|sheets?|spreadsheets?|lists?|letters?|invoices?|reports?|copy|copies|examples?|samples?|instructions|guides?|minutes|contracts?|leaflets?|brochures?|templates?|details|zip|archive|patch|script|notes?|presentations?|tables?|handouts?|agenda|quotes?|quotation|excel|ppt|csv)"
_BOTH = rf"(?:{_PICTURE}|{_PAPER})"
_WHOSE = r"(?:the|this|that|these|those|my|our|your|his|her|its|an?|following)"
_MESSAGE = r"(?:mails?|e-?mails?|messages?|posts?|repl(?:y|ies)|answers?|comments?|letters?|tickets?|articles?|questions?|responses?|notes?|entr(?:y|ies)|parts?|chapters?|sections?|calls?|threads?|topics?|columns?|newsletters?|episodes?|instal?lments?|lessons?)"
_EARLIER = r"(?:last|previous|earlier|first|second|third|other|preceding|former|prior|original|initial|next|recent)"
_SAID = r"(?:said|wrote|mentioned|explained|suggested|described|discussed|agreed|told you|posted|noted|stated|promised|recommended|pointed out|showed|outlined|covered|advised|asked|announced|requested)"
_BEFORE = r"(?:before|earlier|above|further up|previously|already|yesterday|last (?:time|week|month|year)|the other day|this (?:morning|afternoon)|on \w+day)"
_TALK = r"(?:phone|telephone|call|meeting|chat|conversation|workshop|training|conference|webinar|session|hotline|visit|appointment|interview|seminar|course|lunch|zoom|skype|teams)"

ATTACHED = re.compile(
    rf"\b(?:see|find|refer to|consult|check|read|open|use|view|look at|per|sign|complete|review|fill (?:in|out)|as in|as|in|from|pls|please) (?:{_WHOSE} )?(?:att?ac?h\w*|enclos\w+|appended|accompanying)\b(?! to (?:a|an|the|your|each|every)\b)(?: {_BOTH}\b)?|"
    rf"\b(?:I|we)(?:['’](?:ve|m|re|ll)| have| am| are| will)?(?: also| just| now| already)? (?:att?ach(?:ed|ing)?|enclos(?:e|ed|ing)|append(?:ed|ing)?)\b|\b(?:I|we)(?:['’](?:ve|m|re)| have| am| are)?(?: also| just| now)? (?:upload(?:ed|ing)|includ(?:ed|ing)|add(?:ed|ing)|post(?:ed|ing)|sen(?:t|ding) you|giv(?:en|ing) you) (?:{_WHOSE} |some |two |three |here )?(?:\w+ ){{0,2}}(?:{_PICTURE}|files?|logs?(?: files?)?|forms?|copy|copies|documents?|pdfs?|spreadsheets?)\b|"
    rf"\b(?:screen ?shots?|images?|pictures?|photos?|forms?|logs?|lists?|slides|invoices?|contracts?|spreadsheets?|reports?|diagrams?|details|copy|copies|instructions|letters?|minutes|brochures?|examples?|tables?|drafts?|overview|quotation)\b[^.!?\n]{{0,60}} (?:is|are|['’]s) (?:also )?(?:att?ached|enclosed|appended)\b|"
    rf"\b(?:att?ached|enclosed|appended) (?:\w+ ){{0,3}}?(?:is|are|you(?:['’]ll| will| can)? (?:\w+ )?find|please find|for (?:your|you|reference))\b|\b(?:find|sent?|sending|receive|get) (?:\w+ ){{0,5}}(?:att?ached|enclosed)\b|\b(?:see|the|this|my|these) (?:att?ached|enclosed) {_PICTURE}\b|(?:^|[(\[])\s*(?:att?ached|enclosed|attachments?)\b[:.)\] ]*(?:$|[)\]])|\bplease find (?:the|our|my|a|an) {_PAPER}\b|\b(?:in|with|see) {_WHOSE} enclosures?\b|\b(?:see|in|open) (?:the|my|this) attachments? (?:for|below|above|to this|you)\b|\bas (?:an? )?(?:attachment|enclosure) (?:to this|you)",
    re.IGNORECASE | re.MULTILINE,
)  # fmt: skip
# In talk about mail, files are attached and images shown all day; these are about somebody's mail, not about this text.
ABOUT_MAIL = re.compile(
    r"\b(?:no|not|any|without|previous|each|every|if|when|whether|original|large|sending|send|email|e-mail|mail|message) (?:\w+ )?(?:attached|enclosed)\b|\battached (?:file|document|to)\b(?! (?:for|shows?|has the|contains the))",
    re.IGNORECASE,
)
PICTURED = re.compile(
    rf"\b(?:see|in|from|as|look at) (?:the|this|that|my|these|our|those) (?:(?!org|market|big|bigger|whole|larger|QR)\w+ )?(?:\w+ )?(?<!big )(?<!bigger ){_PICTURE}\b(?! (?:now|yet|any ?more|at all|of (?:an?|how)|folder|files?|editor|quality|viewer))|\bon (?:the|this) (?:\w+ )?(?:screen ?shots?|pictures?|photos?)\b|\b{_PICTURE} (?:\w+ )?(?:above|below|attached|here|further (?:up|down)|underneath|shows?|illustrates?|to the (?:right|left)|on the (?:right|left))\b|\b(?:above|below|following|accompanying) {_PICTURE}\b|"
    rf"\bas (?:pictured|shown|illustrated|depicted|marked|seen) (?:above|below|here|in (?:the|this|fig))\b|\b(?:shown|pictured|depicted|illustrated) (?:above|below)(?=[.,;:)]|$)|\b(?:see|in|from) fig(?:ure|\.)? ?\d+|\b(?-i:Figure|Fig\.|Diagram|Chart|Exhibit|Image|Photo|Screenshot|Illustration|Map|Slide|Plate) \d+\b|"
    rf"\bthe (?:\w+ )?(?:arrow|circle|rectangle|red box|frame) (?:shows|points|marks|is pointing|around|in the)\b|\b(?:circled|highlighted|marked|underlined|framed|encircled) (?:it |them |the \w+ (?:\w+ )?|with (?:a|an|the) )?(?:in|with|by)? ?(?:a |an )?(?:red|yellow|green|blue|orange|pink)\b|\bwith (?:a|the) (?:red|yellow|green|blue) (?:arrow|circle|box|frame)\b|"
    rf"\b(?:here(?:['’]s| is| are)|this is) (?:a|an|the|my|some|two) (?:\w+ )?{_PICTURE}\b",
    re.IGNORECASE,
)  # fmt: skip
TABLED = re.compile(r"\b(?:the |this )?tables? (?:above|below|further (?:up|down))\b|\b(?:the|this) table (?:shows|lists|gives)\b|\b(?:above|below|following) tables?\b|\b(?-i:Table) \d+\b|\b(?:see|in|from) (?:the )?(?:table|appendix|annex|exhibit|supplement) (?-i:[A-Z\d]+)\b|\b(?:see|in|cf\.?) (?:the )?(?:appendix|annex|enclosure)\b", re.IGNORECASE)  # fmt: skip
_LIST = r"(?:lists?|steps|instructions|guide|checklist|points|questions|rules|tips|options|examples?|entries|settings|values|items|reasons|links|addresses)"
_CODE = r"(?:code|snippets?|scripts?|commands?|logs?|outputs?|lines?|configuration|config|query|function|text|template|wording|formula|quote|passage|paragraph)"
_LINKED = r"(?:links?|address|url|pages?|sites?|website|article)"
LISTED = re.compile(
    rf"\b{_LIST} (?:\w+ )?(?:below|at the (?:end|bottom)|further down|underneath|that follows?)\b|\b(?:follow|do|see|try|use|with|answer|check|go through|perform|complete) (?:these|the following|the) {_LIST}\b(?: below)?\s*:\s*$|\b(?:here (?:are|is)|these are) (?:the|your|my|some) {_LIST}\s*:\s*$|\bthe following\s*:\s*$|\bas follows\s*:\s*$",
    re.IGNORECASE | re.MULTILINE,
)
CODED = re.compile(
    rf"\b{_CODE} (?:\w+ )?(?:below|at the (?:end|bottom)|further down|underneath|that follows?)\b|\b(?:the )?following {_CODE}\b[^.\n]*:\s*$|\b(?:here(?:['’]s| is| are)|this is) (?:the|your|a|my|some) (?:\w+ )?{_CODE}\s*:?\s*$|\b(?:I|we)(?:['’]ve| have)? (?:put|pasted|added|copied|included) (?:the|my|a|some) {_CODE}\b[^.\n]{{0,30}}(?:below|end|bottom|here|underneath)",
    re.IGNORECASE | re.MULTILINE,
)
LINKED = re.compile(
    rf"\b(?:here(?:['’]s| is| are)|this is) (?:the|your|a|my|some) (?:\w+ )?{_LINKED}\s*[:.!]?\s*$|\b(?:link|address|url)s? (?:is |are )?(?:below|at the (?:end|bottom)|further down|underneath|in the comments)\b|\b(?:click|follow|use|see|open) (?:the|this) (?:following )?(?:link|url)\b(?: below|:\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
ELSEWHERE = re.compile(
    rf"\b(?:in|of|from|see|read|per|to|under|on|with) (?:(?:my|our|your|his|her|their) (?:very )?{_EARLIER}|(?:the|an?) (?:previous|earlier|prior|preceding|other)) {_MESSAGE}\b|"
    rf"\b(?:as|like|what) (?!I\b|We\b|You\b|He\b|She\b|They\b|It\b|This\b)(?-i:[A-Z]\w+) (?:\w+ )?{_SAID} {_BEFORE}\b|\b(?:further up|further down|above|earlier|elsewhere|higher up) in (?:this|the) (?:thread|topic|conversation|discussion|forum|chat|ticket)\b|\b(?:see|read|check|use|try|follow) (?:my|our|his|her) (?:other |previous |earlier |last )?{_MESSAGE} (?:above|below|from|of|on|in)\b|"
    rf"\b(?:on|over|by|in|during|at|after|from) (?:the|our|yesterday['’]s|today['’]s|this morning['’]s|last week['’]s|that) (?:\w+ )?{_TALK}(?: (?:this|yesterday|earlier|just|today|last|we|on)\b)|\b(?:as|like|what) (?:\w+ )?(?:already )?{_SAID} (?:to you |with you |it )?(?:on|over|by|in|during|at) (?:the |our |my |your )?(?:\w+ )?{_TALK}\b|\b(?:in|during|after) (?:our|yesterday['’]s|today['’]s|this morning['’]s|last week['’]s) (?:\w+ )?{_TALK}\b|\b(?:as|like|what) (?:I|we|you|he|she) {_SAID} (?:\w+ )?(?:by|on the) (?:phone|mail|e-?mail)\b|"
    rf"\b(?:we|I) (?:\w+ )?(?:talked|spoke|discussed|met|chatted|agreed|went (?:over|through))\b[^.\n]{{0,40}}\b(?:on the (?:phone|telephone)|yesterday|this morning|last (?:week|month|night|\w+day)|earlier (?:today|this week)|the other day|in the meeting|in person)\b|"
    rf"\b(?:the )?{_EARLIER} (?:part|instal?lment|post|article|episode|chapter) (?:of|in) (?:this|the|my|our)\b|\b(?:see|in|as \w+ in) part (?:one|two|three|four|\d|I+)\b|\b(?:this|the|my|our) (?:series|trilogy)['’]?s? {_EARLIER} (?:part|post|article)\b|\bearlier in this series\b|"
    rf"\bsee (?:my|the) other (?:thread|post|answer|reply|question|topic)\b|\b(?:see|in) (?:the |this |my )?(?:foot|end)notes?\b|\bthe (?:foot|end)note (?:explains|says|has|gives|below|tells)\b|\bthe (?:other|next|previous) (?:thread|topic|ticket)\b|\bas (?:\w+ )?promised (?:at|on|in|during|last|yesterday|earlier)\b|\b(?:link|details|more) in (?:the|my) (?:comments|bio|description|sidebar)\b",
    re.IGNORECASE,
)  # fmt: skip
EARLIER_HERE = re.compile(
    rf"\b(?:as|like|what) (?:I|we|you|he|she|they) (?:\w+ )?{_SAID} {_BEFORE}\b|\b(?:as|like) (?:already |just )?{_SAID} (?:\w+ )?(?:above|before|earlier|previously|yesterday|last (?:week|time|month))\b|\bwhat \w+ {_SAID} (?:above|further up|earlier|before)\b|"
    rf"\b(?:the|my|his|her|your) (?:suggestion|answer|reply|post|comment|message|solution|instructions?)s? (?:above|further up|at the top)\b|\bthe (?:above|earlier) (?:answer|reply|post|comment|suggestion|solution)\b|\bsame as above\b|^\W*(?:see|as) above\W*$",
    re.IGNORECASE | re.MULTILINE,
)
# A part of something by its number: of a document that is not here, where the text itself has no such part.
NUMBERED_PART = re.compile(
    r"\b(?:equation|eq\.|formula|footnote|endnote|listing|exhibit|slide|box) \(?\d+\)?|\b(?:see|in|from|cf\.?) (?:section|chapter|paragraph) \d+\.\d+|"
    r"\b(?:point|item|step|question|number|paragraph)s? (?:\d+|one|two|three|four|five)(?: (?:to|and|or) \d+)? (?:of|in) (?:his|her|my|your|their|our) (?:(?:last|first|previous|own) )?(?:reply|answer|mail|e-?mail|letter|list|message|post|report)\b|\byour questions \d+",
    re.IGNORECASE,
)
# A box or a sheet beside a text that was a page once.
PAGED = re.compile(
    r"\b(?:in|from|see|to) the (?:\w+ )?(?:box|panel|sidebar|margin) (?:at|on|above|below|beside|opposite|overleaf)\b|\bgiven in the box\b|\bon the (?:next|previous|opposite|facing|following) (?:page|sheet)\b|\bon the back of (?:the|this|that|my|your) (?:sheet|page|form|letter)\b|\boverleaf\b|\bat the side of (?:the|this) page\b",
    re.IGNORECASE,
)
# What was said where the reader was not.
SAID_ELSEWHERE = re.compile(
    rf"\b(?:further|referring|with reference|in reference|following|as a follow-?up) to (?:our|your|my|the) (?:\w+ )?{_TALK}|\b(?:my|our|your|the) colleagues? (?:\w+ )?(?:has |have |had )?(?:already |just )(?:sent|described|explained|wrote|written|told|given|gave|answered|posted|listed|shown) |"
    rf"\b(?:my|our|your|his|her) (?:earlier|other|previous) (?:ticket|thread|question|post|message|mail|e-?mail|letter)s? (?:has|have|says?|explains?|contains?|holds?|shows?|gives?|answers?)\b|\b(?:as|exactly as) (?:written|described|explained|shown) there\b|"
    rf"\b(?:you|he|she|they) (?:\w+ )?(?:read out|told|dictated|showed|said) (?:it )?(?:to )?(?:me|us) (?:on|over|by|at|in|is|was)\b|\b(?:changed|done|fixed|noted|sent|prepared) (?:what|everything|the things?) (?:we|you and I) (?:discussed|agreed|talked about)\b|\bin (?:last|the last|the previous) (?:week|month|year|issue|time)['’]s (?:{_MESSAGE}|issue)\b",
    re.IGNORECASE,
)
SHOWN_HERE = re.compile(
    rf"\b(?:{_PICTURE}|recording|podcast|form|talk)\b[^.!?\n]{{0,60}}\b(?:embedded|here|below|follows?)[ \t]*:?[ \t]*$|\b(?:the following|these)\b[^.!?\n]{{0,80}}:[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
FOOTNOTE = re.compile(r"(?<=[\w.,!?)\"”])\[\^?(\d{1,2})\](?!\()|(?<=[a-z.,])[¹²³⁴⁵⁶⁷⁸⁹]")
FOOTNOTE_HEAD = re.compile(r"^\[\^?\d+\]:|<sup|<fn", re.MULTILINE)
FOOTNOTE_LINE = re.compile(r"\s*(?:\[\^[^\]]+\]:?|\d{1,2}\s+(?:See|Cf|Id)\b)")

HAS_PICTURE = re.compile(
    r"!\[|<img|<figure|<video|<iframe|<svg|https?://\S+\.(?:png|jpe?g|gif|svg|webp|mp4)\b|youtu\.?be", re.IGNORECASE
)
HAS_TABLE = re.compile(r"^\s*\|.*\|\s*$|<table", re.MULTILINE)
HAS_LIST = re.compile(r"^\s*(?:[-*•+]|\d{1,2}[.)]|#{2,6}|\(?[a-h]\))\s+\S|<(?:ol|ul)\b|^\s*(?:step|first)\b", re.MULTILINE | re.IGNORECASE)  # fmt: skip
HAS_CODE = re.compile(r"```|`|^ {4}\S|^\s*>|<(?:pre|code)|^\s*[\"“][^\n]+[\"”]\s*$", re.MULTILINE)
# A line of prose has a dozen words and begins with one; a thing that was announced is in a list, a table, a path, a picture.
PROSE_LINE = re.compile(r"[A-Z“\"](?:\S*\s+){11}")
SHOWN_THINGS = re.compile(
    rf"{HAS_PICTURE.pattern}|{URL.pattern}|`|\]\(|\s(?:>|→|->)\s|^\W*(?:step|first)\b", re.IGNORECASE
)
# Whoever is told to press on the picture has it before them, in the program.
POINTED_AT = re.compile(
    r"\b(?:press|(?:double-?|right-?)?click|tap|hover|hold|point|swipe|zoom)(?:s|ed|ing)? $", re.IGNORECASE
)
# Near, in characters: where a picture, table or list may stand from its mention.
NEAR = 1_200
FOLLOWS_WITHIN, FOLLOWS_AT_ONCE = 700, 120
# An answer shorter than this says little that it could point back at.
LEAST_WORDS_TO_POINT_BACK = 60


def flags(view: View) -> Iterator[Flag]:
    """The first mention whose object is missing."""
    missing = min(
        (
            m
            for quick, pattern, is_missing in QUICK_CHECKS
            if quick.search(view.lower_prose)
            for m in pattern.finditer(view.prose)
            if is_missing(view, m)
        ),
        key=lambda m: m.start(),
        default=None,
    )
    if missing:
        evidence = f"It says {' '.join(missing.group().split())[:60]!r}, and that is not here."
        yield view.flag("missing_reference", evidence, missing.span())


def _attachment(view: View, found: re.Match[str]) -> bool:
    around = view.prose[max(0, found.start() - 30) : found.end() + 20]
    if _is_cited(view, found) or _is_linked(view, found) or ABOUT_MAIL.search(around):
        return False
    # A picture beside it is no form and no invoice.
    names_paper = re.search(rf"\b{_PAPER}\b", found.group(), re.IGNORECASE)
    return bool(names_paper) or not _has_near(HAS_PICTURE, view, found)


def _picture(view: View, found: re.Match[str]) -> bool:
    if _is_cited(view, found) or _is_linked(view, found):
        return False
    if POINTED_AT.search(view.prose[max(0, found.start() - 20) : found.start()]):
        return False
    label = re.search(r"\d+$", found.group())
    if label and view.taught.count(found.group()) > 1:
        return False
    return not _has_near(HAS_PICTURE, view, found)


def _table(view: View, found: re.Match[str]) -> bool:
    if _is_cited(view, found) or _is_linked(view, found) or view.taught.lower().count(found.group().lower()) > 1:
        return False
    return not (_has_near(HAS_TABLE, view, found) or _has_near(HAS_PICTURE, view, found))


def _follows(kind: re.Pattern[str]) -> Callable[[View, re.Match[str]], bool]:
    """Missing where nothing of its kind comes after: at once where a colon announces it."""

    def is_missing(view: View, found: re.Match[str]) -> bool:
        text, end = view.taught, found.end()
        reach = FOLLOWS_AT_ONCE if found.group().rstrip().endswith(":") else FOLLOWS_WITHIN
        line_end = text.find("\n", end)
        start = text.rfind("\n", 0, found.start()) + 1
        same_line = text[start : line_end if line_end >= 0 else len(text)]
        if kind.search(text[end : end + reach]) or URL.search(same_line) or "](" in same_line or "`" in same_line:
            return False
        # What stands in the same line after a colon, or in quotation marks, is the thing itself.
        return not re.search(r":\s*\S.{8}|[\"“]\S.{3,}[\"”]", text[end : line_end if line_end >= 0 else len(text)])

    return is_missing


def _elsewhere(view: View, found: re.Match[str]) -> bool:
    if view.is_document and re.search(r"(?:section|chapter|part|paragraph)s?$", found.group(), re.IGNORECASE):
        return False
    return not (_is_cited(view, found) or _is_linked(view, found))


def _earlier(view: View, found: re.Match[str]) -> bool:
    said_before = len(WORD.findall(view.taught[: found.start()]))
    return not view.is_document and said_before < LEAST_WORDS_TO_POINT_BACK and _elsewhere(view, found)


def _announced(view: View, found: re.Match[str]) -> bool:
    """Missing where nothing comes after the line but a paragraph of prose."""
    if _is_linked(view, found) or _is_cited(view, found):
        return False
    following = next((line.strip() for line in view.taught[found.end() :].split("\n") if line.strip()), "")
    return not following or bool(PROSE_LINE.match(following) and not SHOWN_THINGS.search(following))


def _numbered_part(view: View, found: re.Match[str]) -> bool:
    """Missing where neither the text nor the question has a part with that number, or names it a second time."""
    if _is_cited(view, found) or _is_linked(view, found):
        return False
    number = re.search(r"\d[\d.]*", found.group())
    is_asked = number is not None and re.search(rf"(?<!\d){re.escape(number.group())}[.):]", view.question) is not None
    return view.lower_prose.count(found.group().lower()) < 2 and not is_asked


def _footnote(view: View, found: re.Match[str]) -> bool:
    return view.taught.count(found.group()) < 2 and not FOOTNOTE_HEAD.search(view.taught)


def _has_near(kind: re.Pattern[str], view: View, found: re.Match[str]) -> bool:
    words = found.group().lower()
    before = 0 if re.search(r"\b(?:below|following|underneath|further down)\b", words) else NEAR
    after = 0 if re.search(r"\b(?:above|further up)\b", words) else NEAR
    return bool(kind.search(view.taught[max(0, found.start() - before) : found.end() + after]))


def _is_linked(view: View, found: re.Match[str]) -> bool:
    """Whether a link stands in the same line, or right after a colon: then the other place can be found."""
    text = view.taught
    start = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    line = text[start : end if end >= 0 else len(text)]
    if line.rstrip().endswith(":"):
        line += text[end : end + FOLLOWS_AT_ONCE]
    place = found.start() - start
    # In a long paragraph a link far away leads elsewhere.
    around = line[max(0, place - 200) : place + len(found.group()) + 200]
    return "](" in around or bool(URL.search(around))


def _is_cited(view: View, found: re.Match[str]) -> bool:
    """Whether it stands in a footnote or a quotation."""
    start = view.taught.rfind("\n", 0, found.start()) + 1
    return bool(FOOTNOTE_LINE.match(view.taught, start)) or view.taught[start : start + 4].lstrip().startswith(">")


CHECKS: tuple[tuple[re.Pattern[str], Callable[[View, re.Match[str]], bool]], ...] = (
    (ATTACHED, _attachment),
    (PICTURED, _picture),
    (TABLED, _table),
    (LISTED, _follows(HAS_LIST)),
    (CODED, _follows(re.compile(f"{HAS_CODE.pattern}|{HAS_LIST.pattern}", re.MULTILINE | re.IGNORECASE))),
    (LINKED, _follows(re.compile(rf"{URL.pattern}|\]\("))),
    (ELSEWHERE, _elsewhere),
    (EARLIER_HERE, _earlier),
    (NUMBERED_PART, _numbered_part),
    (PAGED, _elsewhere),
    (SAID_ELSEWHERE, _elsewhere),
    (SHOWN_HERE, _announced),
    (FOOTNOTE, _footnote),
)
QUICK_CHECKS = tuple((lowered(pattern), pattern, is_missing) for pattern, is_missing in CHECKS)
