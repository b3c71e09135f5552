"""What the reviews of a project say, as JSON: under the names of the command-line contract, with everything the report shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.review import sentences
from core.review.notable import KINDS, NotableDraft
from core.review.provenance import provenance_json
from core.review.self_agreement import Repeats, self_agreement_json
from core.review.sequential import sequential_mcnemar
from core.review.side_by_side import SideBySide
from core.review.statistics import MIN_REVIEWS, RateEstimate
from core.review.summary import Compared, ResultsSummary


def as_json(summary: ResultsSummary) -> dict[str, Any]:
    """Plain values. Texts of drafts and who wrote them stand in it under "notable" and "provenance" alone, where they may be told."""
    systems = {
        r.system.value: rate_json(r.rate)
        | {"any_time": _any_time(r.rate), "classes": {c.value: n for c, n in r.classes.items()}}
        for r in summary.systems
    }
    return {
        "headline": sentences.headline(summary),
        "uneven_in_words": sentences.uneven_sentence(summary),
        "outlook": sentences.outlook(summary),
        "ceiling": sentences.ceiling_sentence(summary),
        "agreement_in_words": sentences.agreement_sentence(summary),
        "repeats_in_words": sentences.repeats_sentence(summary),
        "limit_in_words": sentences.limit_sentence(summary),
        "project": summary.project,
        "run": summary.run,
        "runs": list(summary.runs),
        "system": summary.system.value,
        "systems_told": [system.value for system in summary.systems_told],
        "uneven_since": f"{summary.uneven_since.isoformat()}Z" if summary.uneven_since else None,
        "systems": systems,
        "compared": [_compared(one) for one in summary.compared],
        "same_reviewers": asdict(summary.ceiling) if summary.ceiling else None,
        "tags": _groups(summary.tags),
        "periods": _groups(summary.periods),
        "versions": _groups(summary.versions),
        "reviewers": [
            asdict(load) | {"tuned": rate_json(load.tuned), "human": rate_json(load.human)}
            for load in summary.reviewers
        ],
        "agreement": asdict(summary.agreement) if summary.agreement else None,
        "repeats": _repeats(summary.repeats) if summary.repeats else None,
        "n_held_back": summary.n_held_back,
        "n_not_blind": summary.n_not_blind,
        "held_back_in_words": sentences.held_back_sentence(summary.n_held_back),
        "not_blind_in_words": sentences.not_blind_sentence(summary.n_not_blind),
        "reviewers_per_draft": summary.reviewers_per_draft,
        "rules": [
            {"rule": one.rule, "level": one.level, "systems": {s.value: rate_json(r) for s, r in one.systems.items()}}
            for one in summary.rules
        ],
        "criteria": [
            {
                "criterion": one.criterion,
                "critical": one.critical,
                "systems": {
                    s.value: rate_json(rate) | {"scores": dict(one.counts[s])} for s, rate in one.rates.items()
                },
            }
            for one in summary.criteria
        ],
        "side_by_side": [_side_by_side(found) for found in summary.side_by_side],
        "n_pairs_held_back": summary.n_pairs_held_back,
        "reasons": summary.reasons,
        "n_reviewers": summary.n_reviewers,
        "n_open": summary.n_open,
        "set_aside": {system.value: n for system, n in summary.set_aside.items()},
        "set_aside_in_words": sentences.set_aside_sentence(summary),
        "light_edit_limit": summary.light_edit_limit,
        "light_edit_origin": summary.light_edit_origin,
        "pass_target": summary.pass_target,
        "notable": {kind: [_notable(one) for one in summary.notable.by_kind().get(kind, ())] for kind in KINDS},
        "provenance": provenance_json(summary.provenance),
    }


def _compared(one: Compared) -> dict[str, Any]:
    found = one.found
    return {"system": one.system.value, "against": one.against.value} | asdict(found) | {
        "n": found.n,
        "is_enough": found.n >= MIN_REVIEWS,
        "any_time_p_value": sequential_mcnemar(found.ours, found.theirs),
    }  # fmt: skip


def _notable(draft: NotableDraft) -> dict[str, Any]:
    return {
        "draft": draft.draft, "brief": draft.brief, "system": draft.system.value, "text": draft.text, "final_text": draft.final_text,
        "verdicts": [
            {
                "review": one.review, "reviewer": one.reviewer, "class": one.review_class.value,
                "edit_ratio": round(one.edit_ratio, 4), "reasons": list(one.reasons),
            }
            for one in draft.verdicts
        ],
        "facts": [fact.in_words() for fact in draft.facts],
    }  # fmt: skip


def _repeats(found: Repeats) -> dict[str, Any]:
    return {
        "every": found.every,
        "together": self_agreement_json(found.together) if found.together else None,
        "reviewers": [self_agreement_json(one) for one in found.reviewers],
    }


def rate_json(rate: RateEstimate | None) -> dict[str, Any]:
    if rate is None:
        return {"n": 0, "passed": 0, "rate": None, "low": None, "high": None, "n_briefs": 0, "is_enough": False}
    return asdict(rate) | {"is_enough": rate.is_enough}


def _side_by_side(found: SideBySide) -> dict[str, Any]:
    rate = found.preference
    return {
        **asdict(found),
        "in_words": sentences.preference_sentence(found),
        "n": found.n,
        "is_enough": found.is_enough,
        "rate": rate.rate if rate else None,
        "low": rate.low if rate else None,
        "high": rate.high if rate else None,
        "p_value": found.p_value,
        "any_time_p_value": found.any_time_p_value,
    }


def _any_time(rate: RateEstimate | None) -> list[float] | None:
    return list(rate.at_any_time) if rate else None


def _groups(rates: Mapping[str, RateEstimate]) -> list[dict[str, Any]]:
    return [{"name": name} | rate_json(rate) for name, rate in rates.items()]
