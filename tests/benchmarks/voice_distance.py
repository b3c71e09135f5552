"""Whether the voice distance tells one author's posts from another's, with twenty gold posts, on five seeds.

.venv/bin/python -m tests.benchmarks.voice_distance
"""

from __future__ import annotations

import json
import random
import statistics
from pathlib import Path

from sklearn.metrics import roc_auc_score

from core.curate.voice import VoiceProfile
from tests.benchmarks.planted.bases import DATA, posts

RESULT = Path(__file__).with_suffix(".json")
N_GOLD, SEEDS = 20, (17, 18, 19, 20, 21)


def main() -> None:
    own = [record.content["body"] for record in posts()]
    others = [record.content["body"] for record in posts(DATA / "voice-simonw-til" / "posts")]
    runs = []
    for seed in SEEDS:
        drawn = random.Random(seed).sample(own, len(own))
        profile = VoiceProfile(drawn[:N_GOLD])
        found = [
            (is_other, d.value)
            for texts, is_other in ((drawn[N_GOLD:], 0), (others, 1))
            for t in texts
            if (d := profile.distance(t))
        ]
        auroc = float(roc_auc_score([label for label, _ in found], [value for _, value in found]))
        runs.append(
            {
                "seed": seed,
                "auroc": round(auroc, 4),
                "n_own": sum(not x for x, _ in found),
                "n_other": sum(x for x, _ in found),
            }
        )
    values = [run["auroc"] for run in runs]
    result = {
        "n_gold": N_GOLD,
        "runs": runs,
        "mean": round(statistics.mean(values), 4),
        "lowest": min(values),
        "highest": max(values),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
