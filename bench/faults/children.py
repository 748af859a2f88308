"""The crowd and the writer as this process holds them: asked by line, ended by their own process ids."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

from bench.faults.book import Target, Written
from bench.faults.client import Plan
from bench.faults.history import Record

ROOT = Path(__file__).parent.parent.parent


class Gone(Exception):
    """The child ended instead of answering."""


class Child:
    """It ends when its input ends, so it does not outlive us whatever becomes of us."""

    def __init__(self, module: str, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("ab") as errors:
            # A session of its own: a Ctrl-C at the terminal reaches us alone, and we stop all in order.
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=ROOT,
                env=os.environ | environment,
                start_new_session=True,
            )

    def ask(self, command: dict[str, Any]) -> Any:
        self.tell(command)
        return self.answer()

    def tell(self, command: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(msgspec.json.encode(command) + b"\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            said = self._log.read_text(errors="replace")[-2000:]
            raise Gone(f"process {self.process.pid} ended with code {self.process.wait()}\n{said}")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)  # it holds nothing that needs an orderly end
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue


class Crowd(Child):
    def __init__(self, system: str, servers: list[str], directory: Path) -> None:
        self.directory = directory
        super().__init__("bench.faults.crowd", [system, *servers], {}, directory / "crowd.log")

    def add(self, plans: list[Plan], at_once: int = 0) -> None:
        self.ask({"do": "add", "plans": msgspec.to_builtins(plans), "at_once": at_once})

    def state(self) -> list["SocketState"]:
        return msgspec.convert(self.ask({"do": "state"}), list[SocketState], str_keys=True)

    def records(self) -> list[Record]:
        path = self.directory / "records"
        self.ask({"do": "records", "path": str(path)})
        return msgspec.msgpack.decode(path.read_bytes(), type=list[Record])


class SocketState(msgspec.Struct, array_like=True):
    """One socket now. `stands`: organization id -> position of the newest frame shown, or where it started."""

    name: str
    connected: bool
    ended: bool
    refusals: int
    stands: dict[int, int]


class WriterProcess(Child):
    def __init__(self, targets: list[Target], environment: Mapping[str, str], directory: Path) -> None:
        self.book = directory / "book"
        super().__init__("bench.faults.writer", [str(self.book)], environment, directory / "writer.log")
        self.tell({"targets": msgspec.to_builtins(targets)})
        self.answer()

    def rate(self, per_second: float) -> None:
        self.ask({"do": "rate", "rate": per_second})

    def burst(self, count: int, size: int, target: int = 0, word: str = "ding ") -> Written:
        answer = self.ask({"do": "burst", "count": count, "size": size, "word": word, "target": target})
        return msgspec.convert(answer, Written)

    def writes(self) -> list[Written]:
        if not self.book.exists():
            return []
        lines = self.book.read_bytes().splitlines()
        return [msgspec.json.decode(line, type=Written) for line in lines]
