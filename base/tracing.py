"""Traces by OpenTelemetry, where OTLP_URL names a collector: from a request through its command and commit, the hint
and the hub to the write on the sockets of every process. Without it nothing is loaded, and each place costs an `if`.

A trace crosses to other processes as W3C's `traceparent`, in the hint; what a client sends of the kind is not read.
Spans wait in a bounded queue for a thread that sends them: neither a request nor the event loop waits for it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from base.correlation import current_request_id
from base.dependencies import Dependency
from base.release import VERSION

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

SECONDS = 3.0  # that the collector has for one batch
GOODBYE = 1000  # milliseconds that the end of a process waits for what is still to be sent
_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")

# An error's words may hold what people wrote: they stay here, the status of the answer goes.
_NO_WORDS = {"record_exception": False, "set_status_on_exception": False}

_tracer: Any = None
_provider: TracerProvider | None = None


def start(url: str, share: float = 1.0) -> None:
    """Send this share of all traces to the collector at `url`; '' means that there is none."""
    global _tracer, _provider
    if not url:
        return
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    resource = Resource({"service.name": "carillon", "service.version": VERSION})
    sampler = ParentBased(TraceIdRatioBased(share))
    _provider = TracerProvider(sampler, resource, shutdown_on_exit=False)
    _provider.add_span_processor(BatchSpanProcessor(_exporter(url)))
    _tracer = _provider.get_tracer("carillon")


def stop() -> None:
    """Send what waits, for a moment at most, and make no more spans."""
    global _tracer
    _tracer = None
    if _provider is not None:
        _provider.force_flush(GOODBYE)


def span(name: str) -> AbstractContextManager[Any]:
    """Make the block a span of what runs now, with the id of its request. Gives the span, or None."""
    if _tracer is None:
        return nullcontext()
    kept: AbstractContextManager[Any] = _tracer.start_as_current_span(
        name, attributes={"request_id": current_request_id()}, **_NO_WORDS
    )
    return kept


def current() -> str:
    """Give the traceparent of what runs now; '' where it is not traced."""
    if _tracer is None:
        return ""
    from opentelemetry import trace

    return _written(trace.get_current_span())


@contextmanager
def following(name: str, parent: str) -> Iterator[str]:
    """Make the block a span that follows on another process's. Gives its own traceparent, or the parent's where it is
    not traced here."""
    if _tracer is None or (context := _read(parent)) is None:
        yield parent
        return
    with _tracer.start_span(name, context, **_NO_WORDS) as made:
        yield _written(made)


def passed(name: str, parent: str, began: int, **attributes: int) -> str:
    """Make a span that ends now of what began so long ago (nanoseconds since 1970). Gives its traceparent."""
    if _tracer is None or (context := _read(parent)) is None:
        return parent
    made = _tracer.start_span(name, context, attributes=attributes, start_time=began)
    made.end(time.time_ns())
    return _written(made)


def _written(of: Any) -> str:
    context = of.get_span_context()
    if not context.is_valid or not context.trace_flags.sampled:
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _read(parent: str) -> Any:
    """Read a traceparent; None for what is none: it came from another process, maybe of another release."""
    from opentelemetry import trace

    found = _PARENT.fullmatch(parent)
    if not found:
        return None
    context = trace.SpanContext(
        *(int(found[1], 16), int(found[2], 16)),
        is_remote=True,
        trace_flags=trace.TraceFlags(int(found[3], 16)),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(context)) if context.is_valid else None


def _exporter(url: str) -> Any:
    """Make what sends spans. A batch that the collector does not take is dropped, and told of once."""
    import requests
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class Exporter(SpanExporter):
        def __init__(self) -> None:
            self._collector = Dependency("trace collector", url, meanwhile="Traces are dropped.")
            self._session = requests.Session()
            self._session.headers["Content-Type"] = "application/x-protobuf"

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            body = encode_spans(spans).SerializeToString()
            try:
                self._session.post(f"{url}/v1/traces", body, timeout=SECONDS).raise_for_status()
            except requests.RequestException as error:
                self._collector.failed(error)
                return SpanExportResult.FAILURE
            self._collector.works()
            return SpanExportResult.SUCCESS

    return Exporter()
