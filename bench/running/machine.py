"""A bare Debian in a folder, as a machine of its own: systemd is its first process, it has a network of its own, and
nothing of it is left when it stops."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

SUITE = "bookworm"
NEEDED = ("debootstrap", "systemd-nspawn", "nsenter", "ip")
CERTIFICATES = Path("usr/local/share/ca-certificates")
LIMIT = 60.0  # seconds
STEP = 0.1


class CannotRun(Exception):
    """Says in one sentence what this host lacks."""


class Machine:
    """`base`: a root that debootstrap has made before, to be copied; None makes one."""

    def __init__(self, base: Path | None = None) -> None:
        if os.geteuid() != 0:
            raise CannotRun("it needs root")
        if missing := [name for name in NEEDED if shutil.which(name) is None]:
            raise CannotRun(
                f"it needs {', '.join(missing)}: install debootstrap, systemd-container, iproute2"
            )
        self.base = base
        self.directory = Path(tempfile.mkdtemp(prefix="carillon-running-"))
        self.root = self.directory / "root"
        self.network = f"cl-running-{os.getpid()}"
        self.process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        if self.base:
            subprocess.run(["cp", "-a", "--reflink=auto", self.base, self.root], check=True)
        else:
            command = ["debootstrap", SUITE, self.root, _mirror()]
            made = subprocess.run(command, capture_output=True, text=True)
            if made.returncode:
                raise CannotRun(f"debootstrap failed: {made.stdout[-300:]}{made.stderr[-300:]}")
        # It trusts what this host trusts, which may see the world through a proxy.
        if (Path("/") / CERTIFICATES).is_dir():
            shutil.copytree(Path("/") / CERTIFICATES, self.root / CERTIFICATES, dirs_exist_ok=True)

    def start(self) -> Self:
        _run("ip", "netns", "add", self.network)
        _run("ip", "-n", self.network, "link", "set", "lo", "up")
        command = [
            "systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--resolv-conf=copy-host",
            f"--directory={self.root}", f"--machine={self.network}",
            f"--network-namespace-path=/run/netns/{self.network}", "--console=pipe",
        ]  # fmt: skip
        with (self.directory / "console.log").open("wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._until(lambda: self._leader() is not None)
        self._until(
            lambda: self.run("systemctl is-system-running", check=False).strip() in ("running", "degraded")
        )
        return self

    def run(self, commands: str, online: bool = False, check: bool = True) -> str:
        """Run shell commands as root would, and give what they print. `online`: by the host's network, for packages."""
        namespaces = ["--mount", "--uts", "--ipc", "--pid", "--cgroup", *(() if online else ("--net",))]
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
        }  # fmt: skip
        if online:
            environment |= {name: value for name, value in os.environ.items() if name.startswith("PIP_CERT")}
        enter = ["nsenter", f"--target={self._leader()}", *namespaces, "--wdns=/root"]
        done = subprocess.run(
            [*enter, "/bin/bash", "-euo", "pipefail", "-c", commands],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        if check and done.returncode:
            raise AssertionError(f"{commands}\nended with {done.returncode}:\n{done.stdout[-4000:]}")
        return done.stdout

    def stop(self) -> None:
        if self.process:
            if self._leader() is not None:
                self.run("systemctl --no-block poweroff", check=False)
            try:
                self.process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        subprocess.run(["ip", "netns", "delete", self.network], check=False, capture_output=True)
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _leader(self) -> str | None:
        """Find the machine's first process, by its number here."""
        assert self.process
        if self.process.poll() is not None:
            raise CannotRun(f"systemd-nspawn ended: {(self.directory / 'console.log').read_text()[-300:]}")
        with suppress(OSError):
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            for child in children:
                if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    return child
        return None

    def _until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > deadline:
                raise CannotRun("the machine does not start")
            time.sleep(STEP)


def _mirror() -> str:
    """Give the mirror of Debian 12 that this host's apt is told of."""
    wanted = [
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI)",
        "Origin: Debian",
        f"Codename: {SUITE}",
        "Component: main",
    ]
    found = subprocess.run(wanted, capture_output=True, text=True, check=True).stdout.split()
    if not found:
        raise CannotRun(
            f"this host's apt knows no mirror of Debian's {SUITE}: run `apt-get update` on one that does"
        )
    return found[0]


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
