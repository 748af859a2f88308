import pytest

from tests.tasks.acme import acme, announcements, comment, globex, move, new_task, no_static_files

__all__ = ["acme", "announcements", "globex", "no_static_files"]


@pytest.fixture
def task(acme):
    """ACME-1 with three events: created by alice, moved by bob, commented by alice."""
    task = new_task(acme, actor=acme.alice)
    move(task, "in_progress", actor=acme.bob)
    comment(task, "Done soon.", actor=acme.alice)
    return task
