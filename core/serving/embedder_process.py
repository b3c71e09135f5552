"""The process that embeds what is asked right now: loads the encoder, then takes texts and gives vectors until its pipe closes. Where a
cross-encoder is configured it takes a request with passages, too, and gives their scores.

Started by `core.serving.embedder` as `core.serving.embedder_process SOCKET`, off the network; it holds the encoder so that the server need not.
"""

from __future__ import annotations

import logging
import socket
import sys

from core.curate.encoder import MiniLMEncoder
from core.errors import ProofroomError
from core.facts.reranking import CrossEncoder, reranker_folder
from core.incidents import keep_words_out_of_logs
from core.jobs.worker import give_way
from core.serving.protocol import packed, receive

log = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    """Serve until the other end closes. Returns 0 then, 1 when the encoder could not be loaded."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    give_way()
    pipe = socket.socket(fileno=int(arguments[0]))
    pipe.set_inheritable(False)
    try:
        encoder = MiniLMEncoder()
        folder = reranker_folder()
        cross_encoder = CrossEncoder(folder) if folder else None
    except ProofroomError as error:
        pipe.sendall(packed({"kind": "cannot_start", "message": str(error)}))
        return 1
    pipe.sendall(packed({"kind": "ready"}))
    while (message := receive(pipe)) is not None:
        if "request" in message:
            scores = cross_encoder.scores(message["request"], message["texts"]) if cross_encoder else []
            pipe.sendall(packed({"kind": "scores", "scores": scores}))
        else:
            vectors = encoder.encode(message["texts"], lambda _: None)
            pipe.sendall(packed({"kind": "vectors", "vectors": vectors.tolist()}))
    return 0


if __name__ == "__main__":
    keep_words_out_of_logs()
    raise SystemExit(main(sys.argv[1:]))
