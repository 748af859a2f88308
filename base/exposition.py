"""`/metrics` on a port of its own, for Prometheus: of this process, or of it and the workers that it starts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from base import snapshots
from base.shelf import Shelf
from base.snapshots import Snapshot

FOLDER = "FIGURES_FOLDER"  # in the environment of the workers


class CannotShow(Exception):
    """Says why in a sentence."""


@contextmanager
def shown(where: tuple[str, int] | None, *, starts_workers: bool = False) -> Iterator[None]:
    """Show figures on this host and port until the block ends; nothing is made or written where it is None. Raises
    CannotShow before the block."""
    if where is None:
        yield
        return
    shelf = _shelf() if starts_workers else None
    try:
        with _served(where, _of_all(shelf) if shelf else _of_one):
            if shelf:
                os.environ[FOLDER] = str(shelf.folder)
            yield
    finally:
        os.environ.pop(FOLDER, None)
        if shelf:
            shelf.remove()


def _shelf() -> Shelf:
    try:
        return Shelf()
    except OSError as error:
        raise CannotShow(
            f"Cannot keep the figures of workers: {error.strerror}. See METRICS and TMPDIR."
        ) from error


def _of_one() -> list[Snapshot]:
    return [snapshots.taken()]


def _of_all(shelf: Shelf) -> Callable[[], list[Snapshot]]:
    return lambda: [snapshots.of_parent(), *shelf.read()]


@contextmanager
def _served(where: tuple[str, int], read: Callable[[], list[Snapshot]]) -> Iterator[None]:
    registry = CollectorRegistry()
    registry.register(_Together(read))
    host, port = where
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise CannotShow(
            f"Cannot show figures on {host}, port {port}: {error.strerror}. See METRICS."
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Together(Collector):
    def __init__(self, read: Callable[[], list[Snapshot]]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        return snapshots.together(self._read())

    def describe(self) -> list[Metric]:
        return []  # it is asked when somebody looks, and not when it is registered
