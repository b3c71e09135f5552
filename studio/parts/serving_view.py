"""Serving on a page: where clients find the models, what these are called, who may ask, and how one asks.

A new key is shown once, in the tab in which it was made; a reload forgets it, as the studio itself has.
"""

from __future__ import annotations

import json
from shlex import quote
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from core.nouns import Role
from core.workflows import api_keys, serving
from studio.parts.counting import several
from studio.parts.durations import day
from studio.parts.frame import notice, said_in_words
from studio.parts.plain import plain
from studio.parts.session import may_everywhere, must
from studio.running import workspace

USUAL_ADDRESS = "http://127.0.0.1:8501"
QUESTION = "What do you do?"


def show_serving(project: dict[str, Any], *, by: str) -> None:
    """Address, model names, keys and examples, for the models of a project and the base model alone."""
    found = [m for m in serving.servable_models(workspace()) if m.project in ("", project["name"])]
    served = [model.name for model in found if model.is_servable]
    address = _address()
    st.subheader("Serve")
    st.write("Programs that speak OpenAI's API can use these models, on this machine and with a key, at the address")
    st.code(address, language=None)
    _show_models(found)
    _show_keys(served, by=by)
    # The newest run of this project, where it has one that may be served.
    _show_examples(address, served[min(1, len(served) - 1)])


def _address() -> str:
    """As this browser reaches the studio."""
    found = urlsplit(st.context.url or USUAL_ADDRESS)
    return f"{found.scheme}://{found.netloc}/v1"


def _show_models(models: list[serving.ServableModel]) -> None:
    st.dataframe(
        [
            {"model": model.name, "state": "served" if model.is_servable else "not served: " + " ".join(model.obstacles),
             "what it is": "the base model alone" if model.adapter is None else "a run's adapter on its base"}
            for model in models
        ],
        hide_index=True, key="served_models",
        column_config={"model": st.column_config.TextColumn(width=200), "state": st.column_config.TextColumn(width=420)},
    )  # fmt: skip
    if len(models) == 1:
        st.caption("No run of this project has an adapter yet; one appears here when it is trained.")


def _show_keys(served: list[str], *, by: str) -> None:
    st.markdown("**Keys**")
    if not may_everywhere(Role.OWNER):
        st.caption("An owner of the studio makes and revokes them.")
        return
    _show_new_key()
    keys = api_keys.list_keys(workspace())
    in_use = [key for key in keys if key["revoked_at"] is None]
    if not in_use:
        st.caption("No key yet. Without one nobody can ask, on this machine either.")
    for key in in_use:
        _show_key(key, by=by)
    with st.popover("Make a key", icon=":material/key:"):
        _show_form(served, by=by)
    revoked = [key for key in keys if key["revoked_at"] is not None]
    if revoked:
        with st.expander(several(len(revoked), "revoked key")):
            for key in revoked:
                st.caption(
                    f"{plain(key['name'])} · revoked {day(key['revoked_at'])} by {plain(key['revoked_by'])} · {_used(key)}"
                )


def _show_new_key() -> None:
    new = st.session_state.get("new_api_key")
    if new is None:
        return
    with st.container(border=True):
        st.write(f"The key **{plain(new.name)}**. Copy it now: it is not kept, and cannot be shown again.")
        st.code(new.key, language=None, wrap_lines=True)
        st.button(
            "I have copied it", on_click=lambda: st.session_state.pop("new_api_key", None), key="new_api_key_copied"
        )


def _show_key(key: dict[str, Any], *, by: str) -> None:
    def revoke() -> None:
        with said_in_words():
            must(Role.OWNER, everywhere=True)
            api_keys.revoke_key(workspace(), key["id"], by=by)
            notice(f"{key['name']} opens nothing any more.")

    with st.container(horizontal=True, vertical_alignment="center", key=f"api_key_{key['id']}"):
        st.markdown(
            f"{plain(key['name'])} · {plain(', '.join(key['models'])) or 'every model'} · "
            f"{key['requests_per_minute']:,} a minute, {key['requests_at_once']} at once · {_used(key)}"
        )
        with st.popover("Revoke", type="tertiary"):
            st.write(
                "Programs that use this key are refused from then on. It cannot be taken back; a new key can be made."
            )
            st.button(f"Revoke {plain(key['name'])}", on_click=revoke, key=f"revoke_{key['id']}")


def _show_form(served: list[str], *, by: str) -> None:
    def create() -> None:
        state = st.session_state
        with said_in_words():
            must(Role.OWNER, everywhere=True)
            state["new_api_key"] = api_keys.create_key(
                workspace(), " ".join(state["api_key_name"].split()), by=by, models=state["api_key_models"],
                requests_per_minute=int(state["api_key_minute"]), requests_at_once=int(state["api_key_once"]),
            )  # fmt: skip
            state["api_key_name"] = ""

    st.text_input("What uses it", key="api_key_name", max_chars=80, placeholder="an app, a person")
    st.multiselect("Models it may use", served, key="api_key_models", placeholder="Every model of every project")
    st.number_input("Requests a minute", 1, api_keys.MOST_PER_MINUTE, api_keys.DEFAULT_PER_MINUTE, key="api_key_minute")
    st.number_input("Requests at the same time", 1, api_keys.MOST_AT_ONCE, api_keys.DEFAULT_AT_ONCE, key="api_key_once")
    st.button("Make it", type="primary", on_click=create, key="api_key_create")


def _used(key: dict[str, Any]) -> str:
    return f"last used {day(key['last_used_at'])}" if key["last_used_at"] else "never used"


def _show_examples(address: str, model: str) -> None:
    st.markdown("**How to ask**")
    shell, python = st.tabs(["curl", "Python"])
    with shell:
        st.code(curl_example(address, model), language="bash", wrap_lines=True)
    with python:
        st.code(python_example(address, model), language="python", wrap_lines=True)
    st.caption(
        "PROOFROOM_KEY holds a key, so that it stands in no script. The Python example needs the package openai."
    )


def curl_example(address: str, model: str) -> str:
    """A command that asks the model one question and shows the answer as it comes. model: any text."""
    body = {"model": model, "messages": [{"role": "user", "content": QUESTION}], "stream": True}
    return (
        f"curl -N {address}/chat/completions \\\n"
        '  -H "Authorization: Bearer $PROOFROOM_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {quote(json.dumps(body, ensure_ascii=False))}"
    )


def python_example(address: str, model: str) -> str:
    """The same with OpenAI's own client."""
    return (
        "import os\n"
        "from openai import OpenAI\n\n"
        f'client = OpenAI(base_url="{address}", api_key=os.environ["PROOFROOM_KEY"])\n'
        "stream = client.chat.completions.create(\n"
        f"    model={model!r},\n"
        f'    messages=[{{"role": "user", "content": "{QUESTION}"}}],\n'
        "    stream=True,\n"
        ")\n"
        "for chunk in stream:\n"
        '    print(chunk.choices[0].delta.content or "", end="", flush=True)\n'
    )
