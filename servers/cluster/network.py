"""The network of a cluster: a bridge, and a namespace for each machine, to be cut off from all others or some."""

import os
import signal
import subprocess
from collections.abc import Iterable
from contextlib import suppress

PREFIX = "cl-cluster-"  # of every namespace: what bears it is ours
BRIDGE = f"{PREFIX}br"
LINK = "cl-c-"  # of the links: a name has 15 letters at most
SUBNET = "10.83.0"
OUTSIDE = f"{SUBNET}.1"  # where whoever is in no namespace stands
TABLE = "inet cut"


def run(*command: str, text: str | None = None, check: bool = True) -> str:
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def raise_bridge() -> None:
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    run("ip", "address", "add", f"{OUTSIDE}/24", "dev", BRIDGE)
    run("ip", "link", "set", BRIDGE, "up")


def tidy() -> None:
    """Take away all processes, namespaces and links of a cluster, also of one that was killed."""
    for line in run("ip", "netns", "list").splitlines():
        name = line.split()[0]
        if name.startswith(PREFIX):
            end_processes(name)
            run("ip", "netns", "delete", name, check=False)
    for line in run("ip", "-brief", "link").splitlines():  # a namespace takes its time to let go of its own
        name = line.split()[0].split("@")[0]
        if name.startswith((LINK, BRIDGE)):
            run("ip", "link", "delete", name, check=False)


def end_processes(namespace: str) -> None:
    """Kill every process in the namespace; those that are born meanwhile, too."""
    while pids := run("ip", "netns", "pids", namespace).split():
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


class Place:
    """One machine's place in the network."""

    def __init__(self, name: str, number: int) -> None:
        self.name, self.address = name, f"{SUBNET}.{number}"
        self.namespace = f"{PREFIX}{name}"
        self._link = f"{LINK}{name}"
        run("ip", "netns", "add", self.namespace)
        peer = ("peer", "name", "eth0", "netns", self.namespace)
        run("ip", "link", "add", self._link, "type", "veth", *peer)
        run("ip", "link", "set", self._link, "master", BRIDGE, "up")
        self._inside("ip", "address", "add", f"{self.address}/24", "dev", "eth0")
        self._inside("ip", "link", "set", "eth0", "up")
        self._inside("ip", "link", "set", "lo", "up")

    def _inside(self, *command: str, text: str | None = None, check: bool = True) -> str:
        return run(*self.entering(), *command, text=text, check=check)

    def entering(self) -> tuple[str, ...]:
        """Give what runs the command after it in this place."""
        return ("nsenter", f"--net=/run/netns/{self.namespace}", "--")

    def unplug(self) -> None:
        """Cut it off from all others; nobody is told."""
        run("ip", "link", "set", self._link, "down")

    def plug_in(self) -> None:
        run("ip", "link", "set", self._link, "up")

    def cut_off_from(self, addresses: Iterable[str]) -> None:
        """Drop what comes from some others, and what goes to them."""
        others = ", ".join(addresses)
        self._filter(f"ip saddr {{ {others} }} drop", f"ip daddr {{ {others} }} drop")

    def lose(self, percent: int) -> None:
        """Drop so many of a hundred packets, each way."""
        chance = f'iifname != "lo" numgen random mod 100 < {percent} drop'
        self._filter(chance, chance.replace("iifname", "oifname"))

    def _filter(self, incoming: str, outgoing: str) -> None:
        self.mend()
        rules = (
            f"chain in {{ type filter hook input priority 0; {incoming}; }}",
            f"chain out {{ type filter hook output priority 0; {outgoing}; }}",
        )
        self._inside("nft", "-f", "-", text="\n".join([f"table {TABLE} {{", *rules, "}"]))

    def mend(self) -> None:
        """Let everything through again."""
        self._inside("nft", "delete", "table", *TABLE.split(), check=False)
