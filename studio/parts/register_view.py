"""The register on a page: models to retire or retrain, sources with their terms, limits that can be taken back."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.errors import ProofroomError
from core.nouns import Role
from core.workflows import documenting, lapsing, limiting, models, register, retaining
from studio import running
from studio.parts import frame, taking
from studio.parts.counting import several
from studio.parts.durations import day
from studio.parts.plain import plain
from studio.parts.session import may, may_everywhere, must
from studio.parts.terms_view import change_form, show_terms, terms_in_words
from studio.running import workspace

ROWS_HIGH, TABLE_HEIGHT = 10, 380


def show_lapsed(found: lapsing.Lapsed, *, by: str) -> None:
    """What has to be decided first: each model that learnt what lapsed, and the versions that hold it."""
    due = [one for one in found.models if one.must_go]
    if due:
        st.subheader(f"{several(len(due), 'model')} to retire or train anew")
    for one in due:
        _show_due(one, found.retrains, by=by)
    settled = [one for one in found.models if not one.must_go]
    if settled or found.versions:
        with st.expander(
            f"Versions and models that hold what lapsed: {len(found.versions):,} and {len(found.models):,}"
        ):
            for version, sentences in found.versions:
                st.markdown(f"**{plain(version['name'])}**, a version  \n{plain(' '.join(sentences))}")
            for one in settled:
                st.markdown(f"**{plain(one.run['name'])}**, {_settled(one)}  \n{plain(' '.join(one.sentences))}")


def _settled(one: lapsing.LapsedModel) -> str:
    if one.exemption is not None:
        return plain(
            f"exempted by {one.exemption['given_by']}, {day(one.exemption['given_at'])}: {one.exemption['reason']}"
        )
    return f"a model that is {one.state}" if one.state else f"a run without a model, {one.run['state']}"


def _show_due(one: lapsing.LapsedModel, retrains: list[dict[str, Any]], *, by: str) -> None:
    run = one.run["id"]
    with st.container(border=True):
        st.markdown(
            f":material/gpp_maybe: **{plain(one.run['name'])}**, {one.state}, trained on {plain(one.run['version'])}"
        )
        st.write(plain(" ".join(one.sentences)))
        st.caption("Until it is settled it cannot be approved or served, and is exported only with a reason.")
        asked = next((t for t in retrains if t["of_run"] == run), None)
        if one.successor:
            st.caption(plain(f"{one.successor} was made anew without it: retire this one."))
        elif asked and asked["failure"]:
            frame.problem(f"It could not be made anew: {asked['failure']}")
        elif asked:
            st.caption("It is being made anew without that.")
        if not may(Role.OWNER):
            return
        with st.container(horizontal=True):
            if not one.successor and (asked is None or asked["failure"]):
                st.button(
                    "Train anew without it", key=f"retrain_{run}", type="primary", on_click=_retrain, args=(run, by)
                )
            st.button("Retire it", key=f"retire_{run}", on_click=_retire, args=(run, " ".join(one.sentences), by))
            with st.popover("Use it all the same"):
                st.text_input("Why, in a sentence; kept with your name", key=f"exempt_why_{run}", max_chars=400)
                st.button("Exempt it", key=f"exempt_{run}", on_click=_exempt, args=(run, by))


def choose_source(sources: list[dict[str, Any]]) -> dict[str, Any]:
    """The table of all sources with all their terms; the one whose row is chosen, else the newest."""
    table = [
        {
            "source": one["name"],
            "state": one["state"],
            **{name.lower(): words for name, words in terms_in_words(one).items()},
            "documents": len(one["documents"]),
            "records": one["n_accepted"],
        }
        for one in sources
    ]
    event = st.dataframe(
        table, hide_index=True, on_select="rerun", selection_mode="single-row", key=f"register_table_{len(table)}",
        height="content" if len(table) < ROWS_HIGH else TABLE_HEIGHT,
        column_config={"source": st.column_config.TextColumn(width=200, pinned=True), "owner": st.column_config.TextColumn(width=160)},
    )  # fmt: skip
    if len(sources) > 1:
        st.caption("Choose a row to see its terms, its documents and what you can do.")
    chosen = event.selection.rows
    return sources[chosen[0]] if chosen and chosen[0] < len(sources) else sources[0]


def show_to_erase(found: list[dict[str, Any]]) -> None:
    """What the studio will take out by itself before long, and how to keep it."""
    for one in found:
        if one["why_not"]:
            frame.problem(
                f"{one['name']} was to be erased on {one['erased_on']:%-d %b %Y} and could not be: {one['why_not']} It is tried again every hour, "
                "and when the studio starts."
            )
            continue
        st.warning(
            plain(
                f"{one['name']} will be erased on {one['erased_on']:%-d %b %Y}: "
                + (
                    "it was taken out, and what is left of it goes."
                    if one["undone_at"]
                    else f"{several(one['n_records'], 'record')} with all that was made of them. To keep it, change its terms before."
                )
            ),
            icon=":material/auto_delete:",
        )


def show_taken_out(found: list[dict[str, Any]], *, by: str) -> None:
    """Sources that were taken out: what was made of them is there until they are erased, at their end or by hand."""
    if not found:
        return
    st.subheader("Taken out")
    for one in found:
        with st.expander(plain(f"{one['name']}: taken out on {day(one['undone_at'])}")):
            st.caption(
                "Its records are gone. Rows that were refused, names of files, and briefs and facts that were made of its records are still here."
            )
            show_terms(one, one["documents"])
            _show_erasing(one, by=by)


def show_erased(found: list[dict[str, Any]]) -> None:
    """Sources that were erased: what they rested on stays as the proof, with the certificate's number."""
    if not found:
        return
    st.subheader("Erased sources")
    for one in found:
        done = f", certificate {one['erasure_id']}" if one["certified_at"] else "; it is being read back"
        with st.expander(plain(f"{one['name']}: erased on {day(one['erased_at'])}{done}")):
            if one["why_not"]:
                frame.problem(
                    f"Its records are gone. What was left to do failed: {one['why_not']} It is tried again every hour."
                )
            show_terms(one, one["documents"])


