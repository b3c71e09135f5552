"""What a calibration says, in sentences: the same for a page and for the command line."""

from __future__ import annotations

from core.review.calibration import BestLimit, Calibration, Served


def sentences(found: Calibration) -> list[str]:
    """How far the limit in force agrees with the labels, how far people agree, and which limit serves best."""
    told = [_agreement(found), _between_people(found)]
    if found.best is None:
        told.append(found.why_not)
    else:
        told += [_best(found.best), _sureness(found.best), _stays(found)]
    return [one for one in told if one]


def _agreement(found: Calibration) -> str:
    served, pairs = found.in_force, "1 pair" if found.n_pairs == 1 else f"{found.n_pairs} pairs"
    people = "1 person" if found.n_people == 1 else f"{found.n_people} people"
    return (
        f"{pairs} labelled by {people}. By the limit in force an edit passes or not as it was labelled in {served.agreement:.0%} of them"
        f"{_kappa(served, is_first=True)}."
    )


def _kappa(served: Served, *, is_first: bool) -> str:
    if served.kappa is None or served.kappa_low is None:
        return ""
    told = f"Cohen's kappa {served.kappa:.2f}, 95% interval {served.kappa_low:.2f} to {served.kappa_high:.2f}"
    return f" ({told}; 1 is full agreement, 0 what chance alone would bring)" if is_first else f" ({told})"


def _between_people(found: Calibration) -> str:
    if not found.n_shared:
        return ""
    pairs = "1 pair has" if found.n_shared == 1 else f"{found.n_shared} pairs have"
    alpha = "" if found.alpha is None else f"; their labels agree by {found.alpha:.2f} (Krippendorff's alpha)"
    return f"{pairs} the label of more than one person{alpha}. The middle label counts, of two the stricter."


def _best(best: BestLimit) -> str:
    which = (
        f"A limit of {best.limit:.0%} serves best"
        if best.low == best.high
        else f"Every limit from {best.low:.0%} to {best.high:.0%} serves equally well, and none better"
    )
    return (
        f"{which}: it is right on {best.served.balanced:.0%} of the passes and rewrites, either kind counting as much however many "
        f"there are{_kappa(best.served, is_first=False)}."
    )


def _sureness(best: BestLimit) -> str:
    return (
        f"How sure that is: with other pairs of the same kind the best limit would mostly lie from {best.drawn_low:.0%} to "
        f"{best.drawn_high:.0%}; chosen on half of the pairs it is right on {best.on_other_half:.0%} of the other half "
        f"({best.on_other_half_low:.0%} to {best.on_other_half_high:.0%})."
    )


def _stays(found: Calibration) -> str:
    assert found.best is not None
    return "The limit in force is among those that serve best." if found.best.limit == found.in_force.limit else ""
