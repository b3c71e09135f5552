"""Whether a text is no text: blank, a word that programs write for nothing, or what an export leaves around a text that is gone.

What programs put around a text is taken off layer by layer: markup, mail headers, empty structures, labels without a value,
notices of the page, signatures of a mail program. When no word is left, or only words that stand for nothing, there was no text.
"""

from __future__ import annotations

import html
import re

from core.curate.flags.view import CODE, TAG, URL, plain_words

MOST_CHARACTERS = 600
MOST_WORDS = 10

# What stands in an answer that is not there: every word of it is one of these.
STANDS_FOR_NOTHING = frozenset(
    ["null", "none", "undefined", "nan", "nil", "na", "n", "a", "void", "empty", "blank", "missing", "false", "no", "zero", "0", "not", "without", "any", "available", "unavailable", "deleted", "removed", "hidden", "redacted", "withheld", "withdrawn", "moderated", "expired", "unknown", "pending", "content", "contents", "text", "body", "answer", "answers", "reply", "replies", "response", "responses", "comment", "comments", "message", "messages", "post", "solution", "data", "value", "field", "the", "this", "by", "moderator", "moderators", "moderation", "author", "user", "admin", "administrator", "team", "system", "is", "was", "has", "been", "found", "yet", "given", "provided", "recorded", "entered", "here", "there", "left", "received", "posted", "error", "tbc", "string", "unset", "unspecified", "applicable", "answered", "written", "supplied", "specified", "exist", "exists", "does", "could", "be", "retrieved", "loaded", "record", "records", "erased", "lost", "archived", "its", "their", "an", "it", "are", "were", "so", "far", "see", "will", "follow", "as", "spam", "owner", "poster", "attached", "document", "page", "part", "plain", "displayed", "shown", "cannot", "can", "or", "at", "request", "of", "in", "on", "hide", "show", "description", "note", "notes", "submitted", "have", "item", "items", "entry", "entries", "result", "results", "title", "subject", "object", "nothing", "unanswered", "to", "display"]
)  # fmt: skip
NAMES_NOTHING = frozenset(
    ["null", "none", "undefined", "nan", "nil", "na", "n", "void", "empty", "blank", "missing", "unavailable", "deleted", "removed", "hidden", "redacted", "withheld", "withdrawn", "content", "text", "body", "answer", "answers", "reply", "replies", "response", "responses", "comment", "comments", "message", "messages", "solution", "data", "applicable", "unset", "unspecified", "erased", "nothing", "unanswered"]
)  # fmt: skip

