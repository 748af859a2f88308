"""Rows in which a process is killed, or stands still."""

import json
import os
import signal
from http.client import HTTPConnection

from bench.faults.cluster.acts import CUT, OFF, RESTART, SERVES, Wait, primary, row, until
from servers.cluster import hosts
from servers.cluster.cluster import Cluster
from servers.cluster.machine import Machine


@row("`kill -9` of the primary's PostgreSQL")
def postgres_killed(cluster: Cluster, wait: Wait) -> None:
    os.kill(cluster.database.postmaster(primary(cluster)), signal.SIGKILL)
    wait(OFF)


@row("`kill -9` of the primary's Patroni")
def patroni_killed(cluster: Cluster, wait: Wait) -> None:
    primary(cluster).kill("patroni")
    wait(OFF)


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
    master = _master(cluster)
    master.signal("redis", signal.SIGSTOP)
    wait(CUT)
    master.signal("redis", signal.SIGCONT)


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
