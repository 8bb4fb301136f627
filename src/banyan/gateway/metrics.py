"""What the house tells of itself at ``/metrics`` (Prometheus text): counts and times, no contents.

Labels are words of the house (APIs, resources, methods, statuses, rooms): never a tenant, an actor,
an id or a path, so their number is bounded and nothing of anybody's shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from banyan.kernel.engine.measures import Measure

MEDIA: Final = CONTENT_TYPE_LATEST
_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})


class Metrics:
    """The numbers of one process."""

    def __init__(self, measure: Callable[[], Iterable[Measure]]) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._requests = Counter(
            "banyan_http_requests", "Requests answered.",
            ("api", "resource", "method", "status"), registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "banyan_http_request_seconds", "From the first byte of a request to its answer.",
            ("api", "resource", "method"), buckets=_BUCKETS_S, registry=self._registry,
        )  # fmt: skip
        self._shed = Counter(
            "banyan_http_shed", "Requests turned away unread.", ("reason",), registry=self._registry
        )
        self.inside = Gauge(
            "banyan_http_in_flight", "Requests being worked on.", registry=self._registry
        )
        self.waiting = Gauge(
            "banyan_http_waiting", "Requests waiting for their turn.", registry=self._registry
        )
        self._registry.register(_House(measure))
        self._known: dict[tuple[str, str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, place: tuple[str, str], method: str, status: int, took_us: int) -> None:
        """One request to (API, resource) was answered."""
        api, noun = place
        known = method if method in _METHODS else "other"
        key = (api, noun, known, status)
        found = self._known.get(key)
        if found is None:
            counter = self._requests.labels(api, noun, known, str(status))
            found = self._known[key] = counter, self._seconds.labels(api, noun, known)
        found[0].inc()
        found[1].observe(took_us / 1_000_000)

    def shed(self, reason: str) -> None:
        """One request was turned away."""
        self._shed.labels(reason).inc()

    def text(self) -> bytes:
        """Everything, as it stands now."""
        told: bytes = generate_latest(self._registry)
        return told


class _House(Collector):
    """What the rooms have to tell, asked for at each look."""

    def __init__(self, measure: Callable[[], Iterable[Measure]]) -> None:
        self._measure = measure

    def collect(self) -> Iterator[Metric]:
        """Families in the order in which they were measured."""
        families: dict[str, GaugeMetricFamily | CounterMetricFamily] = {}
        for each in self._measure():
            made = CounterMetricFamily if each.is_counter else GaugeMetricFamily
            names = [name for name, _ in each.labels]
            if each.name not in families:
                families[each.name] = made(each.name, each.meaning, labels=names)
            families[each.name].add_metric([value for _, value in each.labels], each.value)
        yield from families.values()
