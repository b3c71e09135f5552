"""Defects that are known by a mechanism: cycles, garbled letters, residue, slots, blocks and quotations; beside each what looks like it."""

from __future__ import annotations

import pytest

from core.curate.flags import flags_of, survey
from core.curate.flags.cycles import cycle, cycle_of_addresses
from core.curate.flags.encodings import garbled_stretches
from core.curate.flags.nothing import is_nothing
from core.curate.flags.sources import not_asked
from core.nouns import Goal
from tests.core.curate.test_defects import support
from tests.core.curate.test_flags import PROSE, names, post, thread


@pytest.mark.parametrize(
    ("text", "unit", "times"),
    [
        ("very, " * 9, "very", 9),
        ("inbox/" * 12, "inbox", 12),
        ("because of the " * 6, "because of the", 6),
        ("ha" * 30, "ha", 30),
        ("1. Click OK 2. Click OK 3. Click OK 4. Click OK 5. Click OK 6. Click OK", "Click OK", 6),
        ("!" * 25, "!", 25),
    ],
)
def test_a_short_cycle_is_found_whatever_stands_between(text: str, unit: str, times: int) -> None:
    found = cycle(f"It began well. {text} And then it went on for a while.")
    assert found is not None
    assert (found.unit, found.times) == (unit, times)


@pytest.mark.parametrize(
    "text",
    [
        "It is very, very, very, very good.",
        "| yes | yes | yes |\n" * 8,
        "Chapter one . . . . . . . . . . . . . . . . . . 12",
        "=" * 60,
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
        "Nooooooooooooo!",
    ],
)
def test_emphasis_tables_leaders_and_rulers_are_no_cycles(text: str) -> None:
    assert cycle(text) is None


def test_one_address_pasted_again_and_again_is_a_repetition() -> None:
    assert cycle_of_addresses("https://example.org/a " * 9) is not None
    assert cycle_of_addresses(" ".join(f"https://example.org/{i}" for i in range(9))) is None


GARBLED = [
    ("Die Büros öffnen später, sagt Jürgen.", "utf-8", "koi8_r"),
    ("It’s what they’d call “open”.", "utf-8", "gbk"),
    ("开放源代码可以帮助政府。", "utf-8", "gbk"),
    ("請先備份整個設定檔資料夾，再移除帳號。", "big5", "gbk"),
    ("Não é só uma opção, são várias opções.", "cp1252", "mac_roman"),
    ("Före flytten återställdes brevlådorna på servern.", "cp437", "cp1252"),
    ("Настройки сохранены, но письма не приходят.", "koi8_r", "cp1251"),
    ("I don’t know what they’re doing.", "cp1252", "mac_roman"),
    ("A “word” and a — dash", "utf-7", "ascii"),
    ("Plain words of no accent at all", "utf-16-le", "latin-1"),
    ("The café’s résumé", "cp1252", "gbk"),
]


@pytest.mark.parametrize(("text", "written_as", "read_as"), GARBLED)
def test_letters_read_with_a_wrong_page_are_garbled_and_were_not_before(
    text: str, written_as: str, read_as: str
) -> None:
    assert list(garbled_stretches(text.encode(written_as, "ignore").decode(read_as, "ignore")))
    assert not list(garbled_stretches(text))


@pytest.mark.parametrize(
    "text",
    [
        "Версия Thunderbird - 140.1.0esr (64-разрядный)",
        "日本語とEnglishを混ぜて書く。",
        "Größe √2 ≤ π ≈ 3,14 → ∞; 5 μm, λ-Kalkül, a→b→c",
        "┌──┬──┐ and └── tree",
        "Zażółć gęślą jaźń; příliš žluťoučký kůň",
        "Người Việt được hưởng nước",
        "The desktop´s settings and the phone´s own",
        "apparent *raison d’être*",
        "Call +420-555-0100 or see ?title=Bug+1942554+-+Better",
        "چاپ پرونده و گفتگو",
        "★★★★☆ 👍",
    ],
)
def test_foreign_words_signs_and_drawings_are_not_garbled(text: str) -> None:
    assert not list(garbled_stretches(text))


