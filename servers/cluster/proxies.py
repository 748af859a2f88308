"""HAProxy in front of the application hosts, and on each of them PgBouncer with an HAProxy that follows the primary."""

from servers.cluster.machine import Machine, Unit
from servers.cluster.passwords import Passwords
from servers.cluster.postgres import LIMITS, NAME

# PgBouncer in transaction mode: no cursors that outlive one, and no settings of a session.
QUERY = "&".join(["disable_server_side_cursors=true", *(f"{limit}=0" for limit in LIMITS)])


def add_front(machine: Machine, applications: list[Machine]) -> None:
    servers = "\n".join(f"    server {each.name} {each.address}:8000" for each in applications)
    values = {"address": machine.address, "servers": servers, "scheme": "http"}
    path = machine.write("haproxy.cfg", values)
    machine.units.append(Unit("haproxy", _haproxy(path)))


def add_pgbouncer(machine: Machine, databases: list[Machine], passwords: Passwords) -> str:
    """Lead to the primary. Returns the address of the database for what runs on this machine."""
    servers = "\n".join(f"    server {each.name} {each.address}:5432" for each in databases)
    path = machine.write("haproxy-database.cfg", {"servers": servers})
    machine.units.append(Unit("haproxy-database", _haproxy(path)))
    machine.keep("userlist.txt", f'"{NAME}" "{passwords.database}"\n')
    path = machine.write("pgbouncer.ini", {"folder": str(machine.folder)})
    machine.units.append(Unit("pgbouncer", ["/usr/sbin/pgbouncer", str(path)]))
    return f"postgres://{NAME}:{passwords.database}@127.0.0.1:6432/{NAME}?{QUERY}"


def _haproxy(path: object) -> list[str]:
    return ["/usr/sbin/haproxy", "-W", "-db", "-f", str(path)]
