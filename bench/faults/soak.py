"""The soak: sockets come, go, vanish and stop reading, members come and go, Redis restarts; and at the end memory,
descriptors and subscriptions must have stayed flat, and no socket may have missed anything.
"""

import random
import time
from collections import defaultdict

from redis.exceptions import ConnectionError as RedisAway
from tqdm import tqdm

from bench.faults.flat import Figure
from bench.faults.outside import descriptors, subscriptions
from bench.faults.rows.rights import remove, sign_out
from bench.faults.scene import Scene, staged
from bench.faults.stage import CARILLON, Stage
from bench.faults.world import Person
from bench.processes import resident_bytes

SOCKETS = 100
MIB = 2**20
RING = 1000  # events that a process keeps of each log: full before the first sample
MEMORY_SLACK = 4.0  # MiB
COUNT_SLACK = 8  # descriptors and places in groups, which follow who happens to be away
STAY = 15.0  # seconds that a guest is a member
REDIS_EVERY = 60.0  # seconds


class Soak:
    def __init__(self, scene: Scene, seconds: float) -> None:
        self.scene, self.seconds = scene, seconds
        self.samples: dict[str, list[float]] = defaultdict(list)
        self.guests: list[tuple[float, Person]] = []
        self._redis_due = time.monotonic() + REDIS_EVERY / 2

    def run(self) -> None:
        for target in range(2):
            self.scene.writer.burst(RING, 5, target)
        with self.scene.writing():
            end = time.monotonic() + self.seconds
            while time.monotonic() < end:
                self.churn()
                self.scene.wait(1)
                self.sample()
        self.scene.finish()

    def churn(self) -> None:
        self.scene.crowd.ask({"do": "drop", "count": random.randint(0, 8)})
        self.scene.crowd.ask({"do": "deafen", "count": 1, "seconds": random.uniform(1, 20)})
        if random.random() < 0.2:
            self.welcome_guest()
        if self.guests and self.guests[0][0] < time.monotonic():
            self.see_off(self.guests.pop(0)[1])
        if self._redis_due < time.monotonic():
            self._redis_due += REDIS_EVERY
            self.scene.stage.redis.kill()
            self.scene.wait(3)
            self.scene.stage.redis.start()

    def welcome_guest(self) -> None:
        """Somebody who connects, and whose membership ends while they are connected."""
        [guest] = self.scene.world.invite(1)
        self.scene.crowd.add(self.scene.plans(4, [guest]))
        self.guests.append((time.monotonic() + STAY, guest))

    def see_off(self, guest: Person) -> None:
        """Removed, which ends the organization's sockets; then signed out, which ends the others."""
        remove(self.scene, guest)
        sign_out(self.scene, guest)

    def sample(self) -> None:
        for number, server in enumerate(self.scene.servers, start=1):
            self.samples[f"memory of server {number}, MiB"].append(resident_bytes(server.pid) / MIB)
            self.samples[f"descriptors of server {number}"].append(descriptors(server.pid))
        try:
            self.samples["places in groups of Redis"].append(subscriptions(self.scene.stage.redis.url))
        except RedisAway:
            return

    def figures(self) -> list[Figure]:
        return [
            Figure(name, MEMORY_SLACK if "memory" in name else COUNT_SLACK, samples)
            for name, samples in self.samples.items()
        ]


def run_soak(stage: Stage, seconds: float) -> int:
    """The exit code."""
    began = time.monotonic()
    with tqdm(total=round(seconds), unit="s", leave=False, dynamic_ncols=True, disable=None) as bar:

        def tick() -> None:
            bar.update(min(round(time.monotonic() - began), round(seconds)) - bar.n)

        with staged(stage, CARILLON, seconds, SOCKETS, tick) as scene:
            soak = Soak(scene, seconds)
            soak.run()
    return report(soak)


def report(soak: Soak) -> int:
    figures, found = soak.figures(), soak.scene.found
    print(f"{'figure':<28} {'1st third':>10} {'2nd third':>10} {'last third':>10}")
    for figure in figures:
        thirds = " ".join(f"{value:>10.1f}" for value in figure.thirds)
        print(f"{figure.name:<28} {thirds}  {'flat' if figure.is_flat else 'GROWS'}")
    print(f"damage: {found.damage}", *found.broken, sep="; ")
    return 0 if all(figure.is_flat for figure in figures) and found.is_clean else 1
