"""Makes a run's model ready to be taken away, merged or as GGUF, and checks it against what the run made.

The files are loaded again before the job is done: what does not say the same as the run's own model is no export.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from core.curate.versions import read_version
from core.errors import Refused
from core.jobs.context import JobContext
from core.nouns import Example, Split
from core.training import gguf_file, merging
from core.training.base_models import base_shape
from core.training.chat_format import ChatFormat, chat_format
from core.training.export_card import served_name, write_manifest, write_words
from core.training.generation import Sampling
from core.training.gguf_check import check_tokenizer
from core.training.gguf_settings import gguf_settings, read_config
from core.training.gguf_tokenizer import gguf_tokenizer
from core.training.manifests import read_manifest
from core.training.models import ready_model_folder
from core.training.ollama import as_chatml, modelfile
from core.training.output_check import (
    Agreement,
    ComparedTexts,
    Probabilities,
    agreement,
    next_token_probabilities,
    texts_to_compare,
)

# How far a next-token probability may be off after a prompt at most, and in running text on average, by how numbers are stored.
LIMITS = {"float32": 0.001, "float16": 0.02, "bfloat16": 0.05, "f16": 0.005, "q8_0": 0.02}
MERGED_AS = "float32"
BYTES_A_NUMBER = {"float32": 4.0, "float16": 2.0, "bfloat16": 2.0, "f16": 2.0, "q8_0": 34 / 32}
PHASES = (
    "Checking adapter and base model",
    "Adding the adapter to the base model",
    "Writing the files",
    "Loading the files again",
    "Hashing the files",
)
CHECKING, MERGING, WRITING, LOADING, HASHING = range(len(PHASES))


@dataclass(frozen=True, slots=True)
class _Export:
    """What is exported, checked to be what it should. stored_as: how numbers are stored. target: where the files go."""

    context: JobContext
    adapter: Path
    base_folder: Path
    form: ChatFormat
    examples: list[Example]
    texts: ComparedTexts
    stored_as: str
    target: Path

    @property
    def card(self) -> dict[str, Any]:
        card: dict[str, Any] = self.context.settings["card"]
        return card

    def step(self, phase: int) -> None:
        self.context.report(phase=PHASES[phase], done=phase, total=len(PHASES))


def run(context: JobContext) -> dict[str, Any]:
    """Write `export` into the job's results. Returns its manifest. Raises Refused when the files say something else."""
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(os.cpu_count() or 1)
    context.report(phase=PHASES[CHECKING], done=CHECKING, total=len(PHASES))
    job = _checked(context)
    job.target.mkdir()
    found, more, notes = _gguf(job) if context.settings["format"] == "gguf" else _merged(job)
    _refuse_other_words(found, job.stored_as)
    facts = job.card | more | {
        "type": job.stored_as,
        "limit": LIMITS[job.stored_as],
    } | asdict(found)  # fmt: skip
    job.step(HASHING)
    write_words(job.target, facts, model_card=context.settings["model_card"], notes=notes)
    return write_manifest(job.target, facts)


def _checked(context: JobContext) -> _Export:
    """Raises Invalid when adapter, base model or version are not those of the run, Refused when there is no room."""
    settings = context.settings
    adapter, base_folder = Path(settings["adapter"]), ready_model_folder(settings["base"], Path(settings["models"]))
    merging.check_base(base_folder, read_manifest(adapter))
    config = read_config(base_folder)
    stored_as = settings["type"] if settings["format"] == "gguf" else merging.number_type_of(config)
    _need_space(context.out, base_shape(base_folder).n_parameters * BYTES_A_NUMBER[stored_as])
    form, examples = chat_format(base_folder), _examples(settings)
    texts = texts_to_compare(form, examples)
    return _Export(context, adapter, base_folder, form, examples, texts, stored_as, context.out / "export")


def _merged(job: _Export) -> tuple[Agreement, dict[str, Any], list[str]]:
    """Write the merged folder, and compare it, loaded again, with base and adapter."""
    model, from_run = _merged_model(job)
    job.step(WRITING)
    merging.save_merged(model, job.base_folder, job.target, number_type=job.stored_as)
    del model
    job.step(LOADING)
    return agreement(from_run, next_token_probabilities(merging.load_exactly(job.target), job.texts)), {}, []


