"""What one of each thing costs. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from statistics import median


@dataclass(frozen=True, kw_only=True)
class Constants:
    """Seconds of processor time, and bytes, of one machine. What begins with `pg_` is spent by PostgreSQL."""

    # A comment that comes as a form, in a worker; and for each of its recipients.
    post: float
    pg_post: float
    recipient: float
    pg_recipient: float
    # An event in a worker that has sockets of its log; each of their frames.
    hint: float
    frame: float
    redis_hint: float  # in Redis, for each event and worker that hears it
    redis: float  # what time alone costs there, for each second
    # A socket that comes with a cursor, and goes again; an event that it is shown.
    connect: float
    pg_connect: float
    replayed: float
    pg_replayed: float
    # What time alone costs, for each second: a worker, a socket. A poll of a worker, and each log in it.
    worker: float
    pg_worker: float
    socket: float
    poll: float
    pg_poll: float
    poll_log: float
    pg_poll_log: float
    # All followers: a batch of one log, an event and a recipient in it; a look at all logs, and each log in it.
    batch: float
    pg_batch: float
    followed: float
    pg_followed: float
    look: float
    pg_look: float
    # While one organization's log is locked: how often its writer waits for PostgreSQL, and the processor time of both
    # sides.
    waits: float
    locked: float
    # Memory of a worker without sockets, and of a socket.
    worker_bytes: float
    socket_bytes: float
    # Tables with their indexes, and the WAL without full pages: of an event, a recipient, what followers keep of an
    # event, and a batch of theirs.
    event_bytes: float
    recipient_bytes: float
    followed_bytes: float
    wal_event: float
    wal_recipient: float
    wal_followed: float
    wal_batch: float
    # A frame on the wire, without TCP and TLS.
    frame_bytes: float


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: median(run[name] for run in runs) for name in runs[0]}


def slope(low: tuple[float, float], high: tuple[float, float]) -> float:
    """What one more costs, of two points (how many, how much). Noise may make it negative; nothing costs less than
    nothing."""
    (few, little), (many, much) = low, high
    return max(0.0, (much - little) / (many - few))


def rows(constants: Constants) -> list[tuple[str, str]]:
    """Names and figures with their units, for people."""
    return [(field.name, shown(field.name, asdict(constants)[field.name])) for field in fields(Constants)]


def shown(name: str, value: float) -> str:
    if name == "waits":
        return f"{value:.0f}"
    if "bytes" in name or name.startswith("wal"):
        return f"{value / 2**20:.0f} MiB" if value >= 2**20 else f"{value:,.0f} bytes"
    return f"{value * 1e3:.2f} ms" if value >= 1e-3 else f"{value * 1e6:.1f} µs"
