"""The limit that labels speak for: found where they tell it, told with how sure it is, and not told where they do not."""

from __future__ import annotations

import random

import pytest

from core.nouns import EditLabel, ReviewClass
from core.review.calibration import LabelledPair, asking_order, best_limit, calibrate, origin, served_by
from core.review.calibration_words import sentences

SAME, LIGHT, REWRITTEN = EditLabel


def pair(ratio: float, *labels: EditLabel) -> LabelledPair:
    return LabelledPair(ratio, labels)


# Every pass lies up to 12 %, every rewrite from 20 % on.
CLEAR = [pair(n / 100, LIGHT) for n in range(1, 13)] + [pair(n / 100, REWRITTEN) for n in range(20, 32)]


def test_the_middle_label_counts_and_of_two_the_stricter() -> None:
    assert pair(0.1, SAME, REWRITTEN).label is REWRITTEN
    assert pair(0.1, REWRITTEN, SAME, LIGHT).label is LIGHT
    assert pair(0.1, SAME, LIGHT).passes
    assert not pair(0.1, LIGHT, REWRITTEN).passes


def test_every_limit_that_serves_best_is_told_and_the_middle_one_is_taken() -> None:
    best = best_limit(CLEAR, in_force=0.10)
    assert (best.low, best.limit, best.high) == (0.12, 0.15, 0.19)
    assert (best.served.balanced, best.served.kappa) == (1.0, 1.0)


def test_a_limit_in_force_that_serves_best_stays() -> None:
    assert best_limit(CLEAR, in_force=0.18).limit == 0.18
    assert best_limit(CLEAR, in_force=0.20).limit == 0.15


def test_passes_and_rewrites_count_alike_however_many_there_are() -> None:
    many_passes = [pair(0.05, LIGHT)] * 18 + [pair(0.30, REWRITTEN), pair(0.08, REWRITTEN)]
    served = served_by(many_passes, 0.10)
    assert served.agreement == 0.95
    assert served.balanced == 0.75
    assert served.kappa == pytest.approx((0.95 - (0.9 * 0.95 + 0.1 * 0.05)) / (1 - (0.9 * 0.95 + 0.1 * 0.05)))


def test_labels_that_follow_the_ratio_place_the_limit_surely() -> None:
    best = best_limit(CLEAR * 2, in_force=0.10)
    assert 0.10 <= best.drawn_low <= best.drawn_high <= 0.20
    assert best.on_other_half > 0.95


def test_a_limit_found_in_noise_does_not_hold_on_the_other_half() -> None:
    drawn = random.Random(0)
    noise = [pair(drawn.random() / 2, drawn.choice([LIGHT, REWRITTEN])) for _ in range(60)]
    best = best_limit(noise, in_force=0.10)
    assert best.served.balanced is not None
    assert best.served.balanced > best.on_other_half
    assert best.on_other_half_low < 0.5 < best.on_other_half_high
    assert best.drawn_high - best.drawn_low > 0.2


def test_the_same_labels_say_the_same_every_time() -> None:
    assert calibrate(CLEAR, limit=0.1, n_people=1) == calibrate(list(CLEAR), limit=0.1, n_people=1)


def test_classes_by_the_limit_stand_beside_the_labels() -> None:
    pairs = [pair(0.05, SAME), pair(0.05, LIGHT), pair(0.10, REWRITTEN), pair(0.11, REWRITTEN)]
    found = calibrate(pairs, limit=0.10, n_people=1).classes
    assert found == {
        ReviewClass.LIGHT_EDIT: {SAME: 1, LIGHT: 1, REWRITTEN: 1},
        ReviewClass.REWRITTEN: {SAME: 0, LIGHT: 0, REWRITTEN: 1},
    }
    with_none = calibrate([*pairs, pair(0.0, SAME)], limit=0.10, n_people=1).classes
    assert with_none[ReviewClass.AS_IS] == {SAME: 1, LIGHT: 0, REWRITTEN: 0}


def test_below_twenty_pairs_or_without_rewrites_no_limit_is_told() -> None:
    few = calibrate(CLEAR[:10] + CLEAR[12:21], limit=0.1, n_people=1)
    assert (few.best, few.why_not) == (None, "19 of at least 20 pairs have a label.")
    alike = calibrate([pair(0.05, LIGHT)] * 18 + [pair(0.3, REWRITTEN)] * 2, limit=0.1, n_people=1)
    assert alike.best is None
    assert alike.why_not.startswith("2 of 20 pairs are labelled as rewritten")
    assert calibrate([pair(0.05, LIGHT)] * 20, limit=0.1, n_people=1).in_force.balanced is None


def test_sentences_tell_the_range_and_how_sure_it_is() -> None:
    told = " ".join(sentences(calibrate([*CLEAR, pair(0.02, SAME, SAME)], limit=0.1, n_people=2)))
    assert "25 pairs labelled by 2 people." in told
    assert "1 pair has the label of more than one person" in told
    assert (
        "Every limit from 12% to 19% serves equally well, and none better: it is right on 100% of the passes and rewrites"
        in told
    )
    assert "chosen on half of the pairs it is right on 100% of the other half" in told
    assert "The limit in force is among" not in told
    assert (
        sentences(calibrate(CLEAR, limit=0.14, n_people=1))[-1] == "The limit in force is among those that serve best."
    )
    assert sentences(calibrate(CLEAR[:3], limit=0.1, n_people=1))[-1] == "3 of at least 20 pairs have a label."


def test_how_far_people_agree_is_told_from_twenty_shared_pairs_on() -> None:
    shared = [pair(n / 100, LIGHT, LIGHT if n % 3 else REWRITTEN) for n in range(1, 20)]
    few, enough = (
        calibrate([*CLEAR, *some], limit=0.1, n_people=2) for some in (shared, [*shared, pair(0.2, SAME, SAME)])
    )
    assert (few.n_shared, few.alpha) == (19, None)
    assert "19 pairs have the label of more than one person. The middle" in " ".join(sentences(few))
    assert enough.alpha is not None
    assert f"their labels agree by {enough.alpha:.2f} (Krippendorff's alpha)" in " ".join(sentences(enough))


def test_pairs_near_the_limit_and_from_anywhere_are_asked_about_in_turn() -> None:
    ratios = {f"e{n:02d}": n / 100 for n in range(1, 61)}
    order = asking_order(ratios, limit=0.10)
    assert sorted(order) == sorted(ratios)
    first = [ratios[one] for one in order[:16]]
    assert all(0.05 <= ratio <= 0.20 for ratio in first[::2])
    assert max(first[1::2]) > 0.5
    assert min(first[1::2]) < 0.10
    assert order == asking_order(dict(reversed(ratios.items())), limit=0.10)


def test_edits_that_are_all_far_from_the_limit_are_asked_about_all_the_same() -> None:
    assert asking_order({"a": 0.5, "b": 0.6, "c": 0.7}, limit=0.1) == ["b", "a", "c"]
    assert asking_order({}, limit=0.1) == []


def test_where_the_limit_comes_from_is_told_only_of_the_one_in_force() -> None:
    calibration = {"limit": 0.14, "n_pairs": 43, "n_people": 2, "at": "2026-11-26T10:00:00"}
    assert origin(0.14, calibration) == "calibrated on 43 pairs labelled by 2 people, on 2026-11-26"
    assert origin(0.15, calibration) == "set by hand"
    assert origin(0.10, calibration) == "the default"
    assert origin(0.10, None) == "the default"
