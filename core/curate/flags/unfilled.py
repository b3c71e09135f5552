"""Marks of what was to be filled in: syntax of templates, a choice that nobody made, dummy values, notes to the writer.

Each family has the signs without which it cannot match, so that most texts are searched for none of them. The text is given
without code, pictures and addresses: there such marks are meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.curate.quick_search import around, lowered


@dataclass(frozen=True, slots=True)
class Family:
    """signs: in small letters, one of which stands in every text that the pattern matches. least: different matches needed.
    margin: how many characters around a sign are searched; all of the text when it is 0.
    """

    pattern: re.Pattern[str]
    signs: tuple[str, ...]
    least: int = 1
    margin: int = 0


_FIELD = r"(?:first|last|full|user|customer|company|agent|client|product|order|ticket|sender|recipient|contact)?[ _.-]?(?:name|date|link|url|e-?mail|number|title|city|amount|price|address|phone|greeting|salutation|signature|surname|subject|company|product|topic)"
# Names that stand for a thing in instructions, in angle brackets; most tags of HTML are others.
_ANGLE = r"(?:your[\w .-]*|(?:first|last|full|user|company|customer|product|server|host|file|folder)?[ _-]?name|phone|e-?mail|url|date|number|amount|port|server|username|password|path|menu|option|value|version|company|product|city|blank|to be [\w ]+|placeholder|tbd|tba|xxx*)"

# {a|b|c}, of which a program was to choose one, and [a / b / c], of which a person was.
SPIN = Family(
    re.compile(
        r"\{[^{}|\n]{1,60}(?:\|[^{}|\n]{0,60}){1,9}\}|\[[^\[\]\n/|]{2,60}(?:(?: / | ?\| ?)[^\[\]\n/|]{2,60}){2,9}\]"
    ),
    ("|", " / "),
)
CHOICE = Family(
    re.compile(
        r"\b(?:choose|pick|select|use|tick) (?:only )?(?:one|1|either)(?: of these)?:|\b(?:delete|strike(?: out)?|cross out|remove) (?:what(?:ever)?|whichever|those that|the (?:ones?|lines?|parts?) that|as) (?:(?:does|do|is|are) ?(?:not|n['’]t) )?(?:appl(?:y|ies|icable)|relevant|needed|appropriate|necessary)\b",
        re.IGNORECASE,
    ),
    ("one:", "1:", "either", "delete", "strike", "cross out", "remove", "one of these"),
)
# Template engines and mail merges: a name between marks that no prose has.
ENGINE = Family(
    re.compile(
        rf"<%[=#-]?.{{1,80}}?%>|<\?(?:=|php).{{1,80}}?\?>|@\{{[\w.]+\}}|\{{[!$#][\w.]+\}}|\{{[A-Z][A-Z0-9_ ]{{2,30}}\}}|\{{ ?(?i:your|insert|enter) [\w ]{{2,30}}\}}|%\([a-z_]+\)s|\|\*\w+\*\||«\s?\w*_?(?i:{_FIELD})\s?»|"
        rf"&lt;\s?[\w .-]{{2,40}}\s?&gt;|(%{{2,3}}|[#$~^]{{1,3}})[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\1(?!\w)|\*{{3}} ?[A-Z][A-Z ]{{4,40}} ?\*{{3}}|(?<![\w$])[$#](?:[A-Z]+_)?(?:FIRST|LAST|FULL|CUSTOMER|USER|COMPANY|AGENT)_?[A-Z]*\b"
    ),
    ("<%", "<?", "@{", "{", "%(", "|*", "«", "&lt;", "%", "#", "$", "~", "^", "***"),
)
# $lastname alone, or several of any name; a shell has them in capitals.
DOLLARS = Family(re.compile(rf"(?<![\w$/\\])\$(?:[a-z]+_)*{_FIELD}\b", re.IGNORECASE), ("$",))
POSITIONS = Family(re.compile(r"(?<![\w%])%[sd](?!\w)|\{\d\}"), ("%s", "%d", "{0}", "{1}"), least=2)
ANGLES = Family(re.compile(rf"(?<![\\/@\w])<\s?{_ANGLE}\s?>(?![\\/@\w])", re.IGNORECASE), ("<",))
# What examples are written with. Sayings of the format itself ("as dd/mm/yyyy") are told apart below.
DUMMY = Family(
    re.compile(
        r"/path/to/|[A-Za-z]:\\path\\to\\|(?:\b(?:mail|smtp|imap|pop3?|webmail|ftp)\.|@)(?:your|my|some)[-_]?(?:domain|company|site|server|host|provider|name)\.\w{2,}|\b\w*(?:YOUR|your)_\w+(?:_(?:HERE|here))|\byour[_-]\w+[_-]here\b|\bYOUR[A-Z_]{3,}\b|\bfoo\b(?=.{1,60}\bbar\b)|\bfoo ?bar\b"
    ),
    ("path", "your", "my", "some", "foo"),
    margin=70,
)
# Versions, years and pages with letters in place of figures, and runs of keys.
DUMMY_FIGURES = Family(
    re.compile(
        r"\b[Vv](?:ersion )?[XxNnYy]\.[XxYyNn](?:\.[XxYyZzNn])?\b|\b[XYN]\.[YXN]\.[ZXN]\b|\bn\.n\b|\b(?:19|20)(?:XX|__)\b|\b(?i:page|p\.|chapter|figure|fig\.|table|section|section no\.) (?:X{1,3}|xx+|NN|YY|##|\?\?)(?![\w.-])|(?<=\w )#{3,}(?=[\s.,;)]|$)|(?<= )##(?= )|\[\?+\]|(?<= )\?{3,}(?=[ .,])|\b(?:xx+|abc|asd|qwe)(?: (?:xx+|abc|asd|qwe)){1,}\b|\bqwerty(?:uiop)?\b(?! keyboard| layout)|[$€£] ?_{2,}|\b\d{3,4}[- ]?XXX[- ]?XXXX?\b",
        re.MULTILINE,
    ),
    ("x.x", "x.y", "n.n", "y.n", "n.x", "y.y", "y.x", "xx", "nn", "yy", "__", "##", "??", "[?", "abc", "asd", "qwe", "figure x", "fig. x", "table x", "chapter x", "page x", "section x"), margin=40,
)  # fmt: skip
CLOCK = Family(
    re.compile(r"\b(?:dd?[./ -]mm?[./ -]yy(?:yy)?|yyyy-mm-dd|mm/dd/yy(?:yy)?|dd month(?: yyyy)?|hh:mm(?::ss)?)\b", re.IGNORECASE),
    ("yy", "hh:mm", "dd month"),
)  # fmt: skip
_SAYS_FORMAT = re.compile(r"\b(?:format|pattern|style|order|notation|written|displayed|shown|look|locale|iso|mask|sort)\w*\b", re.IGNORECASE)  # fmt: skip
_REPEATED = ("text", "caption", "title", "word", "words", "name", "content", "foo", "bar", "abc", "blah", "bla", "dummy", "sample", "placeholder", "heading", "header", "section", "paragraph", "lorem", "tbd", "description", "headline", "subtitle", "example", "quote")  # fmt: skip
_DOUBLED = tuple(f"{word}{between}{word}" for word in _REPEATED for between in (" ", ", ", ". "))
DUMMY_WORDS = Family(
    re.compile(
        r"\b(text|caption|title|word|words|name|content|foo|bar|abc|bla+h?|dummy|sample|placeholder|heading|header|section|paragraph|lorem|tbd|description|headline|subtitle|example|quote)(?:[ ,.]+\1){2,}\b|"
        r"\blorem\b|\b(?:tempor incididunt|ut enim ad|duis aute|excepteur sint|sed ut perspiciatis|nemo enim|nam libero|at vero eos|quis nostrud|cum soluta)\b|"
        r"(?:^|[.:!?] )(?:some|sample|dummy|example|filler|blind|temp(?:orary)?|placeholder) (?:text|copy|content|paragraph|heading|headline|title|caption|sentence)(?:\.| here| for\b|$)|\b(?:placeholder|dummy|sample) ?$|\bplaceholder (?:text|copy|image)\b(?! in| of)|"
        r"^\W*(?:section|page|article|main|sub|your|chapter) ?(?:heading|title|headline|caption)(?: \w+)?\W*$",
        re.IGNORECASE | re.MULTILINE,
    ),
    (*_DOUBLED, "lorem", "tempor incid", "ut enim ad", "duis aute", "excepteur", "sed ut persp", "nemo enim", "nam libero", "at vero eos", "quis nostrud", "cum soluta", "sample", "dummy", "filler ", "blind ", "temp ", "temporary ", "placeholder", "some text", "some copy", "some content", "some title", "some heading", "some caption", "some paragraph", "some sentence", "example text", "example copy", "example title", "example caption", "example sentence", "heading", "headline", "n title", "e title", "r title", "b title"), margin=50,
)  # fmt: skip
# What writers tell themselves, and each other, about what is still to be written.
_EDIT = r"(?:rewrite|rephrase|flesh|expand|shorten|verify|cite|look up|double-?check|fact-?check|polish|tighten|finish|elaborate|update before|fix before)"
_EDIT_IN_BRACKETS = rf"(?:{_EDIT}|delete|insert|check|describe|explain|fill|confirm|ask|replace|remove|add|mention|link to|to (?:confirm|check|add|do|write|follow|come|verify|ask)|to be \w+|(?:paragraph|sentence|section|anecdote|joke|statistics?|bit|story|example|quote)s? (?:on|about|of|from|for|with))"
NOTES_IN_BRACKETS = Family(
    re.compile(rf"(?<!\w)[\[<]\s?(?:\w+[:,] )?(?:to (?:confirm|check|verify|add|follow|come)|{_EDIT_IN_BRACKETS}\b[^\]>\n]{{2,100}})[\]>](?![({{])|\((?:\w+[:,] )?(?:please )?{_EDIT}\b[^)\n]{{0,100}}\)", re.IGNORECASE),
    ("[", "<", "("),
)  # fmt: skip
_COMMANDS = tuple(
    f"{before}{verb} "
    for verb in ("add", "put", "say", "insert", "mention")
    for before in ("\n", ". ", ": ", "; ", "! ", "? ", "- ", "– ", "— ")
)
NOTES = Family(
    re.compile(
        r"\b(?:fill|write|finish) (?:me|this|it)(?: in)? (?:later|in later|tomorrow|soon|up later)\b|\bfill me in\b|\b(?:type|write|enter) here\b(?=\W*$)|\bwrite me\b(?=\W*$)|"
        r"\b(?:and |then |will |must |to )fill (?:it |this |that |them )?in(?: here| later|\W*$|\)| the rest)|\bto be (?:added|written|inserted|supplied|filled in|completed|provided) (?:here|later|soon|by \w+)\b|\b(?:rest|more|remainder|details|text|conclusion|ending|quote) (?:to follow|to come|to be written|tk)(?: here| soon| later|\W*$)|\bmore to come here\b|"
        r"\bneeds? (?:(?:more|some|an?|better) )?(?:\w+ )?(?:here\b|ending\W*$|work\W*$|writing\W*$)|(?:^|[.:;!?—–-] ?)(?:add|put|say|insert|mention) (?:more|some|something|a bit|an example|examples|the|a)(?: \w+){0,3}(?: here\b|\W*$)|(?:^|[.:;!?—–-] ?)(?:then |now )?(?:some(?:thing)?|a) (?:witty|clever|catchy|funny|punchy|snappy|smart|profound|inspiring) (?:line|sentence|remark|quote|ending|anecdote|thing|about|on|here|conclusion)|"
        r"(?:^|[.:;!?—–-] ?)(?:then |now )?something (?:about|on) [^.\n]{2,60} here\b|\b(?:max\.? )?\d{2,4} words (?:max|here|on)\b|~ ?\d{2,4} words\b|\bnote to (?:self|me|myself|editors?)\b|\breplace (?:this|the above|it) (?:text |line |sentence |paragraph |block )?with (?:your|the real|the actual|the final) (?:own )?(?:copy|text|words|content|answer|numbers?|figures?)|\bdelete this (?:line|note|paragraph|sentence|block|before)|"
        r"\b(?:first|rough|early) draft\b(?=\W*$)|\bleft as a draft\b|\b(?:answer|input|text|figures?|numbers?|quote|approval) (?:still )?pending(?: from \w+)?\W*$|\bwho (?:was|is) (?:it|this) again\?",
        re.IGNORECASE | re.MULTILINE,
    ),
    ("fill ", "write me", "write this", "write it", "finish me", "finish this", "finish it", "type here", "write here", "enter here", "to be added", "to be written", "to be insert", "to be suppl", "to be filled", "to be compl", "to be prov", "to follow", "to come", " tk", "needs ", "need more", "need work", "witty", "clever", "catchy", "funny", "punchy", "snappy", "smart", "profound", "inspiring", "something about", "something on", " words max", " words here", " words on", "~", "note to", "replace this", "replace it", "replace the", "delete this", "t draft", "h draft", "y draft", "a draft", "pending", "again?", *_COMMANDS), margin=80,
)  # fmt: skip
# Journalists' mark for what is to come, in the middle of a sentence; it is a name beside another capital.
TO_COME = Family(re.compile(r"(?<=[a-z,:] )TK(?=[ .,;:)%]|$)(?! [A-Z0-9])|\[TK[^\]\n]{0,40}\]|^\W*TK\W*$|\bquote tk\b", re.MULTILINE), ("tk",))  # fmt: skip

_FAMILIES = (
    SPIN,
    CHOICE,
    ENGINE,
    DOLLARS,
    POSITIONS,
    ANGLES,
    DUMMY,
    DUMMY_FIGURES,
    DUMMY_WORDS,
    NOTES_IN_BRACKETS,
    NOTES,
    TO_COME,
)
# A pattern that ignores case is looked for in small letters first.
FAMILIES = tuple(
    (family, lowered(family.pattern) if family.pattern.flags & re.IGNORECASE and not family.margin else None)
    for family in _FAMILIES
)
# A link whose target was never put in.
NO_TARGET = re.compile(r"\]\((?:url|link|insert[^)]*|todo|tbd|xxx*|https?://(?:link|url|xxx|insert|todo)[^)]*|\s*)\)", re.IGNORECASE)  # fmt: skip


def unfilled(bare: str, lower: str) -> Iterator[re.Match[str]]:
    """What stands for something to be filled in. lower: the same text in small letters."""
    for family, small in FAMILIES:
        if not any(sign in lower for sign in family.signs) or (small is not None and not small.search(lower)):
            continue
        places = around(lower, family.signs, family.margin) if family.margin else [(0, len(bare))]
        found = [match for start, end in places for match in family.pattern.finditer(bare, start, end)]
        if len({match.group() for match in found}) >= family.least:
            yield from found
    if any(sign in lower for sign in CLOCK.signs):
        for match in CLOCK.pattern.finditer(bare):
            start, end = max(0, match.start() - 60), match.end() + 40
            if not _SAYS_FORMAT.search(bare[start:end]):
                yield match
