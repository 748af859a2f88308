import pytest

from bench.history import fill
from events.models import LogHead, TaskEvent
from events.scan import count, parts

pytestmark = pytest.mark.django_db


def test_an_empty_log_has_nothing_to_read():
    assert count(None) == (0, 0)


def test_counting_gives_all_or_one_organizations():
    fill(20, 200, organizations=2)
    streams = TaskEvent.objects.order_by().values("stream_id").distinct()
    assert count(None) == (200, streams.count()) == (200, 20)
    for head in LogHead.objects.all():
        own = {"organization_id": head.pk}
        assert count(head.pk) == (TaskEvent.objects.filter(**own).count(), streams.filter(**own).count())


@pytest.mark.parametrize("streams", [0, 1, 10, 11, 95])
def test_parts_leave_no_stream_out_and_take_none_twice(streams):
    found = parts(streams, 10)
    assert len(found) == max(1, -(-streams // 10))
    ends = [end.int for part in found for end in part]
    assert (ends[0], ends[-1]) == (0, 2**128 - 1)
    assert all(first == last + 1 for last, first in zip(ends[1::2], ends[2::2], strict=False))
