"""Real examples for the benchmarks: sections of one author's posts, each with a written instruction."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from core.curate.examples import examples_of
from core.curate.records_in import record_in
from core.nouns import Example, ParsedRecord
from core.records.documents import read_document
from core.records.formats import Format
from core.training.chat_format import ChatFormat

POSTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "voice-benbalter" / "posts"
MAX_LENGTH_TOKENS = 1024


def post_examples(form: ChatFormat, n: int, *, seed: int) -> list[Example]:
    """n examples drawn by the seed from all sections of all posts; ends the program when the posts are missing."""
    return random.Random(seed).sample(all_post_examples(form), n)


def all_post_examples(form: ChatFormat) -> list[Example]:
    """Every section of every post; ends the program when the posts are missing."""
    if not POSTS.exists():
        sys.exit(f"The real posts are not beside the repository: there is no {POSTS}.")
    examples: list[Example] = []
    for file in sorted(POSTS.glob("*.md")):
        post = read_document(Format.MARKDOWN, file.read_text(encoding="utf-8"), file.name)
        if isinstance(post, ParsedRecord):
            record = record_in(
                {
                    "id": post.external_id,
                    "external_id": post.external_id,
                    "kind": post.kind,
                    "title": post.title,
                    "content": post.content,
                }
            )
            made, _ = examples_of(
                record,
                max_tokens=MAX_LENGTH_TOKENS,
                count_chat=form.count_chat_tokens,
                count_text=form.count_text_tokens,
            )
            examples += made
    return examples
