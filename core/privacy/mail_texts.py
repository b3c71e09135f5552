"""Every text of e-mails: of each message its headers and its parts as they read, attachments as files of their own.

Unlike an import it leaves nothing out: quotations, messages of machines and every form of a text are looked into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

from core.privacy.pieces import Inner, Piece, Unread

# The line that begins a message of a mailbox: who sent it, then the day.
SEPARATOR = re.compile(rb"From \S+ .*\d\d:\d\d")
HEADER = re.compile(rb"[!-9;-~]{1,76}:")
USUAL = re.compile(
    rb"^(?:from|to|cc|subject|date|received|return-path|message-id|mime-version|content-type|delivered-to|reply-to|sender):", re.I | re.M
)  # fmt: skip
ENCRYPTED = frozenset(
    {"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted", "application/pgp-encrypted"}
)
BROKEN = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)


def is_mail(head: bytes) -> bool:
    """Whether a file that begins so is a mailbox or a message."""
    start = head.lstrip(b"\xef\xbb\xbf \r\n")
    if SEPARATOR.match(start):
        return True
    return HEADER.match(start) is not None and len(USUAL.findall(start)) > 1


def mail_texts(file: Path) -> Iterator[Piece | Inner | Unread]:
    for number, content in enumerate(_messages(file), start=1):
        where = f"message {number}"
        try:
            yield from _of_message(where, message_from_bytes(content))
        except BROKEN as error:
            yield Unread(where, f"{type(error).__name__} while it was read")


def _messages(file: Path) -> Iterator[bytes]:
    """The bytes of each message, without the line that parts it from the one before."""
    lines: list[bytes] = []
    is_after_blank = True
    with file.open("rb") as opened:
        for line in opened:
            if is_after_blank and SEPARATOR.match(line):
                if lines:
                    yield b"".join(lines)
                lines = []
            else:
                lines.append(line)
            is_after_blank = not line.strip()
    yield b"".join(lines)


def _of_message(where: str, message: Message) -> Iterator[Piece | Inner | Unread]:
    for part in message.walk():
        for name, value in part.items():
            yield Piece(f"{where}, {name}", _header(str(value)))
        if part.get_content_type() in ENCRYPTED:
            yield Unread(where, "it is encrypted")
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        if part.get_content_maintype() == "text":
            content = _as_text(content, part.get_content_charset() or "utf-8").encode("utf-8", "replace")
        called = part.get_filename()
        yield Inner(f"{where}, {_header(called)}" if called else where, content)


def _as_text(content: bytes, code: str) -> str:
    try:
        return content.decode(code)
    except (LookupError, ValueError):
        try:
            return content.decode("utf-8")
        except ValueError:
            return content.decode("cp1252", "replace")


def _header(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except BROKEN:
        return value
