"""The voice distance on two small voices: one plain, one shouting."""

from __future__ import annotations

import numpy as np
import pytest

from core.curate.voice import VoiceProfile

NOUNS = (
    "gate",
    "ladder",
    "kettle",
    "window",
    "letter",
    "harbour",
    "bench",
    "garden",
    "engine",
    "cupboard",
    "bridge",
    "lamp",
)
VERBS = ("stood", "waited", "turned", "leaned", "rested", "fell", "moved", "opened")


def plain(seed: int) -> str:
    """Long calm sentences, no two texts alike."""
    draw = np.random.default_rng(seed)
    return " ".join(
        f"The {draw.choice(NOUNS)} {draw.choice(VERBS)} beside the {draw.choice(NOUNS)}, and nobody in the house had asked why the "
        f"{draw.choice(NOUNS)} was there."
        for _ in range(12)
    )


def shouting(seed: int) -> str:
    draw = np.random.default_rng(seed)
    return " ".join(f"Wow! Get YOUR {draw.choice(NOUNS)} now! Is it great? You bet!" for _ in range(24))


@pytest.fixture(scope="module")
def profile() -> VoiceProfile:
    return VoiceProfile([plain(i) for i in range(20)])


def test_a_reference_text_left_out_is_about_one_away_in_the_median(profile: VoiceProfile) -> None:
    own = [distance.value for distance in profile.own_distances() if distance]
    assert float(np.median(own)) == pytest.approx(1.0, abs=0.15)


def test_a_reference_text_is_not_compared_with_itself() -> None:
    alone = " ".join(f"Quagga{i} zebra{i} okapi{i} ran by the river, and nobody saw it." for i in range(12))
    profile = VoiceProfile([*(plain(i) for i in range(20)), alone])
    own, other = profile.own_distances()[-1], profile.distance(alone.replace("uagga", "uokka"))
    assert own is not None
    assert other is not None
    assert own.value > 2
    assert any("of its words stand in no other" in words for words in own.words)


def test_the_same_voice_is_nearer_than_another(profile: VoiceProfile) -> None:
    own, other = profile.distance(plain(99)), profile.distance(shouting(99))
    assert own is not None
    assert other is not None
    assert own.value < 1.5 < 3 < other.value


def test_what_differs_is_said_in_words(profile: VoiceProfile) -> None:
    found = profile.distance(shouting(99))
    assert found is not None
    assert any("more exclamation marks" in words for words in found.words)


def test_a_text_of_a_few_words_has_no_distance(profile: VoiceProfile) -> None:
    assert profile.distance("Too short to say anything.") is None


def test_one_text_is_no_reference() -> None:
    assert not VoiceProfile([plain(1)]).is_usable
