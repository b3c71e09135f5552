"""The report as PDF: what the other forms say, letter for letter; nothing that vanishes; the same bytes every time."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2

from core.facts.given import GivenFact
from core.nouns import ReviewClass, System
from core.review.breakdown import ReviewerLoad
from core.review.notable import Notable, NotableDraft, OneVerdict
from core.review.provenance import Provenance, RunTrace
from core.review.report_pdf import MISSING, as_pdf
from core.review.sections import sections
from core.review.sentences import headline
from core.review.statistics import RateEstimate, wilson_interval
from core.review.summary import ResultsSummary, SystemResult


def rate(passed: int, n: int) -> RateEstimate:
    return RateEstimate(n, passed, passed / n, *wilson_interval(passed, n))


TUNED = SystemResult(System.TUNED, rate(30, 40), {ReviewClass.AS_IS: 30, ReviewClass.REJECTED: 10})
SUMMARY = ResultsSummary("blog", (TUNED,), {"too long": 3}, 2, 0, 0.1, light_edit_origin="the default")


def pages(content: bytes) -> list[str]:
    """The words of each page, by single blanks."""
    document = pypdfium2.PdfDocument(content)
    found = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    document.close()
    return found


def load(name: str) -> ReviewerLoad:
    return ReviewerLoad(name, 40, 22.4, 31.0, rate(15, 20), rate(3, 4))


def test_it_holds_the_headline_and_every_cell_of_every_table() -> None:
    summary = replace(
        SUMMARY, reviewers=(load("Ann"),), tags={"vans": rate(5, 9)}, versions={"v1": rate(10, 20), "v2": rate(20, 20)}
    )
    text = " ".join(pages(as_pdf(summary)))
    assert headline(summary) in text
    for section in sections(summary):
        assert section.title in text
        for row in (section.columns, *section.rows):
            assert all(cell in text for cell in row), (section.title, row)
    assert "the limit: the default" in text


def test_long_drafts_and_hashes_fit_the_page() -> None:
    verdict = OneVerdict("rv", "Ann", ReviewClass.REJECTED, 0.0, ("too long",) * 9)
    facts = (GivenFact("Prices", "It costs 12 euros. " * 200, "prices.md"),)
    long = NotableDraft("dr", "b" * 80, System.TUNED, (verdict,) * 9, "A long sentence of a draft. " * 300, "", facts)
    run = RunTrace("r_1", "v1-1", "v1", "c" * 64, 3, "SmolLM2", "b" * 64, "a" * 64, 17, is_counted=True)
    told = replace(SUMMARY, notable=Notable(worst=(long,) * 5), provenance=Provenance((run,)))
    text = " ".join(pages(as_pdf(told)))
    assert "Worst drafts" in text
    assert "A long sentence of a draft." in text
    assert "c" * 64 in text.replace(" ", "")


def test_the_same_records_make_the_same_bytes() -> None:
    assert as_pdf(SUMMARY) == as_pdf(replace(SUMMARY))
    assert as_pdf(SUMMARY).startswith(b"%PDF-")


def test_words_from_outside_stand_as_they_are() -> None:
    told = replace(SUMMARY, project="<b>&amp; x</b>", reasons={"<font size=90>big</font> & <img src='http://x'/>": 3})
    text = " ".join(pages(as_pdf(told)))
    assert "Review of <b>&amp; x</b>" in text
    assert "<font size=90>big</font> & <img src='http://x'/>" in text


def test_names_in_latin_greek_and_cyrillic_are_shown() -> None:
    names = ("Zoë Łukasz", "Θεοδώρα", "Божена Ковальчук", "Nguyễn Thị Ánh")
    text = " ".join(pages(as_pdf(replace(SUMMARY, reviewers=tuple(map(load, names))))))
    assert all(name in text for name in names)
    assert MISSING not in text


def test_what_the_font_lacks_is_marked_and_named_at_the_end() -> None:
    text = " ".join(pages(as_pdf(replace(SUMMARY, project="李 \U0001f642", reviewers=(load("مريم"), load("राम"))))))
    assert f"Review of {MISSING} {MISSING}" in text
    assert "stands for characters that the font of this file lacks: U+674E, U+1F642," in text
    assert "The report as HTML shows them." in text


def test_invisible_marks_leave_nothing_behind() -> None:
    text = " ".join(pages(as_pdf(replace(SUMMARY, project="a\u200bb\u2060c\ufe0f\td"))))
    assert "Review of abc d" in text
    assert MISSING not in text


def test_a_long_table_goes_on_with_its_head_repeated_and_pages_are_numbered() -> None:
    found = pages(as_pdf(replace(SUMMARY, tags={f"tag{n}": rate(5, 9) for n in range(90)})))
    assert len(found) >= 3
    assert all("95% interval" in text for text in found[:3])
    assert all(f"Page {n}" in text for n, text in enumerate(found, start=1))
    assert all(any(f"tag{n} " in text for text in found) for n in range(90))


def test_words_wider_than_the_page_are_broken() -> None:
    text = " ".join(pages(as_pdf(replace(SUMMARY, project="x" * 300, reasons={"y" * 400: 1, "z" * 5_000: 2}))))
    # The foot of the page shows the beginning of the title once more.
    assert text.count("y") >= 400
    assert text.count("z") >= 5_000
