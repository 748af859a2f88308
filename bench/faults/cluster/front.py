"""The cluster as a row's scene sees it: one server, which is HAProxy's address, with the logs of all hosts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from servers import UvicornServer
from servers.cluster.cluster import Cluster

PROCESSES = ("serve", "follow")


class Front(UvicornServer):
    """Up when it is made, and none of its own to stop. Its log begins then."""

    def __init__(self, cluster: Cluster, directory: Path, environment: Mapping[str, str], **_: Any) -> None:
        super().__init__(directory, environment)
        self._cluster = cluster
        self._seen = {place: len(text) for place, text in self._logs().items()}

    def start(self) -> Self:
        return self

    @property
    def base_url(self) -> str:
        return self._cluster.url

    @property
    def ws_url(self) -> str:
        return self._cluster.url.replace("http://", "ws://")

    @property
    def log(self) -> str:
        return "".join(text[self._seen[place] :] for place, text in self._logs().items())

    def _logs(self) -> dict[tuple[str, str], str]:
        hosts = self._cluster.applications
        return {(host.name, name): host.log(name) for host in hosts for name in PROCESSES}
