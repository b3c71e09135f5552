"""The error tree, drawn once.

Every error says what happened, the actual value, what is allowed and what to do next, in
words that a page can show and a script can read. Facts are attributes; `code` is stable.
The HTTP status belongs to the API, which maps the classes below.
"""

from __future__ import annotations

# A sentence may quote a value of any length; of a longer one its start and its end are said.
MOST_LETTERS, LETTERS_OF_START, LETTERS_OF_END = 2_000, 1_400, 500


class ProofroomError(Exception):
    """Base of every error that a user may see. `str(error)` is a whole sentence."""

    code = "error"

    def __init__(self, message: str, *, remedy: str = "", **facts: object) -> None:
        self.message, self.remedy = _in_bounds(message), _in_bounds(remedy)
        super().__init__(self.message)
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class NotFound(ProofroomError):
    """The thing named does not exist here."""

    code = "not_found"


class Invalid(ProofroomError):
    """A value is not allowed; the message names the value and what is allowed."""

    code = "invalid"


class Conflict(ProofroomError):
    """The request was right once, but something changed or exists already."""

    code = "conflict"


class Forbidden(ProofroomError):
    """The person's role does not allow this."""

    code = "forbidden"


class Refused(ProofroomError):
    """A gate said no: expired source, use not allowed, nothing to train on."""

    code = "refused"


class UnreadableFile(ProofroomError):
    """A whole file could not be read; other files of the same import are not affected."""

    code = "unreadable_file"


class NotEnoughReviews(ProofroomError):
    """A rate was asked for with no reviews to compute it from."""

    code = "not_enough_reviews"


class StoreBusy(ProofroomError):
    """Another process owns the data folder."""

    code = "store_busy"


class StoreTooNew(ProofroomError):
    """The database was written by a newer program."""

    code = "store_too_new"


class StoreFull(ProofroomError):
    """The disk refused a write; nothing acknowledged is lost."""

    code = "store_full"


class ModelMissing(ProofroomError):
    """A base model or encoder is not installed, or its bytes are not the expected ones."""

    code = "model_missing"


class JobFailed(ProofroomError):
    """A background job ended without a result; the message is the job's own reason."""

    code = "job_failed"


class Unauthenticated(ProofroomError):
    """The request does not say who it comes from."""

    code = "unauthenticated"


class Busy(ProofroomError):
    """More is asked than is answered at the moment; it is refused at once, and can be asked again. Facts: retry_after_seconds."""

    code = "busy"


class Unavailable(ProofroomError):
    """What was asked for is not there at the moment: a process ended, or did not get to it in time."""

    code = "unavailable"


def _in_bounds(words: str) -> str:
    return words if len(words) <= MOST_LETTERS else f"{words[:LETTERS_OF_START]} … {words[-LETTERS_OF_END:]}"
