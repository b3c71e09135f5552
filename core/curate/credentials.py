"""Passwords, keys and codes: known formats, and values that look like one next to a word that names one.

A word that names a credential (password, key, token, code, session ...) is looked for in prose, configuration, code, command lines and
addresses alike; what follows it, or stands just before it, is judged as a value: how it is written (classes of characters, quotes), and how
closely it is tied to the word. A closer tie asks less of the value. Placeholders, names of protocols, versions and addresses are none.

Not covered: passwords that look like words of the sentence, except in quotes or in a configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.curate.credential_formats import known_formats
from core.curate.credential_values import ORDINARY, PLACEHOLDER, Looks, is_credential, trimmed

Span = tuple[int, int, str]

# ---- words that name a credential

_PASS = r"pas+(?:[ _-]?(?:w(?:or[dt]|d|rt)s?|phrase|code|key)|wd)?|pw[ds]?|pwort|kennwort|kennwörter|mot de passe|contraseña|senha|wachtwoord|lösenord|adgangskode|hasło|heslo|salasana|пароль|psk"
_KEY = r"(?:api|access|secret|private|auth|encryption|security|network|wi-?fi|wlan|wpa\d?|wep|shared|pre-?shared|account|license|licence|product|activation|serial|master|signing|session|subscription|storage|recovery|backup|bot|webhook|refresh|id|service|application|app|ssh|gpg|deploy|consumer|client)[ _-]?(?:key|token|secret)s?|(?<![a-z-])key"
_CODE = r"(?:back-?up|recovery|security|verification|one-?time|access|door|alarm|gate|entry|unlock|sms|2fa|mfa|two-?factor|confirmation|activation|reset|auth(?:entication|orization)?|emergency|scratch|login|lock|safe|sim|voicemail|secret)[ _-]?(?:codes?|pins?|numbers?)|pins?(?: codes?| numbers?)?|puk|tans?|combination|safe word|otp"
_OTHER = r"token|secret|credentials?|login(?: data| details)?|log-?in|session(?:[ _-]?id)?|phpsessid|jsessionid|sessid|cookie|authorization|wi-?fi|wlan|hotspot|(?:seed|recovery|backup|secret)[ _-](?:phrase|words)|mnemonic"
NAME = re.compile(
    rf"(?<![a-zà-ÿ])(?:[a-z0-9]+[_.-]){{0,4}}(?:{_PASS}|{_KEY}|{_CODE}|{_OTHER})(?:[_-][a-z0-9]+){{0,2}}(?![a-zà-ÿ_])|[a-z]{{2,12}}(?:password|passwd|secret|token|apikey|passphrase)(?![a-zà-ÿ])"
)
# "Single-pass" and "dkim=pass" name nothing: these need a closer tie, and "key" alone a network that it opens.
LOOSE_NAME = re.compile(
    r"(?<![a-z])(?:pass|pw|key|code|tan|login|log-in|combination|session|cookie|wi-?fi|wlan|token|secret|hotspot|authorization)\Z"
)
OPENS = re.compile(r"\b(?:wi-?fi|wlan|wpa\d?|ssid|network|hotspot|vpn|encrypt\w*|router|zip|archive|unlock\w*)\b")
IS_CODE = re.compile(rf"(?:{_CODE})\Z")
IS_PHRASE = re.compile(r"(?:phrase|[ _-]words|mnemonic)\Z")
IS_PASSWORD = re.compile(rf"(?:{_PASS})\Z")
# A name holds one of these; looking for them first is many times quicker than the pattern.
STEMS = (
    "pass", "pasw", "pw", "psk", "key", "token", "secret", "code", "pin", "puk", "tan", "credential", "login", "log-in", "session", "sessid", "cookie",
    "authorization", "wifi", "wi-fi", "wlan", "hotspot", "kennwort", "kennwört", "senha", "contrase", "wacht", "lösen", "adgangs", "hasło", "heslo",
    "salasana", "parol", "phrase", "mnemonic", "words", "combination", "serial", "otp", "парол", "number",
)  # fmt: skip
LONGEST_NAME = 60

# ---- how a value is tied to a name

_TIED = r"[\"'\])}]{0,3}\s{0,3}(?:=>|:=|==?|:|>|,\s?(?=[\"'])|\|)\s{0,3}|[\"']\s+(?:value|content|default)\s*=\s*(?=[\"'])|[\"'] ?, ?(?=[\"'])"
TIED = re.compile(_TIED)
SAID = re.compile(
    r"(?:[^\n.!?]{0,45}?)\b(?:is|was|are|were|to|being|as|called|with|reads?|says?|namely|set|use|used|ist|lautet|war|est|es|è|era)\b(?: (?:still|now|just|always|simply|currently|the same|the usual(?: one)?|probably|set to|called|this|only|again|it))*[,:]? ?(?=[\"'“‘«(]?\S)|\s?\(|[ \t]{1,2}(?=\S)|, (?=\S*\d)|\s?/\s?|\s?[-–—] ",
)
VALUE = re.compile(r"[\"“'‘`«(\[]*([^\s\"“”‘’`«»<>(){}\[\],;|]{4,120})")
QUOTED = re.compile(r"[\"“'‘`«]([^\"”'’`»\n]{4,80})[\"”'’`»]")
DIGIT_CODES = re.compile(r"[\"“'‘(]?((?:[A-Z]-?)?\d[\d -]{2,}\d(?:, ?\d[\d -]{2,}\d)*|\d{4,10})(?!\.?\d|[:/a-z])")
GROUPS = re.compile(r"\b[A-Za-z0-9]{3,8}(?:-[A-Za-z0-9]{3,8}){2,9}\b")
FOUR_WORDS = re.compile(r"[\"“'‘:(]?\s?((?:[a-z]{3,12} ){3,23}[a-z]{3,12}|(?:[a-z]{3,12}-){2,11}[a-z]{3,12})\b")
_JOINS = frozenset(
    ["the", "and", "that", "this", "with", "for", "from", "have", "has", "had", "not", "but", "you", "your", "are", "was", "were", "will", "would", "can", "could", "should", "they", "them", "their", "his", "her", "its", "our", "which", "when", "where", "what", "who", "how", "why", "into", "onto", "than", "then", "there", "here", "been", "being", "does", "did", "use", "used", "using", "set", "get", "got", "one", "all", "any", "some", "more", "most", "just", "only", "also", "very", "must", "may", "might", "about", "after", "before", "because", "while", "until", "again", "still", "now", "please", "enter", "type", "click", "open", "save", "change", "reset", "forgot", "remember", "need", "make", "sure", "correct", "wrong", "right", "new", "old", "same", "account", "server", "email", "mail", "field", "box", "page", "window", "option", "settings"]
) - {"correct", "server", "wrong"}  # fmt: skip


def credentials(text: str) -> Iterator[Span]:
    """(start, end, kind) of every credential, overlaps and all."""
    lower = text.lower()
    yield from known_formats(text, lower)
    if "://" in text:
        yield from ((*match.span(1), "assigned secret") for match in IN_QUERY.finditer(text))
        # What stands in an address otherwise is the name of a page.
        text = ADDRESS.sub(lambda match: " " * len(match.group()), text)
        lower = text.lower()
    if len(lower) != len(text):
        return
    if " -" in text or "/pass" in lower:
        yield from _command_line(text)
    for name in _names(lower):
        if found := _value_after(text, lower, name):
            yield found
    yield from _strange_values(text, lower)


IN_QUERY = re.compile(r"[?&](?:access_token|auth_token|token|api_?key|password|passwd|pwd|secret|client_secret|sig|signature|sessionid)=([^&\s\"')>#]{10,})", re.IGNORECASE)  # fmt: skip
ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s)>\]\"']+", re.IGNORECASE)


def _names(lower: str) -> Iterator[re.Match[str]]:
    """Every word that names a credential, in order of the stems it was found by."""
    seen: set[int] = set()
    for stem in STEMS:
        at = lower.find(stem)
        while at >= 0:
            end = at + len(stem)
            if at not in seen:
                for name in NAME.finditer(lower, max(0, at - LONGEST_NAME), min(len(lower), end + LONGEST_NAME)):
                    if name.start() <= at < name.end() and name.end() not in seen:
                        seen.update(range(name.start(), name.end() + 1))
                        yield name
            at = lower.find(stem, end)


def _value_after(text: str, lower: str, name: re.Match[str]) -> Span | None:
    at, word = name.end(), name.group()
    if IS_PHRASE.search(word) and (found := _phrase_after(text, at)):
        return found
    if tied := TIED.match(text, at):
        return _tied_value(text, tied.end(), word)
    if found := _code_after(text, at, word, is_tied=False):
        return found
    is_loose = LOOSE_NAME.search(word) is not None and not (
        word == "key" and OPENS.search(lower, max(0, name.start() - 80), name.start())
    )
    said = SAID.match(text, at)
    return _judged(text, said.end(), is_loose=is_loose) if said else None


CONTEXT = re.compile(
    r"(?<![\w-])(?:pas+[ _-]?wor[dt]s?|passphrase|passcode|pw|pwd|pin|credentials?|login|log(?:s|ged|ging)?[ -]?in(?:to)?|sign(?:ed|ing)?[ -]?in|typed?|typing|entered|locked me|unlock(?:ed|s)?|wi-?fi|(?:changed|set|reset|switched|updated) it|kennwort|passwort|/user:\S+)(?![\w-])"
)
# Paths, assignments, places in a program and heads of mail are written with digits and signs too.
NO_PASSWORD = re.compile(
    r".*\\|.*//|.*/.*/|[^=]*\w=\w|-{3,}|.*\.\w{2,4}:\d|.*@[\w-]+\.|.*\w\(|[\d.,:/-]+[a-z%]*\Z|.*\.(?:php|html?|js)\b"
)
TOKEN = re.compile(r"[^\s\"“”‘’`«»<>(){}\[\],;|]{8,61}")
HAS_DIGIT = re.compile(r"\d")
BEFORE, AFTER = 80, 40


def _strange_values(text: str, lower: str) -> Iterator[Span]:
    """What is written like a password and stands near a word for one, or for logging in."""
    for match in TOKEN.finditer(text):
        if len(match.group()) > 60 or not HAS_DIGIT.search(match.group()):
            continue
        value = trimmed(match.group())
        if not Looks.of(value).is_strange or NO_PASSWORD.match(value) or not is_credential(value):
            continue
        start, end = match.start(), match.start() + len(value)
        line = max(text.rfind("\n", 0, start), start - BEFORE, 0)
        if CONTEXT.search(lower, line, start) or (
            re.match(r"[\"”'’)]?,? (?:as|is|was|for|being) ", text[end : end + 12])
            and CONTEXT.search(lower, end, end + AFTER)
        ):
            yield start, end, "spoken password"


def _tied_value(text: str, at: int, word: str) -> Span | None:
    """A value behind a sign of assignment: in quotes, or mixed, or of an entry in a configuration."""
    quoted = QUOTED.match(text, at)
    if quoted:
        value = quoted[1]
        if NAME.fullmatch(value.lower()):
            return None
        is_value = (
            " " not in value and len(value) >= 6 and value.lower() not in ORDINARY and not PLACEHOLDER.match(value)
        )
        looks = Looks.of(value)
        # Names of settings in quotes are plain words; a password in quotes may be one too.
        is_enough = (
            looks.is_mixed
            or looks.has_sign
            or len(value) >= 10
            or (IS_PASSWORD.search(word) and "," not in text[at - 2 : at])
        )
        if is_value and is_enough and not re.fullmatch(r"[a-z]+(?:\.[a-z]+)+|https?:.*|[A-Z][a-z]+", value):
            return quoted.start(1), quoted.end(1), "assigned secret"
        return None
    if found := _code_after(text, at, word, is_tied=True):
        return found
    match = VALUE.match(text, at)
    if match is None:
        return None
    value = trimmed(match[1])
    looks = Looks.of(value)
    if not is_credential(value):
        return None
    is_entry = (
        IS_PASSWORD.search(word) and "=" in text[at - 3 : at] and text[match.end() : match.end() + 1] in ("", "\n", ";")
    )
    if looks.is_mixed or looks.is_random or (is_entry and looks.length >= 6):
        return match.start(1), match.start(1) + len(value), "assigned secret"
    return None


LEAD_OF_CODE = re.compile(r"(?:[\w ,'’]{0,40}?(?:\b(?:is|was|are|were)\b|[:=])|\s?\()?\s*")


def _code_after(text: str, at: int, word: str, *, is_tied: bool) -> Span | None:
    """Digits behind a word for a code, or groups of letters and digits behind one for a key."""
    is_code = IS_CODE.search(word) is not None
    if not is_code and not word.endswith(("key", "keys", "number", "serial")):
        return None
    begin = LEAD_OF_CODE.match(text, at)
    start = begin.end() if begin else at
    groups = GROUPS.match(text, start)
    if groups and any(c.isdigit() for c in groups.group()) and len(groups.group()) >= 14:
        return *groups.span(), "recovery key"
    digits = DIGIT_CODES.match(text, start) if is_code else None
    if digits is None:
        return None
    n = sum(c.isdigit() for c in digits[1])
    is_said = is_tied or text[at:start].strip() != ""
    return (*digits.span(1), "code") if n >= 4 and (is_said or n <= 8) else None


LEAD_OF_PHRASE = re.compile(r"(?:[^\n.!?:]{0,25}(?:\b(?:is|was|reads)\b|:))?[: =]*")


def _phrase_after(text: str, at: int) -> Span | None:
    """Four words or more in a row that no sentence would string together."""
    begin = LEAD_OF_PHRASE.match(text, at)
    found = FOUR_WORDS.match(text, begin.end() if begin else at)
    if found is None:
        return None
    words = re.split(r"[ -]", found[1])[:4]
    return (
        (*found.span(1), "pass phrase") if not _JOINS & set(words) and not any(w in _FUNCTION for w in words) else None
    )


_FUNCTION = frozenset(["to", "of", "in", "on", "at", "is", "it", "as", "by", "or", "if", "so", "no", "an", "be", "do", "we", "he", "she", "me", "my", "up", "out", "off", "over", "via", "per", "was", "were", "has", "had", "his", "her"])  # fmt: skip


def _judged(text: str, at: int, *, is_loose: bool) -> Span | None:
    """The value that a sentence gives, or nothing; beside a loose name it must look the more like one."""
    quoted = QUOTED.match(text, at)
    if quoted and " " not in quoted[1] and len(quoted[1]) >= 6 and is_credential(quoted[1]):
        looks = Looks.of(quoted[1])
        if looks.is_mixed or ((looks.has_digit or looks.has_both_cases) and looks.has_sign):
            return quoted.start(1), quoted.end(1), "spoken password"
    match = VALUE.match(text, at)
    if match is None:
        return None
    value = trimmed(match[1])
    looks = Looks.of(value)
    is_enough = looks.is_random or looks.is_strange if is_loose else looks.is_mixed
    return (
        (match.start(1), match.start(1) + len(value), "spoken password") if is_enough and is_credential(value) else None
    )


_FLAGS = re.compile(
    r"(?<=\s)(?:-(?:p|a|w|pw|P|W)[ =]?|--?[\w-]*(?:pass(?:word|wd|phrase)?|token|secret|api-?key|auth)[\w-]*[ =])[\"']?([^\s\"']{6,80})|(?<=\s)(?:-u|--user)[ =][\"']?[\w.@-]+:([^\s\"']{4,60})|/pass(?:word)?:(\S{6,60})"
)


def _command_line(text: str) -> Iterator[Span]:
    for match in _FLAGS.finditer(text):
        group = match.lastindex or 0
        value = match[group]
        looks = Looks.of(value)
        is_long_flag = match.group().startswith("--") or group > 1
        if is_credential(value) and (
            looks.is_strange
            or (looks.is_mixed and (looks.has_both_cases or looks.has_sign or is_long_flag))
            or looks.is_random
        ):
            yield *match.span(group), "password in a command"
