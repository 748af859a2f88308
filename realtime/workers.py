"""Several worker processes on one port. uvicorn starts, watches and replaces them; who gets a connection is decided by
realtime/balancer.py, and which release they are started from by realtime/releases.py."""

from __future__ import annotations

import logging
import sys
from socket import socket
from typing import cast

import uvicorn
from django.conf import settings
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from realtime.balancer import Balancer
from realtime.handed_over import WorkerEnd
from realtime.listener import Limits
from realtime.releases import Starting, Unfit

logger = logging.getLogger(__name__)

SUCCESSOR = 90  # seconds that a worker may take to start while the one that it replaces serves


class Workers(Multiprocess):
    """`port` is bound, and closed in the end."""

    def __init__(self, config: uvicorn.Config, port: socket, limits: Limits) -> None:
        self._limits, self._family = limits, port.family
        self._balancer = Balancer(port, config.backlog)
        self._starting = Starting(settings.RELEASE)
        super().__init__(config, [])

    @property
    def sockets(self) -> list[socket]:
        """Give what uvicorn hands to a process which it is about to start: each has a pair of its own."""
        end = WorkerEnd(self._balancer.add_worker(), self._limits, self._family)
        return cast("list[socket]", [end])

    @sockets.setter
    def sockets(self, _: list[socket]) -> None:
        """Do nothing: uvicorn would keep one list for all of them."""

    def run(self) -> None:
        """Serve until it is told to stop. Raises SystemExit where a worker could not start."""
        with self._balancer:
            super().run()
        if any(process.exitcode == STARTUP_FAILURE for process in self.processes):
            sys.exit(STARTUP_FAILURE)

    def handle_hup(self) -> None:
        """Replace the workers by those of the release that the link names now. Whatever is wrong with it, they
        stay."""
        logger.info("SIGHUP: replacing the workers, one after the other")
        before, first = self._starting.release, self.processes[0]
        usual, self.config.timeout_worker_healthcheck = self.config.timeout_worker_healthcheck, SUCCESSOR
        try:
            self._starting.follow_link()
            super().handle_hup()
        except (Unfit, OSError) as error:
            logger.error("The workers are not replaced: %s", error)  # noqa: TRY400 - a sentence for an operator
        self.config.timeout_worker_healthcheck = usual
        if self.processes[0] is first:  # the next one that dies has a successor all the same
            self._starting.release = before
        else:
            logger.info("New workers are of Carillon %s in %s", *self._starting.release[1::-1])

    def terminate_all(self) -> None:
        self._balancer.close_port()
        super().terminate_all()
