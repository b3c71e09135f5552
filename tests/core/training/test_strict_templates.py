"""Templates of other base models: some write the day into a chat, some refuse turns that do not alternate, some mark answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from core.errors import ModelMissing
from core.nouns import Example, Split
from core.training.chat_format import ChatFormat
from core.training.preflight import check_examples
from core.training.shots import shots_of
from tests.core.training.test_training import CONFIG
from tests.core.training.tiny import examples

STRICT = """{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}\
{{ raise_exception('roles must alternate') }}{% endif %}<|im_start|>{{ message['role'] }}
{{ message['content'] }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
DATED = "<|im_start|>system\nToday is {{ strftime_now('%d %b %Y') }}.<|im_end|>\n"


def with_template(tiny: Path, folder: Path, template: str) -> ChatFormat:
    shutil.copytree(tiny, folder)
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    return ChatFormat(folder)


@pytest.fixture
def strict(tiny: Path, tmp_path: Path) -> ChatFormat:
    return with_template(tiny, tmp_path / "strict", STRICT)


def two_questions(one: Example) -> Example:
    user, answer = one.messages
    return Example("two:0", "two", "two", "", (user, user, answer))


def test_what_the_template_refuses_falls_out_and_is_asked_for_nowhere(strict: ChatFormat) -> None:
    some = [*examples(4), two_questions(examples(1)[0])]
    checked = check_examples({Split.TRAIN: some, Split.VALIDATION: (), Split.TEST: some[3:]}, strict, CONFIG)
    assert [one.reason for one in checked.dropped[Split.TRAIN]] == ["template"]
    assert [one.id for one in checked.examples[Split.TRAIN]] == [one.id for one in some[:4]]
    assert [one.id for one in checked.examples[Split.TEST]] == [some[3].id]


def test_shots_are_drawn_from_what_the_template_takes(strict: ChatFormat) -> None:
    assert shots_of([two_questions(examples(1)[0])], strict, seed=1) == []
    assert len(shots_of([*examples(2), two_questions(examples(1)[0])], strict, seed=1)) == 4


def test_a_template_that_writes_the_day_reads_the_same_on_every_day(tiny: Path, tmp_path: Path) -> None:
    form = with_template(tiny, tmp_path / "dated", DATED + STRICT)
    assert form.render([{"role": "user", "content": "Hello"}]).startswith(
        "<|im_start|>system\nToday is 26 Jul 2024.<|im_end|>"
    )


# Turns as some base models write them: the answer marked, a loop left early, a text as JSON.
MARKED = """{% for message in messages %}{% if message['content'] == 'Enough.' %}{% break %}{% endif %}\
<|im_start|>{{ message['role'] }}
{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] }}<|im_end|>
{% endgeneration %}{% else %}{{ message['content'] | tojson }}<|im_end|>
{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
ASKED = {"role": "user", "content": "Is 1 < 2, “naïve” & 'fair'?"}
ANSWERED = {"role": "assistant", "content": "It is <b>.</b>"}


@pytest.mark.parametrize("chat", [[ASKED, ANSWERED], [ASKED], [ASKED, {"role": "user", "content": "Enough."}, ASKED]])
def test_a_template_that_marks_answers_reads_as_transformers_reads_it(
    tiny: Path, tmp_path: Path, chat: list[dict[str, str]]
) -> None:
    form = with_template(tiny, tmp_path / "marked", MARKED)
    library = AutoTokenizer.from_pretrained(tmp_path / "marked")
    assert form.render(chat) == library.apply_chat_template(chat, tokenize=False)


def test_of_a_marked_answer_all_is_learnt(tiny: Path, tmp_path: Path) -> None:
    form = with_template(tiny, tmp_path / "marked", MARKED)
    chat = form.tokenise([ASKED, ANSWERED])
    learnt = form.tokenizer.decode([label for label in chat.labels if label != -100], skip_special_tokens=False)
    assert learnt == "It is <b>.</b><|im_end|>"


def test_a_template_that_cannot_be_read_is_refused_with_its_fault(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ModelMissing, match="The chat template of broken cannot be read: Encountered unknown tag 'sing'"
    ):
        with_template(tiny, tmp_path / "broken", "{% sing %}")


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json"])
def test_a_tokenizer_that_was_not_fetched_is_named(tiny: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(tiny, tmp_path / "pointed")
    (tmp_path / "pointed" / name).write_text("version https://git-lfs.github.com/spec/v1\n", encoding="utf-8")
    with pytest.raises(ModelMissing, match=rf"The {name} of pointed "):
        ChatFormat(tmp_path / "pointed")
