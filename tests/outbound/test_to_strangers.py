"""Addresses that strangers gave: what is refused, what is bounded; what was checked is what is connected to."""

import socket
import threading
import time
from contextlib import suppress
from ipaddress import ip_address

import pytest

from outbound import bounded_connections, numbers, to_strangers
from outbound.numbers import NotSentTo, is_public, numbers_of
from outbound.to_strangers import Posting, Unreachable, check_address, post
from tests.outbound.push_service import PushService

pytestmark = pytest.mark.once


@pytest.fixture
def loopback(settings):
    settings.OUTBOUND_LOOPBACK = True


@pytest.mark.parametrize(
    "address",
    [
        "", "nonsense", "//push.example/x", "http://push.example/x", "ftp://push.example/x", "file:///etc/passwd",
        "https://", "https://user:secret@push.example/x", "https://push.example:0/x", "https://push.example:99999/x",
        "https://push.example/a b", "https://push.example\\@10.0.0.1/", "https://push.example/\r\nX: y",
        "https://püsh.example/", "https://push.example/#x", "https://[::1/x", "https://push.example/" + "x" * 1000,
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_stranger_is_refused(address):
    with pytest.raises(NotSentTo):
        check_address(address)


def test_an_ordinary_one_is_taken():
    check_address("https://push.example:8443/wpush/v2/abc-_=?x=1")


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:db8::1",
        "::127.0.0.1", "::10.0.0.1", "::ffff:0:10.0.0.1", "fec0::1", "5f00::1", "3fff::1", "64:ff9b:1::a00:1",
    ],
)  # fmt: skip
def test_numbers_of_networks_that_are_not_public_are_known(number):
    assert not is_public(ip_address(number))


