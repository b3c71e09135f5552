"""The audit trail on a page: what is known of the chain, the filter that the address keeps, the entries, and the file to take along."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from core.nouns import Role
from core.workflows import auditing
from studio.parts import frame, job_panel
from studio.parts.counting import several
from studio.parts.durations import date_words, day, in_words
from studio.parts.session import must
from studio.running import workspace

ROWS = 50
# What a browser is given at once; more is written by the command line.
MOST_IN_FILE = 200_000
SHOWN_FINDINGS = 20
# Parameters of the address: its label on the page, what the workflow calls it, and what is said where none is chosen.
LISTS = {
    "by": ("Who", "person", "anyone"), "act": ("Act", "action", "any"), "on": ("On what", "noun", "anything"),
    "of": ("Project", "project", "all, and none"),
}  # fmt: skip


def show_state(*, by: str) -> None:
    """How many entries there are, whether they were found unbroken, and the button that verifies them."""
    state = auditing.state(workspace())
    if state.job is not None:
        job_panel.watch(state.job, by=by)
        return
    with st.container(border=True, key="audit_state"):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.markdown(_sentence(state))
        right.button("Verify now", key="verify_trail", type="primary", on_click=_verify, args=(by,), width="stretch")
        if state.checked is not None:
            _show_findings(state.checked)
        if state.broke_off:
            frame.problem(f"The last verification came to no end. {state.broke_off}")


def filter_in_address() -> auditing.AuditFilter:
    """The lists and days to filter by; a reload or a link keeps what was chosen."""
    options = auditing.choices(workspace())
    lists = {
        name: {"": of_all} | {one: one.replace("_", " ") if name in ("act", "on") else one for one in options[what]}
        for name, (_, what, of_all) in LISTS.items()
    }
    frame.say_unknown(**{name: labels.values() for name, labels in lists.items()})
    with st.container(horizontal=True, vertical_alignment="bottom", key="audit_filter"):
        chosen = {
            name: st.selectbox(
                label, list(lists[name]), key=name, bind="query-params", on_change=_to_first_page, width=148,
                format_func=lists[name].__getitem__,
            )
            for name, (label, _, _) in LISTS.items()
        }  # fmt: skip
        days = {
            name: st.date_input(
                label, value=None, key=name, bind="query-params", format="YYYY-MM-DD", on_change=_to_first_page, width=148
            )
            for name, label in (("since", "From day (UTC)"), ("until", "To day (UTC)"))
        }  # fmt: skip
    return auditing.audit_filter(
        workspace(), person=chosen["by"], action=chosen["act"], noun=chosen["on"], project=chosen["of"],
        since=_iso(days["since"]), until=_iso(days["until"]),
    )  # fmt: skip


def show_entries(where: auditing.AuditFilter, *, by: str) -> None:
    """A page of the entries, newest first, and all of them as a file."""
    n = auditing.count_entries(workspace(), where)
    if not n:
        st.write("No entry is like this. Take a part of the filter off.")
        return
    above, foot = st.container(), st.container(horizontal=True, vertical_alignment="center", key="audit_foot")
    page = int(foot.pagination(-(-n // ROWS), key="page", bind="query-params")) if n > ROWS else 1
    rows = auditing.list_entries(workspace(), where, limit=ROWS, offset=(page - 1) * ROWS)
    above.caption(f"{n:,} {'entry' if n == 1 else 'entries'}, newest first.")
    above.dataframe(
        [_row(one) for one in rows], hide_index=True, height="content",
        column_config={
            "entry": st.column_config.NumberColumn(format="localized", width=70),
            "when": st.column_config.TextColumn("when (UTC)", width=168),
            "who": st.column_config.TextColumn(width=100),
            "act": st.column_config.TextColumn(width=90),
            "on what": st.column_config.TextColumn(width=90),
            "its id": st.column_config.TextColumn(width=180),
            "project": st.column_config.TextColumn(width=90),
            "facts": st.column_config.TextColumn(width=187),
        },
    )  # fmt: skip
    _show_downloads(where, n, foot, by=by)


def _show_downloads(where: auditing.AuditFilter, n: int, place: Any, *, by: str) -> None:
    if n > MOST_IN_FILE:
        place.caption(
            f"Over {MOST_IN_FILE:,} entries are written by the command line: `proofroom audit export --to FILE`."
        )
        return
    for form, label, mime in (("csv", "CSV", "text/csv"), ("jsonl", "JSON Lines", "application/jsonl")):
        place.download_button(
            label, partial(_file, where, form, by), file_name=f"audit-trail.{form}", mime=mime, key=f"audit_{form}",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _file(where: auditing.AuditFilter, form: str, by: str) -> str:
    must(Role.AUDITOR, everywhere=True)
    return "".join(auditing.export(workspace(), where, form, by=by))


def _sentence(state: auditing.State) -> str:
    n = "1 entry" if state.n_entries == 1 else f"{state.n_entries:,} entries"
    since = f"since {day(state.since)}" if state.since else ""
    if state.checked is None:
        return f"**{n}** {since}, not verified yet."
    ago = f"{in_words(state.seconds_since_check)} ago"
    checked = f"{state.checked['n_entries']:,} verified {ago}"
    if state.checked["is_unbroken"]:
        return f"**{n}, unbroken** {since}; {checked}."
    return f":red[**{n}, broken**]; {checked}: {several(state.checked['n_wrong'], 'place')} where something is wrong."


def _show_findings(checked: dict[str, Any]) -> None:
    for one in checked["findings"][:SHOWN_FINDINGS]:
        st.markdown(f":material/error: {one['sentence']}")
    if len(checked["findings"]) > SHOWN_FINDINGS:
        st.caption("More of them: `proofroom audit verify`.")
    if checked["n_earlier"]:
        sealed = date_words(date.fromisoformat(checked["sealed_at"][:10]))
        st.caption(f"{checked['n_earlier']:,} of them are from before the trail was sealed, on {sealed}.")
    for one in checked["restored"]:
        gone = f", and {one['n_gone']:,} that came after it are no longer here" if one["n_gone"] is not None else ""
        st.caption(
            f"Entry {one['entry']:,}: the studio was restored from a backup that ended with entry {one['continues_after']:,}{gone}."
        )
    if checked["n_followed"]:
        times = "once" if checked["n_followed"] == 1 else f"{checked['n_followed']:,} times"
        st.caption(f"A process was killed before it had written the head, {times}; nothing is missing for that.")


def _row(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "entry": entry["entry"],
        "when": entry["at"][:19].replace("T", " "),
        "who": entry["by"],
        "act": entry["action"].replace("_", " "),
        "on what": entry["noun"].replace("_", " "),
        "its id": entry["object"],
        "project": entry["project"],
        "facts": ", ".join(_fact(name, value) for name, value in entry["facts"].items()),
    }


def _fact(name: str, value: object) -> str:
    said = ("no", "yes")[value] if isinstance(value, bool) else value
    return f"{name.replace('_', ' ')}: {said}"


def _verify(by: str) -> None:
    with frame.said_in_words():
        must(Role.AUDITOR, everywhere=True)
        auditing.verify(workspace(), by=by)


def _to_first_page() -> None:
    st.query_params.pop("page", None)


def _iso(chosen: date | None) -> str:
    return chosen.isoformat() if chosen else ""
