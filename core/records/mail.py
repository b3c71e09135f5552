"""E-mail messages, one by one, from mbox and EML files; a broken one is refused with its place in the mailbox.

The plain text of a message is read, else its HTML. Attachments are named, never opened. What a reply
quotes of the message before it, at its end, is not its author's writing and is left out and counted.

Not covered: encrypted messages, quotations between the lines of an answer, which stay.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from pathlib import Path

from core.errors import UnreadableFile
from core.nouns import RejectedRow
from core.records.encoding import clean_text
from core.records.formats import Format
from core.records.markup import NestedTooDeep, html_to_markdown
from core.records.values import as_tags, as_time, shown, storable

# A line of the text may begin with "From "; the one that parts two messages names a time.
SEPARATOR = re.compile(rb"From \S+ .*\d\d:\d\d")
ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
# What the standard library raises at headers and parts that nobody should have sent.
BROKEN = (MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
IDENTITY = re.compile(r"<([^<>\s]+)>")
QUOTED = re.compile(r"\s*>")
# "On Monday Ann wrote:" stands in one or two lines before what it names.
ATTRIBUTION_LINES = 3
FORWARD_MARK = re.compile(r"\s*(?:-{3,}|_{3,}).{0,60}?(?:-{3,}|_{8,})\s*$|\s*_{20,}\s*$")
HEADER_LINE = re.compile(r"\s*\*{0,2}(?:From|Von|De|Da|Van)\s?:\*{0,2}\s+\S")


@dataclass(frozen=True, slots=True)
class Mail:
    """number: place in the mailbox, from 1. answers: ids of the messages that it answers, the nearest last.

    n_quoted: lines of quotation left out of the text.
    """

    number: int
    id: str
    answers: tuple[str, ...]
    subject: str
    author: str
    address: str
    participants: frozenset[str]
    created_at: str
    text: str
    attachments: tuple[str, ...]
    tags: tuple[str, ...]
    n_quoted: int


def read_mails(form: Format, path: Path, name: str) -> Iterator[Mail | RejectedRow]:
    """Every message of a file, or why it is none. Raises UnreadableFile when the file holds no message."""
    if form is Format.EML:
        content = path.read_bytes()
        if not re.match(rb"(?:\xef\xbb\xbf)?\s*[!-9;-~]+:", content):
            raise UnreadableFile(f"{name} is no e-mail message: it does not begin with header lines.")
        yield _mail(1, content.lstrip(b"\xef\xbb\xbf \r\n"))
        return
    for number, content in enumerate(_messages(path, name), start=1):
        if len(content) > MAX_MESSAGE_BYTES:
            reason = f"The message is larger than {MAX_MESSAGE_BYTES // 2**20} MB. Take its attachments out."
            yield RejectedRow(number, reason)
        else:
            yield _mail(number, ESCAPED.sub(rb"\1", content))


def _messages(path: Path, name: str) -> Iterator[bytes]:
    """The bytes of each message, without the line that parts it from the one before."""
    lines: list[bytes] | None = None
    is_after_blank, n_bytes = True, 0
    with path.open("rb") as file:
        for line in file:
            if is_after_blank and SEPARATOR.match(line):
                if lines is not None:
                    yield b"".join(lines)
                lines, n_bytes = [], 0
            elif lines is not None:
                n_bytes += len(line)
                # Beyond the limit only the size counts, and it is known by then.
                if n_bytes <= MAX_MESSAGE_BYTES + len(line):
                    lines.append(line)
            elif line.strip():
                raise UnreadableFile(
                    f"{name} is no mailbox: its first line is not one that begins a message ('From ', who, and when).",
                    remedy="Export the folder as mbox, or send messages as EML.",
                )
            is_after_blank = not line.strip()
    if lines is None:
        raise UnreadableFile(f"{name} is empty.", remedy="Check the export; nothing was lost here.")
    yield b"".join(lines)


def _mail(number: int, content: bytes) -> Mail | RejectedRow:
    try:
        message = message_from_bytes(content, policy=policy.default)
        if not message.keys():
            return RejectedRow(number, "The message has no header lines. Export it again.", shown(content[:200]))
        assert isinstance(message, EmailMessage)
        return _of_message(number, message)
    except NestedTooDeep as error:
        return RejectedRow(number, f"The message is {error}. Leave it out.")
    except BROKEN as error:
        reason = (
            f"The message cannot be read: {shown(error) or type(error).__name__}. Export it again, or leave it out."
        )
        return RejectedRow(number, reason, shown(content[:200].decode("utf-8", "replace")))


def _of_message(number: int, message: EmailMessage) -> Mail | RejectedRow:
    subject = _header(message, "Subject")
    automatic = _header(message, "Auto-Submitted")
    if automatic and automatic.lower() != "no":
        return RejectedRow(number, f"It was sent by a machine (Auto-Submitted: {shown(automatic)}).", shown(subject))
    attachments = tuple(storable(part.get_filename() or part.get_content_type()) for part in message.iter_attachments())
    text, trouble = clean_text(_text(message))
    if trouble:
        return RejectedRow(number, f"The message holds {trouble}. Leave it out.", shown(subject))
    own, n_quoted = without_quotation(text)
    if not own:
        named = f"; attachments are not read ({shown(', '.join(attachments))})" if attachments else ""
        return RejectedRow(number, f"The message holds no text that is its own{named}.", shown(subject))
    author, address = _sender(message)
    return Mail(
        number=number,
        id=next(iter(IDENTITY.findall(_header(message, "Message-ID"))), ""),
        answers=tuple(IDENTITY.findall(_header(message, "References") + _header(message, "In-Reply-To"))),
        subject=subject,
        author=author,
        address=address,
        participants=frozenset(_addresses(message)),
        created_at=_created_at(message),
        text=own,
        attachments=attachments,
        tags=tuple(as_tags(_header(message, "X-Gmail-Labels") or _header(message, "Keywords"))),
        n_quoted=n_quoted,
    )


def _header(message: EmailMessage, name: str) -> str:
    return storable(" ".join(str(message.get(name, "")).split()))


def _text(message: EmailMessage) -> str:
    """Plain text, else the HTML as Markdown."""
    for kind in ("plain", "html"):
        part = message.get_body(preferencelist=(kind,))
        content = str(part.get_content()) if isinstance(part, EmailMessage) else ""
        if part is not None and content.strip():
            if kind == "html":
                return html_to_markdown(content)
            return _unfolded(content) if part.get_param("format") == "flowed" else content
    return ""


def _unfolded(text: str) -> str:
    """Lines that end in a space go on in the next one, but for the mark before a signature (RFC 3676)."""
    lines = text.replace("\r\n", "\n").split("\n")
    joined = [lines[0]]
    for before, line in itertools.pairwise(lines):
        if before.endswith(" ") and before != "-- " and not QUOTED.match(before) and not QUOTED.match(line):
            joined[-1] += line
        else:
            joined.append(line)
    return "\n".join(joined)


def without_quotation(text: str) -> tuple[str, int]:
    """A message without what it quotes at its end, and how many lines that was."""
    lines = text.strip().split("\n")
    end = _forwarded(lines)
    while end and (not lines[end - 1].strip() or QUOTED.match(lines[end - 1])):
        end -= 1
    if end < len(lines):
        for back in range(1, ATTRIBUTION_LINES + 1):
            opening = [line.strip() for line in lines[max(0, end - back) : end]]
            if not opening or not all(opening):
                break
            if opening[-1].endswith(":") and re.search(r"\d|@", " ".join(opening)) and _is_after_gap(lines, end - back):
                end -= back
                break
    n_quoted = sum(1 for line in lines[end:] if line.strip())
    return "\n".join(lines[:end]).strip(), n_quoted


def _is_after_gap(lines: list[str], start: int) -> bool:
    return start <= 0 or not lines[start - 1].strip()


def _forwarded(lines: list[str]) -> int:
    """Where a copy of the message before begins, headers and all, as Outlook adds it; else the end."""
    for i, line in enumerate(lines[:-1]):
        following = next((later for later in lines[i + 1 :] if later.strip()), "")
        if FORWARD_MARK.match(line) and HEADER_LINE.match(following):
            return i
    return len(lines)


def _sender(message: EmailMessage) -> tuple[str, str]:
    """The author's name, else address; and the address."""
    header = message.get("From")
    first = next(iter(getattr(header, "addresses", ())), None)
    if first is None:
        text = storable(str(header or "")).strip()
        return text, text.lower()
    address = storable(first.addr_spec)
    return storable(first.display_name).strip() or address, address.lower()


def _addresses(message: EmailMessage) -> Iterator[str]:
    for name in ("From", "To", "Cc"):
        for header in message.get_all(name, []):
            yield from (storable(one.addr_spec).lower() for one in getattr(header, "addresses", ()))


def _created_at(message: EmailMessage) -> str:
    header = message.get("Date")
    moment = getattr(header, "datetime", None)
    return as_time(moment) if moment is not None else ""
