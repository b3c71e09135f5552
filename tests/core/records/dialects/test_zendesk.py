"""Zendesk's exports: public comments become threads, internal notes become nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import UnreadableFile
from core.nouns import Goal, RecordKind
from core.records.parsing import parse_file
from tests.core.records.dialects.exports import everything, read_csv, read_json, read_lines, said_in

ASKER, AGENT, COLLEAGUE = 501, 900, 901
USERS = [
    {"id": ASKER, "name": "Mira Holt", "role": "end-user", "locale": "en-GB", "email": "mira@holt.example"},
    {"id": AGENT, "name": "Jon Dale", "role": "agent"},
    {"id": COLLEAGUE, "name": "Ines Roth", "role": "end-user"},
]


def comment(number: int, author: int | None, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "type": "Comment", "author_id": author, "body": text, "public": True, "attachments": [],
        "created_at": f"2024-03-01T10:{number:02}:00Z",
    } | more  # fmt: skip


def ticket(**more: Any) -> dict[str, Any]:
    return {
        "url": "https://holt.example/api/v2/tickets/41.json", "id": 41, "external_id": None, "via": {"channel": "email"},
        "created_at": "2024-03-01T10:00:00Z", "updated_at": "2024-03-02T08:00:00Z", "type": None,
        "subject": "Invoice shows the wrong address", "raw_subject": "Invoice shows the wrong address",
        "description": "The invoice still has our old address.", "priority": "normal", "status": "solved",
        "requester_id": ASKER, "submitter_id": ASKER, "assignee_id": AGENT, "organization_id": 7, "group_id": 3,
        "tags": ["billing", "address"], "custom_fields": [{"id": 12, "value": None}], "satisfaction_rating": {"score": "good"},
        "comments": [
            comment(1, ASKER, "The invoice still has our old address."),
            comment(2, AGENT, "Ask accounting before telling her: credit line 4411.", public=False),
            comment(3, AGENT, "Change it under Settings, Billing; the next invoice has it."),
            comment(4, ASKER, "Great, that worked."),
        ],
    } | more  # fmt: skip


PAGE = {
    "tickets": [ticket()],
    "users": USERS,
    "organizations": [{"id": 7, "name": "Holt Bakery"}],
    "groups": [{"id": 3, "name": "Billing"}],
    "metric_sets": [{"ticket_id": 41, "reopens": 1, "solved_at": "2024-03-01T10:03:01Z"}],
    "count": 1,
    "next_page": None,
    "end_of_stream": True,
}


def test_a_page_of_the_api_becomes_threads_with_names_facts_and_the_inferred_solution(tmp_path: Path) -> None:
    parsed = read_json(tmp_path, PAGE)
    (thread,) = parsed.records
    assert (thread.external_id, thread.kind, thread.title) == (
        "41",
        RecordKind.THREAD,
        "Invoice shows the wrong address",
    )
    assert thread.content["question"] == "The invoice still has our old address."
    assert thread.content["asker"] == "Mira Holt"
    assert said_in(thread) == [
        ("Change it under Settings, Billing; the next invoice has it.", False, True),
        ("Great, that worked.", True, False),
    ]
    facts = ("customer", "category", "language", "status", "satisfaction", "tags", "first_reply_at", "resolved_at")
    assert {name: thread.meta[name] for name in facts} == {
        "customer": "Holt Bakery", "category": "Billing", "language": "en-GB", "status": "solved", "satisfaction": "good",
        "tags": ["billing", "address"], "first_reply_at": "2024-03-01T10:03:00Z", "resolved_at": "2024-03-01T10:03:01Z",
    }  # fmt: skip
    assert thread.meta["reopened"] is True
    assert thread.meta["solution_inferred"] is True
    assert parsed.notes[0] == "Zendesk export: 1 ticket, 1 internal note left out."


def test_an_internal_note_is_nowhere_in_what_is_stored(tmp_path: Path) -> None:
    assert "4411" not in everything(read_json(tmp_path, PAGE))


def test_a_description_that_is_an_internal_note_is_not_the_question(tmp_path: Path) -> None:
    secret = "Caller is angry, offer 20 percent at most."
    noted = ticket(
        description=secret,
        comments=[
            comment(1, AGENT, secret, public=False),
            comment(2, AGENT, "Hello Mira, we heard you called."),
            comment(3, ASKER, "Yes, where is my parcel?"),
            comment(4, AGENT, "It arrives on Monday."),
        ],
    )
    parsed = read_json(tmp_path, PAGE | {"tickets": [noted]})
    (thread,) = parsed.records
    assert thread.content["question"] == "Yes, where is my parcel?"
    assert secret not in everything(parsed)
    assert "1 message before the question left out" in parsed.notes[0]


def test_a_ticket_that_is_internal_from_end_to_end_is_refused_with_the_reason(tmp_path: Path) -> None:
    internal = ticket(is_public=False, comments=[comment(1, AGENT, "Password of the safe is 0000.", public=False)])
    bare = ticket(id=42, is_public=False, description="Password of the safe is 0000.", comments=[])
    parsed = read_json(tmp_path, [internal, bare])
    assert parsed.records == []
    assert [row.row for row in parsed.rejected] == [1, 2]
    assert "internal notes" in parsed.rejected[0].reason
    assert "0000" not in everything(parsed)


def test_comments_that_say_nothing_of_being_public_are_internal_in_a_ticket_that_is(tmp_path: Path) -> None:
    silent = [{key: value for key, value in comment(1, AGENT, "Between us: no.").items() if key != "public"}]
    parsed = read_json(tmp_path, [ticket(is_public=False, comments=silent)])
    assert (parsed.records, "Between us" in everything(parsed)) == ([], False)


def test_the_asker_is_never_the_solution_even_as_an_agent(tmp_path: Path) -> None:
    own = ticket(
        requester_id=AGENT,
        comments=[
            comment(1, AGENT, "The invoice still has our old address."),
            comment(2, AGENT, "Never mind, I found it."),
        ],
    )
    (thread,) = read_json(tmp_path, PAGE | {"tickets": [own]}).records
    assert said_in(thread) == [("Never mind, I found it.", True, False)]
    assert "solution_inferred" not in thread.meta


def test_a_person_in_copy_is_not_the_team(tmp_path: Path) -> None:
    copied = ticket(
        comments=[comment(1, ASKER, "Where is it?"), comment(2, COLLEAGUE, "I wonder too.")], description="Where is it?"
    )
    (thread,) = read_json(tmp_path, PAGE | {"tickets": [copied]}).records
    assert said_in(thread) == [("I wonder too.", False, False)]
    assert "first_reply_at" not in thread.meta


def test_a_deleted_users_message_is_never_the_solution(tmp_path: Path) -> None:
    gone = ticket(
        comments=[comment(1, ASKER, "Where is it?"), comment(2, None, "On its way.")], description="Where is it?"
    )
    (thread,) = read_json(tmp_path, [gone]).records
    assert said_in(thread) == [("On its way.", False, False)]


def test_a_reply_after_the_ticket_was_solved_is_not_what_solved_it(tmp_path: Path) -> None:
    late = ticket(comments=[*ticket()["comments"], comment(50, AGENT, "How did we do? Tell us.")])
    (thread,) = read_json(tmp_path, PAGE | {"tickets": [late]}).records
    assert [text for text, _, is_solution in said_in(thread) if is_solution] == [
        "Change it under Settings, Billing; the next invoice has it."
    ]


def test_an_open_ticket_has_no_solution(tmp_path: Path) -> None:
    (thread,) = read_json(tmp_path, [ticket(status="open")]).records
    assert not any(is_solution for _, _, is_solution in said_in(thread))


def test_a_trigger_and_the_system_are_automatic_and_left_out(tmp_path: Path) -> None:
    automatic = [
        comment(1, ASKER, "Where is it?"),
        comment(2, AGENT, "We have received your request.", via={"channel": "rule"}),
        comment(3, -1, "Closed after 4 days."),
    ]
    parsed = read_json(tmp_path, [ticket(comments=automatic, description="Where is it?")])
    assert said_in(parsed.records[0]) == []
    assert parsed.notes[0] == "Zendesk export: 1 ticket, 2 automatic messages left out."


def test_html_is_read_as_markdown_and_an_attachment_alone_is_no_message(tmp_path: Path) -> None:
    rich = [
        comment(1, ASKER, "Hi &amp; help", html_body="<div class='zd-comment'><p>Hi &amp; <b>help</b></p></div>"),
        comment(2, AGENT, "", html_body="<div><img src='x.png'></div>", attachments=[{"file_name": "x.png"}]),
        comment(3, AGENT, "a < b", html_body="<ul><li>Press &lt;Esc&gt;</li></ul>"),
    ]
    parsed = read_json(tmp_path, [ticket(comments=rich, description="Hi & help")])
    (thread,) = parsed.records
    assert thread.content["question"] == "Hi & **help**"
    assert said_in(thread) == [("- Press <Esc>", False, True)]
    assert "1 message without text left out" in parsed.notes[0]


def test_comments_that_come_newest_first_are_put_in_order(tmp_path: Path) -> None:
    (thread,) = read_json(tmp_path, [ticket(comments=list(reversed(ticket()["comments"])))]).records
    assert thread.content["question"] == "The invoice still has our old address."
    assert [text for text, _, _ in said_in(thread)][-1] == "Great, that worked."


def test_a_mail_with_a_subject_alone_asks_in_its_subject(tmp_path: Path) -> None:
    bare = ticket(description="", comments=[comment(1, ASKER, ""), comment(2, AGENT, "Under Settings.")])
    (thread,) = read_json(tmp_path, [bare]).records
    assert (thread.title, thread.content["question"]) == ("", "Invoice shows the wrong address")


def test_a_merged_and_a_deleted_ticket_are_refused_with_the_reason(tmp_path: Path) -> None:
    words = 'This request was closed and merged into request #52 "Invoice".'
    merged = ticket(tags=["closed_by_merge"], comments=[comment(1, ASKER, "Wrong."), comment(2, AGENT, words)])
    parsed = read_json(tmp_path, [merged, ticket(id=43, status="deleted"), ticket(id=44)])
    assert [record.external_id for record in parsed.records] == ["44"]
    assert "merged into ticket 52" in parsed.rejected[0].reason
    assert "deleted" in parsed.rejected[1].reason


def test_an_account_export_has_a_ticket_a_line_with_people_inside_and_numbers_as_texts(tmp_path: Path) -> None:
    line = ticket(
        id="41", requester_id=None, requester={"id": "501", "name": "Mira Holt"}, organization={"id": 7, "name": "Holt Bakery"},
        metric_set={"reopens": "0", "solved_at": "2024-03-01T10:03:00Z"}, satisfaction_rating="unoffered",
        comments=[
            {"id": "1", "author": {"id": "501", "name": "Mira Holt"}, "public": "true", "body": "Where?", "created_at": None},
            {"id": "2", "author": {"id": "900", "name": "Jon Dale", "role": "agent"}, "public": "false", "body": "Hidden."},
            {"id": "3", "author": {"id": "900", "name": "Jon Dale", "role": "agent"}, "public": "true", "body": "There."},
        ],
        description="Where?",
    )  # fmt: skip
    parsed = read_lines(tmp_path, [line, line | {"id": "42"}])
    assert [r.external_id for r in parsed.records] == ["41", "42"]
    thread = parsed.records[0]
    assert said_in(thread) == [("There.", False, True)]
    assert thread.meta["reopened"] is False
    assert "satisfaction" not in thread.meta
    assert "Hidden" not in everything(parsed)
    assert parsed.notes[0] == "Zendesk export: 2 tickets, 2 internal notes left out."


def test_comments_beside_the_tickets_are_joined_and_pages_follow_one_another(tmp_path: Path) -> None:
    first = PAGE | {
        "tickets": [ticket(comments=None)],
        "comments": [c | {"ticket_id": 41} for c in ticket()["comments"]],
    }
    second = PAGE | {
        "tickets": [ticket(id=42, subject=None, raw_subject=None, description=None, comments=[]), ticket(id=43)]
    }
    parsed = read_lines(tmp_path, [first, second])
    assert [r.external_id for r in parsed.records] == ["41", "43"]
    assert len(parsed.records[0].content["messages"]) == 2
    # The second ticket of the file has nothing in it.
    assert [row.row for row in parsed.rejected] == [2]


@pytest.mark.parametrize("is_page", [True, False])
def test_a_ticket_in_a_shell_with_its_comments_beside_it_is_read(tmp_path: Path, is_page: bool) -> None:
    bare = {name: value for name, value in ticket().items() if name != "comments"}
    shell = {"ticket": bare, "comments": ticket()["comments"], "users": USERS}
    parsed = read_json(tmp_path, {"tickets": [shell]} if is_page else shell)
    (thread,) = parsed.records
    assert thread.content["messages"][0]["author"] == "Jon Dale"
    assert parsed.notes[0] == "Zendesk export: 1 ticket, 1 internal note left out."


def test_tickets_without_comments_are_questions_and_it_is_said(tmp_path: Path) -> None:
    parsed = read_json(tmp_path, [ticket(comments=None)])
    assert said_in(parsed.records[0]) == []
    assert any("without an answer" in note for note in parsed.notes)


def test_a_list_as_csv_with_bom_and_semicolons_is_questions_without_answers(tmp_path: Path) -> None:
    header = "Id;Subject;Description;Requester;Requester id;Status;Tags;Group;Satisfaction Score;Reopens;Created at;Solved at"
    row = '17;Parcel;"Where is it; still?";Mira Holt;501;Solved;shipping late;Post;Offered;2;2024-03-01 10:00;-'
    parsed = read_csv(tmp_path, f"{header}\n{row}\n", encoding="utf-8-sig")
    (thread,) = parsed.records
    assert (thread.external_id, thread.content["question"], thread.content["messages"]) == (
        "17",
        "Where is it; still?",
        [],
    )
    assert thread.meta["tags"] == ["shipping", "late"]
    assert (thread.meta["status"], thread.meta["reopened"], thread.meta["category"]) == ("solved", True, "Post")
    assert "resolved_at" not in thread.meta
    assert parsed.notes[0] == "Zendesk ticket list: 1 ticket."
    assert "Export the tickets as JSON" in parsed.notes[1]


def test_a_list_with_subjects_alone_is_refused_with_what_to_export(tmp_path: Path) -> None:
    header = "Summation column,Id,Requester,Requester id,Subject,Tags,Status,Via,Satisfaction Score"
    with pytest.raises(UnreadableFile, match="subjects alone") as error:
        read_csv(tmp_path, f"{header}\n1,17,Mira,501,Parcel,late,Solved,Mail,Offered\n")
    assert "JSON" in error.value.remedy


def test_a_look_counts_all_tickets_and_makes_three_records(tmp_path: Path) -> None:
    parsed = read_json(tmp_path, [ticket(id=i) for i in range(12)], limit=3)
    assert len(parsed.records) == 3
    assert parsed.notes[0] == "Zendesk export: 12 tickets, 12 internal notes left out."


def test_columns_chosen_by_a_person_make_it_a_table_like_any(tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text(json.dumps([ticket()]), encoding="utf-8")
    parsed = parse_file(file, file.name, Goal.VOICE, {"text": "description"})
    assert parsed.notes == []
    assert parsed.records[0].kind is RecordKind.DOCUMENT


def test_an_empty_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="nothing in it"):
        read_json(tmp_path, {"tickets": [], "count": 0, "next_page": None})


def test_a_row_of_another_kind_among_tickets_is_refused_alone(tmp_path: Path) -> None:
    parsed = read_lines(tmp_path, [ticket(), {"note": "end of export"}])
    assert len(parsed.records) == 1
    assert parsed.rejected[0].row == 2
