"""Runs on the machine, with the release's own Python, as a stranger's browser and then as the first administrator:
`visitor.py HOST CODE SECONDS` looks at what a proxy must do, and says each thing in a line. SECONDS: how long a silent
socket must stay open."""

import re
import secrets
import socket
import ssl
import sys
import time
from collections.abc import Iterator

import requests
from websockets.sync.client import ClientConnection, connect

CERTIFICATE = "/etc/ssl/carillon/fullchain.pem"
PASSWORD = "a long way home"
PORT = 443
# Another one for each visitor: the list of sessions keeps what the ones before it claimed.
CLAIMED = f"198.18.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
# What a client may say of itself, and nobody may believe.
CLAIMS = {
    "X-Forwarded-For": CLAIMED,
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "elsewhere.example",
    "Forwarded": f"for={CLAIMED};proto=http;host=elsewhere.example",
}


class Visitor:
    def __init__(self, host: str) -> None:
        self.host, self.base = host, f"https://{host}"
        self.session = requests.Session()
        self.session.verify = CERTIFICATE
        self.session.headers["Referer"] = f"{self.base}/"
        self.session.headers.update(CLAIMS)

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.session.get(self.base + path, headers=headers, timeout=30, allow_redirects=False)

    def post(self, path: str, **form: object) -> requests.Response:
        page = self.session.get(self.base + path, timeout=30).text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, f"{path} shows no form: {page[:200]}"
        answer = self.session.post(
            self.base + path, {**form, "csrfmiddlewaretoken": token[1]}, timeout=30, allow_redirects=False
        )
        assert answer.status_code == 302, f"{path} answered {answer.status_code}: {answer.text[:2000]}"
        return answer

    def write(self, path: str, **body: object) -> None:
        """Do something as a program does it."""
        token = next(cookie.value for cookie in self.session.cookies if cookie.name.endswith("csrftoken"))
        answer = self.session.post(
            self.base + path, json=body, headers={"X-CSRFToken": str(token)}, timeout=30
        )
        assert answer.status_code == 201, f"{path} answered {answer.status_code}: {answer.text}"

    def socket(self) -> ClientConnection:
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.session.cookies)
        return connect(
            f"wss://{self.host}/ws/users/me/notifications/", origin=self.base, additional_headers={"Cookie": cookies},
            ssl=ssl.create_default_context(cafile=CERTIFICATE), ping_interval=None,
        )  # fmt: skip

    def stream(self) -> requests.Response:
        """Open what carries the frames where there can be no socket."""
        return self.session.get(f"{self.base}/api/v1/orgs/initech/stream", stream=True, timeout=30)

    def raw(self, request: str) -> bytes:
        """Send what no library would, and give the first line of the answer."""
        context = ssl.create_default_context(cafile=CERTIFICATE)
        with (
            socket.create_connection((self.host, PORT), timeout=30) as plain,
            context.wrap_socket(plain, server_hostname=self.host) as safe,
        ):
            safe.sendall(request.encode())
            return safe.recv(65536).split(b"\r\n")[0]


def sign_in(visitor: Visitor, code: str) -> str:
    if visitor.get("/").headers["Location"] == "/welcome/":
        person = {
            "first_name": "Ada Lovelace",
            "username": "ada",
            "email": "ada@example.com",
            "password1": PASSWORD,
        }
        visitor.post("/welcome/", step=1, code=code, **person)
        visitor.post("/welcome/", step=2, name="Initech")
        visitor.post("/welcome/", step=3, title="Buy chairs")
        return "The first visit made an account, an organization and a task"
    visitor.post("/accounts/login/", login="ada", password=PASSWORD)
    return "Signed in by the password"


def look(visitor: Visitor, code: str, seconds: float) -> Iterator[str]:
    plain = requests.get(f"http://{visitor.host}/inbox/?q=x", timeout=30, allow_redirects=False)
    assert (plain.status_code, plain.headers["Location"]) == (301, f"{visitor.base}/inbox/?q=x"), (
        plain.headers
    )
    yield "http is sent to https, the query with it"

    foreign = visitor.raw("GET / HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n")
    assert b" 400 " in foreign, foreign
    yield "Another Host is refused with 400"

    yield sign_in(visitor, code)
    page = visitor.get("/inbox/")
    assert page.status_code == 200, page.status_code
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Content-Encoding" not in page.headers or page.headers["Content-Encoding"] in ("gzip", "br")
    style = re.search(r'href="(/static/\S+?\.css)"', page.text)
    assert style, page.text[:500]
    kept = visitor.get(style[1])
    assert (kept.status_code, "immutable" in kept.headers["Cache-Control"]) == (200, True), kept.headers
    yield "A page over https, with styles that are kept for ever"

    with visitor.socket() as open_socket, visitor.stream() as open_stream:
        frame = open_socket.recv(timeout=30)
        assert '"welcome"' in str(frame), frame
        yield "A socket opens and is welcomed"
        lines = open_stream.iter_lines(chunk_size=1, decode_unicode=True)
        assert "event: welcome" in lines, open_stream.headers
        yield "So is a stream, and the proxy keeps nothing of it back"
        large = visitor.raw(
            f"POST /accounts/login/ HTTP/1.1\r\nHost: {visitor.host}\r\nContent-Length: 7340032\r\n\r\n"
        )
        assert b" 413 " in large, large
        yield "A body of 7 MiB is refused with 413"
        sessions = visitor.get("/accounts/sessions/").text
        seen = [address in sessions for address in ("127.0.0.1", CLAIMED, "elsewhere")]
        assert seen == [True, False, False], f"whose address: {seen}"
        yield "What the client claimed of its address, scheme and host is nowhere believed"
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                open_socket.recv(timeout=left)
            except TimeoutError:
                break
        open_socket.send('{"type":"ping"}')
        assert "pong" in str(open_socket.recv(timeout=30))
        yield f"A socket on which nothing was said for {seconds:g} s is still open"
        visitor.write("/api/v1/orgs/initech/tasks", title="Sell chairs")
        assert any("Sell chairs" in line for line in lines), "the stream has ended"
        yield "And the stream has what happens then"


if __name__ == "__main__":
    host, code, seconds = sys.argv[1:]
    for said in look(Visitor(host), code, float(seconds)):
        sys.stdout.write(f"{said}.\n")
        sys.stdout.flush()
