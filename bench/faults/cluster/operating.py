"""Rows of what an operator does."""

import json
import signal
from http.client import HTTPConnection

from bench.faults.cluster.acts import CUT, RESTART, SERVES, Wait, primary, row, until
from servers.cluster import hosts
from servers.cluster.cluster import Cluster
from servers.cluster.postgres import REST


@row("a switch of the primary, as for maintenance (`patronictl switchover`)")
def switchover(cluster: Cluster, wait: Wait) -> None:
    leader, standby = primary(cluster), cluster.database.standby()
    assert standby, "a standby"
    body = json.dumps({"leader": leader.name, "candidate": standby.name})
    connection = HTTPConnection(leader.address, REST, timeout=30)
    connection.request("POST", "/switchover", body, {"Content-Type": "application/json"})
    connection.getresponse().read()
    wait(5)


@row("`kill -HUP` of each host in turn, as for a new release")
def rolling_hup(cluster: Cluster, wait: Wait) -> None:
    for host in cluster.applications:
        host.signal("serve", signal.SIGHUP)
        wait(CUT)
        until(lambda host=host: hosts.serves(host), wait, SERVES)  # type: ignore[misc]


@row("each host stopped and started in turn")
def rolling_restart(cluster: Cluster, wait: Wait) -> None:
    for host in cluster.applications:
        pid = host.pid("serve")
        host.signal("serve", signal.SIGTERM)
        host.await_restart("serve", pid, RESTART)
        until(lambda host=host: hosts.serves(host), wait, SERVES)  # type: ignore[misc]
