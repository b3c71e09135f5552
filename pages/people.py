"""People: who may come in and do what, by project; links, sessions and tokens."""

from __future__ import annotations

import streamlit as st

from core.workflows import people
from studio.parts import people_view
from studio.parts.frame import person, show_notice
from studio.running import workspace

st.title("People")
st.caption("Who may come in, and what they may do in which project.")
show_notice()
if not people.has_accounts(workspace()):
    with st.container(border=True):
        st.markdown("**Nobody signs in here.**")
        st.write(
            "Whoever is at this machine opens everything, under the name that they type. To have people sign in, stop the studio and start it with"
        )
        st.code("proofroom serve --sign-in", language=None)
        st.write("It prints a link for the first account, which owns the studio and invites the others.")
    st.stop()
name = person()
people_view.show_new_secret()
people_view.show_accounts(by=name)
people_view.show_invitations(by=name)
people_view.show_sessions(by=name)
people_view.show_tokens(by=name)
