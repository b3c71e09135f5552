"""Terms of a source on a page: what they are, its consent or contract to take along, and the form that changes them."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from core.nouns import AtEnd, LawfulBasis, Role, SpecialCategory, SpecialCondition, Use
from core.privacy.lawful import at_end_in_words
from core.workflows import importing, terms
from studio.parts import frame, taking
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.parts.session import may, must
from studio.running import workspace

BASES = {
    LawfulBasis.CONSENT: "Consent: the person agreed",
    LawfulBasis.CONTRACT: "Contract: needed to fulfil one with the person",
    LawfulBasis.LEGAL_OBLIGATION: "Legal obligation",
    LawfulBasis.VITAL_INTERESTS: "Vital interests",
    LawfulBasis.PUBLIC_TASK: "Public task",
    LawfulBasis.LEGITIMATE_INTEREST: "Legitimate interest, weighed against the person's",
}
AT_END = {
    "": "Erase it where a retention period is stated, else keep it",
    AtEnd.ERASE: "Erase it, with all that was made of it",
    AtEnd.KEEP: "Keep it, unused",
}
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
FACTS_WIDE = 4
RETENTION_HELP = (
    "As 90 days, 24 months or 3 years, from the day on which the source came in; it expires at its end at the latest."
)
AT_END_HELP = "On the day after it expires the studio takes it out by itself: its records with all that was made of them, versions without them, its files. Terms by which it would go today are refused. Kept, it is not used any more, and its texts stay."


def in_words(value: str) -> str:
    """A setting as a person reads it."""
    return value.replace("_", " ")


def special_words(source: dict[str, Any]) -> str:
    """Special categories and what allows them; "none known" where nobody named one."""
    named = ", ".join(in_words(one) for one in source["special_categories"])
    return f"{named}; allowed by {in_words(source['special_condition'])}" if named else "none known"


def terms_in_words(source: dict[str, Any]) -> dict[str, str]:
    """Every term by its name on the page."""
    return {
        "Owner": source["owner"],
        "Controller": source["controller"] or "not stated",
        "Lawful basis": in_words(source["basis"]),
        "Special categories": special_words(source),
        "Purpose": source["purpose"],
        "May be used to": ", ".join(source["uses"]),
        "Retention period": source["retention"] or "until it expires",
        "Expires": f"{source['expires_on']:%-d %b %Y}" if source["expires_on"] else "never",
        "At its end": f"erased, certificate {source['erasure_id']}"
        if source["erasure_id"]
        else at_end_in_words(source["at_end"], source["expires_on"]),
        "Licence": source["licence"],
        "Consent or contract": source["reference"] or "none stated",
    }


def show_terms(source: dict[str, Any], documents: list[dict[str, Any]]) -> None:
    shown = [*terms_in_words(source).items(), ("Added by", f"{source['created_by']}, {day(source['created_at'])}")]
    for start in range(0, len(shown), FACTS_WIDE):
        for column, (label, value) in zip(st.columns(FACTS_WIDE), shown[start : start + FACTS_WIDE], strict=False):
            column.markdown(f":gray[{label}]  \n{plain(value)}")
    show_documents(documents)


def show_documents(documents: list[dict[str, Any]]) -> None:
    """Each as it was added, to be saved: nothing of it is read or shown here."""
    if not documents:
        return
    with st.container(horizontal=True):
        for one in documents:
            file, name, project = terms.document_file(workspace(), one["id"])
            st.download_button(
                plain(name), taking.told(file.read_bytes, "document", one["id"], by=frame.person(), project=project), file_name=name, mime="application/octet-stream", key=f"document_{one['id']}",
                icon=":material/download:", on_click="ignore", help=plain(f"Added by {one['added_by']}, {day(one['added_at'])}"),
            )  # fmt: skip


def change_form(source: dict[str, Any]) -> None:
    """The form under which an owner changes the terms; the trail keeps what they were."""
    if not may(Role.OWNER):
        return
    key = source["id"]
    with (
        st.expander("Change its terms", icon=":material/edit:", key=f"terms_{key}"),
        st.form(f"terms_form_{key}", border=False),
    ):
        left, right = st.columns(2)
        left.text_input(
            "Owner: who answers for this data", source["owner"], key=f"owner_{key}", max_chars=terms.LONGEST_TEXT
        )
        left.text_input(
            "Purpose, in a few words", source["purpose"], key=f"purpose_{key}", max_chars=terms.LONGEST_TEXT
        )
        left.selectbox(
            "Lawful basis", list(BASES), index=list(BASES).index(source["basis"]), format_func=BASES.__getitem__, key=f"basis_{key}"
        )  # fmt: skip
        right.multiselect("It may be used to", [use.value for use in Use], default=source["uses"], key=f"uses_{key}")
        right.date_input(
            "Expires; empty for never", value=source["expires_on"], min_value=FIRST_DAY, max_value=LAST_DAY, key=f"expires_{key}", format="YYYY-MM-DD",
        )  # fmt: skip
        right.text_input("Licence", source["licence"], key=f"licence_{key}", max_chars=terms.LONGEST_TEXT)
        more_terms(f"_{key}", source)
        st.form_submit_button("Change the terms", on_click=_change, args=(source,))


def more_terms(key: str, known: dict[str, Any] | None = None) -> None:
    """The fields that many sources leave empty. key: after their names; known: what they hold at first."""
    told = known or {
        "controller": "",
        "reference": "",
        "retention": "",
        "special_categories": [],
        "special_condition": "",
        "at_end": "",
    }
    left, right = st.columns(2)
    left.text_input(
        "Controller: who decides on this data", told["controller"], key=f"controller{key}", placeholder="not stated", max_chars=terms.LONGEST_TEXT
    )  # fmt: skip
    left.text_input(
        "Consent or contract that it rests on", told["reference"], key=f"reference{key}", placeholder="its number, or where it is filed",
        max_chars=terms.LONGEST_TEXT,
    )  # fmt: skip
    left.file_uploader(
        "The document itself",
        key=f"document{key}",
        help="Kept as it is, and given back on demand. Nothing in it is read.",
    )
    right.multiselect(
        "Special categories that it holds", [one.value for one in SpecialCategory], default=told["special_categories"], format_func=in_words,
        key=f"special{key}", placeholder="none known", help="Of Art. 9(1) GDPR: they need a condition beside the lawful basis.",
    )  # fmt: skip
    right.selectbox(
        "What allows these", ["", *(one.value for one in SpecialCondition)], format_func=lambda one: in_words(one) or "none needed",
        index=["", *SpecialCondition].index(told["special_condition"]) if told["special_condition"] in ["", *SpecialCondition] else 0,
        key=f"condition{key}", help="Art. 9(2) GDPR.",
    )  # fmt: skip
    right.text_input(
        "Retention period",
        told["retention"],
        key=f"retention{key}",
        placeholder="as long as it has not expired",
        help=RETENTION_HELP,
    )
    # What it is already is one of the two; before an import nobody has to say it.
    choices = [one for one in AT_END if one or not known]
    right.selectbox(
        "When it has expired", choices, format_func=AT_END.__getitem__, key=f"at_end{key}", help=AT_END_HELP,
        index=choices.index(told["at_end"]) if told["at_end"] in choices else len(choices) - 1,
    )  # fmt: skip


def more_asked(key: str) -> dict[str, Any]:
    """What those fields hold now, under the names of the terms."""
    state = st.session_state
    return {
        "controller": state[f"controller{key}"],
        "reference": state[f"reference{key}"],
        "retention": state[f"retention{key}"],
        "at_end": state[f"at_end{key}"],
        "special_categories": state[f"special{key}"],
        "special_condition": state[f"condition{key}"],
    }


def kept_document(key: str) -> importing.Upload | None:
    """The consent or contract that was chosen, kept."""
    file = st.session_state[f"document{key}"]
    return importing.keep_upload(workspace(), file.name, file.getvalue()) if file else None


def _change(source: dict[str, Any]) -> None:
    key, state = source["id"], st.session_state
    expires = state[f"expires_{key}"]
    asked = {name: state[f"{name}_{key}"] for name in ("owner", "purpose", "basis", "uses", "licence")} | more_asked(
        f"_{key}"
    )
    asked["expires"] = expires.isoformat() if expires else "never"
    with frame.said_in_words():
        must(Role.OWNER)
        terms.change_terms(workspace(), key, asked, by=frame.person())
        document = kept_document(f"_{key}")
        if document is not None:
            terms.add_document(workspace(), key, document, by=frame.person())
        frame.notice("The terms are changed.")
