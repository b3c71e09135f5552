"""What Ollama is told of an exported model: its template where that is ChatML, its stop tokens, how words are drawn.

Ollama's templates are Go's, a model's are Jinja's. ChatML is said in both: whether a model speaks it is tried on
conversations, not guessed from its template's words. For any other the Modelfile has no TEMPLATE, and Ollama
goes by the template inside the GGUF.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import Invalid
from core.training.chat_format import ChatFormat, Message

START, END = "<|im_start|>", "<|im_end|>"
GO_TEMPLATE = (
    f"{{{{ range .Messages }}}}{START}{{{{ .Role }}}}\n{{{{ .Content }}}}{END}\n{{{{ end }}}}{START}assistant\n"
)
# Blanks around a text show whether a template trims it; Go's would not.
ASKED: Message = {"role": "user", "content": " Is it late? "}
TRIED: tuple[tuple[Message, ...], ...] = (
    ({"role": "system", "content": "Be brief.\n\nAnd kind."}, ASKED),
    (
        {"role": "system", "content": " Be kind. "},
        ASKED,
        {"role": "assistant", "content": " No.\n"},
        {"role": "user", "content": "{{ Sure? }}"},
    ),
)


@dataclass(frozen=True, slots=True)
class ChatMl:
    """system: what stands in the system's turn when nobody says anything else; empty where no such turn is added."""

    system: str


def as_chatml(form: ChatFormat) -> ChatMl | None:
    """The form's own system text when it speaks ChatML, else None."""
    try:
        if any(form.render(chat, for_answer=True) != _chatml(chat) for chat in TRIED):
            return None
        alone, expected = form.render([ASKED], for_answer=True), _chatml([ASKED])
    except Invalid:
        return None
    added = alone.removesuffix(expected)
    opening, closing = f"{START}system\n", f"{END}\n"
    if not added and alone == expected:
        return ChatMl("")
    system = added.removeprefix(opening).removesuffix(closing)
    is_one_turn = f"{opening}{system}{closing}{expected}" == alone and START not in system
    return ChatMl(system) if is_one_turn and '"""' not in system else None


def modelfile(
    file_name: str, form: ChatFormat, *, stops: tuple[str, ...], temperature: float, top_p: float, repeat_penalty: float
) -> str:
    """The text of an Ollama Modelfile beside the GGUF. stops: texts of the tokens that end an answer."""
    spoken = as_chatml(form)
    lines = [f"FROM ./{file_name}"]
    if spoken is not None:
        lines.append(f'TEMPLATE """{GO_TEMPLATE}"""')
        if spoken.system:
            lines.append(f'SYSTEM """{spoken.system}"""')
    ends = dict.fromkeys((*stops, *((END, START) if spoken is not None else ())))
    lines += [f'PARAMETER stop "{stop}"' for stop in ends if stop and '"' not in stop]
    lines += [
        f"PARAMETER temperature {temperature:g}",
        f"PARAMETER top_p {top_p:g}",
        f"PARAMETER repeat_penalty {repeat_penalty:g}",
    ]
    return "\n".join(lines) + "\n"


def _chatml(chat: tuple[Message, ...] | list[Message]) -> str:
    turns = "".join(f"{START}{m['role']}\n{m['content']}{END}\n" for m in chat)
    return f"{turns}{START}assistant\n"
