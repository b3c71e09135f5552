"""The settings of a run, simple or for experts: the same configuration, over the same preset, kept in the address.

What a person changes stands in the URL, so that a reload or a link shows the same run card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import streamlit as st

from core.nouns import Goal
from core.workflows import training
from studio.parts.plain import plain
from studio.parts.take_form import is_take, show_take
from studio.running import workspace

PRESETS = {
    "auto": "What this project is for",
    Goal.VOICE.value: "A voice: few texts, read several times",
    Goal.SUPPORT.value: "Support: answers, at a gentler rate",
    Goal.CODE.value: "Code review: comments; the same settings as for support",
}
SCHEDULES = {"cosine": "along a cosine", "linear": "along a line", "constant": "not at all"}


@dataclass(frozen=True, slots=True)
class Field:
    """One number of the expert view. digits: after the point, of the step and of what is shown."""

    name: str
    label: str
    low: float
    high: float
    digits: int
    help: str = ""


FIELDS = (
    Field("learning_rate", "Learning rate", 0.0000001, 0.1, 7, "How far each step goes."),
    Field("epochs", "Passes over the examples", 0.01, 50.0, 2, "Epochs."),
    Field("max_steps", "Stop after so many steps", 0, 100_000, 0, "0 for no limit."),
    Field("batch_size", "Examples a step", 1, 512, 0, "Batch size."),
    Field("rank", "Rank", 1, 256, 0, "How much the adapter can hold."),
    Field("alpha", "Scale", 1, 1024, 0, "Alpha: the adapter's part is multiplied by alpha over rank."),
    Field("dropout", "Dropout", 0.0, 0.9, 2, "Share of the adapter's inputs left out at random."),
    Field("prompt_weight", "Weight of the prompt", 0.0, 1.0, 2, "What a token of the question counts; one of the answer counts 1."),
    Field("max_length_tokens", "Longest example, tokens", 16, 131_072, 0, "Longer ones fall out, and are listed."),
    Field("micro_batch_tokens", "Tokens at a time", 0, 1_000_000, 0, "0 for what suits the machine. Fewer need less memory. The steps are the same but for rounding."),
    Field("warmup_share", "Warm-up, share of the steps", 0.0, 1.0, 2),
    Field("n_evaluations", "Measure the validation loss so often", 0, 100, 0, "On the first 24 examples of the validation split."),
    Field("patience", "Patience, in measurements", 0, 100, 0, "Stop after so many without a lower loss; 0 for never."),
    Field("weight_decay", "Weight decay", 0.0, 1.0, 3),
    Field("clip_norm", "Longest gradient", 0.001, 1_000.0, 3, "Longer ones are shortened to it."),
    Field("checkpoint_minutes", "Minutes between checkpoints", 0.0, 1_000.0, 1),
    Field("train_share", "Share of the records", 0.01, 1.0, 2, "Always the same ones; a smaller share is part of a larger one."),
    Field("train_tokens", "Tokens to train on", 0, 1_000_000_000, 0, "Instead of passes: as many as it takes. 0 for what the passes give."),
    Field("train_answer_tokens", "Answer tokens to learn", 0, 1_000_000_000, 0, "The same, counted in what is learnt: the answers. One of the two at most."),
    Field("n_drafts", "Drafts at the end", 0, 200, 0, "Held-out requests that each model answers, to tell how near it comes to the voice."),
    Field("n_canaries", "Planted secrets", 0, 20, 0, "Invented codes among the examples, asked for at the end. The model will know them: leave them out of the one that you use."),
    Field("processes", "Processes", 1, 64, 0, "They share every step: one for each GPU. On a processor alone, one is best."),
    Field("seed", "Seed", 0, 1_000_000, 0),
)  # fmt: skip
SIMPLE = ("epochs", "max_steps")
PARAMETER = "settings"
# How often a person went back to the preset: fields get new keys then, and start from it.
TURN = "train_turn"


@dataclass(frozen=True, slots=True)
class Chosen:
    """preset: by name. settings: those that are not the preset's. reference: all of the preset's."""

    preset: str
    settings: dict[str, Any]
    reference: dict[str, Any]


def show_form(project: str, version: str) -> Chosen:
    """Preset, settings in the simple or in the expert view, and what differs. Raises what planning raises."""
    preset = st.selectbox(
        "Preset", list(PRESETS), format_func=PRESETS.__getitem__, key="train_preset", bind="query-params", width=420
    )
    kept, refused = _from_address()
    for sentence in refused:
        st.warning(plain(f"In the address: {sentence} The preset's value stands."))
    base = st.text_input(
        "Base model", kept.get("base", ""), placeholder="the one that came with the set-up", key="train_base", max_chars=400, width=420,
        help="A folder with a model in safetensors form, or the hub id of one in this machine's cache.",
    )  # fmt: skip
    above = {"base": base.strip()} if base.strip() else {}
    plan = training.plan_run(workspace(), project, version, preset_name=preset, settings=above)
    reference = plan["config"]
    is_expert = st.toggle("All settings", value=bool(set(kept) - {"base", *SIMPLE}), key="train_expert")
    of = f"{version} {preset} {st.session_state.get(TURN, 0)}"
    # What the simple view does not show stays as it was set.
    hidden = {} if is_expert else {n: v for n, v in kept.items() if n not in ("base", *SIMPLE) and v != reference[n]}
    changed = hidden | _fields(reference, kept, is_expert=is_expert, of=of)
    chosen = above | changed
    _to_address(chosen)
    if changed:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(differing_in_words({name: (reference[name], value) for name, value in changed.items()}))
            st.button("Back to the preset", on_click=_back_to_preset, key="train_back")
    if is_expert:
        with st.expander("Why the preset says what it says"):
            st.dataframe(
                [
                    {"setting": _label(n), "preset": _shown(reference[n]), "why": why}
                    for n, why in training.reasons_for(plan["goal"]).items()
                ],
                hide_index=True,
            )
    return Chosen(preset, chosen, reference)


def _back_to_preset() -> None:
    """Drop every setting that differs; the base model is no part of a preset and stays."""
    base = st.session_state["train_base"].strip()
    _to_address({"base": base} if base else {})
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1


def differing_in_words(differs: dict[str, tuple[Any, Any]]) -> str:
    """ "2 settings differ from the preset: ...", for a caption. differs: name to the preset's value and the chosen one."""
    n = len(differs)
    told = ", ".join(
        f"{_label(name).lower()} {_shown(new)} instead of {_shown(old)}" for name, (old, new) in differs.items()
    )
    return plain(f"{n} {'setting differs' if n == 1 else 'settings differ'} from the preset: {told}.")


