"""README rows from the benchmarks of training's evidence and of serving: what is chosen, whose voice it is, many clients at once."""

from __future__ import annotations

from typing import Any

Row = tuple[str, ...]


def gpu_speed(result: dict[str, Any]) -> list[Row]:
    """Of the larger shape, as many rows a step as the preset has; beside it what many rows a step give."""
    shape = "Qwen2.5-1.5B"
    speeds = {
        one["side"]: one for one in result["works"] if (one["shape"], one["batch_size"]) == (shape, 8) and one.get("micro_batch_tokens") in (None, 0, 16_384)
    }  # fmt: skip
    ours, default = speeds["ours"]["tokens_per_second"], speeds["trl"]["tokens_per_second"]
    tuned = max(
        (one for side, one in speeds.items() if side.startswith("trl")), key=lambda one: one["tokens_per_second"]
    )
    many = next(one for one in result["works"] if (one["shape"], one["batch_size"], one["side"]) == (shape, 64, "ours"))
    best = tuned["side"].removeprefix("trl_").replace("_", ", ")
    return [(
        f"LoRA training on a GPU ({result['gpu']}), a model of {shape}'s shape with random weights, tokens/s", f"TRL's defaults; TRL tuned: {best}",
        f"{ours:,.0f}", f"{default:,.0f}; {tuned['tokens_per_second']:,.0f}",
        f"{ours / default:.1f} and {ours / tuned['tokens_per_second']:.2f} times",
        f"{result['n_steps']} steps of 8 rows, one run each; {speeds['ours']['model_flop_utilisation']:.0%} of the bfloat16 peak, with 64 rows a step "
        f"{many['tokens_per_second']:,.0f} tokens/s and {many['model_flop_utilisation']:.0%}; torch {result['versions']['torch']}",
    )]  # fmt: skip


def serve_speed(result: dict[str, Any]) -> list[Row]:
    many, one = result["clients_at_once"], result["one_client"]
    return [(
        f"Serving {result['n_clients']} clients at once, generated tokens/s", "one client; a plain `generate()` a request",
        f"{many['tokens_per_second_median']:.0f}",
        f"{one['tokens_per_second_median']:.1f}; {result['one_generate_call_per_request']['tokens_per_second_median']:.1f}",
        f"{result['ratio']:.1f} times one client", f"{result['n_rounds']} rounds, load {result['load_before'][0]:.1f}",
    )]  # fmt: skip


def clean_vs_messy(result: dict[str, Any]) -> list[Row]:
    """What was chosen, beside each other choice on as many tokens; the difference is theirs less that of the choice."""
    found, rows = result["summary"], []
    chosen = found["chosen"]
    for name, words in (("random", "as many at random"), ("longest", "the longest"), ("everything", "all rows")):
        if "against_chosen" not in found.get(name, {}):
            continue
        other = found[name]
        apart = other["against_chosen"]
        rows.append((
            f"Loss on the team's own answers, {chosen['n_examples']} threads chosen by the studio", words, f"{chosen['loss']:.3f}",
            f"{other['loss']:.3f}", f"{apart['value']:+.3f} nats ({apart['low']:+.3f} to {apart['high']:+.3f})",
            f"{other['n']} {'seed' if other['n'] == 1 else 'seeds'}, {apart['n']} held-out answers{_counted(chosen, other)}",
        ))  # fmt: skip
    return rows


def _counted(chosen: dict[str, Any], other: dict[str, Any]) -> str:
    """How much both read and learnt; where the benchmark did not tell it, that the tokens read alone were the same."""
    if "n_answer_tokens" not in other:
        return "; as many tokens read, of which the answers learnt differ"
    read, learnt = (
        " and ".join(f"{one[name]:,}" for one in (chosen, other)) for name in ("n_train_tokens", "n_answer_tokens")
    )
    return f", {read} tokens read, {learnt} of answers learnt"


