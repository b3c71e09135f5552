"""What a log says of an error that nobody foresaw: its kind and where it came from, never what it says.

An exception quotes what it broke on: the row that would not fit, the value that is no date. Logs carry ids and counts, never the
words of a record, so of an exception they hold the class and the lines of the program that it passed through.

Not covered: a library that writes a text into a message of its own accord.
"""

from __future__ import annotations

import logging
import secrets
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

log = logging.getLogger(__name__)

LEFT_OUT = "…"
# Shorter words than these stand in any sentence.
LEAST_LETTERS = 4


def note_incident(to: logging.Logger, where: str, error: BaseException) -> str:
    """Log an error under an id that a person can quote. where: of the program. Returns the id."""
    incident = "i" + secrets.token_hex(4)
    to.error("incident %s %s\n%s", incident, where, places_of(error))
    return incident


def places_of(error: BaseException) -> str:
    """The error and those behind it, the first one first: the lines of the program, then the class."""
    lines = []
    for one in _with_causes(error):
        frames = traceback.StackSummary.extract(traceback.walk_tb(one.__traceback__), lookup_lines=False)
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        lines.append(in_a_word(one))
    return "\n".join(lines)


def keep_words_out_of_logs() -> None:
    """From now on nothing that this process logs, a library's errors included, holds the message of an exception."""
    if logging.getLogRecordFactory() is not _record_without_words:
        logging.setLogRecordFactory(_record_without_words)
    threading.excepthook = _of_a_thread
    sys.excepthook = _at_the_end
    sys.unraisablehook = _that_nobody_catches


def _record_without_words(*args: Any, **more: Any) -> logging.LogRecord:
    record = logging.LogRecord(*args, **more)
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(record.args, tuple):
        record.args = tuple(map(_wordless, record.args))
    elif isinstance(record.args, Mapping):
        record.args = {name: _wordless(one) for name, one in record.args.items()}
    if isinstance(record.msg, BaseException):
        record.msg = in_a_word(record.msg)
    if error is not None:
        # What a formatter finds here it does not make anew.
        record.exc_text = places_of(error)
        record.msg, record.args = _without(_message_of(record), error), ()
    return record


def _wordless(argument: Any) -> Any:
    return in_a_word(argument) if isinstance(argument, BaseException) else argument


def _message_of(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return str(record.msg)


def _without(message: str, error: BaseException) -> str:
    """asyncio, for one, tells of a task by its repr, which quotes the exception."""
    for one in _with_causes(error):
        for words in (repr(one), str(one)):
            if len(words) >= LEAST_LETTERS:
                message = message.replace(words, LEFT_OUT)
    return message


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.append(one)
        behind = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        waiting += [behind] if behind is not None else []
        waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
    return reversed(seen)


def in_a_word(error: BaseException) -> str:
    """The class, and what the system says where it is the system's error: that a disk is full is nobody's text."""
    said = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return type(error).__qualname__ + said


def _of_a_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and not isinstance(told.exc_value, SystemExit):
        log.error("a thread ended\n%s", places_of(told.exc_value))


def _at_the_end(kind: type[BaseException], error: BaseException, places: TracebackType | None) -> None:
    if not isinstance(error, KeyboardInterrupt):
        log.error("the process ended\n%s", places_of(error))


def _that_nobody_catches(told: Any) -> None:
    if told.exc_value is not None:
        log.error("an error that nobody could catch\n%s", places_of(told.exc_value))
