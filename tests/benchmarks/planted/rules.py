"""What a data team's usual rule set says of a text, to compare with: the quality rules of Gopher and C4, as the papers state them.

Gopher (Rae and others 2021, appendix A1.1): 50 to 100,000 words, mean word length 3 to 10, symbols per word at most 0.1, nine
tenths of the lines not bullets, three tenths not ending in an ellipsis, four fifths of the words with a letter, two stop words;
and its repetition rules on duplicate lines and paragraphs and on the commonest n-grams. C4 (Raffel and others 2020): no
"lorem ipsum", no curly bracket, three sentences, no "javascript". The rules on length were made for web pages; here the
least number of words is a tenth of theirs, or every answer would be flagged.
"""

from __future__ import annotations

import re
from collections import Counter

STOP_WORDS = frozenset({"the", "be", "to", "of", "and", "that", "have", "with"})
LEAST_WORDS, MOST_WORDS = 5, 100_000


def rule_broken(text: str) -> str:
    """The name of the first rule that a text breaks; empty when it breaks none."""
    words = text.split()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    lower = text.lower()
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        return "number of words"
    if not 3 <= sum(map(len, words)) / len(words) <= 10:
        return "mean word length"
    if (text.count("#") + text.count("...") + text.count("…")) / len(words) > 0.1:
        return "symbols per word"
    if sum(line.startswith(("•", "-", "*")) for line in lines) / len(lines) > 0.9:
        return "bullets"
    if sum(line.endswith(("...", "…")) for line in lines) / len(lines) > 0.3:
        return "ellipses"
    if sum(bool(re.search(r"[A-Za-z]", word)) for word in words) / len(words) < 0.8:
        return "words with a letter"
    if len(words) >= 50 and len(STOP_WORDS & {w.strip(".,;:!?\"'()").lower() for w in words}) < 2:
        return "stop words"
    if "lorem ipsum" in lower:
        return "lorem ipsum"
    if "{" in text:
        return "curly bracket"
    if "javascript" in lower:
        return "javascript"
    return _repeats(text, lines, words)


def _repeats(text: str, lines: list[str], words: list[str]) -> str:
    paragraphs = [p.strip() for p in re.split(r"\n{2,}", text) if p.strip()]
    for name, parts, limit in (("duplicate lines", lines, 0.3), ("duplicate paragraphs", paragraphs, 0.3)):
        if len(parts) > 1 and 1 - len(set(parts)) / len(parts) > limit:
            return name
    n_characters = max(1, sum(map(len, words)))
    for n, limit in ((2, 0.20), (3, 0.18), (4, 0.16)):
        grams = Counter(" ".join(words[i : i + n]) for i in range(len(words) - n + 1))
        if grams and len(words) >= 20:
            gram, times = grams.most_common(1)[0]
            if times > 1 and len(gram.replace(" ", "")) * times / n_characters > limit:
                return f"commonest run of {n} words"
    return ""
