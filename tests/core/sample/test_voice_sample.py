"""The sample voice project and its key agree, and its clean posts are 60 different texts.

Whether the studio finds what was planted is tested with the code that looks for it.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import frontmatter
import pytest

from tests.core.sample.shingles import shingles, words_of

VOICE = Path(__file__).resolve().parents[3] / "data" / "sample" / "voice"
POSTS = VOICE / "posts"
FLAGS = {"wrong_language", "mojibake", "personal_data", "placeholder", "truncated", "link_only", "boilerplate"}
N_CLEAN = 60
# The six footers are part of a post; they are a tenth of it.
MOST_SHARED = 0.2


def read_key() -> dict[str, Any]:
    key: dict[str, Any] = json.loads((VOICE / "KEY.json").read_text("utf-8"))
    return key


def pairs(key: dict[str, Any]) -> list[list[str]]:
    return [*key["exact_duplicates"], *key["near_duplicates"]]


def planted(key: dict[str, Any]) -> list[str]:
    return [copy for _, copy in pairs(key)] + [name for names in key["flags"].values() for name in names]


def clean_posts() -> list[Path]:
    names = set(planted(read_key()))
    return sorted(path for path in POSTS.glob("*.md") if path.name not in names)


def body_of(path: Path) -> str:
    return str(frontmatter.loads(path.read_text("utf-8")).content)


def shared_share(a: str, b: str) -> float:
    """Share of the shorter post's 5-word shingles that stand in the other, in [0, 1]."""
    first, second = shingles(words_of(a)), shingles(words_of(b))
    return len(first & second) / max(1, min(len(first), len(second)))


def test_the_key_names_only_files_that_exist() -> None:
    key = read_key()
    named = {name for pair in pairs(key) for name in pair} | set(planted(key))
    assert sorted(name for name in named if not (POSTS / name).is_file()) == []


def test_the_key_names_what_the_readme_promises() -> None:
    key = read_key()
    assert {name: len(files) for name, files in key["flags"].items()} == {
        name: 2 if name in {"personal_data", "boilerplate"} else 1 for name in FLAGS
    }
    assert (len(key["exact_duplicates"]), len(key["near_duplicates"])) == (3, 4)


def test_every_file_is_clean_or_planted_once() -> None:
    assert [name for name, n in Counter(planted(read_key())).items() if n > 1] == []
    assert len(clean_posts()) == N_CLEAN
    assert len(list(POSTS.iterdir())) == N_CLEAN + len(planted(read_key()))


def test_the_original_of_each_pair_is_a_clean_post() -> None:
    clean = {path.name for path in clean_posts()}
    assert [original for original, _ in pairs(read_key()) if original not in clean] == []


def test_exact_duplicates_have_the_same_bytes() -> None:
    for original, copy in read_key()["exact_duplicates"]:
        assert (POSTS / original).read_bytes() == (POSTS / copy).read_bytes()


def test_near_duplicates_are_alike_and_not_the_same() -> None:
    for original, revised in read_key()["near_duplicates"]:
        assert 0.5 < shared_share(body_of(POSTS / original), body_of(POSTS / revised)) < 1.0


def test_no_clean_post_shares_a_fifth_of_its_shingles_with_another() -> None:
    sets = {path.name: shingles(words_of(body_of(path))) for path in clean_posts()}
    alike = [
        (a, b)
        for (a, first), (b, second) in itertools.combinations(sets.items(), 2)
        if len(first & second) > MOST_SHARED * min(len(first), len(second))
    ]
    assert alike == []


@pytest.mark.parametrize("path", clean_posts(), ids=lambda path: path.stem)
def test_a_clean_post_has_its_facts_and_keeps_the_voice(path: Path) -> None:
    post = frontmatter.loads(path.read_text("utf-8"))
    assert path.name.startswith(f"{post['date']}-")
    assert post["title"]
    assert post["author"] == "Dilys Arkwell"
    assert post["tags"]
    assert 140 <= len(post.content.split()) <= 700
    assert "!" not in post.content


def test_titles_of_clean_posts_differ() -> None:
    titles = [str(frontmatter.loads(path.read_text("utf-8"))["title"]).lower() for path in clean_posts()]
    assert len(set(titles)) == N_CLEAN


def test_ten_briefs_ask_for_posts_that_are_not_there() -> None:
    briefs = [json.loads(line) for line in (VOICE / "briefs.jsonl").read_text("utf-8").splitlines()]
    assert len({brief["id"] for brief in briefs}) == 10
    assert all(set(brief) == {"id", "prompt", "audience"} and all(brief.values()) for brief in briefs)