# Elements with a prefix (<o:p>) are what word processors leave.
OFFICE_TAG = re.compile(r"</?\w+:\w+(?:\s[^<>]*)?/?>")
STYLE = re.compile(r"<(style|script|head)\b.*?</\1>|<[!?][^>]*>", re.DOTALL | re.IGNORECASE)
# Zero-width characters, soft hyphens, byte-order marks.
UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\u3164\u2800\ufffc]")
BOUNDARY = re.compile(r"^--+[=_\w.+/-]*\d[=_\w.+/-]{6,}-*$", re.MULTILINE)
_FOLDED = r"\s*[:=].*(?:\n[ \t]+\S.*)*$"
MAIL_HEADER = re.compile(
    rf"^(?:content-[\w-]+|mime-version|message-id|return-path|in-reply-to|reply-to|x-[\w-]+|delivered-to|user-agent|charset|boundary){_FOLDED}",
    re.MULTILINE | re.IGNORECASE,
)
# These words begin sentences too: only several of them are the head of a mail.
MAIL_HEAD = re.compile(
    rf"^(?:(?:from|to|cc|bcc|date|sent|subject|received|references|importance|priority){_FOLDED}\n*){{2,}}",
    re.MULTILINE | re.IGNORECASE,
)
# A structure of data all of whose values are empty: {"body": "", "files": []}.
EMPTY_VALUE = r"(?:\"\s*\"|'\s*'|\[\s*\]|\{\s*\}|null|none|nil|undefined|nan|false|0)"
EMPTY_FIELD = re.compile(rf"[\"']?[\w-]{{1,30}}[\"']?\s*(?::|=>|=)\s*{EMPTY_VALUE}(?=\s*(?:[,}}\]]|$))", re.IGNORECASE)
EMPTY_ITEM = re.compile(r"^\s*\d{1,2}[.)]\s*$", re.MULTILINE)
LABEL = re.compile(r"^[\s>*#_|-]*\w[\w /'’()-]{0,40}:[\s*_|-]*$", re.MULTILINE)
SPREADSHEET_ERROR = re.compile(r"#(?:REF|VALUE|NAME|NUM|NULL|DIV/0|SPILL|CALC|ERROR|FIELD|GETTING_DATA)[!?]?|#N/A|\[object \w+\]|\\N(?!\w)|\bArray\(\)|<(?:no value|nil|null|none|empty|unknown)>", re.IGNORECASE)  # fmt: skip
EMBEDDED = re.compile(r"\[(?:cid:|image:?|inline image|attachment:?|embedded|graphic)[^\]\n]*\]|!\[[^\]\n]*\]\(\s*\)", re.IGNORECASE)  # fmt: skip
# What the program, not the person, adds below a mail.
CLIENT_SIGNATURE = re.compile(
    r"^\W*(?:sent|written|posted|typed|envoyé|gesendet|von meinem|verzonden|enviado|inviato|skickat|get)\b.{0,12}\b(?:from|via|with|using|by|depuis|de|mit|von|vanaf|met|desde|do|da|dal|från|outlook|gesendet)\b.{0,60}$",
    re.MULTILINE | re.IGNORECASE,
)
# What a page says around its texts.
PAGE_NOTICE = re.compile(
    r"\bbe the first to (?:answer|reply|comment|respond|post|review)(?: this| it)?|(?:please )?(?:log|sign) ?in (?:or (?:register|sign ?up|join) )?to (?:see|view|reply|read|post|answer|comment|leave)\b[^.\n]*|you (?:must|need to|have to) (?:be )?(?:log(?:ged)?|sign(?:ed)?|register(?:ed)?) ?(?:in )?to (?:see|view|reply|read|post|answer|comment)\b[^.\n]*|"
    r"(?:please )?enable javascript\b[^.\n]*|\bloading\b ?(?:\.\.\.|…)|(?:click|tap)(?: here| or tap)*(?: here)? to (?:enter|add|load|see|show|edit|type)\b[^.\n]*|(?:type|write|enter|add) (?:your|an?|the) (?:answer|reply|response|comment|message|text)(?: here)?|(?:was|is|did) (?:this|that)(?: \w+)? (?:help(?:ful)?)(?: you)?\s?\?(?:\s*yes\W+no)?|"
    r"^\W*(?:\d+ (?:votes?|likes?|points?|views?|people found this helpful)|(?:like|reply|share|quote|report|flag|edit|delete|permalink|follow|upvote|downvote|more|copy link|mark as \w+|(?:accepted|best|top|chosen)(?: (?:answer|solution|reply))?)(?:[\s·|•,/]+(?:like|reply|share|quote|report|flag|edit|delete|permalink|follow|upvote|downvote|more|copy link))*)\W*$|"
    r"\b(?:reply|answer|comment|message|post|page) \d+ of \d+|(?:posted|answered|asked|replied|edited|updated|modified|created)(?: by)? ?(?:on )?(?:\d[\d/.:\s-]*\d|\d+ (?:minutes?|hours?|days?|weeks?|months?|years?) ago)|(?:begin|start|end) (?:of )?(?:message|text|fragment|reply|answer|body)",
    re.MULTILINE | re.IGNORECASE,
)
GREETING = re.compile(
    r"\A\W*(?:hi|hello|hey|dear|hallo|bonjour|good (?:morning|afternoon|evening|day))(?: [\w.]+){0,3}\s*?[,.!:]?[ \t]*(?=\n|\Z)",
    re.IGNORECASE,
)
SIGN_OFF = re.compile(
    r"^\W*(?:(?:best|kind|kindest|warm|many) )?(?:regards|wishes)\b[^\n]{0,30}(?:\n[^\n]{0,50}){0,4}\Z|^\W*(?:sincerely|yours (?:\w+)|mit freundlichen grüßen|cordialement)\b[^\n]{0,20}(?:\n[^\n]{0,50}){0,4}\Z|^-- ?\n[^\n]{0,60}(?:\n[^\n]{0,60}){0,4}\Z",
    re.MULTILINE | re.IGNORECASE,
)
RESIDUE = (
    STYLE, OFFICE_TAG, TAG, UNSEEN, BOUNDARY, MAIL_HEADER, MAIL_HEAD, EMPTY_ITEM, EMPTY_FIELD, SPREADSHEET_ERROR, EMBEDDED, PAGE_NOTICE, CLIENT_SIGNATURE,
    GREETING, SIGN_OFF,
)  # fmt: skip


def is_nothing(text: str) -> bool:
    """Whether a text is blank, marks alone, a word that programs write for nothing, or only what they put around a text."""
    if len(text) > MOST_CHARACTERS:
        return False
    bare = html.unescape(TAG.sub(" ", text)).strip()
    if _says_nothing(bare):
        return True
    left = html.unescape(text).strip()
    for residue in RESIDUE:
        left = residue.sub(" ", left).strip()
    # Labels are empty only where no value stands on the next line either.
    lines = [line for line in left.split("\n") if line.strip()]
    if lines and all(LABEL.match(line) for line in lines):
        return True
    return left != bare and _says_nothing(left)


def _says_nothing(bare: str) -> bool:
    words = plain_words(bare.replace("_", " "))
    if not words:
        return not URL.search(bare) and not CODE.search(bare)
    if len(words) > MOST_WORDS or not set(words) <= STANDS_FOR_NOTHING:
        return False
    # "No" and "not yet" are answers, if thin ones.
    return bool(set(words) & NAMES_NOTHING)
