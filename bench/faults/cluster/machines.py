"""Rows in which machines lose power, and links are cut."""

from bench.faults.cluster.acts import CUT, Wait, loses_power, primary, row
from servers.cluster.cluster import Cluster


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
