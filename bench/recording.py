"""Listening to events: only receive bytes, note the moment, look for the last event's mark. Parse afterwards."""

import select
import time
from collections.abc import Mapping

from bench.heard import Heard, judge
from bench.peer import Peer

READ = 1 << 16  # bytes in one read
READS = 256  # in one turn
LIMIT = 120.0  # seconds that one wait may take; what has not come by then is lost
LATE = 1.0  # seconds for the rest of a frame whose beginning has come
PING_AT_MOST = 16  # bytes: only so short a read can be a mere ping


class Recording:
    """What these sockets receive from now on; about `size` bytes are expected."""

    def __init__(self, epoll: select.epoll, peers: dict[int, Peer], size: int) -> None:
        self.epoll, self.peers = epoll, peers
        self.everybody = list(peers.values())
        for peer in self.everybody:
            peer.arrivals = []
        self.buffer = bytearray(b"\0") * (size + 2 * READS * READ)  # multiplied, so that its pages are there
        self.at = 0
        self.reads: list[
            tuple[Peer, int, int, float]
        ] = []  # the last three: place in the buffer, bytes, moment
        self.cpu = 0.0

    def wait(self, mark: bytes, quiet: float) -> tuple[int, float]:
        """Until every socket has had the frame with this mark, or nothing but pings came for `quiet` seconds, or LIMIT
        is over. Returns how many have not, and the moment of the last read."""
        cpu = time.process_time()
        pending, last = set(self.peers), time.monotonic()
        end = last + LIMIT
        while pending and time.monotonic() < min(last + quiet, end):
            if self.at + READS * READ > len(self.buffer):
                self._fold()
            last = self._turn(pending, mark) or last
        self.cpu += time.process_time() - cpu
        return len(pending), last

    def finish(self, sent: Mapping[int, float]) -> tuple[Heard, float]:
        """What was heard of the events sent, and the CPU seconds that listening took."""
        deadline = time.monotonic() + LATE
        self._fold()
        while any(peer.is_in_a_frame for peer in self.peers.values()) and time.monotonic() < deadline:
            self._turn(set(), b"")
            self._fold()
        return judge([peer.arrivals for peer in self.everybody], sent), self.cpu

    def _turn(self, pending: set[int], mark: bytes) -> float:
        """The loop that must be cheap. Returns the moment of the last read that was no ping, 0 when there was none."""
        buffer, view, at, moment = self.buffer, memoryview(self.buffer), self.at, 0.0
        peers, reads, clock = self.peers, self.reads, time.monotonic  # locals: half the price of attributes
        for fd, _ in self.epoll.poll(0.2, READS):
            peer = peers[fd]
            try:
                count = peer.socket.recv_into(view[at : at + READ])
            except OSError:
                count = 0
            if not count:
                self._lose(fd, pending)
                continue
            now = clock()
            reads.append((peer, at, count, now))
            if count <= PING_AT_MOST:
                peer.reply(bytes(buffer[at : at + count]))
            else:
                moment = now
            if fd in pending and (
                buffer.find(mark, at, at + count) >= 0 or self._straddles(mark, fd, at, count)
            ):
                pending.discard(fd)
            at += count
        self.at = at
        return moment

    def _straddles(self, mark: bytes, fd: int, at: int, count: int) -> bool:
        """Whether the mark lies across the beginning of this read."""
        peer, end = self.peers[fd], at + count
        across = peer.tail + self.buffer[at : min(at + len(mark), end)]
        peer.tail = bytes((peer.tail + self.buffer[max(end - len(mark), at) : end])[-len(mark) :])
        return mark in across

    def _lose(self, fd: int, pending: set[int]) -> None:
        pending.discard(fd)
        self.epoll.unregister(fd)
        self.peers.pop(fd).socket.close()

    def _fold(self) -> None:
        """Parse what was received, and use the buffer anew."""
        for peer, at, count, moment in self.reads:
            peer.feed(bytes(self.buffer[at : at + count]), moment)
        self.reads, self.at = [], 0
