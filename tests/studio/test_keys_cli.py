"""Keys on the command line, and so by the API: made, listed without what opens anything, revoked; the models by name."""

from __future__ import annotations

import json

from tests.studio.test_cli import Run, answer, proofroom

__all__ = ["proofroom"]


def test_a_key_is_made_listed_and_revoked(proofroom: Run) -> None:
    assert answer(proofroom("keys", "models", "--json"))["models"][0]["name"] == "base"
    assert proofroom("keys", "list").stdout.startswith("No key yet")
    made = answer(proofroom("keys", "create", "app", "--models", "base", "--per-minute", "30", "--by", "Ann", "--json"))
    assert made["key"].startswith("proofroom-")
    assert (made["models"], made["requests_per_minute"], made["requests_at_once"]) == (["base"], 30, 16)
    listed = proofroom("keys", "list", "--json").stdout
    (row,) = json.loads(listed)["keys"]
    assert (row["name"], row["created_by"], row["last_used_at"], row["revoked_at"]) == ("app", "Ann", None, None)
    assert made["key"].split("-", 2)[2] not in listed
    assert "sha256" not in listed
    assert "app (" in proofroom("keys", "list").stdout
    assert "no model 'gpt'" in proofroom("keys", "create", "other", "--models", "gpt", code=1).stderr
    assert proofroom("keys", "create", "other").stdout.startswith("proofroom-")
    assert proofroom("keys", "revoke", "app").stdout == "app opens nothing any more.\n"
    assert "revoked already" in proofroom("keys", "revoke", "app", code=1).stderr
