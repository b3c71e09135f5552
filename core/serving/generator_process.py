"""The process that writes texts: loads one base model, then takes requests and tells pieces until its pipe closes.

Started by `core.serving.generator` as `core.serving.generator_process BASE MODELS SOCKET`, off the network. It holds
the model so that the server need not; whatever happens to it happens to the texts that it was writing.
"""

from __future__ import annotations

import logging
import queue
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from core.errors import Invalid, ProofroomError
from core.incidents import in_a_word, keep_words_out_of_logs, note_incident, places_of
from core.jobs.worker import give_way
from core.serving.batch import Batch
from core.serving.protocol import BrokenMessage, Message, packed, receive
from core.serving.row_adapters import AdapterShelf
from core.serving.row_cache import is_supported
from core.serving.text_request import Failed, TextRequest, event_to_json
from core.training.chat_format import chat_format
from core.training.generation import end_tokens
from core.training.models import load_base, ready_model_folder

log = logging.getLogger(__name__)

ADAPTERS_KEPT = 8
# Of keys and values of all texts together.
CACHE_BYTES = 1536 * 1024 * 1024


def main(arguments: list[str]) -> int:
    """Serve until the other end closes. Returns 0 then, 1 when the model could not be loaded."""
    base, models, descriptor = arguments[0], Path(arguments[1]), int(arguments[2])
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    give_way()
    pipe = socket.socket(fileno=descriptor)
    pipe.set_inheritable(False)
    messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, messages), name="listening", daemon=True).start()
    try:
        batch = _loaded(base, models)
    except ProofroomError as error:
        return _cannot_start(pipe, str(error))
    except Exception as error:  # noqa: BLE001 - the frame of the process: whoever waits must be told why
        incident = note_incident(log, "while loading", error)
        return _cannot_start(pipe, f"The model could not be loaded ({type(error).__name__}). Quote {incident}.")
    _tell(pipe, [{"kind": "ready"}])
    _serve(pipe, messages, batch)
    return 0


def _loaded(base: str, models: Path) -> Batch:
    folder = ready_model_folder(base, models)
    model = load_base(folder).eval()
    if not is_supported(model.config):
        raise Invalid(
            f"{folder.name} remembers its text otherwise than by keys and values, which serving does not know.",
            remedy="Export the adapter and serve it with another program.",
        )
    shelf = AdapterShelf(folder, model.get_output_embeddings().weight, most=ADAPTERS_KEPT)
    most_held = max(1, CACHE_BYTES // _bytes_per_token(model))
    return Batch(model, chat_format(folder).tokenizer, end_tokens(model), shelf, most_held=most_held)


def _bytes_per_token(model: Any) -> int:
    config = model.config.get_text_config()
    n_heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return int(2 * config.num_hidden_layers * n_heads * width * model.dtype.itemsize)


def _listen(pipe: socket.socket, messages: queue.SimpleQueue[Message | None]) -> None:
    """Hand on what comes; None once the other end is gone, however it went."""
    try:
        while (message := receive(pipe)) is not None:
            messages.put(message)
    except (BrokenMessage, OSError) as error:
        log.error("the pipe broke: %s", in_a_word(error))
    messages.put(None)


def _serve(pipe: socket.socket, messages: queue.SimpleQueue[Message | None], batch: Batch) -> None:
    while True:
        # With nothing to write the process sleeps here; else it only looks who came meanwhile.
        while batch.is_idle or not messages.empty():
            message = messages.get()
            if message is None:
                return
            failed = _obey(batch, message)
            if failed is not None:
                _tell(pipe, [event_to_json(failed)])
        events = batch.step()
        if events and not _tell(pipe, [event_to_json(event) for event in events]):
            return


def _obey(batch: Batch, message: Message) -> Failed | None:
    match message.get("kind"):
        case "write":
            try:
                batch.add(TextRequest.from_json(message["request"]))
            except (KeyError, TypeError) as error:
                log.error("a request could not be read\n%s", places_of(error))
                return Failed(str(message.get("id", "")), "The request could not be read by the generator.")
        case "cancel":
            batch.cancel(str(message["id"]))
    return None


def _cannot_start(pipe: socket.socket, reason: str) -> int:
    _tell(pipe, [{"kind": "cannot_start", "message": reason}])
    return 1


def _tell(pipe: socket.socket, events: list[Message]) -> bool:
    """Send all of one step at once. Whether the other end is still there."""
    try:
        pipe.sendall(packed({"events": events}))
    except OSError:
        return False
    return True


if __name__ == "__main__":
    keep_words_out_of_logs()
    raise SystemExit(main(sys.argv[1:]))
