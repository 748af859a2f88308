"""The systems that know nothing of the product: they get the text of its frames through Redis and pass it on."""

import json
import shutil
import subprocess
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from bench.client import Dial
from bench.handshake import request
from bench.scribe import Event
from bench.systems.base import OnItsCore, System
from bench.systems.setting import Setting
from servers import ServerProcess

ROOT = Path(__file__).parent.parent.parent
NODE = ROOT / "bench" / "node"


def channel(key: str) -> str:
    """Each its own, so that none pays for another's events."""
    return f"bench-{key}"


class BareServer(OnItsCore, ServerProcess):
    def __init__(self, setting: Setting, name: str, program: list[str]) -> None:
        self.name = name
        super().__init__(setting.directory)
        self.arguments = [*program, str(self.port), setting.environment["REDIS_URL"], channel(name)]

    def command(self) -> list[str]:
        return self.arguments

    def popen_options(self) -> dict[str, Any]:
        return super().popen_options() | {"cwd": ROOT}

    def is_ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except HTTPException:
            return True  # an answer, if no HTTP
        except OSError:
            return False
        finally:
            connection.close()
        return True


class Bare(System):
    """A plain PUBLISH of the frame's text."""

    path, hello, texts = "/", b"", 0
    program: list[str]

    def start(self) -> None:
        self.server = BareServer(self.setting, self.key, self.program).start()

    def dial(self, size: int, sockets: int, window: int) -> Dial:
        requests = [request(self.server.port, self.path)] * sockets
        return Dial(self.server.port, requests, self.hello, self.texts, window)

    def publish(self, event: Event) -> None:
        self.setting.redis.publish(channel(self.key), event.text)


class Floor(Bare):
    key, label = "floor", "bare epoll loop"
    program = [sys.executable, "-m", "bench.systems.floor"]


class NodeWs(Bare):
    key, label, needs_node = "ws", "Node ws", True
    program = ["node", str(NODE / "ws.mjs")]


class SocketIo(Bare):
    """Through the stream that its own adapter writes and reads, so that every packet has its offset for recovery."""

    key, label, needs_node = "socketio", "Socket.IO", True
    program = ["node", str(NODE / "socketio.mjs")]
    path = "/socket.io/?EIO=4&transport=websocket"
    hello = b"\x81\x82\0\0\0\0" + b"40"  # connect to the main namespace
    texts = 2  # its own handshake, and the answer to ours

    def publish(self, event: Event) -> None:
        packet = {"type": 2, "data": ["frame", json.loads(event.text)], "nsp": "/"}
        data = {"packet": packet, "opts": {"rooms": [channel(self.key)], "except": [], "flags": {}}}
        entry = {"uid": "bench", "nsp": "/", "type": "3", "data": json.dumps(data, separators=(",", ":"))}
        self.setting.redis.xadd("socket.io", entry, maxlen=10_000, approximate=True)


def node_is_missing() -> str | None:
    """Why Node's systems cannot take part; None when they can. Installs their locked packages the first time."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            return f"{program} is not installed, so Node ws and Socket.IO are left out."
    installed = NODE / "node_modules" / ".package-lock.json"
    lock = NODE / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        done = subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=NODE, capture_output=True, text=True)
        if done.returncode:
            return f"npm could not install their packages, so Node ws and Socket.IO are left out: {done.stderr[-300:]}"
    return None
