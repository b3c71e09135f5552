"""How a run compares with the one that it makes again, and the way to make this one again: its bundle, and the commands."""

from __future__ import annotations

import shlex
from functools import partial
from typing import Any

import streamlit as st

from core.workflows import bundles, gates
from core.workflows.workspace import project_named
from studio.parts import frame
from studio.parts.plain import plain
from studio.running import workspace


def show_reproduction(run: dict[str, Any], *, by: str) -> None:
    """Of a run that has ended: the comparison where it makes another again, and the bundle where it has an adapter."""
    told = bundles.reproduction(run)
    if told is not None:
        _show_difference(told)
    if not run["adapter"]:
        return
    project = shlex.quote(project_named(workspace(), run["project_id"])["name"])
    name = shlex.quote(run["name"])
    with st.expander("Make it again"):
        if run["continues"]:
            st.write(
                "Its pairs are kept by value, with their hash. On the same processor with the same libraries they give the same weights, to the byte."
            )
            earlier = shlex.quote(run["continues"]["name"])
            st.code(f"proofroom runs continue {earlier} --pairs-from {name} --project {project} --wait", language="sh")
            return
        st.write(
            "The bundle holds the data by value, the settings, seeds, versions and hashes. On the same processor with the same libraries it "
            "gives the same weights, to the byte."
        )
        _show_bundle(run, by=by)
        file = shlex.quote(_file_name(run))
        st.caption(
            "By command: the first line writes the same file, the second makes the run again from it, here or in another studio."
        )
        st.code(
            f"proofroom runs bundle {name} --project {project} --to {file}\nproofroom train --bundle {file} --project {project} --wait",
            language="sh",
        )


def _show_difference(told: dict[str, Any]) -> None:
    if told["is_identical"]:
        st.success(f"The same weights as {plain(told['of'])}, to the byte.", icon=":material/check:")
        return
    difference = "not measured" if told["loss_difference"] is None else f"{told['loss_difference']:+.4f} nats per token"
    differing = (
        "; ".join(f"{name}: {was} there, {now} here" for name, (was, now) in told["differs"].items()) or "nothing known"
    )
    say = st.info if told["is_within"] else st.warning
    say(
        plain(
            f"Not the bytes of {told['of']}. The hold-out loss differs by {difference}; up to {told['tolerance']} counts as the same. "
            f"Different: {differing}."
        )
    )


def _show_bundle(run: dict[str, Any], *, by: str) -> None:
    """The file to take along; over what forbids it only by name, with a reason."""
    obstacles = bundles.bundle_obstacles(workspace(), run)
    reason = ""
    if obstacles:
        frame.problem(" ".join(obstacles))
        reason = st.text_input(
            "Why it is to be taken away all the same", key=f"bundle_reason_{run['id']}", max_chars=gates.LONGEST_REASON,
            help="Kept with your name in the record of what was done.",
        )  # fmt: skip
    st.download_button(
        "Take the bundle all the same" if obstacles else "Take the bundle",
        partial(bundles.bundle, workspace(), run["id"], by=by, override=reason),
        file_name=_file_name(run), mime="application/zip", key=f"bundle_{run['id']}", icon=":material/download:", on_click="ignore",
        disabled=bool(obstacles) and not reason.strip(),
    )  # fmt: skip


def _file_name(run: dict[str, Any]) -> str:
    return f"{run['name']}.zip".replace("/", "-")
