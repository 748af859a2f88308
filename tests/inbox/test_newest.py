"""Which notifications a list shows, beside the plain way to find them."""

from itertools import product
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inbox.lanes import LANES
from inbox.models import Notification
from inbox.newest import Filters, newest
from inbox.reasons import reasons
from inbox.states import VIEWS, State
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db

ROWS = 120
REASONS = ["org", "org", "org", "mentioned", "creator"]


@pytest.fixture
def inbox(db):
    """Rows of three organizations; of the newest, nearly all are read and for the same reason."""
    chance, bob = Random(8), UserFactory(username="bob")
    orgs = [OrganizationFactory() for _ in range(3)]
    Notification.objects.bulk_create(
        Notification(
            recipient=recipient,
            event_id=event_id,
            organization=orgs[0] if event_id > ROWS / 2 else chance.choice(orgs),
            reason="org" if event_id > ROWS / 2 else chance.choice(REASONS),
            state=State.READ if event_id > ROWS / 2 else chance.choice(list(State)),
        )
        for event_id in range(1, ROWS + 1)
        for recipient in (bob, UserFactory(username=f"other-{event_id}"))
    )
    return bob, orgs


def plainly(user, filters, limit):
    rows = Notification.objects.filter(
        recipient=user, organization__in=filters.org_ids, state__in=filters.states
    )
    if filters.reasons is not None:
        rows = rows.filter(reason__in=filters.reasons)
    if filters.before:
        rows = rows.filter(event_id__lt=filters.before)
    return list(rows.order_by("-event_id").values_list("event_id", flat=True)[:limit])


def test_are_those_that_fit_newest_first(inbox):
    bob, orgs = inbox
    ids = [org.pk for org in orgs]
    choices = product(
        [(), (ids[0],), (ids[1],), (ids[1], ids[2]), tuple(ids)],
        [None, *map(frozenset, (["org"], ["mentioned", "org"], ["assigned"], []))],
        VIEWS.values(),
        [None, 1, ROWS // 3, ROWS + 1],
    )
    for choice, limit in product(choices, (1, 7, 50)):
        filters = Filters(*choice)
        assert newest(bob.pk, filters, limit) == plainly(bob, filters, limit), (filters, limit)


def test_the_rare_are_found_by_one_statement_more(inbox):
    bob, orgs = inbox
    for filters, statements in (
        (Filters((orgs[0].pk,)), 1),
        (Filters((orgs[1].pk,), states=VIEWS["unread"]), 2),
    ):
        with CaptureQueriesContext(connection) as queries:
            newest(bob.pk, filters, 7)
        assert len(queries) == statements


def test_every_reason_has_a_lane_in_every_state():
    lanes = [(lane.state, reason) for lane in LANES for reason in lane.reasons]
    assert sorted(lanes) == sorted(product(State, reasons()))
