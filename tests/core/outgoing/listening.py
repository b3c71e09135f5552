"""What a chat endpoint on this machine was asked, and what it is to answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Turn = tuple[int, dict[str, str], bytes]


class Asked:
    """What the server was asked, and what it is to answer: status, headers and body of each turn; the last one stays.

    by_request: the turn that a request gets, from its body and how many came before; the answers are not looked at then.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.by_request: Callable[[dict[str, Any], int], Turn] | None = None
        self.answers: list[Turn] = [(200, {}, told("A text."))]
        self.port = 0


def told(text: object, reason: str = "stop") -> bytes:
    return json.dumps(
        {"choices": [{"message": {"content": text}, "finish_reason": reason}], "usage": {"completion_tokens": 3}}
    ).encode()
