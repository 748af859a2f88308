"""What befalls the cluster, one thing after the other. Each is given the cluster and a way to wait."""

import json
import os
import signal
from collections.abc import Callable
from http.client import HTTPConnection

from bench.faults.cluster.trial import ClusterRow
from servers.cluster import hosts
from servers.cluster.cluster import Cluster
from servers.cluster.machine import Machine

Wait = Callable[[float], None]
OFF = 12.0  # seconds that a machine has no power
CUT = 10.0  # seconds that a link is down
RESTART = 20.0  # seconds in which a supervisor has started something again
SERVES = 90.0  # seconds in which a host serves again

ROWS: list[ClusterRow] = []


def row(fault: str) -> Callable[[Callable[[Cluster, Wait], None]], ClusterRow]:
    """The function below it is what happens; its name is the row's."""

    def add(act: Callable[[Cluster, Wait], None]) -> ClusterRow:
        ROWS.append(ClusterRow(act.__name__.replace("_", "-"), fault, act))
        return ROWS[-1]

    return add


def primary(cluster: Cluster) -> Machine:
    found = cluster.database.primary()
    assert found, "a primary"
    return found


def loses_power(machine: Machine, wait: Wait) -> None:
    machine.power_off()
    wait(OFF)
    machine.boot()


def until(condition: Callable[[], bool], wait: Wait, limit: float) -> None:
    for _ in range(int(limit / 0.2)):
        if condition():
            return
        wait(0.2)


def stopped_for(seconds: float, machine: Machine, unit: str, wait: Wait) -> None:
    machine.signal(unit, signal.SIGSTOP)
    wait(seconds)
    machine.signal(unit, signal.SIGCONT)


# --- Machines -----------------------------------------------------------------------------------------------


@row("an application host loses power: two workers, a follower, PgBouncer")
def application_host(cluster: Cluster, wait: Wait) -> None:
    loses_power(cluster.applications[0], wait)


@row("the machine of the primary loses power; it has an etcd, a Redis and a Sentinel too")
def primary_host(cluster: Cluster, wait: Wait) -> None:
    loses_power(primary(cluster), wait)


@row("the machine of the synchronous standby loses power")
def standby_host(cluster: Cluster, wait: Wait) -> None:
    standby = cluster.database.standby()
    assert standby, "a standby"
    loses_power(standby, wait)


# --- Processes ----------------------------------------------------------------------------------------------


@row("`kill -9` of the primary's PostgreSQL")
def postgres_killed(cluster: Cluster, wait: Wait) -> None:
    os.kill(cluster.database.postmaster(primary(cluster)), signal.SIGKILL)
    wait(OFF)


@row("`kill -9` of the primary's Patroni")
def patroni_killed(cluster: Cluster, wait: Wait) -> None:
    primary(cluster).kill("patroni")
    wait(OFF)


@row("a switch of the primary, as for maintenance (`patronictl switchover`)")
def switchover(cluster: Cluster, wait: Wait) -> None:
    leader, standby = primary(cluster), cluster.database.standby()
    assert standby, "a standby"
    body = json.dumps({"leader": leader.name, "candidate": standby.name})
    connection = HTTPConnection(leader.address, 8008, timeout=30)
    connection.request("POST", "/switchover", body, {"Content-Type": "application/json"})
    connection.getresponse().read()
    wait(5)


@row("`kill -9` of etcd's leader")
def etcd_leader(cluster: Cluster, wait: Wait) -> None:
    _leader(cluster).kill("etcd")
    wait(5)


@row("two of three etcd stand still for 10 s: nobody can say who is the primary")
def etcd_majority(cluster: Cluster, wait: Wait) -> None:
    for machine in cluster.voters[1:]:
        machine.signal("etcd", signal.SIGSTOP)
    wait(CUT)
    for machine in cluster.voters[1:]:
        machine.signal("etcd", signal.SIGCONT)


def _leader(cluster: Cluster) -> Machine:
    for machine in cluster.voters:
        connection = HTTPConnection(machine.address, 2379, timeout=2)
        connection.request("POST", "/v3/maintenance/status", "{}")
        status = json.load(connection.getresponse())
        if status["leader"] == status["header"]["member_id"]:
            return machine
    raise AssertionError("etcd has no leader")


@row("`kill -9` of the Redis master; it is back, empty, before the Sentinels miss it")
def redis_killed(cluster: Cluster, wait: Wait) -> None:
    _master(cluster).kill("redis")
    wait(5)


@row("the Redis master stands still for 10 s; the Sentinels make the other one master")
def redis_frozen(cluster: Cluster, wait: Wait) -> None:
    stopped_for(CUT, _master(cluster), "redis", wait)


def _master(cluster: Cluster) -> Machine:
    found = cluster.hints.master()
    assert found, "a master"
    return found


@row("`kill -9` of a Sentinel")
def sentinel_killed(cluster: Cluster, wait: Wait) -> None:
    cluster.witness.kill("sentinel")
    wait(5)


@row("`kill -9` of HAProxy")
def haproxy_killed(cluster: Cluster, wait: Wait) -> None:
    cluster.edge.kill("haproxy")
    wait(5)


@row("`kill -9` of PgBouncer on one host, then of the HAProxy behind it")
def pgbouncer_killed(cluster: Cluster, wait: Wait) -> None:
    host = cluster.applications[0]
    for unit in ("pgbouncer", "haproxy-database"):
        host.kill(unit)
        wait(5)


@row("`kill -9` of `follow` on both hosts, one after the other")
def followers_killed(cluster: Cluster, wait: Wait) -> None:
    for host in cluster.applications[:2]:
        host.kill("follow")
        wait(5)


@row("`kill -9` of `serve` on each host, one after the other")
def serve_killed(cluster: Cluster, wait: Wait) -> None:
    for host in cluster.applications:
        host.await_restart("serve", host.kill("serve"), RESTART)
        until(lambda host=host: hosts.serves(host), wait, SERVES)  # type: ignore[misc]


# --- Links --------------------------------------------------------------------------------------------------


@row("an application host cannot reach the machines of the database and of Redis for 10 s")
def link_to_database(cluster: Cluster, wait: Wait) -> None:
    place = cluster.applications[0].place
    place.cut_off_from(machine.address for machine in cluster.databases)
    wait(CUT)
    place.mend()


@row("the primary cannot reach etcd and its standby for 15 s, and the hosts can reach it: it steps down")
def link_to_etcd(cluster: Cluster, wait: Wait) -> None:
    machine = primary(cluster)
    machine.place.cut_off_from(each.address for each in cluster.voters if each is not machine)
    wait(1.5 * CUT)
    machine.place.mend()


@row("the primary's machine loses every twentieth packet, each way, for 10 s")
def packets_lost(cluster: Cluster, wait: Wait) -> None:
    place = primary(cluster).place
    place.lose(5)
    wait(CUT)
    place.mend()


# --- What an operator does ----------------------------------------------------------------------------------


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
