"""What a load takes, from what one of each thing costs. Pure."""

import math
from dataclasses import dataclass

from bench.growth.constants import Constants


@dataclass(frozen=True, kw_only=True)
class Load:
    """Rates are for each second, over all organizations, whose sockets and events are taken to be spread evenly."""

    organizations: float
    sockets: float
    events: float
    recipients: float  # rows for each event
    listeners: float  # sockets that get a frame of each event
    connects: float = 0.0
    replayed: float = 0.0  # events for each that connects
    workers: int = 2
    poll_seconds: float = 2.0
    followers: int = 1  # processes that run them


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """For each second: processor time of all workers, PostgreSQL, Redis and the followers, and bytes. `memory` is that
    of the workers."""

    workers: float
    postgres: float
    redis: float
    followers: float
    wire: float
    disk: float
    wal: float
    memory: float


def predict(one: Constants, load: Load) -> Prediction:
    heard = load.events * hearing(load.sockets / load.organizations, load.workers)
    followed, looks = batches(load), load.followers / load.poll_seconds
    polls = load.workers / load.poll_seconds
    polled = (
        polls * hearing(load.sockets / load.organizations, load.workers) / load.workers * load.organizations
    )
    return Prediction(
        workers=load.events * (one.post + load.recipients * one.recipient)
        + heard * one.hint
        + load.events * load.listeners * one.frame
        + load.connects * (one.connect + load.replayed * one.replayed)
        + load.workers * one.worker
        + load.sockets * one.socket
        + polls * one.poll
        + polled * one.poll_log,
        postgres=load.events * (one.pg_post + load.recipients * one.pg_recipient)
        + load.connects * (one.pg_connect + load.replayed * one.pg_replayed)
        + load.workers * one.pg_worker
        + polls * one.pg_poll
        + polled * one.pg_poll_log
        + followed * one.pg_batch
        + load.events * one.pg_followed
        + looks * one.pg_look,
        redis=heard * one.redis_hint + one.redis,
        followers=followed * one.batch + load.events * one.followed + looks * one.look,
        wire=(load.events * load.listeners + load.connects * load.replayed) * one.frame_bytes,
        disk=load.events * (one.event_bytes + load.recipients * one.recipient_bytes + one.followed_bytes),
        wal=load.events * (one.wal_event + load.recipients * one.wal_recipient + one.wal_followed)
        + followed * one.wal_batch,
        memory=processes(load.workers) * one.worker_bytes + load.sockets * one.socket_bytes,
    )


def processes(workers: int) -> int:
    """Several workers have a parent, which is as large as they are without sockets."""
    return workers + (workers > 1)


def hearing(sockets: float, workers: int) -> float:
    """How many workers have a socket of a log that has so many, dealt out at random."""
    return workers * (1 - (1 - 1 / workers) ** sockets)


def batches(load: Load) -> float:
    """Batches of a second: a log is taken once for each look that finds something new, however much it is."""
    found = 1 - math.exp(-load.events / load.organizations * load.poll_seconds)
    return load.organizations * found / load.poll_seconds


def events_of_one(one: Constants, round_trip: float, recipients: float = 0.0) -> float:
    """Events a second that one organization can write, one after the other, when PostgreSQL is `round_trip` seconds
    away, there and back."""
    return 1 / (one.waits * round_trip + one.locked + recipients * one.pg_recipient)


def events_of_all(one: Constants, recipients: float, cores: float) -> float:
    """Events a second that so many of PostgreSQL's cores can write, with nothing else to do."""
    return cores / (one.pg_post + recipients * one.pg_recipient + one.pg_followed + one.pg_batch)


def sockets_of_core(one: Constants, frames: float, share: float) -> float:
    """Sockets that such a share of a worker's core carries, each with so many frames a second."""
    return share / (one.socket + frames * one.frame)


def restart(one: Constants, sockets: float, replayed: float, cores: float, pg_cores: float) -> float:
    """Seconds until all sockets are back after all workers went: whichever of both sides takes longer."""
    ours = sockets * (one.connect + replayed * one.replayed) / cores
    theirs = sockets * (one.pg_connect + replayed * one.pg_replayed) / pg_cores
    return max(ours, theirs)


def hosts_of(needed: Prediction, cores: int, share: float) -> int:
    """Hosts of so many cores for workers and followers, of which such a share may be used."""
    return math.ceil((needed.workers + needed.followers) / (cores * share))


def connections(workers: int, followers: int, *, notify: bool) -> int:
    """Connections to PostgreSQL at most: ten a process, and two of a worker for NOTIFY."""
    return 10 * (workers + followers) + (2 * workers if notify else 0)
