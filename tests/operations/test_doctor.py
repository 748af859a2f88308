"""The doctor: a sentence for each thing that an installation stands on, whatever is wrong with the others."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.core.management import call_command
from django.utils import timezone

from base import last_runs
from config import mail_servers
from operations.doctor import data, here, network
from operations.doctor.verdicts import run
from operations.models import Heartbeat


def words(error: Exception) -> str:
    return str(error)


class TestRunning:
    def test_one_that_fails_stops_no_other(self):
        def fails():
            yield "ok", "so far"
            raise OSError("no room")

        found = list(run([("a", fails), ("b", lambda: [("ok", "well")])], words))
        assert [tuple(each) for each in found] == [
            ("ok", "a", "so far"),
            ("bad", "a", "no room"),
            ("ok", "b", "well"),
        ]

    def test_what_stands_in_the_way_of_several_is_said_once(self):
        def away():
            raise OSError("away")

        assert len(list(run([("a", away), ("b", away)], words))) == 1


@contextmanager
def answering(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A proxy that answers everything in this way; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        do_GET = answer  # noqa: N815 - as http.server wants it

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def says(status: int, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.send_header("Connection", "close")
        handler.end_headers()

    return answer


def to_https(handler: BaseHTTPRequestHandler) -> None:
    says(301, Location=f"https://{handler.headers['Host']}{handler.path}")(handler)


@pytest.mark.parametrize(
    ("answer", "page"),
    [
        (says(400), "does not hand on the Host"),
        (to_https, "FORWARDED_ALLOW_IPS"),
        (says(502), "finds no process"),
        (says(200), "by something else"),
        (says(404), "answered 404"),
    ],
)
def test_a_proxy_that_is_set_up_wrong(settings, answer, page):
    with answering(answer) as settings.SITE_URL:
        settings.SITE_URL_IS_SET = True
        found = list(network.proxy())
    assert [state for state, _ in found] == ["bad", "bad"]
    assert page in found[0][1]
    assert "docs/running.md" in found[1][1]


def test_a_proxy_that_is_not_there(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.SITE_URL, settings.SITE_URL_IS_SET = f"http://127.0.0.1:{taken.getsockname()[1]}", True
        assert all("Connection refused" in sentence for _, sentence in network.proxy())


def test_pages_and_sockets_that_get_through(server, settings):
    settings.SITE_URL, settings.SITE_URL_IS_SET = f"http://127.0.0.1:{server.port}", True
    assert [state for state, _ in network.proxy()] == ["ok", "ok"]


def test_the_layer_carries_a_hint(db):
    assert [state for state, _ in network.layer()] == ["ok"]


def test_a_mail_server_that_does_not_answer(settings):
    settings.MAIL_URL = mail_servers.mail("smtp://ada:hidden@127.0.0.1:9")
    for name, value in settings.MAIL_URL.settings.items():
        setattr(settings, name, value)
    settings.EMAIL_BACKEND = settings.MAIL_URL.backend
    with pytest.raises(ConnectionError, match="does not take us: Connection refused") as failed:
        list(here.mail_server())
    assert "127.0.0.1:9" in str(failed.value)
    assert "hidden" not in str(failed.value)


@pytest.mark.django_db
class TestProcesses:
    def lives(self, **fields: object) -> None:
        own = {"host": "a", "kind": "server", "release": "0.1.0", "started_at": timezone.now()}
        Heartbeat.objects.create(
            pid=Heartbeat.objects.count(), figures={}, dependencies=[], **own | {"clock_ahead": 0.0} | fields
        )

    def test_nothing_runs(self):
        assert [state for state, _ in data.processes()] == ["note"]

    def test_two_releases_and_a_clock_that_is_wrong(self, settings):
        self.lives()
        self.lives(host="b", release="0.2.0", clock_ahead=-180.0)
        said = list(data.processes())
        assert [state for state, _ in said] == ["ok", "note", "bad"]
        assert "0.1.0, 0.2.0" in said[1][1]
        assert "3 min 0 s from the database" in said[2][1]

    def test_nobody_follows(self, settings):
        settings.FOLLOW = False
        self.lives()
        assert [sentence for state, sentence in data.processes() if state == "bad"]
        self.lives(kind="follower")
        assert not [sentence for state, sentence in data.processes() if state == "bad"]

    def test_an_audit_that_found_something(self):
        last_runs.ended("audit", went_well=False)
        assert [state for state, _ in data.proofs()] == ["bad", "note"]


@pytest.mark.django_db
def test_the_command_says_a_line_for_each_and_ends_with_1_where_something_is_bad(capsys, settings):
    last_runs.ended("audit", went_well=False)
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert ended.value.code == 1
    assert {"versions", "settings", "database", "schema", "layer", "proxy", "mail"} <= {
        each["part"] for each in lines
    }
