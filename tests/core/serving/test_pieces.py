"""Pieces are whole characters, together the whole text, and end before a stop string."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from core.serving.pieces import TextPieces


def bytes_tokenizer() -> Tokenizer:
    """One token a byte, so that every character beyond ASCII comes in parts."""
    vocabulary = {character: n for n, character in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def spaces_tokenizer() -> Tokenizer:
    """Words whose space stands before them, as in models of the SentencePiece kind, which drop the very first one."""
    words = ["<unk>", "▁one", "▁two", "▁three", "s"]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


BYTES = bytes_tokenizer()


def pieces_of(text: str, *stop: str) -> list[str]:
    pieces = TextPieces(BYTES, stop)
    return [*[pieces.add(token) for token in BYTES.encode(text).ids], pieces.finish()]


def test_a_character_of_several_tokens_comes_as_one_piece() -> None:
    assert [piece for piece in pieces_of("aé€😀b") if piece] == ["a", "é", "€", "😀", "b"]


@given(st.text(max_size=60))
def test_pieces_together_are_the_text(text: str) -> None:
    assert "".join(pieces_of(text)) == text.rstrip("\ufffd")


@given(st.text(alphabet="abé😀 ", max_size=40), st.lists(st.text(alphabet="abé😀", min_size=1, max_size=4), max_size=3))
def test_nothing_of_a_stop_string_or_behind_it_is_shown(text: str, stop: list[str]) -> None:
    # Of several the one that is whole first.
    _, first = min(((place + len(s), place) for s in stop if (place := text.find(s)) >= 0), default=(0, len(text)))
    assert "".join(pieces_of(text, *stop)) == text[:first]


@given(st.lists(st.integers(0, 255), max_size=40))
def test_bytes_that_are_no_text_are_shown_as_decoding_shows_them(tokens: list[int]) -> None:
    pieces = TextPieces(BYTES)
    shown = "".join([*[pieces.add(token) for token in tokens], pieces.finish()])
    whole = BYTES.decode(tokens)
    assert whole.startswith(shown)
    assert set(whole[len(shown) :]) <= {"\ufffd"}


def test_a_text_cut_within_a_character_ends_before_it() -> None:
    pieces = TextPieces(BYTES)
    tokens = BYTES.encode("so 😀").ids[:-1]
    assert "".join([*[pieces.add(token) for token in tokens], pieces.finish()]) == "so "


def test_what_could_begin_a_stop_string_is_held_back_until_it_does_not() -> None:
    assert pieces_of("a\nHx", "\nHuman") == ["a", "", "", "\nHx", ""]


def test_spaces_before_words_are_kept_however_long_the_text() -> None:
    tokenizer = spaces_tokenizer()
    tokens = [1, 2, 4, 3, 1] * 9
    pieces = TextPieces(tokenizer)
    assert "".join([*[pieces.add(token) for token in tokens], pieces.finish()]) == tokenizer.decode(tokens)


@pytest.mark.parametrize("stop", ["", "b"])
def test_after_a_stop_nothing_comes(stop: str) -> None:
    pieces = TextPieces(BYTES, [stop, "a"])
    tokens = BYTES.encode("xay").ids
    assert [pieces.add(token) for token in tokens] == ["x", "", ""]
    assert pieces.has_stopped
    assert pieces.finish() == ""
