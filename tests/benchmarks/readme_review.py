"""The README's rows on drafts and their review, each from the last result of its benchmark; one without a result has no row."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.review_load import SETTLED_SECONDS

Row = tuple[str, str, str, str, str, str]


def _more(told: dict[str, Any]) -> str:
    """The paired difference in points, with its interval and McNemar's probability."""
    return f"{100 * told['more']:+.1f} points ({100 * told['low']:+.1f} to {100 * told['high']:+.1f}, p = {told['p']:.2g}) on"


def retrieval(result: dict[str, Any]) -> list[Row]:
    def told(order: str, depth: int, *, with_interval: bool = True) -> str:
        found = result["orders"][order][f"recall@{depth}"]
        return f"{found['recall']:.1%}" + (f" ({found['low']:.1%} to {found['high']:.1%})" if with_interval else "")

    both = result["orders"]["both"]
    return [
        (
            f"A support question finds its own answer among all, recall@{depth}", "words alone; meaning alone; rank fusion; bm25s", told("both", depth, with_interval=False),
            "; ".join(told(order, depth) for order in ("words", "meaning", "rank_fusion", "bm25s")),
            f"{both[f'recall@{depth}']['low']:.1%} to {both[f'recall@{depth}']['high']:.1%}",
            f"{result['n_questions']} questions, {result['n_passages']} passages; {_more(result['both_against']['meaning'][f'recall@{depth}'])} meaning alone",
        )
        for depth in (1, 5)
    ]  # fmt: skip


def facts_in_drafts(result: dict[str, Any]) -> list[Row]:
    """With facts beside without, of the tuned and the base model."""

    def apart(name: str) -> str:
        told = result[name]["difference_of_shares"]
        return f"{100 * told['difference']:+.1f} points ({100 * told['low']:+.1f} to {100 * told['high']:+.1f})"

    (ours, without), (base, base_without) = (result[name]["unsupported_share"] for name in ("tuned", "base"))
    falls = all(result[name]["difference_of_shares"]["high"] < 0 for name in ("tuned", "base"))
    return [(
        "Figures, dates, names and links of a draft that nobody gave, of all it holds: the tuned embedded model with facts looked up",
        "without facts; the base model with and without", f"{ours:.0%}", f"{without:.0%}; {base:.0%} and {base_without:.0%}",
        f"{apart('tuned')}; base {apart('base')}" + ("" if falls else " (the goal, a fall, is not met)"),
        f"{result['tuned']['n_briefs']} questions, {result['n_passages']:,} passages",
    )]  # fmt: skip


def edit_classes(result: dict[str, Any]) -> list[Row]:
    """The limit decides whether an edit passes, so that is compared."""
    ours, best = result["passing"], result["best"]
    lowest, highest = best["drawn_low"], best["drawn_high"]
    return [
        (
            "Whether an edit passes, as a reader calls it who knew of no limit (a language model, not a person): balanced agreement",
            f"the limit that serves this reader best, {best['served']['limit']:.0%} ({lowest:.0%} to {highest:.0%})",
            f"{ours['balanced']:.0%} at the default of {result['limit']:.0%}",
            f"{best['served']['balanced']:.0%}; chosen on half, {best['on_other_half']:.0%} on the other half",
            f"kappa {ours['kappa']:.2f} ({ours['kappa_low']:.2f} to {ours['kappa_high']:.2f}) and "
            f"{best['served']['kappa']:.2f} ({best['served']['kappa_low']:.2f} to {best['served']['kappa_high']:.2f})",
            f"{result['n']} edits of real posts; another reading of them agrees on {result['both_readers']['agreement']:.0%} "
            f"(kappa {result['both_readers']['kappa']:.2f})",
        )
    ]


def what_edits_are(result: dict[str, Any]) -> str:
    """The three classes against the reader's labels, and those of real revisions by their depth."""
    kinds = ("as_is", "light_edit", "rewritten")
    depths = "; ".join(
        f"{depth.partition('(')[0]} " + ", ".join(str(found["classes"].get(kind, 0)) for kind in kinds)
        for depth, found in result["revised_posts"].items()
    )
    three, confusion = result["three_classes"], result["confusion"]
    low, high = three["kappa_interval"]
    return (
        f"Over the three classes that reader agrees with the default on {three['agreement']:.0%} of the {result['n']} edits only (kappa "
        f"{three['kappa']:.2f}, {low:.2f} to {high:.2f}): it calls the same text what the studio calls a light edit ({confusion['light_edit']['same']}) or "
        f"rewritten ({confusion['rewritten']['same']}), and a light edit what the studio calls rewritten ({confusion['rewritten']['light']}). An earlier "
        f"reader, who knew the default, gives {result['reader_who_knew_the_default']['passing']['balanced']:.0%} where this one gives "
        f"{result['passing']['balanced']:.0%}. {sum(found['n'] for found in result['revised_posts'].values())} real posts against a later version of each are as is, "
        f"light edit, rewritten, by the depth that the data set gives the revision: {depths}."
    )


def review_load(result: dict[str, Any]) -> list[Row]:
    """Both figures: with the new server's first seconds, and without."""
    settled, all_of_it = result["without_the_new_servers_first_seconds"]["next_by_api_ms"], result["next_by_api_ms"]
    browser = result["key_to_next_draft_in_browser_ms"]
    people = result["n_api"] + result["n_browsers"]
    return [
        (
            f"The next draft with {people} reviewers at once, the server killed half way: 95th percentile", "the goal",
            f"{all_of_it['p95']:.0f} ms by API, {browser['p95']:.0f} ms from key to draft in a browser", f"{result['limit_ms']:.0f} ms",
            f"{settled['p95']:.0f} ms without the new server's first {SETTLED_SECONDS:.0f} seconds; "
            f"{result['n_lost']} verdicts lost, {result['n_doubled']} doubled, {result['n_handed_to_two']} drafts handed to two",
            f"{all_of_it['n']} requests, {result['verdicts_per_minute']:.0f} verdicts a minute",
        )
    ]  # fmt: skip


def review_queue_speed(result: dict[str, Any]) -> list[Row]:
    found, typed = result["next_after_a_verdict"], result["next_while_typing"]
    return [
        (
            f"The next draft of {result['n_drafts']:,}, one reviewer at a time, without a server: 95th percentile", "the goal",
            f"{found['p95_ms']:.0f} ms", "300 ms", f"median {found['median_ms']:.0f} ms; while typing {typed['median_ms']:.0f} ms", f"{found['n']} verdicts",
        )
    ]  # fmt: skip


ROWS = {
    "retrieval": retrieval,
    "facts_in_drafts": facts_in_drafts,
    "edit_classes": edit_classes,
    "review_load": review_load,
    "review_queue_speed": review_queue_speed,
}
