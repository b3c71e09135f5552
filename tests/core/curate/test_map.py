"""The map and its themes, on made-up vectors that lie in plain groups."""

from __future__ import annotations

import numpy as np

from core.curate.projection import project
from core.curate.themes import find_themes, how_many

WORDS = ("invoice payment refund", "printer paper driver", "calendar meeting reminder")


def grouped(n_each: int, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Three groups in eight dimensions; vectors of length one, and the group of each."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(3), n_each)
    vectors = np.eye(8)[groups] + rng.normal(0, 0.12, (len(groups), 8))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), groups


def share_of_own_group_nearby(positions: np.ndarray, groups: np.ndarray) -> float:
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return float((groups[distances.argmin(axis=1)] == groups).mean())


def test_records_of_one_group_lie_together_and_the_map_is_the_same_each_time() -> None:
    vectors, groups = grouped(30)
    positions = project(vectors)
    assert positions.shape == (90, 2)
    assert np.abs(positions).max() == 1.0
    assert share_of_own_group_nearby(positions, groups) == 1.0
    assert np.array_equal(positions, project(vectors))


def test_records_beyond_the_sample_are_put_among_their_nearest() -> None:
    vectors, groups = grouped(60)
    assert share_of_own_group_nearby(project(vectors, landmarks=90), groups) > 0.97


def test_a_few_records_or_equal_ones_have_places_too() -> None:
    vectors, _ = grouped(1)
    for few in (vectors[:0], vectors[:1], vectors, np.repeat(vectors[:1], 20, axis=0)):
        assert project(few).shape == (len(few), 2)
        assert np.isfinite(project(few)).all()


def test_a_theme_is_named_by_the_words_that_set_it_apart() -> None:
    vectors, groups = grouped(20)
    texts = [f"Thank you, the {WORDS[group]} is what this is about." for group in groups]
    themes, numbers = find_themes(vectors, texts)
    # Sixty records make four themes, so one of the three groups is cut in two.
    assert len(themes) == 4
    assert len({theme.name for theme in themes}) == 4
    for group in range(3):
        for number in set(numbers[groups == group]):
            assert set(themes[number].words) == set(WORDS[group].split())


def test_the_number_of_themes_follows_the_number_of_records() -> None:
    assert [how_many(n) for n in (1, 3, 8, 60, 400, 2_136, 100_000)] == [1, 1, 1, 4, 10, 20, 20]


def test_other_forms_of_a_word_do_not_name_a_theme_again() -> None:
    vectors, _ = grouped(1)
    themes, _ = find_themes(vectors[:1], ["mail mails mailing printer"])
    assert len({"mail", "mails", "mailing"} & set(themes[0].words)) == 1
    assert "printer" in themes[0].words


def test_no_record_has_no_theme() -> None:
    assert find_themes(np.zeros((0, 8), dtype=np.float32), [])[0] == []
