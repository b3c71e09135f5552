"""Briefs to begin with, by goal; what stands in curly brackets is for whoever writes the brief to fill in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.nouns import Goal

GAP = re.compile(r"\{[^{}\n]{1,60}\}")


@dataclass(frozen=True, slots=True)
class BriefTemplate:
    name: str
    prompt: str
    audience: str
    form: str
    length: str
    must_not_say: tuple[str, ...] = ()


TEMPLATES: dict[Goal, tuple[BriefTemplate, ...]] = {
    Goal.VOICE: (
        BriefTemplate("Something is new", "Announce {what is new} and what one can do with it now.", "people who use us already", "a title and three paragraphs", "120-220", ("excited to announce",)),
        BriefTemplate("What we think", "Write what we think of {subject}, and why.", "people who do the same work", "a title and a short essay", "250-450"),
        BriefTemplate("How it is done", "Explain how to {task}, step by step.", "somebody who does it for the first time", "a title, one paragraph, numbered steps", "150-300"),
        BriefTemplate("A mistake of ours", "Say what went wrong with {what}, what we did about it, and what changes.", "the people it has hit", "a letter, no title", "120-250", ("any inconvenience",)),
    ),
    Goal.SUPPORT: (
        BriefTemplate("How do I", "{The question, in the customer's words}", "a customer who has not found it", "an answer with steps", "40-150"),
        BriefTemplate("It does not work", "{What the customer sees, and what was tried}", "a customer who is stuck", "an answer: the cause, what to do, what to send us if it does not help", "60-200"),
        BriefTemplate("We cannot do that", "The customer asks for {what is not possible}.", "a customer who will be disappointed", "a short answer that says no, and what is possible", "40-120", ("unfortunately",)),
    ),
    Goal.CODE: (
        BriefTemplate("Review this change", "Review this change:\n\n{the difference}", "the colleague who wrote it", "remarks, the gravest first", "30-200"),
        BriefTemplate("Describe this change", "Write the message for this change:\n\n{the difference}", "whoever reads the history", "a first line of at most 72 characters, then why", "15-120"),
        BriefTemplate("Document this", "Write the documentation of {function or module}:\n\n{its source}", "whoever calls it", "a docstring", "20-150"),
    ),
}  # fmt: skip


# Other curly brackets are what somebody wrote: code, or a form of theirs.
GAPS = frozenset(gap for templates in TEMPLATES.values() for one in templates for gap in GAP.findall(one.prompt))


def gaps_in(text: str) -> list[str]:
    """The gaps of templates that are still to be filled in, each as it stands."""
    return [gap for gap in dict.fromkeys(GAP.findall(text)) if gap in GAPS]
