"""`python -m bench.faults.cluster [short] [ROW ...]` brings a cluster up, runs the rows on it and prints the table; one
of all rows writes its section of docs/cluster.md, too. Exit code 1 when a row does not hold.
"""

import os
import signal
import sys
from pathlib import Path

import django

from servers.cluster.alone import alone
from servers.cluster.cluster import Cluster
from servers.cluster.network import OUTSIDE
from servers.mail import MailServer
from servers.process import free_port

HOSTS = {"full": 3, "short": 2}


def main(words: list[str]) -> int:
    """The exit code. Whatever signal ends it, the cluster goes first."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    form = "short" if "short" in words else "full"
    with alone() as directory:
        mail = MailServer(free_port(), OUTSIDE)
        settings = {
            "DJANGO_SETTINGS_MODULE": "bench.faults.quick_mail",
            "COMMANDS_PER_MINUTE": "100000",  # a few people write for all
            "MAIL_URL": mail.url,
        }
        with Cluster(directory, HOSTS[form], settings=settings, say=print) as cluster, mail:
            return _run(cluster, mail, directory, form, [word for word in words if word not in HOSTS])


def _run(cluster: Cluster, mail: MailServer, directory: Path, form: str, names: list[str]) -> int:
    os.environ |= cluster.environment | {"LOG_LEVEL": "ERROR"}
    django.setup()
    # These need Django set up.
    from bench.faults.cluster.matrix import Matrix

    return Matrix(cluster, mail, directory, form).run(names)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
