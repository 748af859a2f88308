"""Who is told of a change of membership: rows, frames and pages."""

import pytest

from inbox.commands import lock_log
from inbox.models import Notification
from membership import services
from orgs.models import Membership, Organization
from tests.audits import findings
from tests.factories import UserFactory
from tests.tasks.acme import new_task, signed_in
from tests.tasks.invariants import assert_the_log_holds

pytestmark = pytest.mark.django_db


def told():
    rows = Notification.objects.order_by("event_id", "recipient__username")
    return list(rows.values_list("event__action", "recipient__username", "reason"))


@pytest.fixture
def muted(acme):
    Membership.objects.filter(organization=acme.organization).update(level="muted")


def test_the_person_and_who_manages_members_but_never_everybody(acme):
    UserFactory(username="dave")
    services.add_member(by=acme.membership(acme.bob), username="dave", role="viewer")
    services.change_role(by=acme.membership(acme.bob), user_id=acme.dave.pk, role="member")
    services.remove_member(by=acme.membership(acme.dave), user_id=acme.dave.pk)
    services.rename_organization(acme.pk, name="Apex", slug="acme", by=acme.bob)
    assert told() == [
        ("member_joined", "alice", "manager"),
        ("member_joined", "dave", "about_you"),
        ("role_changed", "alice", "rights"),
        ("role_changed", "dave", "about_you"),
        ("member_left", "alice", "manager"),
        ("member_left", "bob", "manager"),
        ("organization_renamed", "alice", "manager"),
    ]
    assert_the_log_holds(acme.pk)
    assert findings() == []


def test_of_rights_even_who_muted_the_organization(acme, muted):
    services.change_role(by=acme.membership(acme.bob), user_id=acme.vera.pk, role="member")
    services.remove_member(by=acme.membership(acme.bob), user_id=acme.carol.pk)
    services.rename_organization(acme.pk, name="Apex", slug="acme", by=acme.bob)
    assert told() == [
        ("role_changed", "alice", "rights"),
        ("role_changed", "vera", "about_you"),
        ("member_removed", "alice", "rights"),
    ]


def test_the_pages_lead_to_the_members(acme):
    services.change_role(by=acme.membership(acme.alice), user_id=acme.vera.pk, role="member")
    vera = signed_in(acme.vera)
    page = vera.get("/inbox/").content.decode()
    assert "Alice made you a member" in page
    assert "about you" in page
    event_id = Notification.objects.get(recipient=acme.vera).event_id
    assert vera.get(f"/inbox/{event_id}/")["Location"] == "/orgs/acme/members/"
    new_task(acme, actor=acme.alice)
    history = vera.get("/orgs/acme/history/", {"action": "role_changed"})
    assert [entry["sentence"] for entry in history.context["entries"]] == ["Alice made Vera a member"]
    assert 'href="/orgs/acme/members/"' in history.content.decode()


def test_a_frame_has_the_short_name_whatever_the_name_is(acme):
    """The row is read past Django's models: its columns must come in their order."""
    Organization.objects.filter(pk=acme.pk).update(name="Acme Tools")
    locked = lock_log(acme.pk, acme.alice).organization
    assert (locked.name, locked.slug) == ("Acme Tools", "acme")


class TestTheAudit:
    @pytest.fixture(autouse=True)
    def recorded(self, acme):
        services.change_role(by=acme.membership(acme.alice), user_id=acme.vera.pk, role="member")
        services.remove_member(by=acme.membership(acme.alice), user_id=acme.carol.pk)

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            (
                lambda acme: Membership.objects.filter(user=acme.vera).update(role="owner"),
                "membership_differs",
            ),
            (lambda acme: Membership.objects.filter(user=acme.vera).delete(), "membership_missing"),
            (lambda acme: acme.join("carol"), "membership_ended"),
        ],
    )
    def test_finds_rows_that_are_not_what_the_log_says(self, acme, change, found):
        assert findings() == []
        change(acme)
        assert [(finding.org_id, finding.code) for finding in findings()] == [(acme.pk, found)]

    def test_asks_nothing_of_whom_the_log_does_not_know(self, acme):
        acme.join("dave")
        Membership.objects.filter(user=acme.bob).update(role="viewer")
        assert findings() == []
