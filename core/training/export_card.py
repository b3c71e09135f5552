"""What lies beside exported weights: a README on the files themselves, the card of the model, and export.json for machines.

Knows words and files, no model: the server writes an adapter's too. What the model is, learnt from, and how good it is stands
in its card alone (core/training/model_card.py). Nothing of this machine's paths goes into a folder that travels.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.markdown import escaped
from core.training.base_models import file_sha256

MANIFEST, README, MODEL_CARD = "export.json", "README.md", "MODEL_CARD.md"
# The only ranks that vLLM makes room for.
VLLM_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
WHAT = {
    "adapter": "LoRA weights in PEFT's form. They work on top of the base model, and only of that one.",
    "merged": "A whole model in safetensors form: the base model with what the run learnt added to its weights.",
    "gguf": "A whole model in one file, for llama.cpp, Ollama and what is built on them.",
}


def served_name(run_name: str) -> str:
    """What a server calls the model: small letters, digits, dots, dashes."""
    return re.sub(r"[^a-z0-9._-]+", "-", run_name.lower()).strip("-._") or "model"


def serving_command(form: str, *, run_name: str, folder: str, base: str, rank: int) -> str:
    """The line that serves the export. folder: where it lies. base: hub id or folder of the base model."""
    name = served_name(run_name)
    match form:
        case "gguf":
            return f"ollama create {name} -f {shlex.quote(folder + '/Modelfile')}"
        case "merged":
            return f"vllm serve {shlex.quote(folder)} --served-model-name {name}"
        case _:
            room = next((one for one in VLLM_RANKS if one >= rank), rank)
            return (
                f"vllm serve {shlex.quote(base)} --enable-lora --lora-modules {shlex.quote(f'{name}={folder}')} "
                f"--max-lora-rank {room}"
            )


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Write export.json with the hash of every file that is there. Returns it."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != MANIFEST)
    manifest = dict(facts) | {"files": {str(file.relative_to(folder)): file_sha256(file) for file in files}}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False), encoding="utf-8")
    return manifest


def write_words(folder: Path, facts: Mapping[str, Any], *, model_card: str, notes: Sequence[str] = ()) -> None:
    """Write the README and the model's card into the folder."""
    (folder / README).write_text(readme_text(facts, notes=notes), encoding="utf-8")
    (folder / MODEL_CARD).write_text(model_card, encoding="utf-8")


def readme_text(facts: Mapping[str, Any], *, notes: Sequence[str] = ()) -> str:
    """The README of an export. facts: those of its manifest, with the rank of the run."""
    base = facts["base"]["name"]
    where = base if "/" in base else "FOLDER-OF-THE-BASE-MODEL"
    command = serving_command(
        facts["format"], run_name=facts["run_name"], folder=".", base=where, rank=facts["config"]["rank"]
    )
    more = "".join(f"\n{note}\n" for note in notes)
    return f"""# {escaped(facts["run_name"])}

{WHAT[facts["format"]]}

What the model is, what it learnt from, how good it is and who approved it stands in [{MODEL_CARD}]({MODEL_CARD}).

## What was checked

{_checked(facts)}

## To serve it

In this folder:

```
{command}
```
{more}{_overridden(facts)}
## Licence

{_licence(base, facts["format"])} What the model learnt is bound by the terms of its sources too. Both stand in the card.

Every file's SHA-256 stands in `{MANIFEST}`.
"""


def _checked(facts: Mapping[str, Any]) -> str:
    if facts["format"] == "adapter":
        return "The weights are those that the run saved, byte for byte."
    other = "the merged model" if facts["format"] == "gguf" else "base model and adapter"
    return (
        f"The files ({facts['type']}) were loaded again by transformers and compared with {other}: largest difference of a next-token "
        f"probability after {facts['n_prompts']} real prompts {facts['largest_difference']:.2g} (limit {facts['limit']:g}); at "
        f"{facts['n_positions']:,} places of running text {facts['mean_in_text']:.2g} on average and {facts['largest_in_text']:.2g} at most, "
        f"the same likeliest token at {facts['same_likeliest']:.1%}."
    )


def _overridden(facts: Mapping[str, Any]) -> str:
    override = facts.get("override")
    if not override:
        return ""
    obstacles = " ".join(escaped(sentence) for sentence in override["obstacles"])
    return f"\nExported all the same by {escaped(override['by'])}. In the way stood: {obstacles} The reason given: {escaped(override['reason'])}\n"


def _licence(base: str, form: str) -> str:
    if form == "adapter":
        return f"It is of no use without the base model {escaped(base)}, which has a licence of its own."
    return f"The licence of the base model {escaped(base)} holds for this too; where its folder had one, it lies beside this file."
