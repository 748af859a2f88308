"""One trace from a request to the frame, as a collector hears it; and a collector that is away."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from asgiref.sync import sync_to_async
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from base import messages, tracing
from base.dependencies import KNOWN
from tests.realtime.sockets import opened, org_path, session_cookie
from tests.tasks.acme import signed_in
from tests.waiting import until


class Collector(ThreadingHTTPServer):
    """What takes OTLP over http, and keeps the spans by name."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.spans = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.server.spans |= {span.name: span for span in scope.spans}
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def traced(url: str, share: float = 1.0) -> Iterator[None]:
    known = list(KNOWN)
    tracing.start(url, share)
    try:
        yield
    finally:
        tracing.stop()
        tracing._provider.shutdown()
        KNOWN[:] = known


async def a_comment_is_seen(world) -> str:
    """Let Alice comment while Bob's socket is open; returns the request's id."""
    alice = await sync_to_async(signed_in)(world.alice)
    async with opened(org_path("acme"), await sync_to_async(session_cookie)(world.bob)) as bob:
        await bob.frame(), await bob.frame()
        answer = await sync_to_async(alice.post)("/orgs/acme/tasks/1/comment/", {"text": "ding"})
        assert (await bob.frame())["type"] == "task_event"
    return answer.headers["X-Request-ID"]


async def test_one_trace_leads_from_the_request_to_the_frames(world, collector):
    with traced(collector.url):
        request_id = await a_comment_is_seen(world)
    spans = collector.spans
    chain = ["request", "commit", "hint", "hub", "frames"]
    await until(lambda: set(chain) <= spans.keys(), "all of them have come")
    assert len({spans[name].trace_id for name in [*chain, "command"]}) == 1
    parents = [("command", "request"), *zip(chain[1:], chain, strict=False)]
    assert all(spans[child].parent_span_id == spans[parent].span_id for child, parent in parents)
    for name in ("request", "command", "commit"):
        attributes = {each.key: each.value for each in spans[name].attributes}
        assert attributes["request_id"].string_value == request_id
    of_request = {each.key: each.value for each in spans["request"].attributes}
    assert of_request["http.route"].string_value == "tasks:comment"
    assert spans["frames"].attributes[0].value.int_value == 1  # sockets


async def test_no_words_of_an_error_go_to_the_collector(collector):
    with traced(collector.url):
        with pytest.raises(ZeroDivisionError), tracing.span("command"):
            raise ZeroDivisionError("what somebody wrote")
        with pytest.raises(ZeroDivisionError), tracing.following("hint", f"00-{'a' * 32}-{'b' * 16}-01"):
            raise ZeroDivisionError("what somebody wrote")
    assert {"command", "hint"} <= collector.spans.keys()
    assert b"somebody" not in b"".join(span.SerializeToString() for span in collector.spans.values())


async def test_what_is_not_chosen_is_not_traced(world, collector):
    with traced(collector.url, share=0.0):
        await a_comment_is_seen(world)
    assert not collector.spans


async def test_a_collector_that_is_away_costs_a_line(world, caplog):
    with Collector() as gone:
        url = gone.url
    with traced(url):
        await a_comment_is_seen(world)
        tracing._provider.force_flush()
        await a_comment_is_seen(world)
        tracing._provider.force_flush()
    assert caplog.text.count("Trace collector") == 1
    assert "refused" in caplog.text


async def test_nothing_is_traced_where_no_collector_is_named(world):
    tracing.start("")
    assert tracing._tracer is None
    await a_comment_is_seen(world)


@pytest.mark.parametrize("trace", ["", "nonsense", f"00-{'0' * 32}-{'0' * 16}-01", "00-xyz"])
def test_a_hint_with_another_trace_is_still_a_hint(collector, trace):
    event = messages.AppendedEvent(1, 1, 1, "digest", b"{}")
    told = messages.LogAppended(1, 1, "before", [event], 1.0, trace).told()
    assert messages.read(told).trace == trace
    with traced(collector.url):
        with tracing.following("hint", trace) as carried:
            assert carried == trace
        assert tracing.passed("hub", trace, 1) == trace
    assert not collector.spans


def test_an_older_release_says_neither_when_nor_of_which_trace():
    event = messages.AppendedEvent(1, 1, 1, "digest", b"{}")
    told = messages.LogAppended(1, 1, "before", [event], 1.0, "trace").told()
    del told["committed"], told["trace"]
    read = messages.read(told)
    assert (read.committed, read.trace) == (0.0, "")


def test_the_end_waits_a_moment_for_a_collector_that_says_nothing(monkeypatch):
    monkeypatch.setattr(tracing, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with traced(f"http://127.0.0.1:{silent.getsockname()[1]}"), tracing.span("request"):
            pass
        assert tracing.span("request").__enter__() is None
