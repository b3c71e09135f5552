"""The README's rows on curation, each from the last result of its benchmark; one without a result has no row."""

from __future__ import annotations

from typing import Any

Row = tuple[str, str, str, str, str, str]


def near_duplicates(result: dict[str, Any]) -> list[Row]:
    names = {"dup-blog-revisions": "posts and their revisions", "double_posts": "support questions asked twice"}
    rows = []
    for name, one in result["sets"].items():
        semhash, minhash = one["semhash"], one["minhash"]
        rows.append((
            f"Near-duplicates, F1 of all pairs: {names.get(name, name)}", "SemHash at 0.9; MinHash at 0.7", f"{one['ours']['f1']:.3f}",
            f"{semhash['f1']:.3f}; {minhash['f1']:.3f}", f"merged by itself: {one['ours_merged']['n']} pairs, {one['ours_merged']['precision']:.1%} right",
            f"{one['n_texts']} texts, {one['n_true_pairs']} pairs; our weights were fitted on these sets",
        ))  # fmt: skip
    return rows


def planted_defects(result: dict[str, Any]) -> list[Row]:
    found = result["all"]
    clean = ", ".join(f"{goal} {row['with_defect']:.1%}" for goal, row in result["clean"].items())
    return [(
        "Planted defects flagged under their name", "the rules of Gopher and C4, any of them", f"{found['right']:.0%}", f"{found['by_rules']:.0%}",
        f"clean rows flagged: {clean}", f"{found['n']} planted, wordings not seen while building",
    )]  # fmt: skip


def human_share(result: dict[str, Any]) -> list[Row]:
    rows = []
    for goal, words in (("voice", "posts"), ("support", "threads")):
        looked = result[goal]["looked_at"]
        rows.append((
            f"Rows to look at until 1 % of planted defects is left: {words}", "the rules first; by chance", f"{looked['studio']['mean']:.0%}",
            f"{looked['rules_first']['mean']:.0%}; {looked['by_chance']['mean']:.0%}",
            f"{looked['studio']['lowest']:.0%} to {looked['studio']['highest']:.0%}",
            f"{len(result['seeds'])} seeds, {result[goal]['n_defective']} of {result[goal]['n']} planted",
        ))  # fmt: skip
    return rows


def learned_score(result: dict[str, Any]) -> list[Row]:
    mean, learnt = result["mean"], [run["learnt"] for run in result["runs"]]
    return [(
        "Score learnt from 100 decisions (simulated from the source's fields), AUROC on the rest", "length alone; the fixed formula", f"{mean['learnt']:.3f}",
        f"{mean['length_alone']:.3f}; {mean['formula']:.3f}", f"{min(learnt):.3f} to {max(learnt):.3f}", f"{len(learnt)} seeds, {result['n']} threads",
    )]  # fmt: skip


def embedding_rate(result: dict[str, Any]) -> list[Row]:
    rates, ratios = result["texts_per_second"], result["ratio_of_each_round"]
    return [(
        "Embedding, threads/s", "`SentenceTransformer.encode`, its defaults", f"{rates['ours']['median']:.1f}",
        f"{rates['sentence_transformers']['median']:.1f}", f"{result['ratio']:.2f} times ({min(ratios):.2f} to {max(ratios):.2f})",
        f"{result['n_rounds']} rounds of {result['n_texts']}; least cosine {result['cosine']['lowest']:.4f}",
    )]  # fmt: skip


def import_speed(result: dict[str, Any]) -> list[Row]:
    """The slower of the two kinds of rows."""
    slower = max((result[kind] for kind in ("documents", "prompts")), key=lambda one: one["ratio"])
    ours, peer = slower["ours_seconds"]["from_worker_to_records"]["median"], slower["load_dataset_seconds"]["median"]
    ratios = slower["ratio_of_each_round"]
    least = slower.get("ratio_of_the_engine_alone")
    alone = f"; the database's engine alone, without a check: {least:.1f} times" if least else ""
    return [(
        f"Import of {result['n_rows']:,} JSON Lines rows, seconds", "`datasets.load_dataset`, which checks no row", f"{ours:.2f}",
        f"{peer:.2f}", f"{slower['ratio']:.1f} times ({min(ratios):.1f} to {max(ratios):.1f})" + alone, f"{result['n_rounds']} rounds",
    )]  # fmt: skip


def page_times(result: dict[str, Any]) -> list[Row]:
    """The slowest page of the largest studio, beside itself in the smallest; and the slowest right after a decision."""
    small, large = sorted({size for by_size in result["pages"].values() for size in by_size}, key=int)
    n, limit, visits = int(large), result["limit_seconds"], f"{result['n_visits']} visits"

    def row(what: str, pages: dict[str, dict[str, dict[str, float]]]) -> Row:
        page, slowest = max(pages.items(), key=lambda item: item[1][large]["median"])
        within = sum(by_size[large]["median"] <= limit for by_size in pages.values())
        return (
            f"{what} with {n:,} records, ms of the server ({page})", f"the same with {int(small):,}",
            f"{slowest[large]['median'] * 1000:.0f}, of which {slowest[large]['median_computed'] * 1000:.0f} computed",
            f"{slowest[small]['median'] * 1000:.0f}", f"{within} of {len(pages)} addresses of pages within {limit * 1000:.0f} ms", visits,
        )  # fmt: skip

    pages = {page: by_size for page, by_size in result["pages"].items() if "after_a_decision" in by_size[large]}
    after = {page: {size: s["after_a_decision"] for size, s in by_size.items()} for page, by_size in pages.items()}
    # The act itself is a page's run too.
    after |= {page: by_size for page, by_size in result["pages"].items() if page not in pages}
    return [row("Slowest page", pages), row("Slowest page at once after a decision", after)]


def pii(result: dict[str, Any]) -> list[Row]:
    ours, peer = result["ours"], result["presidio_defaults"]

    def words(name: str) -> str:
        low, high = ours[f"{name}_interval"]
        return f"{ours[name]:.2f} ({low:.2f} to {high:.2f})"

    return [(
        "Personal data found, recall of characters", "Presidio's defaults, the same language model", words("recall"),
        f"{peer['recall']:.2f}", f"precision {words('precision')}, the other {peer['precision']:.2f}",
        f"{result['n_texts']} texts, {result['n_templates']} templates not seen while building; "
        f"{ours['seconds_per_1000_texts']:.0f} and {peer['seconds_per_1000_texts']:.0f} s per 1,000 texts",
    )]  # fmt: skip


ROWS = {
    "near_duplicates": near_duplicates, "planted_defects": planted_defects, "human_share": human_share, "learned_score": learned_score,
    "import_speed": import_speed, "embedding_rate": embedding_rate, "page_times": page_times, "pii": pii,
}  # fmt: skip
