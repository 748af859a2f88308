"""Serve pages and sockets with the settings that this product needs of uvicorn."""

import logging
import os
import signal
import socket
from contextlib import closing
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from base import schema_release
from base.database_errors import unpooled
from base.exposition import CannotShow, shown
from realtime import descriptors
from realtime.listener import Limits, Listener, open_port
from realtime.stopping import ends_well, stops_well
from realtime.workers import Workers

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Serve the product with uvicorn: pages and sockets."
    requires_system_checks = []  # checked below, once the number of workers is known

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=settings.WORKERS)

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        if workers < 1:
            raise CommandError("--workers must be at least 1.")
        stops_well()
        os.environ["WEB_CONCURRENCY"], settings.WORKERS = str(workers), workers
        self.check()
        self._require_migrated()
        config = uvicorn.Config(
            "config.asgi:application",
            host=host,
            port=port,
            workers=workers,
            lifespan="on",  # starts and stops the followers
            loop="asyncio",  # the one that asks our listener for connections
            http="realtime.http_protocol:HttpProtocol",
            ws="realtime.protocol:FrameProtocol",
            ws_max_size=4096,  # bytes: a client has nothing to say but ping
            ws_per_message_deflate=False,  # small JSON: costs more than it saves
            ws_ping_interval=20,
            ws_ping_timeout=20,
            timeout_graceful_shutdown=8,  # seconds; with several workers the parent needs up to one more
            timeout_worker_healthcheck=30,  # a new worker on a busy machine takes longer than uvicorn's 5 s
            reset_contextvars=True,  # a kept connection would hand on those of the request before
            log_config=None,
        )
        bound = self._open_port(config)
        total = descriptors.affordable(settings.CONNECTIONS, descriptors.raise_limit())
        limits = Limits(total, settings.CONNECTIONS_PER_ADDRESS, config.forwarded_allow_ips)
        try:
            with shown(settings.METRICS, starts_workers=workers > 1), ends_well():
                _serve(config, bound, limits)
        except CannotShow as error:
            raise CommandError(str(error)) from error

    def _open_port(self, config: uvicorn.Config) -> socket.socket:
        try:
            bound = open_port(config.host, config.port)
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else "a port is a number from 0 to 65535"
            raise CommandError(f"Cannot listen on {config.host}, port {config.port}: {reason}") from error
        logger.info("Listening on %s, port %d. Ctrl-C stops it.", *bound.getsockname()[:2])
        return bound

    def _require_migrated(self) -> None:
        with closing(unpooled()) as connection:
            schema_release.require(connection)


def _serve(config: uvicorn.Config, bound: socket.socket, limits: Limits) -> None:
    if config.workers > 1:
        Workers(config, bound, limits).run()
    else:
        signal.signal(signal.SIGHUP, _stay)
        uvicorn.Server(config).run([Listener(limits, bound.family, bound.detach())])


def _stay(*_: Any) -> None:
    logger.warning("One process has no successor: restart it, or serve with several workers.")