def voice(result: dict[str, Any]) -> list[Row]:
    """Loss, distance and attribution. Below the author's own distance a draft is more uniform than the author, not nearer."""
    rows = []
    for name in ("benbalter", "simonw"):
        base, tuned = result[name]["base_loss"], result[name]["tuned_loss"]
        rows.append((
            f"Loss on unseen texts of {name}, nats per token", "the base model", f"{tuned['value']:.2f}", f"{base['value']:.2f}",
            f"{tuned['low']:.2f} to {tuned['high']:.2f}; {base['low']:.2f} to {base['high']:.2f}",
            f"{tuned['n']} texts, one run of {result[name]['n_train_tokens']:,} tokens",
        ))  # fmt: skip
    for name in ("benbalter", "simonw"):
        told = result[name]["voice"]
        if told is None:
            continue
        tuned, shots, base, own = told["tuned"], told["base_fewshot"], told["base"], told["author"]
        rows.append((
            f"Drafts' distance from the voice of {name}, whose own texts are at {own['distance']:.2f} ({own['low']:.2f} to {own['high']:.2f}); "
            "below that a draft is more uniform than its author, not nearer",
            "three examples; the base model", f"{tuned['distance']:.2f}", f"{shots['distance']:.2f}; {base['distance']:.2f}",
            f"{tuned['low']:.2f} to {tuned['high']:.2f}; {shots['low']:.2f} to {shots['high']:.2f}", f"{told['n']} requests",
        ))  # fmt: skip
    rates = result["attributed"]
    tuned, base, shots = rates["tuned"], rates["base"], rates["base_fewshot"]
    rows.append((
        "Drafts that a classifier takes for the right one of two authors", "three examples; the base model", f"{tuned['rate']:.0%}",
        f"{shots['rate']:.0%}; {base['rate']:.0%}",
        f"{tuned['low']:.0%} to {tuned['high']:.0%}; {shots['low']:.0%} to {shots['high']:.0%}; "
        f"real texts {result['real_held_out']['rate']:.0%}",
        f"{tuned['n']} drafts",
    ))  # fmt: skip
    return rows


def run_estimates(result: dict[str, Any]) -> list[Row]:
    """The estimate before the last run, which is of another length than those before it, and what it then took."""
    first, second, third = result["runs"]
    identical = "the same bytes" if second["same_bytes_as_the_first"] else "other bytes"
    return [
        (
            "Minutes of the third run on a machine as foretold, four times as many steps as the two before", "what it took",
            f"{third['estimated_minutes']:.1f}", f"{third['minutes']:.1f}", f"{third['off_by']:+.0%}; the first one's {first['off_by']:+.0%}",
            f"3 runs, load {result['load_before'][0]:.1f}; the first made again from its bundle: {identical}",
        ),
        (
            "Its peak memory, MB", "what it took", f"{third['estimated_memory_mb']:,}", f"{third['memory_mb']:,}",
            f"{third['memory_off_by']:+.0%}; the first one's {first['memory_off_by']:+.0%}", "the same runs",
        ),
    ]  # fmt: skip


def gguf_export(result: dict[str, Any]) -> list[Row]:
    """How far each file is off from the run's own model, beside what merging alone brings about."""
    merged = result["merged_safetensors"]
    rows = []
    for kind in ("f16", "q8_0"):
        file = result[kind]
        rows.append((
            f"A tuned model exported as GGUF {kind} and loaded again: largest difference of a next-token probability from the run's own model, anywhere in a text",
            f"the merged safetensors model, {merged['type']}", f"{file['largest_difference']:.2g}", f"{merged['largest_difference']:.2g}",
            f"{file['size_mb']:.0f} of {merged['size_mb']:.0f} MB; written in {file['seconds_to_write']:.0f} and "
            f"{merged['seconds_to_write']:.0f} s, loaded in {file['seconds_to_load']:.0f} and {merged['seconds_to_load']:.0f} s",
            f"after {file['n_prompts']} prompts at most {file['largest_after_a_prompt']:.2g}; at {file['n_positions']:,} places of held-out posts "
            f"{file['mean_difference']:.2g} on average; the same likeliest token at {file['same_likeliest']:.1%}",
        ))  # fmt: skip
    return rows


ROWS = {
    "gpu_speed": gpu_speed,
    "serve_speed": serve_speed,
    "clean_vs_messy": clean_vs_messy,
    "voice": voice,
    "run_estimates": run_estimates,
    "gguf_export": gguf_export,
}
