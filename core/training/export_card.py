"""What lies beside exported weights: a README that says what they are and where they come from, and export.json.

Knows words and files, no model: the server writes an adapter's card too. Nothing of this machine's paths goes
into a folder that travels.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.training.base_models import SMOLLM2, file_sha256

MANIFEST, CARD = "export.json", "README.md"
# The only ranks that vLLM makes room for.
VLLM_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
SOURCE_COLUMNS = ("name", "owner", "basis", "purpose", "uses", "expires_on", "licence")
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


def card_text(facts: Mapping[str, Any], *, notes: Sequence[str] = ()) -> str:
    """The README of an export. facts: those of its manifest, with the run's losses, the version's sources and the rank."""
    base = facts["base"]["name"]
    where = base if "/" in base else "FOLDER-OF-THE-BASE-MODEL"
    command = serving_command(
        facts["format"], run_name=facts["run_name"], folder=".", base=where, rank=facts["config"]["rank"]
    )
    rows = "\n".join(
        f"| {' | '.join(_cell(source.get(name)) for name in SOURCE_COLUMNS)} |" for source in facts["sources"]
    )
    more = "".join(f"\n{note}\n" for note in notes)
    return f"""# {_line(facts["run_name"])}

{WHAT[facts["format"]]}

| | |
|---|---|
| base model | {_cell(base)} |
| run | {_cell(facts["run_name"])} (`{facts["run"]}`) of the project {_cell(facts["project"])}, made for {facts["goal"]} |
| dataset version | {_cell(facts["version"])}, content SHA-256 `{facts["content_sha256"]}` |
| adapter weights | SHA-256 `{facts["weights_sha256"]}` |
| loss on the hold-out | {_losses(facts["metrics"])} |
| checked | {_checked(facts)} |

## To serve it

In this folder:

```
{command}
```
{more}
## What it learnt from

| source | owner | lawful basis | purpose | uses | expires | licence |
|---|---|---|---|---|---|---|
{rows}

These terms are those on the card of the version, from the day it was frozen.
{_overridden(facts)}
## Licence

{_licence(base, facts["format"])} What the model learnt from the sources above is bound by their terms:
whoever hands it on hands that on with it.

Every file's SHA-256 stands in `{MANIFEST}`.
"""


def _losses(metrics: Mapping[str, Any]) -> str:
    base, tuned = metrics.get("base_eval_loss"), metrics.get("eval_loss")
    if base is None or tuned is None:
        return "not measured: the version has no test split"
    return f"{tuned:.3f} nats per token, the base model's {base:.3f} ({tuned / base - 1:+.1%})"


def _checked(facts: Mapping[str, Any]) -> str:
    if facts["format"] == "adapter":
        return "the weights are those that the run saved, byte for byte"
    other = "the merged model" if facts["format"] == "gguf" else "base model and adapter"
    return (
        f"{facts['type']}, loaded again by transformers and compared with {other}: largest difference of a next-token probability after "
        f"{facts['n_prompts']} real prompts {facts['largest_difference']:.2g} (limit {facts['limit']:g}); at {facts['n_positions']:,} places of "
        f"running text {facts['mean_in_text']:.2g} on average and {facts['largest_in_text']:.2g} at most, the same likeliest token at "
        f"{facts['same_likeliest']:.1%}"
    )


def _overridden(facts: Mapping[str, Any]) -> str:
    override = facts.get("override")
    if not override:
        return ""
    obstacles = " ".join(_line(sentence) for sentence in override["obstacles"])
    return f"\nExported all the same by {_line(override['by'])}. In the way stood: {obstacles} The reason given: {_line(override['reason'])}\n"


def _licence(base: str, form: str) -> str:
    if base.startswith(SMOLLM2.id):
        return f"The base model is under {SMOLLM2.licence}."
    if form == "adapter":
        return f"It is of no use without the base model {_line(base)}, which has a licence of its own."
    return f"The licence of the base model {_line(base)} holds for this too; where its folder had one, it lies beside this file."


def _line(text: Any) -> str:
    return " ".join(str(text).split())


def _cell(value: Any) -> str:
    told = ", ".join(map(str, value)) if isinstance(value, list) else "never" if value is None else str(value)
    return _line(told).replace("|", "\\|")
