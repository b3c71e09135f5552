"""What data files, mail programs and people leave between two joined texts; and mentions of what was said or shown elsewhere."""

from __future__ import annotations

import pytest

from tests.core.curate.test_defects import support
from tests.core.curate.test_defects_by_kind import OTHER
from tests.core.curate.test_flags import PROSE, names, post


@pytest.mark.parametrize(
    "between",
    [
        '", "votes": 2}, {"body": "',
        "'),(17, '",
        '\n"12;"2021-03-04";"open";"',
        "\t9\t2020-01-01\ten\t",
        " ||| ",
        "\n</section>\n<section class='next'>\n",
        "\nFrom: ann@example.org\nSubject: something else\n\n",
        "\nCase 88 | Opened 3 May 2019 | Group: Mail\n\n",
        "\n\nAsked in May · 3 answers · Share\n\n",
        "\n\nREOPENED 2021-02-03 10:00 by the form\n\n",
        "\n\n>>> thread 51, begun by somebody\n\n",
        "\n\n(2/2)\n\n",
        "\n-- \nMax, from the road\n\n",
        "\n\nby Rosa Blum, guest\n\n",
        " Now to an entirely different topic. ",
        "\n\nThis is the mail from another customer:\n\n",
    ],
)
def test_what_was_left_between_two_texts_shows_that_they_were_joined(between: str) -> None:
    assert "merged_records" in support(f"{PROSE}{between}{OTHER}")


@pytest.mark.parametrize(
    ("first", "second"), [("2020-05-06 10:41", "2020-05-06 12:30"), ("Q1.", "Q2."), ("Item 4:", "Item 9:")]
)
def test_two_texts_that_begin_alike_were_joined(first: str, second: str) -> None:
    assert "merged_records" in support(f"{first} {PROSE}\n{second} {OTHER}")


@pytest.mark.parametrize(
    "text",
    [
        f'{PROSE}\n\nThe file says "a": 1, "b": 2, "c": 3, "d": 4, "e": 5 and more.\n\n{OTHER}',
        f"{PROSE}\n\n| name | port |\n|---|---|\n| one | 993 |\n\n{OTHER}",
        f"{PROSE}\n\n```\nINSERT INTO posts VALUES (1,'a'),(2,'b');\n```\n\n{OTHER}",
        f"{PROSE} It is an entirely different animal. {OTHER}",
        f"{PROSE}\n-- \nMax, from the road",
        f"2020-05-06 10:41 {PROSE} {OTHER}",
        f"{PROSE}\n\nps aux | grep java | awk '{{print $2}}' | sort\n\n{OTHER}",
        f"{PROSE}\n\nname | port\n---|---\none | 993\n\n{OTHER}",
        f'{PROSE}\n\nPut {{"host": "localhost", "port": "8080"}} into it.\n\n{OTHER}',
        f"{PROSE}\n\nFile | Options | Mail | Advanced\n\n{OTHER}",
        f"{PROSE}\n\nSettings · Account · Privacy\n\n{OTHER}",
        f"{PROSE}\n\nFrom: the sender\nTo: you\n\n{OTHER}",
        f"{PROSE}\n\n~~~\nSubject: x\nFrom: y\n~~~\n\n{OTHER}",
        f"{PROSE}\n\n    Subject: x\n    From: y\n\n{OTHER}",
        f"{PROSE}\n\n1/2\n\n{OTHER}",
    ],
)
def test_listings_tables_code_and_signatures_are_no_seam(text: str) -> None:
    assert "merged_records" not in support(text)


@pytest.mark.parametrize(
    "mention",
    [
        "Equation (3) says what a case costs.",
        "See section 4.2 for the numbers.",
        "As I say under point 2 of my reply, it can wait.",
        "The text is given in the box.",
        "I put the names on the back of the sheet.",
        "Further to our phone call, the limit is lifted.",
        "My colleague has already described how it is done.",
        "Your earlier ticket has all of it.",
        "It is the code that you read out to me on Monday.",
        "In last month's column I promised an answer.",
        "The slides of the evening are embedded here:",
        "Please put in these values:",
    ],
)
def test_what_was_said_or_shown_elsewhere_is_a_missing_reference(mention: str) -> None:
    assert "missing_reference" in support(f"{mention}\n\n{PROSE}")


@pytest.mark.parametrize(
    "text",
    [
        f"Section 508 asks for it. {PROSE}",
        f"Please put in these values:\n\n- 993\n- TLS\n\n{PROSE}",
        f"Please put in these values:\n\nTools > Options > Advanced > the tab called General, where all of it stands together.\n\n{PROSE}",
        f"Footnote 3 of the law is short. Nobody reads footnote 3. {PROSE}",
        f"Our phone call costs nothing. {PROSE}",
    ],
)
def test_what_is_here_or_is_no_part_of_the_text_is_not_missing(text: str) -> None:
    assert "missing_reference" not in support(text)


def test_an_emoji_by_its_name_announces_nothing() -> None:
    assert "truncated" not in names(post(f"{PROSE} Thank you all for reading so far :tada:"))
    assert "truncated" in names(post(f"{PROSE} We learnt three things, and here they are:"))
