"""What a cluster needs of its machine: root, Debian's packages, and that there is no other one."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers.cluster import network
from servers.cluster.postgres import major

FOLDER = Path("/var/lib/carillon-cluster")  # whoever writes its parent is root
LOCK = Path("/run/carillon-cluster.lock")
PACKAGES = {
    "/usr/bin/patroni": "patroni",
    "/usr/bin/etcd": "etcd-server",
    f"/usr/lib/postgresql/{major()}/bin/postgres": f"postgresql-{major()}",
    "/usr/bin/redis-server": "redis-server",
    "/usr/bin/redis-sentinel": "redis-sentinel",
    "/usr/sbin/haproxy": "haproxy",
    "/usr/sbin/pgbouncer": "pgbouncer",
    "/usr/sbin/nft": "nftables",
    "/sbin/ip": "iproute2",
    "/usr/bin/nsenter": "util-linux",
}


def why_not() -> str:
    """Say in one sentence why there can be no cluster here; empty if there can."""
    if os.geteuid() != 0:
        return "A cluster needs root, for network namespaces: run it with sudo."
    missing = [package for program, package in PACKAGES.items() if not Path(program).exists()]
    if missing:
        return f"A cluster needs Debian's packages {', '.join(missing)}: apt-get install {' '.join(missing)}"
    return ""


@contextmanager
def alone() -> Iterator[Path]:
    """Give a folder for all that it keeps, with whatever was left of another one tidied away. Raises SystemExit with
    a sentence."""
    if reason := why_not():
        raise SystemExit(reason)
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit("A cluster runs on this machine already: stop that one first.") from None
        tidy()
        FOLDER.mkdir(mode=0o755)
        try:
            yield FOLDER
        finally:
            network.tidy()
        tidy()  # whoever fails leaves the logs


def tidy() -> None:
    network.tidy()
    shutil.rmtree(FOLDER, ignore_errors=True)
