"""What a chat endpoint on this machine was asked, and what it is to answer."""

from __future__ import annotations

import json
from typing import Any


class Asked:
    """What the server was asked, and what it is to answer: status, headers and body of each turn; the last one stays."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = [(200, {}, told("A text."))]
        self.port = 0


def told(text: object, reason: str = "stop") -> bytes:
    return json.dumps(
        {"choices": [{"message": {"content": text}, "finish_reason": reason}], "usage": {"completion_tokens": 3}}
    ).encode()
