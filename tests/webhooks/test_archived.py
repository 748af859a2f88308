"""A log whose beginning is in the archive, and what a webhook says of it."""

import pytest

from membership import archiving
from tests.archive.cuts import all_read, all_taken, archive
from tests.tasks.acme import comment, move, new_task
from tests.webhooks.conftest import work
from webhooks import services
from webhooks.wishes import Wish

pytestmark = pytest.mark.django_db


def done(team):
    move(new_task(team, actor=team.alice), "done", actor=team.alice)


def test_one_from_the_start_says_what_it_cannot_have(acme, receiver, monkeypatch, tmp_path):
    done(acme)
    going_on = new_task(acme, actor=acme.alice)
    done(acme)
    comment(going_on, "Still.", actor=acme.bob)
    monkeypatch.setattr(archiving, "STAYING", 0)
    all_taken()
    all_read()
    archive(tmp_path, 5)
    services.make(acme.membership(acme.alice), Wish("Archive", receiver.address), from_start=True)
    work()
    told = [
        (got.message["position"], got.message["previous"], got.message.get("archived_upto"))
        for got in receiver.taken
    ]
    assert told[:4] == [(3, 0, 5), (6, 3, 5), (7, 6, None), (8, 7, None)]
