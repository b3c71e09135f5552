"""A guard against a voice that is bought with stupidity: loss on small questions that have nothing to do with anybody's texts.

The questions and answers are written for this studio. What counts is the change against the base model: a rise says that the
adapter forgets how to answer at all.
"""

from __future__ import annotations

from core.training.batches import TrainingRow
from core.training.chat_format import ChatFormat

QUESTIONS = (
    ("What do plants need to grow?", "Plants need light, water, air, and minerals from the soil."),
    ("How many days are there in a week?", "There are seven days in a week."),
    ("What is twelve minus five?", "Twelve minus five is seven."),
    ("Why does ice float on water?", "Ice floats because it is less dense than liquid water."),
    ("Name three primary colours of light.", "The primary colours of light are red, green, and blue."),
    ("What does a thermometer measure?", "A thermometer measures temperature."),
    ("Which is larger, a metre or a centimetre?", "A metre is larger: it is one hundred centimetres long."),
    ("What is the opposite of empty?", "The opposite of empty is full."),
    ("Why do we have night and day?", "We have night and day because the Earth turns around its own axis."),
    ("What do bees make?", "Bees make honey and wax."),
    ("How do you boil an egg?", "Put the egg into boiling water, wait about eight minutes, and then cool it in cold water."),
    ("What is a verb?", "A verb is a word for something that is done or that happens, such as run or think."),
    ("Which season comes after winter?", "Spring comes after winter."),
    ("What is half of sixty?", "Half of sixty is thirty."),
    ("What gas do people breathe in to live?", "People need oxygen, which is part of the air that they breathe in."),
    ("Sort these numbers from small to large: 9, 2, 5.", "From small to large they are 2, 5, 9."),
    ("What is a library for?", "A library lends books, so that people can read them without buying them."),
    ("Why should you wash your hands before you eat?", "Washing your hands removes germs that could make you ill."),
    ("What is the plural of mouse?", "The plural of mouse is mice."),
    ("How many legs does a spider have?", "A spider has eight legs."),
    ("What happens to water at zero degrees Celsius?", "At zero degrees Celsius water freezes and becomes ice."),
    ("What does a map show?", "A map shows where places are and how far they lie apart."),
    ("Which planet do we live on?", "We live on the Earth."),
    ("What is a synonym for quick?", "A synonym for quick is fast."),
)  # fmt: skip


def neutral_rows(form: ChatFormat) -> list[TrainingRow]:
    """The questions through a model's own template, with labels on the answers."""
    rows = []
    for number, (question, answer) in enumerate(QUESTIONS):
        chat = form.tokenise([{"role": "user", "content": question}, {"role": "assistant", "content": answer}])
        rows.append(TrainingRow(f"neutral_{number:02d}", chat.ids, chat.labels))
    return rows