@pytest.mark.parametrize(
    "text",
    [
        "Sent from my phone",
        "Envoyé de mon iPhone",
        "No replies yet. Be the first to answer!",
        'Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: 7bit\n\n',
        '{"body": "", "attachments": []}',
        "Posted by:\nDate:\nText:",
        "#REF!",
        '<span style="font-size:11pt"><o:p></o:p></span>',
        "\u200b",
        "Hello Anna,\n\n\nBest regards\nHelp Desk",
        "You must be logged in to view this reply.",
        "[cid:image001.png@01D2]",
    ],
)
def test_what_an_export_leaves_of_a_text_is_nothing(text: str) -> None:
    assert is_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "Sent items are kept in the folder.",
        "Hi, try POP.",
        "From: the menu",
        "Answer: 993",
        "Please log in again.",
        "Delete it.",
    ],
)
def test_few_words_are_still_words(text: str) -> None:
    assert not is_nothing(text)


@pytest.mark.parametrize(
    "stand_in",
    [
        "{Hi|Hello} there, the way to {repair|fix} it is this.",
        "Choose one: [the profile is damaged / the password is wrong / the server is down]",
        "Enter mail.YOURDOMAIN.TLD there.",
        "Your mailbox moves on dd/mm/yyyy between hh:mm and hh:mm.",
        "Possible since version X.Y.Z.",
        "Dear $lastname, here it is.",
        "Hello <%= user.name %>, here it is.",
        "About TK percent of them failed.",
        "Closing thought: something witty about committees.",
        "[Agent: describe the steps the user should follow]",
        "Figure 3: caption caption caption",
        "See [this page](URL) for more.",
        "Copy it to /path/to/your/profile there.",
    ],
)
def test_a_slot_a_choice_and_a_note_to_the_writer_are_placeholders(stand_in: str) -> None:
    assert "placeholder" in names(post(f"{PROSE}\n\n{stand_in}"))


@pytest.mark.parametrize(
    "text",
    [
        "The format is dd/mm/yyyy in Britain.",
        "The set {2, 3} and a | b.",
        "It is 78.x that does it, at yourcompany.com too.",
        "You can insert a table here if you like.",
        "The TK-80 was a computer.",
        "Use `{name|upper}` and `/path/to/file` there.",
        "Delete what you do not need.",
        "It will be added to the list, and the rest is to follow suit.",
    ],
)
def test_formats_sets_and_code_are_no_placeholders(text: str) -> None:
    assert "placeholder" not in names(post(f"{PROSE}\n\n{text}"))


def test_a_menu_below_several_records_is_boilerplate_and_the_last_step_of_a_list_is_not() -> None:
    menu = "Most read\nMost shared\nPhoto gallery\nEvents calendar\nJobs board\nMedia kit\nSite map"
    with_menu = [thread(f"{PROSE} Answer {i}.\n\n{menu}") for i in range(3)]
    assert "boilerplate" in {f.name for f in flags_of(with_menu[0], survey(with_menu, Goal.SUPPORT))}
    step = "1. Close it.\n2. Open the old folder, copy all of its files there, start it again and wait."
    with_step = [thread(f"Answer {i} for you.\n\n{step}") for i in range(3)]
    assert "boilerplate" not in {f.name for f in flags_of(with_step[0], survey(with_step, Goal.SUPPORT))}


QUESTION = "My calendar does not sync with the phone any more since I changed the password of my account last week."


@pytest.mark.parametrize(
    "answer",
    [
        f"{QUESTION}\n\nRegards\nHelp Desk",
        f"@all please see\n{QUESTION}",
        f"Ticket history\n1. Requester: {QUESTION}\n2. Agent:",
    ],
)
def test_an_answer_of_the_askers_words_is_a_quotation_whatever_is_around_it(answer: str) -> None:
    assert "quote_only" in support(answer, QUESTION)


def test_an_answer_that_takes_the_question_up_is_no_quotation() -> None:
    answer = (
        f"{QUESTION} That happens when the phone kept the old one: open its settings, choose the account, and enter it."
    )
    assert "quote_only" not in support(answer, QUESTION)
    assert not_asked(answer, QUESTION) > 15


@pytest.mark.parametrize("head", ["Quote from: hedgehog77 on March 02, 2014", "FYI\n\nBegin forwarded message:", "The customer's message in full:"])  # fmt: skip
def test_a_line_that_says_whose_words_follow_makes_them_a_quotation(head: str) -> None:
    assert "quote_only" in names(post(f"{head}\n\n{PROSE}"))
    assert "quote_only" not in names(post(f"{PROSE}\n\nAs a reader wrote, it takes time."))
