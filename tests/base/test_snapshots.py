"""What several processes show together."""

import pytest

from base import figures, snapshots
from base.snapshots import Family, Sample, Snapshot

pytestmark = pytest.mark.once


def counted(value: float) -> Family:
    return Family(
        "carillon_hints", "…", "counter", [Sample("carillon_hints_total", {"result": "used"}, value)]
    )


def delayed(*counts: float) -> Family:
    edges = zip(("0.1", "+Inf"), counts, strict=True)
    name = "carillon_delivery_seconds"
    return Family(
        name, "…", "histogram", [Sample(f"{name}_bucket", {"le": le}, count) for le, count in edges]
    )


def open_sockets(value: float) -> Family:
    return Family("carillon_sockets", "…", "gauge", [Sample("carillon_sockets", {}, value)])


def lag(value: float) -> Family:
    sample = Sample("carillon_follower_behind_events", {"follower": "search"}, value)
    return Family("carillon_follower_behind_events", "…", "gauge", [sample], is_shared=True)


def shown(*those: Snapshot) -> dict[tuple[str, str], float]:
    return {
        (
            sample.name,
            ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items())),
        ): sample.value
        for metric in snapshots.together(those)
        for sample in metric.samples
    }


def test_counts_are_added_up():
    found = shown(Snapshot(1, 0, [counted(3)]), Snapshot(2, 0, [counted(4)]))
    assert found == {("carillon_hints_total", "result=used"): 7}


def test_a_gauge_stands_for_each_process():
    found = shown(Snapshot(1, 0, [open_sockets(3)]), Snapshot(2, 0, [open_sockets(4)]))
    assert found == {("carillon_sockets", "pid=1"): 3, ("carillon_sockets", "pid=2"): 4}


def test_what_is_shared_is_said_by_who_asked_last():
    asked = [Snapshot(1, 60.0, [lag(3)]), Snapshot(2, 90.0, [lag(4)]), Snapshot(3, 0.0, [])]
    assert shown(*asked) == {("carillon_follower_behind_events", "follower=search"): 4}


def test_the_delay_is_shown_of_all_and_of_each():
    found = shown(Snapshot(1, 0, [delayed(1, 2)]), Snapshot(2, 0, [delayed(4, 5)]))
    assert found["carillon_delivery_seconds_bucket", "le=+Inf"] == 7
    assert found["carillon_process_delivery_seconds_bucket", "le=0.1,pid=2"] == 4


def test_who_has_ended_leaves_counts_and_no_gauges():
    gone = Snapshot(0, 0.0, [])
    for pid in (1, 2):
        gone = snapshots.gone(
            [gone, Snapshot(pid, 9.0, [counted(3), open_sockets(5), lag(2), delayed(1, 2)])]
        )
    found = shown(gone, Snapshot(3, 0, [counted(1)]))
    assert found["carillon_hints_total", "result=used"] == 7
    assert found["carillon_delivery_seconds_bucket", "le=+Inf"] == 4
    assert not [name for name, labels in found if "sockets" in name or "behind" in name or "pid" in labels]


def test_a_parent_has_no_gauges_of_ours():
    names = {family.name for family in snapshots.of_parent().families if family.is_gauge}
    assert "process_open_fds" in names
    assert not [name for name in names if name.startswith(figures.PREFIX)]
