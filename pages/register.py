"""Register: whose words these are, on what terms and until when, what was withdrawn, and which models learnt it."""

from __future__ import annotations

import streamlit as st

from core.workflows import register
from studio.parts import frame, register_view
from studio.parts.counting import several
from studio.parts.plain import plain
from studio.running import workspace

project = frame.page(
    "Register", "Whose words these are, on what terms and until when; what lapsed, and which models learnt it."
)
name = frame.person()
found = register.register(workspace(), project["name"])
if not (found.sources or found.erased or found.taken_out):
    frame.empty("There is no source yet.", "The register lists every source with its terms.", "Add a source", "sources")
    st.stop()
register_view.show_lapsed(found.lapsed, by=name)
register_view.show_to_erase(found.to_erase)
if found.ending:
    listed = ", ".join(f"{one['name']} on {one['expires_on']:%-d %b %Y}" for one in found.ending)
    st.warning(
        plain(
            f"{several(len(found.ending), 'source')} within {register.SOON_DAYS} days: {listed}. Renew the terms, or let it end."
        ),
        icon=":material/event_busy:",
    )
st.subheader(several(len(found.sources), "source"))
if found.sources:
    register_view.show_source(register_view.choose_source(found.sources), by=name)
register_view.show_taken_out(found.taken_out, by=name)
register_view.show_erased(found.erased)
register_view.show_limits(found.limits, by=name)
register_view.show_written(project["name"], by=name)
