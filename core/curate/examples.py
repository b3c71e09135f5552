"""Records into examples: chat messages, of which the assistant's are learnt.

document: one example for each section. thread: the question and the accepted answer.
diff: the diff and the reference comment. chat: as it is. What does not become an example is
returned with the reason; nothing is cut to fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.curate.records_in import RecordIn
from core.curate.sections import cut_into_sections, instruction
from core.nouns import Dropped, Example, RecordKind
from core.records.text import accepted_answer, reference_comment

REVIEW_INSTRUCTION = "Review this change{language}. Write the comment that you would leave.\n\n```diff\n{diff}\n```"
COMMIT_INSTRUCTION = "Write the commit message for this change{language}.\n\n```diff\n{diff}\n```"
# Room that the template and the instruction take beside a section.
INSTRUCTION_TOKENS = 96

CountTokens = Callable[[Sequence[dict[str, str]]], int]
CountTextTokens = Callable[[str], int]


def examples_of(
    record: RecordIn, *, max_tokens: int, count_chat: CountTokens, count_text: CountTextTokens
) -> tuple[list[Example], list[Dropped]]:
    """Examples of one record within max_tokens each, and what was left out."""
    if record.kind is RecordKind.DOCUMENT:
        return _section_examples(record, max_tokens=max_tokens, count_text=count_text)
    messages = _messages(record)
    if isinstance(messages, Dropped):
        return [], [messages]
    n_tokens = count_chat(messages)
    if n_tokens > max_tokens:
        return [], [_dropped(record, "too_many_tokens", f"{n_tokens} tokens, {max_tokens} allowed")]
    return [_example(record, 0, tuple(messages), record.title)], []


def _section_examples(
    record: RecordIn, *, max_tokens: int, count_text: CountTextTokens
) -> tuple[list[Example], list[Dropped]]:
    cut = cut_into_sections(record.content["body"], max_tokens=max_tokens - INSTRUCTION_TOKENS, count_tokens=count_text)
    dropped = [_dropped(record, "section_left_out", f"{heading or 'opening'}: {why}") for heading, why in cut.left_out]
    if not cut.sections and not dropped:
        dropped.append(_dropped(record, "no_prose", "nothing is left beside images, code and markup"))
    examples = [
        _example(
            record,
            i,
            (
                {"role": "user", "content": instruction(record.title, section, len(cut.sections))},
                {"role": "assistant", "content": section.body},
            ),
            section.heading or record.title,
        )
        for i, section in enumerate(cut.sections)
    ]
    return examples, dropped


def _messages(record: RecordIn) -> list[dict[str, str]] | Dropped:
    content = record.content
    match record.kind:
        case RecordKind.THREAD:
            answer = accepted_answer(content)
            if answer is None or not answer["text"].strip():
                return _dropped(record, "no_accepted_answer", "no message is marked as the solution, or it is empty")
            prompt = f"{record.title}\n\n{content['question']}".strip()
            return [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer["text"].strip()}]
        case RecordKind.DIFF:
            comment = reference_comment(content)
            if comment is None or not comment["text"].strip():
                return _dropped(record, "no_comment", "there is no review comment, or it is empty")
            language = f" in {content['language']}" if content.get("language") else ""
            asked = COMMIT_INSTRUCTION if content.get("is_commit") else REVIEW_INSTRUCTION
            prompt = asked.format(language=language, diff=content["diff"].strip("\n"))
            return [{"role": "user", "content": prompt}, {"role": "assistant", "content": comment["text"].strip()}]
        case _:
            messages = [m for m in content["messages"] if m["content"].strip()]
            if not any(m["role"] == "assistant" for m in messages):
                return _dropped(record, "no_answer", "the assistant says nothing")
            spoken = [m["role"] for m in messages if m["role"] != "system"]
            if spoken[0] != "user":
                return _dropped(record, "begins_with_answer", "the assistant speaks before anything was asked")
            return messages


def _example(record: RecordIn, number: int, messages: tuple[dict[str, str], ...], title: str) -> Example:
    return Example(f"{record.id}:{number}", record.id, record.external_id, "", messages, title, record.tags)


def _dropped(record: RecordIn, reason: str, detail: str) -> Dropped:
    return Dropped(record.id, record.external_id, reason, detail)
