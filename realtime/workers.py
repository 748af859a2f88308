"""Several worker processes on one port. uvicorn starts, watches and replaces them; who gets a connection is decided by
realtime/balancer.py."""

from __future__ import annotations

import sys
from socket import socket
from typing import cast

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from realtime.balancer import Balancer
from realtime.handed_over import WorkerEnd
from realtime.listener import Limits


class Workers(Multiprocess):
    """`port` is bound, and closed in the end."""

    def __init__(self, config: uvicorn.Config, port: socket, limits: Limits) -> None:
        self._limits, self._family = limits, port.family
        self._balancer = Balancer(port, config.backlog)
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

    def terminate_all(self) -> None:
        self._balancer.close_port()
        super().terminate_all()
