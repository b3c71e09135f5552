"""Erasure: find a person everywhere, see what would go, take them out, and keep the certificate."""

from __future__ import annotations

from studio.parts import erasure_view, frame

frame.page(
    "Erasure",
    "Take a person out of everything that the studio keeps, in every project, with proof of what went and what did not.",
)
name = frame.person()
if not erasure_view.show_under_way():
    erasure_view.show_form(by=name)
    erasure_view.show_preview(by=name)
erasure_view.show_certificates(by=name)
