"""What a password or key looks like, and what looks like one and is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

PLACEHOLDER = re.compile(
    r"(?i)^(?:<.*|\$[{(]?\w+[)}]?|%\w+%?|\{+.*|\[.*|[*x•●.·_#?-]+|x{3,}.*|\*{2,}.*|(?:your|my|the|some|our|enter|insert|new|old)[_-]?\w*(?:pass|pw|key|token|secret|pin|code|here|login)\w*|.*(?:_here|redacted|placeholder|example_?key|changeme|\.\.\.|…).*|(?:pass(?:word|phrase|wd)?|secret|token|key|pin|code|login)s?\d?|(?:os|process|env|config|settings|self|this|request|ctx|args|params|secrets)[.\[].*|get\w*\(.*|\w+\(.*)$"
)
# What is written with digits and signs beside such words all the time, and is no password.
TECHNICAL = re.compile(
    r"(?i)^(?:0?auth ?\d?.*|ssl/tls|ssl\d?|starttls|tls.{0,4}|imap4?|pop3?|smtps?|e?smtp|https?:.*|www\..*|/.*|[a-z]:\\.*|\d+[.:]\d+.*|v?\d+(?:\.\d+)+\w*|windows.*|thunderbird.*|win\d+|w\d+|office\d*|microsoft\d*|outlook\d*|base64|sha-?\d+|md5|aes-?\d*|rsa-?\d*|utf-?8|x\.?509|oauth2?.*|[\[(<]*[0o]auth.*|(?:2|two)-?fa(?:ctor)?.*|2-step.*|\d+-(?:digit|character|char|bit|day|step|factor|letter|hour|minute|word).*|\d+(?:st|nd|rd|th|bit|px|gb|mb|kb|min|am|pm|hrs?|x)?|\S+@\S+|[\[(<]*(?:[\w-]+\.)+(?:com|net|org|de|eu|io|co|uk|fr|nl|office365|outlook|html?|php|js|py|json|xml|ini|txt|dat|db|sqlite|pdf|png|jpe?g|exe|xpi|msf|mab|asp|aspx)\b.*|see\b.*|(?-i:[A-Z]?[a-z]+|[A-Z]+)\d{1,2}|\w+/\w+(?:/\w+)*|(?-i:[A-Z][a-z]+(?:[A-Z][a-z]+)+)|(?-i:[a-z]+(?:[._-][a-z]+)+)|&\w+;.*|\d{1,2}[-/]\d{1,2}[-/]\d{2,4}|\d{4}-\d{2}-\d{2}.*|0x[0-9a-f]+|[a-z]+[_-]?id|[a-z]+[,.:;!?]+|\w+['’](?:s|t|re|ve|d|ll|m)\b.*|(?:user|agent|account|u)_?[0-9a-f]{3,8}.*|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,}|[a-z_-]+=\w+|i[3579]-\d+\w*|wi-?fi-?\w*|(?:[a-z]\w*\.){2,}[a-z]\w*|(?:kb|bug|rfc|cve|iso|ns_error\w*|error|id|ticket|post|comment)[-_ ]?\d+.*|\#\d+.*)$"
)
ORDINARY = frozenset(["true", "false", "none", "null", "nil", "yes", "no", "required", "optional", "normal", "encrypted", "plain", "plaintext", "empty", "blank", "unknown", "enabled", "disabled", "default", "hidden", "incorrect", "invalid", "wrong", "missing", "expired", "needed", "saved", "stored", "changed", "method", "manager", "field", "prompt", "window", "dialog", "server", "email", "string", "text", "number", "value", "name", "user", "username", "never", "always", "only", "auto", "automatic", "manual", "basic", "digest", "kerberos", "ntlm", "login"])  # fmt: skip


SPECIAL = frozenset("!?$%&#@+*~^=")


@dataclass(frozen=True, slots=True)
class Looks:
    """How a value is written: its classes of characters and how often they alternate."""

    has_digit: bool
    has_letter: bool
    has_sign: bool
    has_both_cases: bool
    has_special: bool
    n_turns: int
    n_case_turns: int
    length: int

    @classmethod
    def of(cls, value: str) -> Looks:
        kinds = ["d" if c.isdigit() else "a" if c.isalpha() else "s" for c in value]
        turns = sum(a != b for a, b in pairwise(kinds))
        inner = value[1:]
        return cls(
            "d" in kinds, "a" in kinds, "s" in kinds, any(c.isupper() for c in inner) and any(c.islower() for c in value), any(c in SPECIAL for c in value),
            turns, sum(a.isupper() != b.isupper() for a, b in pairwise(value)), len(value),
        )  # fmt: skip

    @property
    def is_mixed(self) -> bool:
        """Letters and digits, as no word has them; a name with a number at its end needs a sign or a capital more."""
        return (
            self.length >= 6
            and self.has_letter
            and self.has_digit
            and (self.n_turns >= 2 or self.has_sign or self.length >= 9)
        )

    @property
    def is_strange(self) -> bool:
        """Three classes at once: what is chosen for a password, and hardly for anything else."""
        is_three = self.length >= 8 and self.has_letter and self.has_digit and self.has_sign
        return is_three and (self.has_special or self.has_both_cases)

    @property
    def is_random(self) -> bool:
        """A long run of letters and digits, or of small and capital ones, that alternate."""
        return (self.length >= 16 and self.has_digit and self.n_turns >= 4) or (
            self.length >= 14 and self.n_case_turns >= 6
        )


def trimmed(value: str) -> str:
    return value.rstrip(".,;:'’") if not value.endswith("...") else value


def is_credential(value: str) -> bool:
    """Whether a value may be one: no placeholder, and nothing else that is written with digits and signs."""
    return not (value.lower() in ORDINARY or PLACEHOLDER.match(value) or TECHNICAL.match(value))
