"""Named flags, each with one sentence of evidence and, where it has one, its place in the text.

A defect keeps an undecided record out of the recommended recipe and, duplicates apart, lowers the score; a
notice only informs. Offsets count characters of the record's flat
text. Thresholds are the named constants.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import ftfy.badness

from core.curate.records_in import RecordIn
from core.curate.sensitive import personal_data, secrets_in
from core.nouns import Flag, Goal, RecordKind
from core.records.text import accepted_answer, reference_comment

MEANINGS: dict[str, str] = {
    "exact_duplicate": "Another record has the same words; this one would only be learnt twice.",
    "near_duplicate": "Another record says nearly the same; the fuller one is kept.",
    "empty_answer": "There is no answer to learn from.",
    "placeholder": "The text is a stand-in, or a comment that says nothing.",
    "closing_without_help": "The accepted answer only says thanks or solved; it helps nobody else.",
    "asker_answer": "The accepted answer was written by the person who asked, not by the team.",
    "truncated": "The text ends in the middle of a sentence.",
    "wrong_language": "The record is in another language than most of the project.",
    "mojibake": "Letters were garbled by a wrong encoding (mojibake).",
    "repetition": "The same lines come again and again.",
    "boilerplate": "A good part is a block that stands in many records.",
    "link_only": "There is little but a link.",
    "quote_only": "There is little but a quotation of somebody else.",
    "missing_reference": "It speaks of something that is not here, such as an attachment.",
    "personal_data": "It seems to hold personal data: an e-mail address, a phone, account or card number.",
    "secret": "It seems to hold a password or key.",
    "too_short": "It is too short to teach anything.",
    "too_long": "It is longer than is usual for this goal.",
}
NOTICES = frozenset({"personal_data", "secret", "too_long"})

MIN_WORDS = {Goal.VOICE: 40, Goal.SUPPORT: 8, Goal.CODE: 3}
MAX_WORDS = {Goal.VOICE: 20_000, Goal.SUPPORT: 1_200, Goal.CODE: 1_200}
MIN_WORDS_FOR_LANGUAGE = 25
REPEATED_SHARE = 0.3
BOILERPLATE_SHARE = 0.25
BOILERPLATE_RECORDS = 3
MOJIBAKE_PER_1000 = 2.0

PLACEHOLDER = re.compile(
    r"(?i:\blorem ipsum\b|\[insert [^\]]{1,40}\]|\{\{\s*\w+\s*\}\}|\btest test\b|\bplaceholder text\b)|\bTODO\b|\bTBD\b"
)
CLOSING = re.compile(
    r"\b(thanks?|thank you|thx|cheers|solved|sorted|fixed|works? now|working now|never ?mind|problem gone|all good|figured it out)\b",
    re.IGNORECASE,
)
REVIEW_NOTHING = re.compile(r"^\W*(lgtm|looks good( to me)?|ok|okay|\+1|approved?|nice|ship it)\W*$", re.IGNORECASE)
MISSING = re.compile(
    r"\b(?:see|please find|as in|in) (?:the )?(?:attached|attachment|enclosed)\b(?: \w+)?"
    r"|\battached (?:is|are|file|screenshot|image|document|pdf)\b|\b(?:screenshot|image|picture) (?:below|above|attached)\b",
    re.IGNORECASE,
)
URL = re.compile(r"https?://[^\s)>\]]+")
WORD = re.compile(r"\w+", re.UNICODE)
ENDS_WELL = re.compile(r"[.!?…:;)\]\"'”’»*_`>|}~\-–—]\s*$|\n\s*(?:[-*]|\d+\.)[^\n]*$|https?://\S+\s*$")
# Answers are often written without a last full stop; only on one of these words does none of them end.
NEVER_LAST = frozenset({"the", "a", "an", "and", "or", "that", "which", "because", "if", "your", "our", "is", "are"})
MIN_WORDS_BROKEN_OFF = 12
CLOSING_WORDS = 30


def flags_of(
    record: RecordIn, goal: Goal, *, language: str, main_language: str, common_lines: frozenset[str]
) -> list[Flag]:
    """Every flag of one record but the duplicate ones, which depend on a person's judgements too.

    language: detected, empty when the text is too short to tell. common_lines: lines that stand in many records.
    """
    flags = [*_answer_flags(record), *_text_flags(record, goal, common_lines), *_sensitive_flags(record)]
    if language and main_language and language != main_language:
        flags.append(Flag("wrong_language", f"Reads as {language}; most of the project is in {main_language}."))
    return flags


def common_lines(texts: Sequence[str]) -> frozenset[str]:
    """Lines of five words or more that stand in at least three records and 2 % of them."""
    counts = Counter(line for text in texts for line in {x.strip() for x in text.split("\n") if len(x.split()) >= 5})
    least = max(BOILERPLATE_RECORDS, round(0.02 * len(texts)))
    return frozenset(line for line, n in counts.items() if n >= least)


def answer_text(record: RecordIn) -> str | None:
    """What the record would teach: the accepted answer, the reference comment, the last reply; None for prose."""
    match record.kind:
        case RecordKind.THREAD:
            answer = accepted_answer(record.content)
            return answer["text"] if answer else ""
        case RecordKind.DIFF:
            comment = reference_comment(record.content)
            return comment["text"] if comment else ""
        case RecordKind.CHAT:
            return next((m["content"] for m in reversed(record.content["messages"]) if m["role"] == "assistant"), "")
        case RecordKind.DOCUMENT:
            return None


def _answer_flags(record: RecordIn) -> list[Flag]:
    answer = answer_text(record)
    if answer is None:
        return []
    place = _place(record.text, answer)
    if not answer.strip():
        what = "No message is marked as the solution." if record.kind is RecordKind.THREAD else "The answer is empty."
        return [Flag("empty_answer", what)]
    flags = []
    n_words = len(WORD.findall(answer))
    if record.kind is RecordKind.THREAD:
        solution = accepted_answer(record.content)
        by_asker = bool(solution and solution["is_asker"])
        if by_asker:
            flags.append(Flag("asker_answer", "The marked solution is the asker's own message.", *place))
        if CLOSING.search(answer) and n_words <= CLOSING_WORDS and (by_asker or n_words <= 12):
            flags.append(
                Flag("closing_without_help", f"The solution is {n_words} words of closing.", *place, value=n_words)
            )
    if record.kind is RecordKind.DIFF and REVIEW_NOTHING.match(answer):
        flags.append(Flag("placeholder", f"The comment is only {answer.strip()!r}.", *place))
    return flags


def _text_flags(record: RecordIn, goal: Goal, common: frozenset[str]) -> list[Flag]:
    taught = answer_text(record)
    body = record.content["body"] if taught is None else taught
    flags: list[Flag] = []
    if not body.strip():
        return flags
    flags += _length_flags(record, body, goal)
    flags += _pattern_flag("placeholder", PLACEHOLDER, body, record.text, "The text holds {!r}.")
    flags += _pattern_flag(
        "missing_reference", MISSING, body, record.text, "It says {!r}, and nothing is attached here."
    )
    flags += _share_flags(body, record.text, common)
    # A whole record is judged: a garbled question is as bad an example as a garbled answer.
    badness = 1000 * ftfy.badness.badness(record.text) / max(1, len(record.text))
    if badness >= MOJIBAKE_PER_1000 and ftfy.badness.badness(record.text) >= 2:
        first = ftfy.badness.BADNESS_RE.search(record.text)
        span = (first.start(), first.end()) if first else (-1, -1)
        evidence = f"Garbled letters, {badness:.0f} in 1,000 characters."
        flags.append(Flag("mojibake", evidence, *span, value=badness, limit=MOJIBAKE_PER_1000))
    if _is_truncated(body) if record.kind is RecordKind.DOCUMENT else _breaks_off(body):
        tail = body.rstrip()[-60:]
        flags.append(Flag("truncated", f"It ends with {tail[-40:]!r}.", *_place(record.text, tail)))
    return flags


def _length_flags(record: RecordIn, body: str, goal: Goal) -> list[Flag]:
    n_words, n_all = len(WORD.findall(body)), len(WORD.findall(record.text))
    if n_words < MIN_WORDS[goal]:
        return [
            Flag(
                "too_short",
                f"{n_words} words, at least {MIN_WORDS[goal]} expected.",
                value=n_words,
                limit=MIN_WORDS[goal],
            )
        ]
    if n_all > MAX_WORDS[goal]:
        return [
            Flag(
                "too_long", f"{n_all:,} words, up to {MAX_WORDS[goal]:,} expected.", value=n_all, limit=MAX_WORDS[goal]
            )
        ]
    return []


def _pattern_flag(name: str, pattern: re.Pattern[str], body: str, text: str, sentence: str) -> list[Flag]:
    # Code and quoted templates speak of TODO and {{ name }} without being stand-ins.
    found = pattern.search(re.sub(r"```.*?```|`[^`]*`", lambda m: " " * len(m.group()), body, flags=re.DOTALL))
    if not found:
        return []
    words = body[found.start() : found.end()]
    return [Flag(name, sentence.format(words), *_place(text, words))]


def _share_flags(body: str, text: str, common: frozenset[str]) -> list[Flag]:
    flags = []
    lines = [line.strip() for line in body.split("\n") if line.strip()]
    n_characters = sum(map(len, lines))
    longer = [line for line in lines if len(line.split()) >= 4]
    repeated = sum(n - 1 for n in Counter(longer).values())
    if longer and len(longer) >= 4 and repeated / len(longer) >= REPEATED_SHARE:
        share = repeated / len(longer)
        flags.append(
            Flag(
                "repetition", f"{repeated} of {len(longer)} lines were said before.", value=share, limit=REPEATED_SHARE
            )
        )
    block = [line for line in lines if line in common]
    share = sum(map(len, block)) / max(1, n_characters)
    if share >= BOILERPLATE_SHARE:
        evidence = f"{share:.0%} of the text stands in other records too."
        flags.append(Flag("boilerplate", evidence, *_place(text, block[0]), value=share, limit=BOILERPLATE_SHARE))
    without_links = URL.sub(" ", body)
    if URL.search(body) and len(WORD.findall(without_links)) < 12:
        flags.append(
            Flag(
                "link_only",
                f"{len(WORD.findall(without_links))} words beside the link.",
                *_place(text, URL.findall(body)[0]),
            )
        )
    quoted = sum(len(line) for line in lines if line.startswith(">"))
    if n_characters and quoted / n_characters > 0.8:
        flags.append(
            Flag(
                "quote_only",
                f"{quoted / n_characters:.0%} of the text is quoted.",
                value=quoted / n_characters,
                limit=0.8,
            )
        )
    return flags


def _sensitive_flags(record: RecordIn) -> list[Flag]:
    flags = []
    for name, spans in (("personal_data", personal_data(record.text)), ("secret", secrets_in(record.text))):
        if spans:
            kinds = Counter(span.kind for span in spans)
            listed = ", ".join(f"{kind} ({n})" if n > 1 else kind for kind, n in kinds.items())
            # The evidence names the kind alone; the text itself is not written a second time.
            flags.append(Flag(name, f"Found: {listed}.", spans[0].start, spans[0].end, value=len(spans)))
    return flags


def _is_truncated(body: str) -> bool:
    last = body.rstrip().split("\n")[-1].strip()
    if last.startswith(("#", "|", "-", "*", ">", "<", "[", "!")) or len(last.split()) < 6 or "```" in body[-400:]:
        return False
    return not ENDS_WELL.search(last)


def _breaks_off(answer: str) -> bool:
    words = answer.split()
    return len(words) >= MIN_WORDS_BROKEN_OFF and words[-1].lower() in NEVER_LAST


def _place(text: str, part: str) -> tuple[int, int]:
    start = text.find(part)
    return (start, start + len(part)) if start >= 0 and part else (-1, -1)
