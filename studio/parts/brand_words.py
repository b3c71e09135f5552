"""The words of a brand guide as a table: what not to write, what to write instead, what needs proof."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import streamlit as st

NEVER, INSTEAD, PROOF = "do not write", "write instead", "needs proof"
LEVELS = {"suggestion": "perhaps", "warning": "look again", "error": "must change"}
KINDS = {NEVER: "existence", INSTEAD: "substitution", PROOF: "claim"}
# A rule of the table is named by its kind and level, such as words-never-error; other rules are none of the table's.
NAMES = {NEVER: "words-never", INSTEAD: "words-instead", PROOF: "words-proof"}


def words_table(rules: list[dict[str, Any]], *, key: str) -> list[dict[str, Any]] | None:
    """Draw the table. Returns the guide's rules as they are after a change, None where nothing changed. rules: plain values."""
    rows, others = parted(rules)
    edited = st.data_editor(
        rows or [{"word": "", "what": NEVER, "better": "", "matters": LEVELS["warning"]}],
        key=key,
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "word": st.column_config.TextColumn("Word or phrase", width="medium"),
            "what": st.column_config.SelectboxColumn("What of it", options=list(NAMES), default=NEVER, required=True),
            "better": st.column_config.TextColumn("Better (or two: many|much)", width="medium"),
            "matters": st.column_config.SelectboxColumn("How it matters", options=list(LEVELS.values()), default=LEVELS["warning"], required=True),
        },
    )  # fmt: skip
    changed = joined(edited)
    return [*others, *changed] if changed != joined(rows) else None


def parted(rules: list[dict[str, Any]]) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """The table's rows, and the rules that are none of the table's."""
    rows: list[dict[str, str]] = []
    others = []
    for rule in rules:
        what = next((what for what in NAMES if _is_of_table(rule, what)), None)
        if what is None:
            others.append(rule)
            continue
        matters = LEVELS[rule.get("level", "warning")]
        pairs = rule["swap"].items() if what == INSTEAD else ((word, "") for word in rule["tokens"])
        rows += [{"word": word, "what": what, "better": better, "matters": matters} for word, better in pairs]
    return sorted(rows, key=lambda row: row["word"].casefold()), others


def _is_of_table(rule: dict[str, Any], what: str) -> bool:
    """Whether the table can hold all of a rule: one of the same name that says more stays a rule of its own."""
    words = "swap" if what == INSTEAD else "tokens"
    return (
        rule["name"] == f"{NAMES[what]}-{rule.get('level', 'warning')}"
        and rule["kind"] == KINDS[what]
        and words in rule
        and set(rule) <= {"name", "kind", "level", words}
    )


def joined(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rules of the rows: one for each kind and level. A row without a word says nothing; an instead without a better one means never."""
    words: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    levels = {words: level for level, words in LEVELS.items()}
    for row in rows:
        word, better = ((row.get(name) or "").strip() for name in ("word", "better"))
        if word:
            what = INSTEAD if better else NEVER if row["what"] == INSTEAD else row["what"]
            words[what, levels[row["matters"]]][word] = better
    return [
        {"name": f"{NAMES[what]}-{level}", "kind": KINDS[what], "level": level}
        | ({"swap": dict(sorted(found.items()))} if what == INSTEAD else {"tokens": sorted(found)})
        for (what, level), found in sorted(words.items())
    ]
