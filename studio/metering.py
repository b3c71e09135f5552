"""What /metrics tells a monitor, in Prometheus' terms: counts of the store, and of what this server was asked since it started.

Labels are the studio's own words (states, decisions, classes of routes): nothing that a person typed becomes one.
"""

from __future__ import annotations

import platform
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.serving.generator import TokenCounts
from core.workflows.metering import studio_counts
from studio.running import workspace

LIBRARIES = ("proofroom", "streamlit", "duckdb")
TOTALS = {
    "projects": "Projects",
    "sources": "Imports that were not taken out again",
    "dataset_versions": "Frozen versions",
    "drafts": "Drafts, those of people among them",
    "pair_verdicts": "Verdicts on two drafts side by side that stand",
    "audit_entries": "Entries of the audit trail",
    "api_keys": "Keys of /v1 that are in use",
}
BY = {
    "records": ("status", "Records, by what was decided on them"),
    "jobs": ("state", "Jobs, by their state"),
    "runs": ("status", "Runs, by their state"),
    "verdicts": ("decision", "Verdicts on drafts that stand, by decision"),
}
ROUTES = {"api": "api", "v1": "v1", "healthz": "healthz", "metrics": "metrics"} | dict.fromkeys(
    ("sign-in", "sign-out", "join", "account"), "sign_in"
)


class Meter:
    """Collects when it is asked, into a registry of its own. requests: by class of route and status. tokens: of /v1."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str]] = Counter()
        self.tokens = TokenCounts()
        self._started = time.monotonic()
        self._versions = {name: version(name) for name in LIBRARIES} | {"python": platform.python_version()}
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """All families, read at this moment."""
        counts = studio_counts(workspace())
        build = GaugeMetricFamily("proofroom_build_info", "Versions that run", labels=list(self._versions))
        build.add_metric(list(self._versions.values()), 1)
        yield build
        yield GaugeMetricFamily(
            "proofroom_uptime_seconds", "Since this server started", value=time.monotonic() - self._started
        )
        for name, words in TOTALS.items():
            yield GaugeMetricFamily(f"proofroom_{name}", words, value=counts.totals[name])
        for name, (label, words) in BY.items():
            yield _by(name, label, words, getattr(counts, name))
        yield CounterMetricFamily(
            "proofroom_refused_sign_ins",
            "Wrong names or passwords, of all time",
            value=counts.totals["refused_sign_ins"],
        )
        yield self._requests()
        yield self._tokens()

    def _requests(self) -> CounterMetricFamily:
        family = CounterMetricFamily(
            "proofroom_http_requests",
            "Requests since the start, by class of route and status",
            labels=["route", "status"],
        )
        # Copied in one piece: the server counts on meanwhile.
        for labels, n in sorted(dict(self.requests).items()):
            family.add_metric(labels, n)
        return family

    def _tokens(self) -> CounterMetricFamily:
        family = CounterMetricFamily(
            "proofroom_v1_tokens", "Tokens of texts that /v1 has written to their end since the start", labels=["kind"]
        )
        family.add_metric(["prompt"], self.tokens.prompt)
        family.add_metric(["text"], self.tokens.text)
        return family


class CountRequests:
    """Counts every request by what answered it; the first thing that a request meets."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self._app, self._meter = app, meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        status: str | None = None

        async def counted(message: Message) -> None:
            nonlocal status
            status = status or _status(message)
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            # What never answers has failed.
            self._meter.requests[_route(scope), status or "500"] += 1


def _by(name: str, label: str, words: str, counts: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"proofroom_{name}", words, labels=[label])
    for value, n in counts.items():
        family.add_metric([value], n)
    return family


def _route(scope: Scope) -> str:
    if scope["type"] == "websocket":
        return "websocket"
    return ROUTES.get(scope["path"].split("/")[1], "page")


def _status(message: Message) -> str | None:
    """Of the message that says how a request is answered, the first that does; None of any other."""
    match message["type"]:
        case "http.response.start" | "websocket.http.response.start":
            return str(message["status"])
        case "websocket.accept":
            return "101"
        case "websocket.close":
            return "403"
        case _:
            return None
