"""Results as a report: a sentence first, then the tables, and how it was counted."""

from __future__ import annotations

import html
from collections.abc import Iterator

from core.markdown import escaped, table
from core.review.sections import Section, method, sections
from core.review.sentences import (
    agreement_sentence,
    ceiling_sentence,
    headline,
    outlook,
    repeats_sentence,
    uneven_sentence,
)
from core.review.summary import ResultsSummary

STYLE = (
    "body{font:16px/1.5 Georgia,serif;max-width:48rem;margin:3rem auto;padding:0 1rem;color:#22252B;background:#FAF8F3}"
    "table{border-collapse:collapse}td,th{padding:.3rem .8rem;border-bottom:1px solid #E4DFD5;text-align:left;vertical-align:top}"
    ".wide{overflow-x:auto}"
    "@media print{body{margin:0;max-width:none;background:none}h2{break-after:avoid}tr{break-inside:avoid}}"
)


def as_markdown(summary: ResultsSummary) -> str:
    """Words from outside stand escaped in it."""
    parts = [f"# Review of {escaped(summary.project)}", *(escaped(one) for one in opening_sentences(summary))]
    for section in sections(summary):
        if section.title:
            parts.append(f"## {section.title}")
        parts.append(table(section.columns, [[escaped(cell) for cell in row] for row in section.rows]))
        if section.note:
            parts.append(section.note)
    parts += ["## How it was counted", escaped(method(summary))]
    return "\n\n".join(parts) + "\n"


def as_html(summary: ResultsSummary) -> str:
    """A page of its own, fit to be printed: no script, nothing loaded, every value escaped."""
    title = html.escape(f"Review of {summary.project}")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{STYLE}</style><h1>{title}</h1>"
        + "".join(f"<p>{html.escape(one)}</p>" for one in opening_sentences(summary))
        + "".join(_table(section) for section in sections(summary))
        + f"<h2>How it was counted</h2><p>{html.escape(method(summary))}</p></html>"
    )


def opening_sentences(summary: ResultsSummary) -> Iterator[str]:
    """What a report begins with; the first says the rate."""
    said = (headline, uneven_sentence, outlook, ceiling_sentence, agreement_sentence, repeats_sentence)
    for sentence in (say(summary) for say in said):
        if sentence:
            yield sentence


def _table(section: Section) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in section.columns)
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in section.rows)
    title = f"<h2>{html.escape(section.title)}</h2>" if section.title else ""
    note = f"<p>{html.escape(section.note)}</p>" if section.note else ""
    return f'{title}<div class="wide"><table><tr>{head}</tr>{rows}</table></div>{note}'
