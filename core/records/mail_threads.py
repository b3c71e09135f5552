"""Messages of a mailbox into records: a thread for support, a document for each message where a voice is learnt.

Messages belong together by the ids that they answer; by their subject only where a reply names no
id and goes between the same people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.nouns import Goal, ParsedRecord, RecordKind, RejectedRow
from core.records.documents import as_document
from core.records.formats import Format
from core.records.mail import Mail
from core.records.threads import first_reply_at

REPLY = re.compile(r"(?i)^\s*(?:(?:re|aw|antw|sv|vs|rv|ref|fw|fwd|wg|tr|doorst)\s*(?:\[\d+\])?\s*:\s*)+")


def mail_records(
    mails: Sequence[Mail | RejectedRow], form: Format, name: str, goal: Goal
) -> tuple[list[ParsedRecord], list[RejectedRow]]:
    """Records, and the messages that did not get in. A message that is there twice counts once."""
    rejected = [mail for mail in mails if isinstance(mail, RejectedRow)]
    kept: list[Mail] = []
    places: dict[str, int] = {}
    for mail in mails:
        if isinstance(mail, RejectedRow):
            continue
        if mail.id and mail.id in places:
            rejected.append(
                RejectedRow(mail.number, f"The message is there already, at place {places[mail.id]}.", mail.subject)
            )
            continue
        places[mail.id] = mail.number
        kept.append(mail)
    rejected.sort(key=lambda row: row.row)
    if goal is Goal.SUPPORT:
        return [_thread(thread, name) for thread in threads_of(kept)], rejected
    return [_document(mail, form, name) for mail in kept], rejected


def threads_of(mails: Sequence[Mail]) -> list[list[Mail]]:
    """Messages that belong together, the oldest first; threads in the order of their first message in the mailbox."""
    groups = _Groups()
    by_subject: dict[tuple[str, frozenset[str]], str] = {}
    for mail in mails:
        own = _key(mail)
        for other in mail.answers:
            groups.join(own, other)
        subject = (bare_subject(mail.subject).lower(), mail.participants)
        if not mail.answers and REPLY.match(mail.subject) and subject in by_subject:
            groups.join(own, by_subject[subject])
        by_subject.setdefault(subject, own)
    threads: dict[str, list[Mail]] = {}
    for mail in mails:
        threads.setdefault(groups.root(_key(mail)), []).append(mail)
    return [sorted(thread, key=_by_time(thread)) for thread in threads.values()]


def bare_subject(subject: str) -> str:
    """A subject without the marks of a reply or a forward."""
    return REPLY.sub("", subject).strip()


def _key(mail: Mail) -> str:
    return mail.id or f"place {mail.number}"


def _by_time(thread: list[Mail]) -> Any:
    """By time where every message has one, else as they stand in the mailbox."""
    is_timed = all(mail.created_at.endswith("Z") for mail in thread)
    return (lambda mail: (mail.created_at, mail.number)) if is_timed else (lambda mail: mail.number)


class _Groups:
    """Ids that belong together (union-find)."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def root(self, key: str) -> str:
        path = []
        while (parent := self._parents.get(key, key)) != key:
            path.append(key)
            key = parent
        self._parents |= dict.fromkeys(path, key)
        return key

    def join(self, one: str, other: str) -> None:
        self._parents[self.root(one)] = self.root(other)


def _document(mail: Mail, form: Format, name: str) -> ParsedRecord:
    facts = {
        "title": bare_subject(mail.subject),
        "author": mail.author,
        "date": mail.created_at,
        "tags": list(mail.tags),
    }
    record = as_document(form, mail.text, facts, name, mail.number)
    record.meta.update(_extra([mail]))
    return replace(record, external_id=mail.id or f"{name}#{mail.number}")


def _thread(thread: list[Mail], name: str) -> ParsedRecord:
    first, *replies = thread
    # Nothing in a mailbox marks what solved it: the last word of somebody else is the nearest there is.
    last = max((i for i, mail in enumerate(replies) if mail.address != first.address), default=-1)
    messages = [
        {
            "id": mail.id or str(mail.number),
            "author": mail.author,
            "is_asker": mail.address == first.address,
            "created_at": mail.created_at,
            "text": mail.text,
            "is_solution": i == last,
            "helpful": 0,
        }
        for i, mail in enumerate(replies)
    ]
    meta = {
        "created_at": first.created_at,
        "customer": first.address,
        "tags": list(dict.fromkeys(tag for mail in thread for tag in mail.tags)),
        "first_reply_at": first_reply_at(messages),
        "solution_inferred": True if last >= 0 else "",
    }
    return ParsedRecord(
        first.id or f"{name}#{first.number}",
        first.number,
        RecordKind.THREAD,
        bare_subject(first.subject),
        {"question": first.text, "asker": first.author, "messages": messages},
        {key: value for key, value in meta.items() if value not in ("", [])} | _extra(thread),
    )


def _extra(mails: Sequence[Mail]) -> dict[str, Any]:
    """What was left out of the texts: attachments by their names, quotations by their lines."""
    attachments = [name for mail in mails for name in mail.attachments]
    n_quoted = sum(mail.n_quoted for mail in mails)
    extra = {"attachments_not_read": attachments, "quoted_lines_left_out": n_quoted}
    known = {key: value for key, value in extra.items() if value}
    return {"extra": known} if known else {}
