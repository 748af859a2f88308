import pytest

from membership import archiving
from tests.archive.cuts import all_read, all_taken
from tests.tasks.acme import comment, move, new_task


@pytest.fixture(autouse=True)
def all_may_go(monkeypatch):
    monkeypatch.setattr(archiving, "STAYING", 0)


@pytest.fixture
def log(acme):
    """1 to 4: a task that is done. 5: one that goes on. 6, 7: one that is cancelled. 8: the first goes on."""
    done = new_task(acme, actor=acme.alice, description="The old words of alice")
    comment(done, "Hm, says bob.", actor=acme.bob)
    open_one = new_task(acme, actor=acme.alice, title="Paint it")
    move(done, "done", actor=acme.alice)
    cancelled = new_task(acme, actor=acme.bob, title="Not this")
    move(cancelled, "cancelled", actor=acme.bob)
    comment(open_one, "Still.", actor=acme.bob)
    comment(open_one, "Yes, still.", actor=acme.alice)
    all_taken()
    all_read()
    return done, open_one, cancelled
