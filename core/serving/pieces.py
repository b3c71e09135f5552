"""From tokens, one at a time, to text that can be shown: whole characters, up to a stop string.

A token may hold a part of a character, and a stop string may begin in one piece and end in the
next; what could still become either is held back. The pieces together are the whole text.

Not covered: special tokens in the text; the tokenizer leaves them out.
"""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer

# What decoders put in place of bytes that are no character (yet).
BROKEN = "\ufffd"
# The first of a few tokens may lose a leading space in decoding; those before it take that upon themselves.
TOKENS_BEFORE = 4
# A character has at most four bytes, so this many at the end may still become one; what is broken before them stays so.
MOST_UNFINISHED = 3


class TextPieces:
    """The text of one answer as it comes. `add` gives what can be shown, `finish` what was held back."""

    def __init__(self, tokenizer: Tokenizer, stop: Sequence[str] = ()) -> None:
        self._tokenizer = tokenizer
        self._stop = [s for s in stop if s]
        self._tokens: list[int] = []
        # From which token on is decoded, and how many characters of that are out already.
        self._from, self._n_out = 0, 0
        self._held = ""
        self.has_stopped = False

    def add(self, token: int) -> str:
        """The characters that are certain now; empty while they are not. Nothing comes after a stop string."""
        if self.has_stopped:
            return ""
        self._tokens.append(token)
        return self._until_stop(self._new())

    def finish(self) -> str:
        """What was held back for a stop string that never came. A character without its last bytes is left out."""
        if self.has_stopped:
            return ""
        rest, self._held = self._held, ""
        return rest

    def _decoded(self) -> str:
        return self._tokenizer.decode(self._tokens[self._from :], skip_special_tokens=True)

    def _new(self) -> str:
        """The characters that are whole and not out yet; moves on to where decoding begins the next time."""
        text = self._decoded()
        n_unfinished = min(len(text) - len(text.rstrip(BROKEN)), MOST_UNFINISHED)
        whole = text[: len(text) - n_unfinished]
        new, self._n_out = whole[self._n_out :], max(self._n_out, len(whole))
        if not n_unfinished and len(self._tokens) - self._from > 2 * TOKENS_BEFORE:
            self._from = len(self._tokens) - TOKENS_BEFORE
            self._n_out = len(self._decoded())
        return new

    def _until_stop(self, new: str) -> str:
        text = self._held + new
        # The one that is whole first ends the text, as it does when every character comes alone.
        found = min(((place + len(s), place) for s in self._stop if (place := text.find(s)) >= 0), default=None)
        if found is not None:
            self.has_stopped, self._held = True, ""
            return text[: found[1]]
        n_held = max((_overlap(text, s) for s in self._stop), default=0)
        self._held = text[len(text) - n_held :]
        return text[: len(text) - n_held]


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of text could be the beginning of the stop string."""
    return next((n for n in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:n])), 0)
