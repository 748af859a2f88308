"""What the instruments of one process stand at, as it crosses to the process that shows them, and what several make
together. A worker that is replaced takes no count along: what it had counted stays in `Gone`, and its gauges go."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric

from base import figures

# Shown of each process too: one whose loop is stuck would not be seen in the sum.
OF_EACH = {f"{figures.PREFIX}delivery_seconds": f"{figures.PREFIX}process_delivery_seconds"}


class Sample(msgspec.Struct, array_like=True):
    name: str
    labels: dict[str, str]
    value: float

    @property
    def key(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        return self.name, tuple(sorted(self.labels.items()))


class Family(msgspec.Struct):
    """`is_shared`: a gauge of what is the same for all processes."""

    name: str
    words: str
    kind: str
    samples: list[Sample]
    is_shared: bool = False

    @property
    def is_gauge(self) -> bool:
        return self.kind not in ("counter", "histogram")


class Snapshot(msgspec.Struct):
    """`asked_at`: when this process last asked the database for what all have in common; seconds since 1970."""

    pid: int
    asked_at: float
    families: list[Family]


def taken() -> Snapshot:
    """Take one of this process."""
    figures.sample()
    families = [
        Family(
            family.name,
            family.documentation,
            family.type,
            [Sample(sample.name, sample.labels, sample.value) for sample in family.samples],
            family.name in figures.SHARED,
        )
        for family in REGISTRY.collect()
    ]
    return Snapshot(os.getpid(), figures.asked_at(), families)


def of_parent() -> Snapshot:
    """Take one of a process that only starts others: gauges that nothing sets here would be read as zero."""
    snapshot = taken()
    snapshot.families = [
        family
        for family in snapshot.families
        if not (family.is_gauge and family.name.startswith(figures.PREFIX))
    ]
    return snapshot


def together(snapshots: Iterable[Snapshot]) -> Iterator[Metric]:
    """Make of several processes what is shown: counts are added up; gauges stand for each process, by its `pid`, and
    what is shared is said by who asked last."""
    found: dict[str, Metric] = {}
    values: dict[str, dict[Any, Sample]] = {}
    for snapshot in sorted(snapshots, key=lambda each: each.asked_at):
        for family in _with_each(snapshot):
            metric = found.setdefault(family.name, Metric(family.name, family.words, family.kind))
            of_name = values.setdefault(metric.name, {})
            for sample in family.samples:
                _add(of_name, sample, adds=not family.is_gauge)
    for name, metric in found.items():
        for sample in values[name].values():
            metric.add_sample(sample.name, sample.labels, sample.value)
        yield metric


def gone(snapshots: Iterable[Snapshot]) -> Snapshot:
    """Make one of processes that have ended: of what they had counted."""
    counts = [
        Family(metric.name, metric.documentation, metric.type, [Sample(*each[:3]) for each in metric.samples])
        for metric in together(snapshots)
        if metric.type in ("counter", "histogram") and metric.name not in OF_EACH.values()
    ]
    return Snapshot(0, 0.0, counts)


def _add(of_name: dict[Any, Sample], sample: Sample, *, adds: bool) -> None:
    before = of_name.get(sample.key)
    value = sample.value + before.value if before and adds else sample.value
    of_name[sample.key] = Sample(sample.name, sample.labels, value)


def _with_each(snapshot: Snapshot) -> Iterator[Family]:
    """Give its families as they are shown, with the pid where they are of one process."""
    for family in snapshot.families:
        if family.is_gauge and not family.is_shared:
            yield _of_process(family, family.name, snapshot.pid)
        else:
            yield family
        if snapshot.pid and family.name in OF_EACH:
            yield _of_process(family, OF_EACH[family.name], snapshot.pid)


def _of_process(family: Family, name: str, pid: int) -> Family:
    samples = [
        Sample(name + sample.name.removeprefix(family.name), {**sample.labels, "pid": str(pid)}, sample.value)
        for sample in family.samples
    ]
    return msgspec.structs.replace(family, name=name, samples=samples)
