"""Templates of other base models: some write the day into a chat, some refuse turns that do not alternate."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

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
