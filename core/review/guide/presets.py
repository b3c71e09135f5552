"""Rules that a team switches on by a tick: what many guides ask for, each with its figure where it has one."""

from __future__ import annotations

from core.review.guide.rules import Case, Level, Rule, RuleKind, Scope

PRESETS: dict[str, tuple[str, Rule]] = {
    rule.name: (title, rule)
    for title, rule in (
        ("No exclamation marks", Rule("no-exclamation-marks", RuleKind.EXISTENCE, "No exclamation marks.", tokens=("!",))),
        (
            "No em dashes",
            Rule("no-em-dashes", RuleKind.EXISTENCE, "No em dashes.", tokens=("—",)),
        ),
        (
            "No emoji",
            Rule(
                "no-emoji", RuleKind.EXISTENCE, "No emoji: '%s'.", tokens=(r"(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)(?:\u200D\p{Extended_Pictographic}\uFE0F?)*",),
                is_pattern=True, nonword=True, exceptions=(),
            ),
        ),
        (
            "No words in capitals",
            Rule(
                "no-shouting", RuleKind.EXISTENCE, "'%s' is all in capitals.", tokens=(r"\p{Lu}{6,}",), is_pattern=True, ignorecase=False,
                level=Level.SUGGESTION,
            ),
        ),
        (
            "Sentences of at most 35 words",
            Rule(
                "sentence-length", RuleKind.OCCURRENCE, "This sentence has %s words; at most 35.", scope=Scope.SENTENCE,
                tokens=(r"[\p{L}\p{N}]+(?:['’.,-][\p{L}\p{N}]+)*",), is_pattern=True, maximum=35, level=Level.SUGGESTION,
            ),
        ),
        (
            "Paragraphs of at most 120 words",
            Rule(
                "paragraph-length", RuleKind.OCCURRENCE, "This paragraph has %s words; at most 120.", scope=Scope.PARAGRAPH,
                tokens=(r"[\p{L}\p{N}]+(?:['’.,-][\p{L}\p{N}]+)*",), is_pattern=True, maximum=120, level=Level.SUGGESTION,
            ),
        ),
        (
            "Headings as sentences",
            Rule(
                "headings-as-sentences", RuleKind.CAPITALIZATION, "The heading '%s' is capitalised like a title.", scope=Scope.HEADING,
                case=Case.SENTENCE,
            ),
        ),
        (
            "Headings as titles",
            Rule(
                "headings-as-titles", RuleKind.CAPITALIZATION, "The heading '%s' is not capitalised like a title.", scope=Scope.HEADING,
                case=Case.TITLE,
            ),
        ),
        ("No word twice in a row", Rule("no-word-twice", RuleKind.REPETITION, "'%s' stands here twice.")),
        (
            "Superlatives need proof",
            Rule(
                "proof-of-superlatives", RuleKind.CLAIM, "'%s' needs proof: a figure of the brief, or a link.",
                tokens=(
                    "the best", "the fastest", "the cheapest", "the only", "the first", "the largest", "the leading", "number one", "world-class",
                    "market-leading", "industry-leading", "guaranteed", "proven", "studies show", "experts agree", "unrivalled", "unmatched",
                ),
            ),
        ),
    )
}  # fmt: skip
