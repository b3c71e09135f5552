"""The recipe as a form: what it takes, how it cleans, filters, balance, facts. Stored as it is changed, so a reload keeps it.

What is folded away is drawn when it is opened; until then its fields count as they are stored.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from core.errors import ProofroomError
from core.workflows import cleaning, deciding, facts, recipes
from core.workflows.facts import FACT_PLURALS, FactChoice, FactKind
from core.workflows.recipes import BALANCES, STEPS, Recipe, recipe_as_json, recipe_from
from studio.parts.counting import several
from studio.parts.frame import notice, said_in_words
from studio.running import workspace

TAKES = {
    "recommended": "Recommended: kept ones, and undecided ones without a defect or a double",
    "everything": "Everything that was not rejected",
    "random": "A random sample",
    "longest": "The longest ones",
}
DEFAULT_SIZE = 200
FACT_CHOICES = [choice.value for choice in FactChoice]
BALANCE_WORDS = {"": "no balance", "tag": "tag", "author": "author", "month": "month", "year": "year"}
# The fields of each part that is folded away at first.
FOLDS: dict[str, tuple[str, ...]] = {
    "Filters": ("min_score", "flags_out", "flags_allowed", "tags", "tags_out", "sources", "written_from", "written_to"),
    "Balance, doubles, length": ("balance_by", "is_share", "at_most", "share", "per_cluster", "max_length_tokens"),
    "Facts that go stale": tuple(f"fact_{kind}" for kind in FactKind),
    "Saved recipes": (),
}
FIELDS = (
    "take",
    "size",
    *(f"clean_{step}" for step in STEPS),
    *(field for fields in FOLDS.values() for field in fields),
)


class RecipeForm:
    """One person's form for one project. `show()` draws it, `recipe()` reads it, also inside a callback."""

    def __init__(self, project: dict[str, Any], person: str) -> None:
        self._project, self._person = project, person
        self._stored = recipes.working_recipe(workspace(), project["name"], by=person)
        folded = [label for label in FOLDS if not st.session_state.get(self._key(label))]
        # Streamlit forgets a field that is not drawn, or finds an older value of it.
        self._folded = {field for label in folded for field in FOLDS[label]}
        for field, value in _values(self._stored).items():
            if field in self._folded or self._key(field) not in st.session_state:
                st.session_state[self._key(field)] = value

    def recipe(self) -> Recipe:
        """The recipe as it stands in the form. Raises Invalid, for a period that ends before it begins."""
        stored = _values(self._stored)
        state = {f: stored[f] if f in self._folded else st.session_state[self._key(f)] for f in FIELDS}
        sized = state["take"] in ("random", "longest")
        limit = {"share": round(state["share"] / 100, 4)} if state["is_share"] else {"at_most": state["at_most"]}
        balance = {"by": state["balance_by"]} | limit if state["balance_by"] else {}
        return recipe_from(
            {
                "take": f"{state['take']}:{state['size']}" if sized else state["take"],
                "clean": [step for step in STEPS if state[f"clean_{step}"]],
                "min_score": state["min_score"],
                "written_from": _as_text(state["written_from"]),
                "written_to": _as_text(state["written_to"]),
                "balance": balance,
                "per_cluster": state["per_cluster"],
                "max_length_tokens": state["max_length_tokens"],
                "facts_masked": [kind for kind in FactKind if state[f"fact_{kind}"] == "mask"],
                "facts_moved": [kind for kind in FactKind if state[f"fact_{kind}"] == "move"],
            }
            | {name: state[name] for name in ("flags_out", "flags_allowed", "tags", "tags_out", "sources")}
        )

    def show(self) -> None:
        """Draw the form, and store what was changed in it."""
        st.radio("What it takes", list(TAKES), format_func=TAKES.__getitem__, key=self._key("take"))
        if st.session_state[self._key("take")] in ("random", "longest"):
            st.number_input("How many records", 1, 1_000_000, key=self._key("size"))
        self._show_cleaning()
        parts = (self._show_filters, self._show_balance, self._show_facts, self._show_saved)
        for label, draw in zip(FOLDS, parts, strict=True):
            part = st.expander(label, key=self._key(label), on_change="rerun")
            if part.open:
                with part:
                    draw()
        try:
            changed = self.recipe()
        except ProofroomError:
            # Said on the right, where its effect is missing.
            return
        if changed != self._stored:
            recipes.keep_working_recipe(workspace(), self._project["name"], changed, by=self._person)
            self._stored = changed

    def _show_cleaning(self) -> None:
        counted = cleaning.change_counts(workspace(), self._project["name"])
        with st.container(border=True):
            st.markdown("**Cleaning**")
            st.caption("Works on copies: the stored records stay as they are. Code is never touched.")
            for name, step in STEPS.items():
                label = step.title
                if name in counted["steps"]:
                    label += f" :small[:gray[({several(counted['steps'][name]['n_changed'], 'record')})]]"
                st.checkbox(label, key=self._key(f"clean_{name}"), help=step.sentence)

    def _show_filters(self) -> None:
        name = self._project["name"]
        flags = list(deciding.flag_counts(workspace(), name))
        tags = deciding.tags_in_use(workspace(), name)
        sources = recipes.source_names(workspace(), self._project["id"])
        st.slider("Score of at least", 0.0, 1.0, step=0.05, key=self._key("min_score"),
                  help="Asked of records that no person kept.")  # fmt: skip
        self._choices("Leave out records with the flag", "flags_out", flags, "Whoever kept them.")
        self._choices(
            "Take records in spite of the defect",
            "flags_allowed",
            flags,
            "Undecided ones, in the recommended recipe.",
        )
        self._choices("Only records with the tag", "tags", tags)
        self._choices("Leave out records with the tag", "tags_out", tags)
        self._choices("Only from the source", "sources", list(sources), names=sources)
        left, right = st.columns(2)
        left.date_input("Written from", value=None, key=self._key("written_from"), format="YYYY-MM-DD")
        right.date_input("Written to", value=None, key=self._key("written_to"), format="YYYY-MM-DD")

    def _show_balance(self) -> None:
        st.selectbox(
            "No more than so many of each", ["", *BALANCES], format_func=BALANCE_WORDS.__getitem__,
            key=self._key("balance_by"), help="Kept ones come first, then the higher score.",
        )  # fmt: skip
        if st.session_state[self._key("balance_by")]:
            st.toggle(
                "As a share of all", key=self._key("is_share"), help="Of the records that the rules before leave."
            )
            if st.session_state[self._key("is_share")]:
                st.number_input("Percent of all for each", 0.1, 100.0, step=1.0, format="%.1f", key=self._key("share"))
            else:
                st.number_input("Records of each", 1, 1_000_000, key=self._key("at_most"))
        st.number_input(
            "Of records that say the same, take", 0, 1_000, key=self._key("per_cluster"), value=None, placeholder="1, or all with “everything”",
            help="0 takes all of them. What a person kept is always taken.",
        )  # fmt: skip
        st.number_input("The most tokens of an example", 64, 32_768, key=self._key("max_length_tokens"), step=64)

    def _show_facts(self) -> None:
        counts = {
            one["kind"]: one["n_records"] for one in facts.list_facts(workspace(), self._project["name"])["kinds"]
        }
        st.caption(
            "Masked: a placeholder such as [price] stands in the answer. Moved: the same, and the fact store keeps the sentence. "
            "Questions stay as they were asked."
        )
        for kind in FactKind:
            label = FACT_PLURALS[kind].capitalize()
            if kind in counts:
                # No markup: a radio's label is also read out as it stands here.
                label += f" ({several(counts[kind], 'record')})"
            st.radio(label, FACT_CHOICES, horizontal=True, key=self._key(f"fact_{kind}"))

    def _show_saved(self) -> None:
        saved = [row["name"] for row in recipes.list_recipes(workspace(), self._project["name"])]
        if saved:
            st.selectbox("Saved", saved, key=self._key("saved"), label_visibility="collapsed")
            with st.container(horizontal=True):
                st.button("Use it", on_click=self._use)
                st.button("Take it off the list", on_click=self._forget)
        st.text_input("Keep this recipe as", key=self._key("save_as"), max_chars=80)
        st.button("Save the recipe", on_click=self._save)
        st.button("Back to the defaults", type="tertiary", on_click=self._reset)

    def _choices(
        self,
        label: str,
        field: str,
        options: list[str],
        words: str | None = None,
        *,
        names: dict[str, str] | None = None,
    ) -> None:
        # What was chosen once and is gone since stays in the list, or the form could not show what it means.
        chosen = [one for one in st.session_state[self._key(field)] if one not in options]
        told = names or {}
        st.multiselect(
            label, [*options, *chosen], key=self._key(field), help=words, placeholder="none chosen",
            format_func=lambda one: told.get(one, one.replace("_", " ")),
        )  # fmt: skip

    def _save(self) -> None:
        name = st.session_state[self._key("save_as")].strip()
        with said_in_words():
            recipes.save_recipe(workspace(), self._project["name"], name, self.recipe(), by=self._person)
            notice(f"Saved as {name}.")
            st.session_state[self._key("save_as")] = ""

    def _use(self) -> None:
        with said_in_words():
            wanted = st.session_state[self._key("saved")]
            self._fill(recipes.as_recipe(workspace(), self._project, wanted))
            notice(f"This is {wanted}.")

    def _forget(self) -> None:
        with said_in_words():
            wanted = st.session_state[self._key("saved")]
            recipes.forget_recipe(workspace(), self._project["name"], wanted, by=self._person)

    def _reset(self) -> None:
        self._fill(Recipe())

    def _fill(self, recipe: Recipe) -> None:
        recipes.keep_working_recipe(workspace(), self._project["name"], recipe, by=self._person)
        for field, value in _values(recipe).items():
            st.session_state[self._key(field)] = value

    def _key(self, field: str) -> str:
        return f"recipe_{self._project['id']}_{field}"


def _values(recipe: Recipe) -> dict[str, Any]:
    """The form's fields of a recipe."""
    value = recipe_as_json(recipe)
    shown = {
        name: value[name]
        for name in (
            "min_score",
            "flags_out",
            "flags_allowed",
            "tags",
            "tags_out",
            "sources",
            "per_cluster",
            "max_length_tokens",
        )
    }
    shown |= {"take": recipe.base, "size": recipe.size or DEFAULT_SIZE}
    shown |= {name: date.fromisoformat(value[name]) if value[name] else None for name in ("written_from", "written_to")}
    shown |= {"balance_by": recipe.balance.by, "at_most": recipe.balance.at_most or 50}
    shown |= {
        "is_share": bool(recipe.balance.share),
        "share": max(0.1, round(recipe.balance.share * 100, 1)) if recipe.balance.share else 20.0,
    }
    shown |= {f"fact_{kind}": recipe.fact_choices.get(kind, FactChoice.KEEP).value for kind in FactKind}
    return shown | {f"clean_{step}": step in recipe.clean for step in STEPS}


def _as_text(day: date | None) -> str:
    return day.isoformat() if day else ""
