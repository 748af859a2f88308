"""Pages of what is large: they are small, and so is what is loaded to make them."""

import tracemalloc

import pytest

from tasks import streams
from tasks.commands import CommentOnTask, DescribeTask
from tasks.services import execute
from tests.tasks.acme import new_task, signed_in

pytestmark = pytest.mark.django_db

LARGE = "💥" * 20_000  # 80 KB
MIB = 2**20
PAGES = [
    "/orgs/acme/tasks/1/",
    "/orgs/acme/tasks/1/?before=30",
    "/orgs/acme/tasks/1/?version=40",
    "/orgs/acme/tasks/1/?at=2199-01-01&before=20",
    "/orgs/acme/tasks/",
    "/orgs/acme/history/",
    "/inbox/",
]


@pytest.fixture
def large(acme):
    """Forty comments and twenty descriptions of 80 KB: 4.8 MB."""
    task = new_task(acme, actor=acme.alice)
    commands = [CommentOnTask(task_id=task.pk, text=LARGE)] * 40
    commands += [DescribeTask(task_id=task.pk, description=LARGE[number:]) for number in range(20)]
    for command in commands:
        execute(command, actor=acme.alice)
    return task


def test_a_page_is_bounded_and_so_is_what_it_loads(acme, large):
    client = signed_in(acme.bob)
    client.get("/orgs/")  # what only the first request loads
    for url in PAGES:
        tracemalloc.start()
        try:
            page = client.get(url)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert page.status_code == 200
        assert len(page.content) < streams.WRITTEN + MIB / 2, url
        assert peak < 3 * MIB, url


def test_a_stale_edit_is_answered_without_what_was_written(acme, large):
    stale = {"title": "Mend it", "description": "x", "expected_version": 1}
    tracemalloc.start()
    try:
        page = signed_in(acme.bob).post("/orgs/acme/tasks/1/edit/", stale)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert page.status_code == 409
    three = "; ".join(["Alice edited its description"] * 3)
    assert f"This task changed while you were editing: {three}. Check it" in page.content.decode()
    assert peak < 2 * MIB