def _gguf(job: _Export) -> tuple[Agreement, dict[str, Any], list[str]]:
    """Write the file with its Modelfile, and compare it, loaded again, with the merged model."""
    model, from_run = _merged_model(job)
    expected = next_token_probabilities(model, job.texts)
    merging_itself = agreement(from_run, expected)
    _refuse_other_words(merging_itself, MERGED_AS)
    job.step(WRITING)
    config = read_config(job.base_folder)
    settings, tokenizer = gguf_settings(config, job.card["base"]["name"]), gguf_tokenizer(job.form, config)
    name, kind = served_name(job.card["run_name"]), gguf_file.GgufType(job.stored_as)
    file = job.target / f"{name}-{kind}.gguf"
    gguf_file.write_gguf(
        file, model.state_dict(), settings=settings, tokenizer=tokenizer, kind=kind, template=job.form.template_text, name=name
    )  # fmt: skip
    (job.target / "Modelfile").write_text(_modelfile(file, model, job.form), encoding="utf-8")
    merging.copy_beside_weights(job.base_folder, job.target, ())
    del model
    job.step(LOADING)
    check_tokenizer(file, job.form, tokenizer, job.examples)
    found = agreement(expected, next_token_probabilities(gguf_file.load_gguf(file), job.texts))
    facts = {"merging_difference": merging_itself.largest_difference}
    return found, facts, _notes(job.form, tokenizer.first_cut)


def _merged_model(job: _Export) -> tuple[Any, Probabilities]:
    """The merged model, and the probabilities that base and adapter gave before."""
    job.step(MERGING)
    tuned = merging.with_plain_adapter(merging.load_exactly(job.base_folder), job.adapter)
    from_run = next_token_probabilities(tuned, job.texts)
    return merging.merged(tuned), from_run


def _modelfile(file: Path, model: Any, form: ChatFormat) -> str:
    sampling = Sampling()
    return modelfile(
        file.name, form, stops=_stops(model, form), temperature=sampling.temperature, top_p=sampling.top_p,
        repeat_penalty=sampling.repetition_penalty,
    )  # fmt: skip


def _stops(model: Any, form: ChatFormat) -> tuple[str, ...]:
    """The texts of the tokens that end an answer."""
    ends = model.generation_config.eos_token_id
    ids = ends if isinstance(ends, list) else [] if ends is None else [ends]
    return tuple(token for i in ids if (token := form.tokenizer.id_to_token(i)))


def _notes(form: ChatFormat, first_cut: str) -> list[str]:
    notes = []
    if as_chatml(form) is None:
        notes.append(
            "The Modelfile has no TEMPLATE: the model's chat template has no sure form in Ollama's language, so Ollama goes by "
            "the one inside the GGUF. Compare an answer with one of the studio before you rely on it."
        )
    if first_cut == "smollm":
        notes.append(
            "Loaded by transformers, the file cuts digits that follow several blanks or line ends otherwise than it was trained; "
            "llama.cpp and Ollama cut them as trained."
        )
    return notes


def _examples(settings: dict[str, Any]) -> list[Example]:
    """The version's texts, those that the run has not learnt from first."""
    version = read_version(Path(settings["version_folder"]), expected_sha256=settings["card"]["content_sha256"])
    return [e for split in (Split.TEST, Split.VALIDATION, Split.TRAIN) for e in version.examples[split]]


def _need_space(folder: Path, n_bytes: float) -> None:
    free = shutil.disk_usage(folder).free
    if free < n_bytes:
        raise Refused(
            f"The export needs {n_bytes / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free where the studio keeps its data.",
            remedy="Free some space, then export again.",
        )


def _refuse_other_words(found: Agreement, stored_as: str) -> None:
    limit = LIMITS[stored_as]
    if not found.within(limit):
        raise Refused(
            f"Loaded again, the exported model gives tokens a probability that is up to {found.largest_difference:.3g} off from the run's "
            f"own model after a prompt, and {found.mean_in_text:.3g} on average in running text; up to {limit:g} is allowed. Nothing was kept.",
            remedy="Choose f16 instead of q8_0." if stored_as == "q8_0" else "Export the adapter instead.",
        )
