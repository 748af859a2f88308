"""All sockets of a run, in a process of their own: it takes commands by line on its input and answers each by line.

`python -m bench.faults.crowd carillon ws://127.0.0.1:8000 ws://127.0.0.1:8001`
"""

import asyncio
import random
import sys
from pathlib import Path
from typing import Any

import msgspec

from bench.faults.client import Client, Plan
from bench.faults.cursor_client import CursorClient
from bench.faults.plain_client import PlainClient
from bench.faults.stream_client import StreamClient
from bench.processes import raise_file_limit

CLIENTS: dict[str, type[Client]] = {"carillon": CursorClient, "streams": StreamClient, "naive": PlainClient}
AT_ONCE = 20  # handshakes under way while a crowd gathers


class Crowd:
    def __init__(self, system: str, servers: list[str]) -> None:
        self.make, self.servers = CLIENTS[system], servers
        self.clients: list[Client] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def do(self, command: dict[str, Any]) -> Any:
        match command:
            case {"do": "add", "plans": plans, "at_once": at_once}:
                return await self.add(msgspec.convert(plans, list[Plan], str_keys=True), at_once or AT_ONCE)
            case {"do": "state"}:
                return [self.state_of(client) for client in self.clients]
            case {"do": "drop", "count": count}:
                return self.drop(count)
            case {"do": "deafen", "seconds": seconds, "count": count}:
                return self.deafen(count, seconds)
            case {"do": "records", "path": path}:
                records = [client.record for client in self.clients]
                await asyncio.to_thread(Path(path).write_bytes, msgspec.msgpack.encode(records))
                return len(records)
        raise ValueError(f"unknown command {command}")

    async def add(self, plans: list[Plan], at_once: int) -> int:
        """Connect them, so many at once; the others wait until those are welcome or refused."""
        for start in range(0, len(plans), at_once):
            added = [self.make(plan, self.servers) for plan in plans[start : start + at_once]]
            self.clients += added
            self.tasks += [asyncio.create_task(client.run()) for client in added]
            await asyncio.wait([asyncio.create_task(client.tried.wait()) for client in added], timeout=5)
        return len(plans)

    def state_of(self, client: Client) -> list[Any]:
        ended = client.record.ended
        return [client.plan.name, client.welcomed, ended, client.refusals, client.stands]

    def sample(self, count: int) -> list[Client]:
        connected = [client for client in self.clients if client.welcomed and client.wire]
        return random.sample(connected, min(count, len(connected)))

    def drop(self, count: int) -> int:
        """The network goes and is back at once. Some close as a browser does, some vanish."""
        chosen = self.sample(count)
        for client in chosen:
            client.drop(politely=random.random() < 0.5)
        return len(chosen)

    def deafen(self, count: int, seconds: float) -> int:
        """Stop reading, as a laptop that sleeps; then go on."""
        chosen = self.sample(count)
        for client in chosen:
            client.deafen(seconds)
        return len(chosen)


async def main(system: str, servers: list[str]) -> None:
    raise_file_limit()
    crowd = Crowd(system, servers)
    lines = asyncio.StreamReader(limit=2**26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        answer = await crowd.do(msgspec.json.decode(line))
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