@pytest.mark.parametrize("number", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_numbers_are_known(number):
    assert is_public(ip_address(number))


def naming(monkeypatch, *answers):
    """A name server that says these, one list after the other, and then the last again."""
    asked = []

    def getaddrinfo(host, port, **_):
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in found]

    monkeypatch.setattr(numbers.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(monkeypatch):
    naming(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(NotSentTo):
        numbers_of("push.example", 443, seconds=5)
    with pytest.raises(NotSentTo):
        post("https://push.example/x", b"", {})


def test_what_was_checked_is_what_is_connected_to(monkeypatch):
    asked, connected = naming(monkeypatch, ["8.8.8.8"], ["127.0.0.1"]), []

    def create_connection(address, *_, **__):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(bounded_connections, "create_connection", create_connection)
    with pytest.raises(Unreachable):
        post("https://push.example/x", b"", {})
    assert (asked, connected) == (["push.example"], [("8.8.8.8", 443)])


def test_this_machine_is_sent_to_only_where_a_setting_says_so(settings):
    with PushService() as service:
        with pytest.raises(NotSentTo):
            post(f"{service.origin}/x", b"", {})
        with pytest.raises(NotSentTo):
            post(service.origin.replace("http:", "https:"), b"", {})
        settings.OUTBOUND_LOOPBACK = True
        assert post(f"{service.origin}/x", b"y", {"TTL": "1"}).status == 201
    assert [(got.path, got.body, got.headers["TTL"]) for got in service.got] == [("/x", b"y", "1")]


def test_no_redirect_is_followed_and_no_proxy_asked(loopback, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with PushService() as service:
        service.answers["/x"] = 307, {"Location": f"{service.origin}/y"}
        assert post(f"{service.origin}/x", b"", {}).status == 307
    assert [got.path for got in service.got] == ["/x"]


def serving(answer):
    """A server that takes one connection and gives it to `answer`. Returns its address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with listener, listener.accept()[0] as connection:
            connection.recv(65536)
            answer(connection)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.mark.parametrize("head", [b"200 OK", b"307 No\r\nLocation: /y"])
def test_of_a_long_answer_only_the_beginning_is_read(loopback, head):
    body = b"x" * 1_000_000

    def answer(connection):
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (head, len(body)) + body)

    assert len(post(serving(answer), b"", {}).body) == to_strangers.READ


def test_a_name_of_many_numbers_has_no_more_time_than_others(monkeypatch):
    naming(monkeypatch, [f"8.8.8.{number}" for number in range(200)])
    tried, over = [], threading.Event()
    monkeypatch.setattr(
        bounded_connections.Limit, "end", lambda limit: (setattr(limit, "is_over", True), over.set())
    )

    def create_connection(address, *_, **__):
        tried.append(address)
        over.wait(5)
        raise TimeoutError

    monkeypatch.setattr(bounded_connections, "create_connection", create_connection)
    with pytest.raises(Unreachable):
        post("https://push.example/x", b"", {}, whole=0.05)
    assert len(tried) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_who_is_connected_to_too_late_is_sent_nothing(loopback, monkeypatch, scheme):
    """A name server that takes its time may not leave the receiver all of it that it wants."""
    got, over, end = [], threading.Event(), bounded_connections.Limit.end
    monkeypatch.setattr(bounded_connections.Limit, "end", lambda limit: (end(limit), over.set()))
    address = serving(got.append).replace("http:", f"{scheme}:")
    connect = bounded_connections.create_connection
    monkeypatch.setattr(
        bounded_connections, "create_connection", lambda *a, **b: over.wait(5) and connect(*a, **b)
    )
    with pytest.raises(Unreachable):
        post(address, b"", {}, whole=0.05)


@pytest.fixture
def hanging(monkeypatch):
    """A name server that says nothing. It is left behind by each who asks, until the test is over."""
    asked, over = [], threading.Event()

    def getaddrinfo(host, *_, **__):
        asked.append(host)
        over.wait(30)
        raise socket.gaierror

    monkeypatch.setattr(numbers, "_places", threading.BoundedSemaphore(2))
    monkeypatch.setattr(numbers.socket, "getaddrinfo", getaddrinfo)
    yield asked
    over.set()
    for thread in threading.enumerate():
        if thread.name == "look-up":
            thread.join()


def test_a_name_server_that_hangs_is_left_and_so_often_at_most(hanging):
    began = time.monotonic()
    for number in range(4):
        with pytest.raises(Unreachable, match="cannot be reached"):
            post(f"https://{number}.push.example/x", b"", {}, whole=0.2)
    assert hanging == ["0.push.example", "1.push.example"]
    assert time.monotonic() - began < 10


def test_a_connection_has_no_more_time_than_is_left(monkeypatch):
    naming(monkeypatch, ["8.8.8.8"])
    given = []
    monkeypatch.setattr(
        bounded_connections, "create_connection", lambda _, seconds, **__: given.append(seconds) or 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        post("https://push.example/x", b"", {}, whole=3.0)
    assert 0 < given[0] <= 3


def test_a_handshake_of_tls_is_ended_in_the_midst(loopback, monkeypatch):
    limits, hold, left = [], bounded_connections.Limit.hold, threading.Event()
    monkeypatch.setattr(to_strangers, "CONNECT", 60.0)
    monkeypatch.setattr(
        bounded_connections.Limit, "hold", lambda limit, opened: (limits.append(limit), hold(limit, opened))
    )

    def answer(connection):
        connection.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")  # the beginning of a long answer
        limits[0].end()
        left.wait(30)

    with pytest.raises(Unreachable):
        post(serving(answer).replace("http:", "https:"), b"", {}, whole=60.0)
    left.set()


def test_a_server_that_drips_is_left(loopback):
    drips = threading.Event()

    def answer(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not drips.wait(0.02):  # sooner than any pause between two pieces is over
            try:
                connection.sendall(b"X")
            except OSError:
                return

    with pytest.raises(Unreachable):
        post(serving(answer), b"", {}, whole=0.3)
    drips.set()


def test_nobody_there_is_said_without_details(loopback):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 cannot be reached"):
        post(f"http://127.0.0.1:{port}/secret", b"", {})


class Keeping:
    """A server that keeps each connection for so many requests, then closes it without a word. `got`: of each
    connection what came by it."""

    def __init__(self, most=1000, answer=b"HTTP/1.1 204 No\r\nSet-Cookie: a=b\r\n\r\n"):
        self.most, self.answer, self.got = most, answer, []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                came = []
                self.got.append(came)
                threading.Thread(target=self._serve, args=(connection, came), daemon=True).start()

    def _serve(self, connection, came):
        with suppress(OSError), connection:
            while len(came) < self.most and (request := connection.recv(65536)):
                came.append(request)
                connection.sendall(self.answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()


def test_a_connection_is_kept_for_the_next_post_and_no_cookie(loopback):
    with Keeping() as server:
        with Posting() as posting:
            assert [posting.post(server.address, b"", {}).status for _ in range(3)] == [204] * 3
        with Posting() as posting:
            posting.post(server.address, b"", {})
    assert [len(came) for came in server.got] == [3, 1]
    assert b"Cookie" not in b"".join(server.got[0])


@pytest.mark.parametrize("sees", [True, False])
def test_one_that_the_receiver_has_closed_meanwhile_is_made_anew(loopback, monkeypatch, sees):
    if not sees:  # it is closed between the look and the post
        monkeypatch.setattr("urllib3.connection.HTTPConnection.is_connected", True)
    with Keeping(most=2) as server, Posting() as posting:
        for _ in range(5):
            assert posting.post(server.address, b"", {}).status == 204
            time.sleep(0.01)
    assert [len(came) for came in server.got] == [2, 2, 1]


def test_after_a_failure_or_half_an_answer_none_is_kept(loopback):
    with Keeping(answer=b"") as server, Posting() as posting:
        with pytest.raises(Unreachable):
            posting.post(server.address, b"", {}, whole=0.2)
        server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + 100_000 * b"x"
        assert posting.post(server.address, b"", {}).status == 200
        server.answer = b"HTTP/1.1 204 No\r\n\r\n"
        assert posting.post(server.address, b"", {}).status == 204
    assert [len(came) for came in server.got] == [1, 1, 1]


def test_time_is_measured_for_each_post_anew(loopback):
    with Keeping() as server, Posting() as posting:
        posting.post(server.address, b"", {}, whole=0.2)
        time.sleep(0.3)
        assert posting.post(server.address, b"", {}, whole=10).status == 204
    assert [len(came) for came in server.got] == [2]
