import pytest

from tests.tasks.acme import comment, move, new_task


@pytest.fixture
def task(acme):
    """ACME-1 with three events: created by alice, moved by bob, commented by alice."""
    task = new_task(acme, actor=acme.alice)
    move(task, "in_progress", actor=acme.bob)
    comment(task, "Done soon.", actor=acme.alice)
    return task
