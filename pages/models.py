"""Models: candidates, the approved one and retired ones, each with the evidence and who decided."""

from __future__ import annotations

import streamlit as st

from core.workflows import models
from studio.parts import frame, model_view, serving_view
from studio.running import workspace

project = frame.page("Models", "Which model the team stands behind, who said so, and on what evidence.")
name = frame.person()
found = models.list_models(workspace(), project["name"])
if not found:
    frame.empty("There is no model yet.", "A run that has ended well leaves one.", "Plan a run", "train")
    st.stop()
approved = [model for model in found if model.state == models.APPROVED]
if approved:
    model_view.show_approved(approved[0], by=name)
    model_view.show_roll_back(project["name"], by=name)
else:
    st.info("No model is approved yet. Drafts can be written with any of them.", icon=":material/info:")
for state, heading in ((models.CANDIDATE, "Candidates"), (models.RETIRED, "Retired")):
    some = [model for model in found if model.state == state]
    if some:
        st.subheader(heading)
        for model in some:
            model_view.show_model(model, by=name)
serving_view.show_serving(project, by=name)
