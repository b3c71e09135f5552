"""British or American spelling: the words that differ, as better ones for one another.

Only words that are spelt in one way on each side. British English also writes -ize, so organise and organize are both let
pass there; American English writes -ize alone.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from core.review.guide.rules import Rule, RuleKind

# British stem, American stem, and what may follow either.
STEMS = (
    ("colour", "color", ("", "s", "ed", "ing", "ful", "less")),
    ("favour", "favor", ("", "s", "ed", "ing", "able", "ably", "ite", "ites")),
    ("behaviour", "behavior", ("", "s", "al")),
    ("honour", "honor", ("", "s", "ed", "ing", "able")),
    ("labour", "labor", ("", "s", "ed", "ing")),
    ("neighbour", "neighbor", ("", "s", "ing", "hood", "hoods")),
    ("flavour", "flavor", ("", "s", "ed", "ing")),
    ("harbour", "harbor", ("", "s")),
    ("humour", "humor", ("", "s")),
    ("rumour", "rumor", ("", "s", "ed")),
    ("endeavour", "endeavor", ("", "s", "ed", "ing")),
    ("centre", "center", ("", "s")),
    ("centred", "centered", ("",)),
    ("theatre", "theater", ("", "s")),
    ("litre", "liter", ("", "s")),
    ("metre", "meter", ("s",)),
    ("kilometre", "kilometer", ("", "s")),
    ("fibre", "fiber", ("", "s")),
    ("calibre", "caliber", ("", "s")),
    ("defence", "defense", ("", "s", "less")),
    ("offence", "offense", ("", "s")),
    ("pretence", "pretense", ("", "s")),
    ("licence", "license", ("",)),
    ("catalogue", "catalog", ("", "s")),
    ("dialogue", "dialog", ("s",)),
    ("cheque", "check", ("s",)),
    ("grey", "gray", ("", "s", "er", "ish")),
    ("programme", "program", ("s",)),
    ("aluminium", "aluminum", ("",)),
    ("ageing", "aging", ("",)),
    ("sceptic", "skeptic", ("", "s", "al", "ism")),
    ("mould", "mold", ("", "s", "ed", "ing", "y")),
    ("plough", "plow", ("", "s", "ed", "ing")),
    ("tyre", "tire", ("s",)),
    ("jewellery", "jewelry", ("",)),
    ("judgement", "judgment", ("", "s", "al")),
    ("manoeuvre", "maneuver", ("", "s")),
    ("paediatric", "pediatric", ("", "s")),
    ("enrol", "enroll", ("", "s", "ment")),
    ("fulfil", "fulfill", ("", "s", "ment")),
    ("instalment", "installment", ("", "s")),
    ("skilful", "skillful", ("", "ly")),
    ("wilful", "willful", ("", "ly")),
    ("whilst", "while", ("",)),
    ("amongst", "among", ("",)),
    *((f"{stem}ll", f"{stem}l", ("ed", "ing", "er", "ers")) for stem in (
        "trave", "cance", "labe", "mode", "signa", "channe", "fue", "leve", "counse", "pane", "tunne", "marve", "quarre",
    )),
)  # fmt: skip
# British -yse is written by nobody in America, and the other way round.
YSE = ("analy", "paraly", "cataly")
# Verbs in -ise that American English writes with a z; British English takes both.
ISE = (
    "apolog", "author", "capital", "categor", "character", "custom", "emphas", "final", "formal", "general", "harmon", "initial",
    "local", "maxim", "memor", "minim", "modern", "neutral", "normal", "optim", "organ", "personal", "popular", "priorit", "real",
    "recogn", "serial", "special", "stabil", "standard", "summar", "symbol", "synchron", "util", "visual",
)  # fmt: skip
ENDINGS = ("e", "es", "ed", "ing", "er", "ers", "ation", "ations")


class Spelling(StrEnum):
    BRITISH = "british"
    AMERICAN = "american"


@cache
def spelling_rule(spelling: Spelling) -> Rule:
    """The words of the other side, with this side's as the better ones."""
    swap: dict[str, str] = {}
    for british, american, endings in STEMS:
        for ending in endings:
            pair = (british + ending, american + ending)
            worse, better = pair if spelling is Spelling.AMERICAN else pair[::-1]
            swap[worse] = better
    for stem in YSE:
        for ending in ("e", "es", "ed", "ing", "er", "ers"):
            pair = (f"{stem}s{ending}", f"{stem}z{ending}")
            # "analyses" is also the plural of analysis, which everybody writes so.
            if pair[0] != "analyses":
                worse, better = pair if spelling is Spelling.AMERICAN else pair[::-1]
                swap[worse] = better
    if spelling is Spelling.AMERICAN:
        swap |= {f"{stem}is{ending}": f"{stem}iz{ending}" for stem in ISE for ending in ENDINGS}
    else:
        # These are other words, or verbs, in British English.
        for word in (
            "while",
            "among",
            "license",
            "checks",
            "programs",
            "dialogs",
            "tires",
            "meters",
            "judgment",
            "catalog",
        ):
            swap.pop(word, None)
    return Rule(
        name=f"spelling-{spelling}",
        kind=RuleKind.SUBSTITUTION,
        message=f"{spelling.capitalize()} spelling: '%s', not '%s'.",
        swap=tuple(swap.items()),
    )
