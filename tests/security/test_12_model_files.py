"""Weights are safetensors alone: a pickle in a model's folder is never opened, and no code that lies there is ever run."""

from __future__ import annotations

import ast
import json
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from core.errors import Invalid, ModelMissing, ProofroomError
from core.training.base_models import model_folder
from core.training.chat_format import ChatFormat
from core.training.merging import load_exactly, with_plain_adapter
from core.training.models import load_base
from tests.core.training.tiny import tiny_folder

REPOSITORY = Path(__file__).resolve().parents[2]
FILES = sorted(file for top in ("core", "studio", "pages") for file in (REPOSITORY / top).rglob("*.py"))
PICKLES = (
    "pytorch_model.bin", "pytorch_model-00001-of-00001.bin", "model.pt", "model.pth", "model.ckpt", "adapter_model.bin", "training_args.bin",
    "optimizer.pt", "rng_state.pth", "tokenizer.pkl", "consolidated.00.pth", "flax_model.msgpack",
)  # fmt: skip
# Modules and calls by which bytes become objects, or text becomes code.
UNPICKLERS = {
    "pickle",
    "_pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "joblib",
    "marshal",
    "shelve",
    "jsonpickle",
    "pandas.read_pickle",
}
RUNNERS = {"torch.load", "torch.jit.load", "torch.hub.load", "np.load", "numpy.load", "pd.read_pickle", "pandas.read_pickle", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "eval", "exec", "compile", "__import__"}  # fmt: skip


class Touches:
    """Unpickled, it makes a folder: whoever reads it has run what stands in it."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return (os.mkdir, (str(self._marker),))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def marker(tmp_path: Path) -> Iterator[Path]:
    """What code of a model's folder would make; it must not be there in the end."""
    file = tmp_path / "was-run"
    yield file
    assert not file.exists(), "something of the model's folder was run"


@pytest.fixture
def model(tiny: Path, tmp_path: Path, marker: Path) -> Path:
    """A model with a pickle under every name that other programs look for."""
    folder = tmp_path / "model"
    shutil.copytree(tiny, folder)
    for name in PICKLES:
        (folder / name).write_bytes(pickle.dumps(Touches(marker)))
    return folder


def test_such_a_pickle_would_run_if_it_were_read(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Touches(tmp_path / "ran")))
    assert (tmp_path / "ran").exists()


def test_pickles_beside_the_weights_are_passed_over(model: Path) -> None:
    assert load_base(model_folder(str(model), model)).config.hidden_size == 32
    assert load_exactly(model).config.hidden_size == 32


@pytest.mark.parametrize("load", [load_base, load_exactly])
def test_a_model_of_pickles_alone_is_refused(model: Path, load: Callable[[Path], object]) -> None:
    for file in model.glob("*.safetensors"):
        file.unlink()
    with pytest.raises(ModelMissing, match="no safetensors weights"):
        model_folder(str(model), model)
    with pytest.raises(ModelMissing):
        load(model)


@pytest.mark.parametrize("load", [load_base, load_exactly])
def test_a_pickle_that_is_called_safetensors_is_refused_in_words(
    model: Path, marker: Path, load: Callable[[Path], object]
) -> None:
    (model / "model.safetensors").write_bytes(pickle.dumps(Touches(marker)))
    with pytest.raises(ModelMissing):
        load(model)


@pytest.mark.parametrize("load", [load_base, load_exactly])
def test_an_index_that_names_a_pickle_is_refused(model: Path, load: Callable[[Path], object]) -> None:
    (model / "model.safetensors").unlink()
    index = {"metadata": {}, "weight_map": {"model.embed_tokens.weight": "pytorch_model.bin"}}
    (model / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises((ModelMissing, Invalid)):
        load(model)


@pytest.mark.parametrize("kind", ["llama", "of_its_own"])
def test_code_in_the_folder_is_not_run_whatever_the_configuration_says(model: Path, marker: Path, kind: str) -> None:
    code = f"open({str(marker)!r}, 'w')\nclass Own: pass\n"
    for name in ("modeling_own.py", "configuration_own.py", "tokenization_own.py", "__init__.py"):
        (model / name).write_text(code)
    config = json.loads((model / "config.json").read_text())
    config |= {
        "auto_map": {"AutoConfig": "configuration_own.Own", "AutoModelForCausalLM": "modeling_own.Own"},
        "model_type": kind,
    }
    (model / "config.json").write_text(json.dumps(config))
    settings = json.loads((model / "tokenizer_config.json").read_text())
    settings["auto_map"] = {"AutoTokenizer": ["tokenization_own.Own", None]}
    (model / "tokenizer_config.json").write_text(json.dumps(settings))
    for load in (load_base, load_exactly):
        # Of a kind that transformers knows, its own code reads it; of another one it is refused.
        with suppress(ModelMissing):
            load(model)


def test_a_pickled_adapter_is_not_read(tiny: Path, model: Path, marker: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": 4,
        "lora_alpha": 8,
        "target_modules": ["q_proj"],
        "base_model_name_or_path": "a",
    }
    (adapter / "adapter_config.json").write_text(json.dumps(config))
    (adapter / "adapter_model.bin").write_bytes(pickle.dumps(Touches(marker)))
    with pytest.raises(ModelMissing, match="no safetensors weights"):
        with_plain_adapter(load_exactly(tiny), adapter)


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ self.__init__.__globals__ }}", "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ messages.__class__.__base__.__subclasses__() }}", "{% include '/etc/passwd' %}", "{% import 'os' as os %}{{ os }}", "{{ lipsum.__globals__ }}",
        "{{ raise_exception.__globals__ }}", "{{ strftime_now.__func__.__globals__ }}", "{{ messages.append(1) }}", "{% for n in range(999999999) %}a{% endfor %}", "{{ 1 / 0 }}", "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "{% if %}", "{{ ('%s' % ''.__class__) | attr('mro') }}",
    ],
)  # fmt: skip
def test_a_chat_template_reaches_nothing_but_its_messages(model: Path, template: str) -> None:
    (model / "chat_template.jinja").write_text(template, encoding="utf-8")
    try:
        said = ChatFormat(model).render([{"role": "user", "content": "Hello."}])
    except ProofroomError:
        return
    assert "subclasses" not in said
    assert "root:" not in said
    assert "<class" not in said or "attr" in template
    assert "module" not in said


def test_no_code_of_ours_reads_a_pickle_or_runs_a_text() -> None:
    found = []
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [(file.name, name) for name in names if name in UNPICKLERS]
            if isinstance(node, ast.Call) and ast.unparse(node.func) in RUNNERS:
                found.append((file.name, ast.unparse(node)[:80]))
            if isinstance(node, ast.keyword) and node.arg in ("trust_remote_code", "allow_pickle"):
                assert isinstance(node.value, ast.Constant), file
                assert node.value.value is False, file
    assert found == []


def test_whatever_is_loaded_from_a_folder_is_loaded_without_its_code_and_from_safetensors() -> None:
    calls = [
        (file.name, ast.unparse(function), node)
        for file in FILES
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "from_pretrained"
    ]
    assert len(calls) >= 5
    for file, around, node in calls:
        of = ast.unparse(node.func)
        if "Peft" not in of:
            assert "trust_remote_code=False" in ast.unparse(node) or "'trust_remote_code': False" in around, (file, of)
        if "Tokenizer" not in of:
            assert "use_safetensors=True" in ast.unparse(node) or "gguf_file" in around, (file, of)
