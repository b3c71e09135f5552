"""Serving speed: one client against sixteen at once, through /v1 of a running studio, and a plain `generate()` beside it.

The served model is the embedded base with an adapter on it (its weights are fresh, which costs what trained ones do). Prompts
are the instructions of real posts, the same for all; every client streams with OpenAI's own library. Counted are the tokens that
the server says it generated, over the time from the first request to the end of the last. The peer is a model with the same
adapter that answers one request after another, without a server. Rounds alternate between the three.

    .venv/bin/python -m tests.benchmarks.serve_speed
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULT = HERE / "serve_speed.json"
SEED = 17
SAMPLING = {"temperature": 0.7, "top_p": 0.9}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--new-tokens", type=int, default=64)
    parser.add_argument("--alone", type=int, default=2, help="requests of the one client, and of the peer, in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "DO_NOT_TRACK": "1"})
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory(prefix="proofroom-serve-") as folder:
        result = compare(Path(folder), arguments)
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    print(f"{result['ratio']} times one client")


def compare(root: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    import torch

    sys.path.insert(0, str(HERE))
    from machine import THREADS, circumstances, speeds_told
    from real_posts import post_examples

    from core.config import DataFolder, models_folder
    from core.training.chat_format import chat_format
    from core.training.models import load_base, ready_model_folder, with_adapter
    from core.training.presets import EMBEDDED
    from core.workflows.serving import model_called
    from core.workflows.workspace import open_workspace
    from tests.served import ServedStudio
    from tests.studio.serving_studio import MODEL, with_served_adapter

    torch.set_num_threads(THREADS)
    folder = ready_model_folder(EMBEDDED, models_folder())
    form = chat_format(folder)
    examples = post_examples(form, arguments.clients, seed=SEED)
    prompts = [[message for message in e.messages if message["role"] != "assistant"] for e in examples]
    data = DataFolder(root / "data")
    with_served_adapter(data, folder, std=0.001, rank=16)
    workspace = open_workspace(data)
    adapter = model_called(workspace, MODEL).adapter
    assert adapter is not None
    workspace.close()
    peer_model = with_adapter(load_base(folder), adapter)
    result: dict[str, Any] = {**circumstances(), "target": {"ratio_at_least": 4.0}}
    studio = ServedStudio(root)
    studio.start()
    one, many, peer, waits = [], [], [], []
    try:
        client = clients_of(studio)
        # The process that writes starts, and loads model and adapter.
        asyncio.run(asked_at_once(client(), MODEL, prompts[:1], 4))
        for number in range(arguments.rounds):
            few = [prompts[(number * arguments.alone + n) % len(prompts)] for n in range(arguments.alone)]
            one.append(asyncio.run(asked_in_turn(client(), MODEL, few, arguments.new_tokens)))
            speed, seconds = asyncio.run(asked_at_once(client(), MODEL, prompts, arguments.new_tokens))
            many.append(speed)
            waits += seconds
            peer.append(generated_in_turn(peer_model, form, few, arguments.new_tokens, seed=SEED + number))
            print(
                f"round {number + 1}: one {one[-1]:.1f}, {arguments.clients} at once {many[-1]:.1f}, "
                f"generate() {peer[-1]:.1f} tokens/s; load {os.getloadavg()[0]:.1f}",
                file=sys.stderr, flush=True,
            )  # fmt: skip
    finally:
        studio.stop()
    return result | {
        "n_clients": arguments.clients,
        "max_new_tokens": arguments.new_tokens,
        "n_rounds": arguments.rounds,
        "one_client": speeds_told(one),
        "clients_at_once": speeds_told(many),
        "one_generate_call_per_request": speeds_told(peer),
        "seconds_to_first_token_at_once_median": round(statistics.median(waits), 2),
        "ratio": round(statistics.median(many) / statistics.median(one), 2),
        "ratio_to_generate": round(statistics.median(many) / statistics.median(peer), 2),
        "load_after": [round(x, 2) for x in os.getloadavg()],
    }


def clients_of(studio: Any) -> Any:
    """Makes clients with a key of their own; each belongs to one event loop."""
    from openai import AsyncOpenAI

    key = studio.post("/keys", {"name": "speed", "requests_per_minute": 10_000, "requests_at_once": 256})["key"]
    address = str(studio.http.base_url).removesuffix("/").removesuffix("/api") + "/v1"
    return lambda: AsyncOpenAI(base_url=address, api_key=key, max_retries=0, timeout=600)


async def asked_in_turn(client: Any, model: str, prompts: list[Any], n_tokens: int) -> float:
    """Tokens per second of one client, which asks again when it has its answer."""
    started = time.perf_counter()
    async with client:
        n_written = sum([(await streamed(client, model, prompt, n_tokens, seed=SEED))[0] for prompt in prompts])
    return n_written / (time.perf_counter() - started)


async def asked_at_once(client: Any, model: str, prompts: list[Any], n_tokens: int) -> tuple[float, list[float]]:
    """Tokens per second of as many clients as prompts, and the seconds that each waited for its first token."""
    started = time.perf_counter()
    async with client:
        asked = [streamed(client, model, prompt, n_tokens, seed=SEED + n) for n, prompt in enumerate(prompts)]
        written = await asyncio.gather(*asked)
    return sum(n for n, _ in written) / (time.perf_counter() - started), [seconds for _, seconds in written]


async def streamed(client: Any, model: str, prompt: Any, n_tokens: int, *, seed: int) -> tuple[int, float]:
    """One answer as it comes: how many tokens it had, and after how many seconds the first of its text was there."""
    started = time.perf_counter()
    first, n_written = 0.0, 0
    stream = await client.chat.completions.create(
        model=model, messages=prompt, max_tokens=n_tokens, seed=seed, stream=True, stream_options={"include_usage": True},
        extra_body={"repetition_penalty": 1.1}, **SAMPLING,
    )  # fmt: skip
    async for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content and not first:
            first = time.perf_counter() - started
        if chunk.usage is not None:
            n_written = chunk.usage.completion_tokens
    return n_written, first


def generated_in_turn(model: Any, form: Any, prompts: list[Any], n_tokens: int, *, seed: int) -> float:
    """Tokens per second of one `generate()` call for each request, as the library's documentation shows it."""
    import torch

    torch.manual_seed(seed)
    n_written = 0
    started = time.perf_counter()
    model.eval()
    for prompt in prompts:
        ids = torch.tensor([form.tokenizer.encode(form.render(prompt, for_answer=True), add_special_tokens=False).ids])
        with torch.inference_mode():
            output = model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=n_tokens, do_sample=True, top_k=0,
                repetition_penalty=1.1, use_cache=True, **SAMPLING,
            )  # fmt: skip
        n_written += output.shape[1] - ids.shape[1]
    return n_written / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
