"""A provider of OpenID Connect over HTTP on loopback: it answers for whom the test says, and checks what it is sent."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import jwt

CLIENT_ID, CLIENT_SECRET = "carillon", "a-secret-of-the-provider"
KEY = "the provider signs by this, and nobody looks at it"


class Provider:
    """`told` are the claims of the next token; `also` what the other answer says, if it differs."""

    def __init__(self) -> None:
        self.url = ""
        self.told: dict[str, Any] = {}
        self.also: dict[str, Any] | None = None
        self.status = 200  # of the endpoint of tokens
        self.is_configured = True
        self._challenges: dict[str, str] = {}
        self.refused: list[str] = []

    def code(self, challenge: str) -> str:
        """Let somebody in who came with this challenge."""
        code = secrets.token_urlsafe(8)
        self._challenges[code] = challenge
        return code

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def token(self, asked: dict[str, str]) -> dict[str, Any] | None:
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self._challenges.pop(asked.get("code", ""), None) != challenge:
            self.refused.append("code or verifier")
            return None
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            self.refused.append("client")
            return None
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 60, **self.told}
        return {"access_token": "a", "token_type": "Bearer", "id_token": jwt.encode(claims, KEY, "HS256")}


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("/userinfo"):
                return self._answer(provider.told if provider.also is None else provider.also)
            return self._answer(provider.configuration() if provider.is_configured else None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(provider.token(asked), provider.status)

        def _answer(self, content: dict[str, Any] | None, status: int = 200) -> None:
            body = json.dumps(content or {"error": "invalid_grant"}).encode()
            self.send_response(status if content is not None else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
