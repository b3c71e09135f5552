"""Facts: what drafts may look up, whose it is, and until when it holds."""

from __future__ import annotations

import streamlit as st

from core.workflows import fact_documents, fact_pages, importing
from studio.parts import frame, job_panel
from studio.parts.counting import several
from studio.parts.durations import date_words, day
from studio.parts.plain import plain
from studio.parts.who_reads import say_who_reads
from studio.running import workspace

SHOWN = 40
FILES = ["md", "txt", "html", "docx", "pdf", "epub", "csv", "tsv", "xlsx", "ods", "json", "jsonl"]

project = frame.page(
    "Facts",
    "What changes (prices, dates, plans, policies) is looked up when a draft is written, instead of being learnt.",
)
name = frame.person()
state = st.session_state
job_panel.watch_kind(project["name"], "facts", by=name)


def add() -> None:
    with frame.said_in_words():
        files = [importing.keep_upload(workspace(), file.name, file.getvalue()) for file in state["fact_files"] or []]
        if state["fact_text"].strip():
            title = " ".join(state["fact_title"].split()) or "Typed facts"
            files.append(importing.keep_upload(workspace(), f"{title}.md", state["fact_text"].encode()))
        expires = state["fact_until"].isoformat() if state["fact_until"] else "never"
        fact_documents.add_documents(
            workspace(), project["name"], files, owner=state["fact_owner"], expires=expires, by=name,
            addresses=state.get("fact_addresses", "").split(),
        )  # fmt: skip
        state["fact_text"] = state["fact_title"] = state["fact_addresses"] = ""


def renew(document: str) -> None:
    with frame.said_in_words():
        until = state[f"until_{document}"]
        fact_documents.renew_document(
            workspace(), project["name"], document, until.isoformat() if until else "never", by=name
        )


def remove(document: str) -> None:
    with frame.said_in_words():
        n = fact_documents.remove_document(workspace(), project["name"], document, by=name)
        frame.notice(f"{several(n, 'passage')} gone.")


last = job_panel.last_ended(project["name"], "facts")
refused = (last or {}).get("result") or {}
if refused.get("refused"):
    with st.expander(f"{several(len(refused['refused']), 'thing')} of the last files did not get in"):
        for sentence in refused["refused"][:SHOWN]:
            st.markdown(plain(sentence))
found = fact_documents.list_documents(workspace(), project["name"])
st.write(
    f"{several(found['usable'], 'passage')} may be looked up, those that freezing moved out of versions included."
    + (f" {found['stale']:,} have expired and are not used." if found["stale"] else "")
)
listed, new = st.columns([3, 2], gap="large")
with new:
    st.subheader("Add facts")
    st.file_uploader(
        "Documents, or tables in which every row is a fact", type=FILES, accept_multiple_files=True, key="fact_files"
    )
    st.text_area("Or type them", key="fact_text", height=110, placeholder="The Pro plan costs 12 euros a month.")
    st.text_input("Title of what you typed", key="fact_title", placeholder="Prices")
    if hosts := fact_pages.allowed_hosts(workspace()):
        st.text_area(
            "Or pages by their address, one in a line", key="fact_addresses", height=80,
            help=plain(f"Fetched once, from this machine: pages of {', '.join(one.host for one in hosts)}."),
        )  # fmt: skip
    st.text_input("Who answers for them", name, key="fact_owner")
    st.date_input(
        "Used until (the last day; empty: for ever)",
        importing.default_expiry(importing.today()),
        min_value="today",
        key="fact_until",
    )
    has_any = bool(state.get("fact_files")) or any(
        state.get(one, "").strip() for one in ("fact_text", "fact_addresses")
    )
    st.button(
        "Add them" if has_any else "Choose files, or type something", type="primary", on_click=add, disabled=not has_any
    )
with listed:
    st.subheader("Documents")
    if not found["documents"]:
        st.caption(
            "None yet. A page with prices, a table of plans, the terms of a refund: whatever a draft should get right and will change."
        )
    for one in found["documents"][:SHOWN]:
        until = f"until {date_words(one['expires_on'])}" if one["expires_on"] else "for ever"
        with st.expander(
            f"{plain(one['title'])} · {several(one['n_passages'], 'passage')} · {':red[expired]' if one['is_stale'] else until}"
        ):
            st.caption(
                plain(
                    f"{one['origin']}, {one['owner']} answers for it; added by {one['created_by']}, {day(one['created_at'])}."
                )
            )
            for passage in fact_documents.passages_of_document(workspace(), project["name"], one["id"])[:20]:
                if passage["heading"]:
                    st.markdown(f"**{plain(passage['heading'])}**")
                st.text(passage["passage"])
            if one["n_passages"] > 20:
                st.caption(f"And {several(one['n_passages'] - 20, 'passage')} more.")
            with st.container(horizontal=True, vertical_alignment="bottom"):
                st.date_input("Used until", one["expires_on"], key=f"until_{one['id']}", width=180)
                st.button("Set the last day", key=f"renew_{one['id']}", on_click=renew, args=(one["id"],))
                st.button("Take it out for good", key=f"remove_{one['id']}", on_click=remove, args=(one["id"],))
    if len(found["documents"]) > SHOWN:
        st.caption(f"And {len(found['documents']) - SHOWN:,} more; `proofroom fact-store list` has all.")
    stale = fact_documents.stale_facts(workspace(), project["name"]) if found["stale"] else []
    if stale:
        say_who_reads(project["name"], len(stale))
        st.subheader("Expired: not used")
        st.dataframe(
            [{"last day": s["expires_on"], "from": s["title"] or s["source"], "passage": " ".join(s["passage"].split())} for s in stale],
            hide_index=True, column_config={"passage": st.column_config.TextColumn(width="large")},
        )  # fmt: skip
