"""A real mail server on a free port, of the loopback unless said otherwise, in a thread: it keeps what it takes, and
refuses or hangs as told."""

import asyncio
import email
import email.policy
import threading
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from servers.process import free_port

OK = "250 OK"


class MailServer:
    """`recipients` and `contents` are answers by address, to RCPT TO and to the message; with `hangs` it takes
    connections and says no more."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self.port, self.host = port or free_port(), host
        self.url = f"smtp://{host}:{self.port}"
        self.recipients: dict[str, str] = {}
        self.contents: dict[str, str] = {}
        self.messages: list[EmailMessage] = []
        self.connections = 0
        self.most_at_once = 0
        self._free = threading.Event()
        self._free.set()
        self._open = 0
        self._controller: Controller | None = None

    def start(self) -> Self:
        self._controller = Controller(self, hostname=self.host, port=self.port, ready_timeout=60)
        self._controller.start()
        self.connections = 0
        return self

    def stop(self) -> None:
        if self._controller:
            self.goes_on()
            self._controller.stop()
            self._controller = None

    def hangs(self) -> None:
        self._free.clear()

    def goes_on(self) -> None:
        self._free.set()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in list(self.messages) if message["X-To"] == address]

    # --- What aiosmtpd calls -------------------------------------------------------------------------------

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        await self._until_free()
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        answer = self.recipients.get(address, OK)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            await self._until_free()
            answer = self.contents.get(envelope.rcpt_tos[0], OK)
            if answer.startswith("2"):
                self._keep(envelope)
        finally:
            self._open -= 1
        return answer

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content
        message = email.message_from_bytes(
            content if isinstance(content, bytes) else b"", policy=email.policy.default
        )
        message["X-To"] = envelope.rcpt_tos[0]
        self.messages.append(message)

    async def _until_free(self) -> None:
        while not self._free.is_set():  # noqa: ASYNC110 - of threads, since tests say so from theirs
            await asyncio.sleep(0.02)
