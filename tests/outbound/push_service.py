"""A push service of the tests' own: real HTTP, answers as it is told, and decrypts what it gets as a browser would."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from outbound.push.encryption import to_text
from outbound.push.services import Given


class Got(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


class Browser:
    """What a browser keeps: a private key and a secret."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"sixteen secrets!"

    def given(self, endpoint: str) -> Given:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Given(endpoint, to_text(point), to_text(self.secret))

    def decrypted(self, body: bytes) -> Any:
        content = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        return json.loads(content)


class PushService:
    """`answers`: of a path, what it says next: a status with headers. What is not named is 201."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answers: dict[str, tuple[int, dict[str, str]]] = {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.got.append(Got(self.path, dict(self.headers), body))
                status, headers = service.answers.get(self.path, (201, {}))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def is_signed(self, got: Got, public_key: str) -> bool:
        """Say whether whoever has that key signed it for this service."""
        scheme, _, rest = got.headers["Authorization"].partition(" ")
        parts = dict(part.split("=", 1) for part in rest.split(","))
        claims = json.loads(from_base64(parts["t"].split(".")[1]))
        is_ours = scheme == "vapid" and parts["k"] == public_key and claims["aud"] == self.origin
        return bool(is_ours and Vapid02.verify(got.headers["Authorization"]))


def from_base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
