"""The cleaning steps by name, in the order in which they work, and what each is for.

Two are on unless a recipe says otherwise: mending garbled letters and dropping tracking parameters
change nothing that a person wrote or would miss. The others take words away, so a person turns them
on after a look at what they do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.curate.cleaning.boilerplate import drop_boilerplate
from core.curate.cleaning.changes import Around, Change, Cleaned, Find, settled
from core.curate.cleaning.greetings import strip_greetings_closings
from core.curate.cleaning.markup import convert_markup
from core.curate.cleaning.mojibake import mend_mojibake
from core.curate.cleaning.quotes import strip_quoted_replies
from core.curate.cleaning.signatures import strip_signatures
from core.curate.cleaning.tracking import drop_tracking_parameters
from core.errors import Invalid


@dataclass(frozen=True, slots=True)
class Step:
    """title: what a page calls it. sentence: what it does and what it leaves alone. is_default: on unless turned off."""

    name: str
    title: str
    sentence: str
    find: Find
    is_default: bool = False


# Letters first, since every other step reads words; signatures before closings, which stand above them.
STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("mend_mojibake", "Mend garbled letters",
             "Letters broken by a wrong encoding (mojibake) are put right; curly quotes and entities stay as typed.",
             mend_mojibake, is_default=True),
        Step("html_to_markdown", "Turn leftover HTML into Markdown",
             "Whole elements become Markdown, tags that only lay out and comments go; code stays.", convert_markup),
        Step("strip_quoted_replies", "Strip quoted replies",
             "Earlier messages carried along go, where it is clear whose they are; of a forwarded mail only the header lines.",
             strip_quoted_replies),
        Step("strip_signatures", "Strip signatures",
             "What a mail program puts at the end: signature, contact data, disclaimer, “Sent from my phone”.",
             strip_signatures),
        Step("strip_greetings_closings", "Strip greetings and closings",
             "“Hi Ann,” above and “Kind regards, Bo” below go; the help between them stays.", strip_greetings_closings),
        Step("drop_boilerplate", "Drop headers and footers that repeat",
             "Lines that stand in many records go where they frame a text; in the middle of it they stay.", drop_boilerplate),
        Step("drop_tracking_parameters", "Drop tracking parameters",
             "utm_source, fbclid and the like are taken off links; the link stays.", drop_tracking_parameters, is_default=True),
    )
}  # fmt: skip
DEFAULT_STEPS = tuple(step.name for step in STEPS.values() if step.is_default)


@dataclass(frozen=True, slots=True)
class StepChanges:
    """What one step did to one text. before: the text as it came to this step."""

    step: str
    before: str
    after: str
    changes: tuple[Change, ...]
    is_left_whole: bool = False


def checked_steps(names: Iterable[str]) -> tuple[str, ...]:
    """The steps named, each once, in the order in which they work. Raises Invalid for one that does not exist."""
    wanted = set(names)
    unknown = sorted(wanted - STEPS.keys())
    if unknown:
        raise Invalid(f"{unknown[0]!r} is not a cleaning step.", remedy=f"Choose among {', '.join(STEPS)}.")
    return tuple(name for name in STEPS if name in wanted)


def run_step(name: str, text: str, around: Around) -> Cleaned:
    return settled(STEPS[name].find, text, around)


def clean(text: str, steps: Iterable[str], around: Around) -> tuple[str, tuple[StepChanges, ...]]:
    """The text after all steps, and what each of those did that changed it or left it whole."""
    done = []
    for name in checked_steps(steps):
        cleaned = run_step(name, text, around)
        if cleaned.changes or cleaned.is_left_whole:
            done.append(StepChanges(name, text, cleaned.text, cleaned.changes, cleaned.is_left_whole))
        text = cleaned.text
    return text, tuple(done)
