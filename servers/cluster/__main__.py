"""`python -m servers.cluster [--hosts 3]` brings a cluster up with demo data, says where everything is and what to
break by hand, and stays until Ctrl-C.
"""

import argparse
import signal
import sys
import threading
from contextlib import suppress

from servers.cluster import hosts
from servers.cluster.alone import alone
from servers.cluster.cluster import Cluster

TO_BREAK = """\
A machine is a namespace; its processes are those of the machine. In {folder}:
  kill -9 $(cat db1/patroni.pid)                  one process; its supervisor starts it again
  ip netns pids cl-cluster-db1 | xargs kill -9    all of a machine, its supervisor too: it stays off
  ip link set cl-c-db1 down                       its link; 'up' mends it
  ip netns exec cl-cluster-db1 COMMAND            do something there
  patronictl -c db1/patroni.yml list              who is the primary
  tail -f app1/serve.log                          what the product says; everybody has a log there
Ctrl-C ends it all."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m servers.cluster", description=__doc__)
    parser.add_argument("--hosts", type=int, default=3, choices=(2, 3), help="application hosts")
    asked = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with alone() as directory:
        settings = {"SIGN_UP": "open", "MAIL_URL": "mailbox:"}
        with Cluster(
            directory, asked.hosts, settings=settings, say=lambda what: print(f"... {what}")
        ) as cluster:
            hosts.manage(cluster.own_environment(), "seed_demo")
            print(describe(cluster))
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
    return 0


def describe(cluster: Cluster) -> str:
    """Say where everything is."""
    machines = [
        f"  {each.name:<9}{each.address:<14}{', '.join(unit.name for unit in each.units)}"
        for each in cluster.machines
    ]
    return "\n".join(
        [
            "",
            f"Carillon: {cluster.url} (HAProxy). Sign in as alice, bob, carol or dave, password demo.",
            "",
            *machines,
            "",
            f"DATABASE_URL={cluster.database.url}",
            f"REDIS_URL={cluster.hints.url}",
            "",
            TO_BREAK.format(folder=cluster.folder),
        ]
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