def show_source(source: dict[str, Any], *, by: str) -> None:
    st.subheader(plain(source["name"]))
    missing = register.gaps(source)
    st.caption(plain(source["state"].capitalize() + (f" · Nobody has stated: {', '.join(missing)}" if missing else "")))
    show_terms(source, source["documents"])
    change_form(source)
    with st.container(horizontal=True, vertical_alignment="center"):
        frame.link("explore", "See its records", source=source["name"])
        if source["withdrawn_at"] is None and may(Role.OWNER):
            with st.popover("Withdraw it"):
                st.write(
                    f"{several(source['n_accepted'], 'record')} of this source {'goes' if source['n_accepted'] == 1 else 'go'} into no next version. "
                    "Runs that wait to learn them are refused, and every model that learnt them is to be retired or trained anew. It can be taken back."
                )
                st.text_input(
                    "Why, in a sentence; kept with your name", key=f"withdraw_why_{source['id']}", max_chars=400
                )
                st.button("Withdraw it", key=f"withdraw_{source['id']}", on_click=_withdraw, args=(source["id"], by))
        _show_erasing(source, by=by)


def _show_erasing(source: dict[str, Any], *, by: str) -> None:
    """What goes and what stays, before it goes by hand; for owners of the studio, as an erasure of a person is."""
    if not may_everywhere(Role.OWNER):
        return
    with st.popover("Erase it now", icon=":material/delete_forever:"):
        if not st.toggle("Count what would go", key=f"erase_count_{source['id']}"):
            return
        try:
            seen = retaining.preview_source(workspace(), source["project_id"], source["id"])
        except ProofroomError as error:
            frame.problem(str(error))
            return
        told = [
            f"{several(seen.n_records, 'record')} with all that was made of them, {several(seen.n_refused_rows, 'refused row')} and "
            f"{several(seen.n_uploads, 'file')} go. This cannot be taken back."
        ]
        told += (
            [f"So does what was made of {several(seen.n_removed, 'record')} that had been taken out before."]
            if seen.n_removed
            else []
        )
        told += [f"Written anew: {', '.join(seen.versions)}."] if seen.versions else []
        told += [f"Some of these are of other projects: {', '.join(seen.projects)}."] if seen.projects else []
        told += [f"To be retired or trained anew: {', '.join(seen.models)}."] if seen.models else []
        told += [f"Files that {', '.join(seen.shared)} holds as well stay."] if seen.shared else []
        stays = "Its terms and its consent stay on the register. Backups and exports that were taken out of the studio are not reached."
        st.write(plain(" ".join([*told, stays])))
        st.button(
            f"Erase {several(seen.n_records, 'record')}", key=f"erase_{source['id']}", on_click=_erase, args=(source, seen.n_records, by),
        )  # fmt: skip


