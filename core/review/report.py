"""Reports as Markdown and HTML: a sentence first, then the tables, and how it was counted; and results as one."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Report:
    """What every form is written from. opening: sentences, the first the most important. closing: a heading and what stands under it, at the end."""

    title: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    closing: tuple[str, str]


def as_markdown(summary: ResultsSummary) -> str:
    """Words from outside stand escaped in it."""
    return markdown_of(report_of(summary))


def as_html(summary: ResultsSummary) -> str:
    """A page of its own, fit to be printed: no script, nothing loaded, every value escaped."""
    return html_of(report_of(summary))


def report_of(summary: ResultsSummary) -> Report:
    return Report(
        f"Review of {summary.project}", tuple(opening_sentences(summary)), tuple(sections(summary)), ("How it was counted", method(summary))
    )  # fmt: skip


def markdown_of(report: Report) -> str:
    """Words from outside stand escaped in it."""
    parts = [f"# {escaped(report.title)}", *(escaped(one) for one in report.opening)]
    for section in report.sections:
        if section.title:
            parts.append(f"## {section.title}")
        parts.append(table(section.columns, [[escaped(cell) for cell in row] for row in section.rows]))
        if section.note:
            parts.append(section.note)
    heading, words = report.closing
    parts += [f"## {heading}", escaped(words)]
    return "\n\n".join(parts) + "\n"


def html_of(report: Report) -> str:
    """A page of its own, fit to be printed: no script, nothing loaded, every value escaped."""
    title, (heading, words) = html.escape(report.title), report.closing
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{STYLE}</style><h1>{title}</h1>"
        + "".join(f"<p>{html.escape(one)}</p>" for one in report.opening)
        + "".join(_table(section) for section in report.sections)
        + f"<h2>{html.escape(heading)}</h2><p>{html.escape(words)}</p></html>"
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
