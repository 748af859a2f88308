"""nginx and HAProxy before an upstream that says what reached it. With the product behind them: `make try-running`."""

import http.client
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bench.running.mistakes import MISTAKES
from servers.process import free_port
from tests.deploy.places import DEPLOY, moved, program, run
from tests.waiting import wait_until

pytestmark = pytest.mark.once

HOST = "tasks.example.com"
CLAIMED = {
    "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "elsewhere.example",
    "Forwarded": "for=203.0.113.9",
}  # fmt: skip


HANDSHAKE = {
    "Connection": "Upgrade", "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}  # fmt: skip


class Upstream(BaseHTTPRequestHandler):
    """Answers with the headers that came."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    key, chain = folder / "privkey.pem", folder / "fullchain.pem"
    made = run(
        program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={HOST}",
        "-keyout", key, "-out", chain,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    (folder / "both.pem").write_text(chain.read_text() + key.read_text())
    return folder


class Proxy:
    def __init__(self, plain: int, safe: int) -> None:
        self.plain, self.safe = plain, safe

    def ask(self, method="GET", path="/", **headers) -> tuple[int, http.client.HTTPMessage, bytes]:
        context = ssl._create_unverified_context()
        return self._ask(
            http.client.HTTPSConnection("127.0.0.1", self.safe, timeout=30, context=context),
            method,
            path,
            headers,
        )

    def ask_plainly(self, path):
        return self._ask(http.client.HTTPConnection("127.0.0.1", self.plain, timeout=30), "GET", path, {})

    def _ask(self, connection, method, path, headers):
        try:
            connection.putrequest(method, path, skip_host=True)
            for name, value in ({"Host": HOST} | headers).items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def answers(self) -> bool:
        try:
            return self.ask()[0] == 200
        except OSError:
            return False


def nginx(folder, certificate, upstream, plain, safe) -> list[object]:
    site = moved("nginx/carillon.conf", folder, **{
        "listen [::]:80;": "", "listen [::]:443 ssl http2;": "", "listen 80": f"listen 127.0.0.1:{plain}",
        "listen 443": f"listen 127.0.0.1:{safe}", "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        "/etc/ssl/carillon": str(certificate), "/var/log/nginx": str(folder),
    })  # fmt: skip
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/errors; events {{}} http {{ {temporary} include {site}; }}"
    )
    return [program("nginx"), "-e", folder / "errors", "-p", folder, "-c", folder / "nginx.conf"]


def haproxy(folder, certificate, upstream, plain, safe) -> list[object]:
    file = moved("haproxy/haproxy.cfg", folder, **{
        "    user haproxy\n": "", "    group haproxy\n": "", "    chroot /var/lib/haproxy\n": "",
        "maxconn 9000": "maxconn 100",
        "    stats socket /run/haproxy/admin.sock mode 660 level admin\n": "",
        "/etc/haproxy/carillon.pem": str(certificate / "both.pem"),
        "bind :80": f"bind 127.0.0.1:{plain}", "bind :443": f"bind 127.0.0.1:{safe}",
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
    })  # fmt: skip
    return [program("haproxy"), "-f", file]


@pytest.fixture(scope="module", params=[nginx, haproxy], ids=lambda each: each.__name__)
def proxy(request, tmp_path_factory, certificate, upstream) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp(request.param.__name__)
    folder.chmod(0o755)
    plain, safe = free_port(), free_port()
    command = [str(part) for part in request.param(folder, certificate, upstream, plain, safe)]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        running = Proxy(plain, safe)
        wait_until(lambda: running.answers() or process.poll() is not None, "the proxy answers")
        assert process.poll() is None, (folder / "said").read_text()
        yield running
    finally:
        process.terminate()
        process.wait(30)


def test_http_is_sent_to_https(proxy):
    status, headers, _ = proxy.ask_plainly("/inbox/?q=x")
    assert (status, headers["Location"]) == (301, f"https://{HOST}/inbox/?q=x")


def test_what_a_client_says_of_itself_ends_at_the_proxy(proxy):
    came = json.loads(proxy.ask(**CLAIMED)[2])
    assert (came["x-forwarded-for"], came["x-forwarded-proto"]) == ("127.0.0.1", "https")
    assert not came.get("x-forwarded-host")
    assert not came.get("forwarded")


def test_the_name_that_was_asked_for_is_handed_on(proxy):
    assert json.loads(proxy.ask(Host="elsewhere.example:8443")[2])["host"] == "elsewhere.example:8443"


def test_an_upgrade_is_handed_on(proxy):
    came = json.loads(proxy.ask(path="/ws/", **HANDSHAKE)[2])
    assert (came["connection"].lower(), came["upgrade"]) == ("upgrade", "websocket")
    assert "upgrade" not in json.loads(proxy.ask()[2])


def test_a_large_body_is_refused_before_it_comes(proxy):
    assert proxy.ask("POST", **{"Content-Length": str(7 * 1024**2)})[0] == 413


def test_no_log_holds_a_query():
    assert (
        "$request " not in (DEPLOY / "nginx/carillon.conf").read_text().split("log_format")[1].split(";")[0]
    )
    assert "$uri" in (DEPLOY / "nginx/carillon.conf").read_text()
    assert '%HP\\"' in (DEPLOY / "haproxy/haproxy.cfg").read_text()


def test_idle_sockets_outlive_three_pings():
    for name, found in (
        ("nginx/carillon.conf", "proxy_read_timeout 75s"),
        ("haproxy/haproxy.cfg", "timeout tunnel 75s"),
    ):
        assert found in (DEPLOY / name).read_text()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_one_in_the_file_as_it_stands(mistake):
    file = DEPLOY / "nginx/carillon.conf"
    edited = run("sed", mistake.edit, file)
    assert edited.returncode == 0
    assert edited.stdout != file.read_text()
