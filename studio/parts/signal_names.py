"""What the signals are called on a page, and in what they are counted."""

from __future__ import annotations

_SIGNALS = {
    "score": ("score", "0 to 1"),
    "n_words": ("length", "words"),
    "typicality": ("likeness to the whole project", "cosine"),
    "prompt_answer_cosine": ("likeness of answer and question", "cosine"),
    "loss_left": ("what the question leaves open of the answer", "share of its loss"),
    "difficulty": ("what the question leaves open, length taken off", "share of its loss"),
    "link_share": ("links", "share of characters"),
    "letter_share": ("letters", "share of visible characters"),
    "repeated_line_share": ("repeated lines", "share of lines"),
}


def signal_label(name: str) -> str:
    """In words; a signal that is not known here by its own name."""
    return _SIGNALS.get(name, (name.replace("_", " "), ""))[0]


def signal_axis(name: str) -> str:
    """The name with its unit."""
    label, unit = _SIGNALS.get(name, (name.replace("_", " "), ""))
    return f"{label} ({unit})" if unit else label
