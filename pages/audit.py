"""Audit trail: who did what to which thing and when, and whether the chain of it is unbroken."""

from __future__ import annotations

from studio.parts import audit_view, frame

frame.page("Audit trail", "Who did what, to which thing and when, in every project; and whether any of it was changed.")
name = frame.person()
audit_view.show_state(by=name)
audit_view.show_entries(audit_view.filter_in_address(), by=name)