def _fields(reference: dict[str, Any], kept: dict[str, Any], *, is_expert: bool, of: str) -> dict[str, Any]:
    """The settings that are not the preset's, from the fields as they stand. of: what the preset depends on."""
    changed: dict[str, Any] = {}
    shown = [field for field in FIELDS if is_expert or field.name in SIMPLE]
    columns = st.columns(3 if is_expert else 2)
    for place, field in enumerate(shown):
        with columns[place % len(columns)]:
            value = _number(field, reference, kept, of)
        if value != reference[field.name]:
            changed[field.name] = value
    if is_expert:
        changed |= _choices(reference, kept, of)
    return changed


def _number(field: Field, reference: dict[str, Any], kept: dict[str, Any], of: str) -> float | int:
    kind = float if field.digits else int
    step = 10.0**-field.digits if field.digits else 1
    if field.name == "epochs":
        step = 0.5
    start = kind(kept.get(field.name, reference[field.name]))
    value = st.number_input(
        field.label, kind(field.low), kind(field.high), start, kind(step),
        format=f"%.{field.digits}f" if field.digits else "%d", key=f"run {field.name} {of}", help=field.help or None,
    )  # fmt: skip
    return kind(value)


def _choices(reference: dict[str, Any], kept: dict[str, Any], of: str) -> dict[str, Any]:
    names = list(SCHEDULES)
    left, middle, right = st.columns(3)
    schedule = left.selectbox(
        "The rate falls", names, names.index(kept.get("schedule", reference["schedule"])), format_func=SCHEDULES.__getitem__,
        key=f"run schedule {of}",
    )  # fmt: skip
    rslora = middle.toggle(
        "Rank-stabilised scale", kept.get("use_rslora", reference["use_rslora"]), key=f"run rslora {of}",
        help="rsLoRA: alpha over the root of the rank, for high ranks (Kalajdzievski, 2023).",
    )  # fmt: skip
    best = right.toggle("Keep the best weights", kept.get("keep_best", reference["keep_best"]), key=f"run best {of}")
    saving = left.toggle(
        "Save memory", kept.get("gradient_checkpointing", reference["gradient_checkpointing"]), key=f"run saving {of}",
        help="Gradient checkpointing: activations are made anew on the way back. A third slower, with much less memory.",
    )  # fmt: skip
    again = middle.toggle(
        "Ask again", kept.get("ask_again", reference["ask_again"]), key=f"run again {of}",
        help="One held-out request is answered 25 times at the end, in five wordings, to see how alike the drafts are.",
    )  # fmt: skip
    values = {
        "ask_again": again,
        "take": show_take(kept.get("take", reference["take"]), of),
        "schedule": schedule,
        "use_rslora": rslora,
        "keep_best": best,
        "gradient_checkpointing": saving,
    }
    return {name: value for name, value in values.items() if value != reference[name]}