def show_limits(limits: list[dict[str, Any]], *, by: str) -> None:
    if not limits:
        return
    st.subheader("Withdrawn or limited")
    for one in limits:
        what = f"The source {one['source']}" if one["source"] else several(one["n_records"], "record")
        said = f"{what}: {limiting.in_words(one)}. By {one['set_by']}, {day(one['set_at'])}"
        lifted = f". Taken back by {one['lifted_by']}, {day(one['lifted_at'])}" if one["lifted_at"] else ""
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(plain(said + (f": {one['reason']}" if one["reason"] else "") + lifted))
            if not one["lifted_at"] and may(Role.OWNER):
                st.button(
                    "Take it back", key=f"lift_{one['id']}", type="tertiary", on_click=_lift, args=(one["id"], by)
                )


def show_written(project: str, *, by: str) -> None:
    """Documents made from the records at the click."""
    st.subheader("Documents written from the records")
    st.caption(
        "What the records do not hold is named in them as a gap, for you to fill in. They are drafts, not advice on the law."
    )
    for kind, title in documenting.KINDS.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(title)
            for form, label in documenting.FORMS.items():
                st.download_button(
                    label,
                    taking.told(partial(documenting.document, workspace(), project, kind, form, provider=running.provider_host()), "document", kind, by=by, project=project, format=form),
                    file_name=f"{kind}-{project}.{form}",
                    mime=documenting.MIME[form], key=f"written_{kind}_{form}", icon=":material/download:", on_click="ignore",
                )  # fmt: skip


def _retrain(run: str, by: str) -> None:
    with frame.said_in_words():
        must(Role.OWNER)
        lapsing.retrain_without(workspace(), run, by=by)
        frame.notice("A version without it is being frozen; the run starts by itself when that is there.")


def _retire(run: str, why: str, by: str) -> None:
    with frame.said_in_words():
        must(Role.OWNER)
        models.retire(workspace(), run, reason=why, by=by)
        frame.notice("It is retired.")


def _exempt(run: str, by: str) -> None:
    with frame.said_in_words():
        must(Role.OWNER)
        lapsing.exempt(workspace(), run, reason=st.session_state[f"exempt_why_{run}"], by=by)
        frame.notice("It is exempted, in your name.")


def _withdraw(source: str, by: str) -> None:
    with frame.said_in_words():
        must(Role.OWNER)
        limiting.withdraw_source(workspace(), source, reason=st.session_state[f"withdraw_why_{source}"], by=by)
        frame.notice("It is withdrawn.")


def _erase(source: dict[str, Any], n_records: int, by: str) -> None:
    with frame.said_in_words():
        must(Role.OWNER, everywhere=True)
        retaining.erase_source_soon(workspace(), source["project_id"], source["id"], by=by, expected=n_records)
        frame.notice("It is being erased. It goes on if you leave; the certificate will be on the page Erasure.")


def _lift(limit: str, by: str) -> None:
    with frame.said_in_words():
        must(Role.OWNER)
        frame.notice(f"Taken back on {several(limiting.lift_limit(workspace(), limit, by=by), 'record')}.")