def _from_address() -> tuple[dict[str, Any], list[str]]:
    """The settings that the address says, and a sentence on each that is not possible: the preset's stands in its place."""
    found: dict[str, Any] = {}
    refused = []
    fields = {field.name: field for field in FIELDS}
    for pair in filter(None, str(st.query_params.get(PARAMETER, "")).split(",")):
        name, _, quoted = pair.partition("=")
        value = unquote(quoted)
        if name in fields:
            field = fields[name]
            number = _number_in(value, field)
            if number is None:
                refused.append(
                    f"{field.label}: {value or 'nothing'} is not possible, {field.low:g} to {field.high:g} is."
                )
            else:
                found[name] = number
        elif (name == "schedule" and value in SCHEDULES) or (name == "take" and is_take(value)) or name == "base":
            found[name] = value
        elif name in ("use_rslora", "keep_best", "gradient_checkpointing", "ask_again") and value in ("True", "False"):
            found[name] = value == "True"
        else:
            refused.append(f"{pair} is not a setting.")
    return found, refused


def _number_in(text: str, field: Field) -> float | int | None:
    """The number, where it is one and within the field's limits."""
    try:
        number = float(text) if field.digits else int(text)
    except ValueError:
        return None
    return number if field.low <= number <= field.high else None


def _to_address(chosen: dict[str, Any]) -> None:
    told = ",".join(f"{name}={quote(str(value), safe='/')}" for name, value in chosen.items())
    if told and st.query_params.get(PARAMETER) != told:
        st.query_params[PARAMETER] = told
    elif not told and PARAMETER in st.query_params:
        del st.query_params[PARAMETER]


def _label(name: str) -> str:
    named = {field.name: field.label for field in FIELDS} | {
        "schedule": "The rate falls", "use_rslora": "Rank-stabilised scale", "keep_best": "Keep the best weights", "base": "Base model",
        "take": "Of the examples", "gradient_checkpointing": "Save memory", "ask_again": "Ask again",
    }  # fmt: skip
    return named[name]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return SCHEDULES.get(value, value) or "all"
    return f"{value:g}"
