"""Invitations: who may send and answer them, what is told to whom, and how much there may be of them."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from base.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from events.models import TaskEvent
from membership import answering, forgetting, inviting, quotas, services
from membership.invitations import is_invited, waiting_for
from membership.models import Invitation, Sending
from orgs.models import Membership, User
from outbound.models import Delivery
from tests.factories import UserFactory
from tests.tasks.acme import Role, found
from tests.tasks.threads import at_once

pytestmark = pytest.mark.django_db

ADDRESS = "dave@example.com"


@pytest.fixture(autouse=True)
def mail_is_on(settings):
    settings.MAIL_IS_ON = True


@pytest.fixture
def dave(db):
    """With a confirmed address."""
    user = UserFactory(username="dave")
    EmailAddress.objects.create(user=user, email=ADDRESS, verified=True, primary=True)
    return user


@pytest.fixture
def invite(acme):
    def invite(to="dave", role="member", by="bob"):
        return inviting.invite(by=acme.membership(getattr(acme, by)), to=to, role=role)

    return invite


def accept(invitation, user):
    return services.accept_invitation(invitation.pk, user=user)


def last_event():
    return TaskEvent.objects.latest("position")


class TestInviting:
    @pytest.mark.parametrize("to", ["dave", "DAVE", ADDRESS, "Dave <Dave@Example.com>"])
    def test_makes_nobody_a_member_and_tells_the_log_nothing(self, acme, invite, dave, to):
        invitation = invite(to)
        assert acme.organization.memberships.count() == 4
        assert not TaskEvent.objects.exists()
        assert waiting_for(dave) == [invitation]

    def test_is_the_same_whether_the_account_exists(self, acme, invite, dave):
        """But for what was typed."""
        UserFactory(username="shut", is_active=False)
        told = ("role", "state", "by_staff", "organization_id", "invited_by_id", "ended_at")
        rows = [invite(name) for name in ("dave", "nobody", "shut")]
        assert len({tuple(getattr(row, field) for field in told) for row in rows}) == 1
        for name in ("dave", "nobody", "shut"):
            with pytest.raises(Conflict, match=f"{name} is invited already"):
                invite(name)

    def test_a_name_that_was_nobodys_is_not_for_who_takes_it_later(self, invite):
        invitation = invite("nobody")
        late = UserFactory(username="nobody")
        assert waiting_for(late) == []
        with pytest.raises(NotFound):
            accept(invitation, late)

    def test_a_name_goes_with_its_person(self, invite, dave):
        invitation = invite("dave")
        User.objects.filter(pk=dave.pk).update(username="david", name_key="david")
        impostor = UserFactory(username="dave", email="")
        assert (waiting_for(impostor), waiting_for(dave)) == ([], [invitation])

    @pytest.mark.parametrize("verified", [False, True])
    def test_an_address_counts_once_it_is_confirmed(self, invite, verified):
        user = UserFactory(username="erin")
        EmailAddress.objects.create(user=user, email="erin@example.com", verified=verified)
        invitation = invite("Erin@example.com")
        if verified:
            assert accept(invitation, user).user == user
        else:
            with pytest.raises(NotFound):
                accept(invitation, user)

    def test_sign_up_by_invitation_asks_whether_an_address_is_invited(self, invite):
        invitation = invite("New@Example.com")
        assert is_invited(" nEw@example.COM")
        assert not any(map(is_invited, ("other@example.com", "", "new")))
        Invitation.objects.update(expires_at=timezone.now())
        assert not is_invited(invitation.address)

    @pytest.mark.parametrize("to", ["", "two words", "a@", "x\x00"])
    def test_what_can_be_nobody_is_refused(self, invite, to):
        with pytest.raises(Invalid, match="address or a user name"):
            invite(to)

    def test_a_member_named_is_one_already(self, invite):
        with pytest.raises(Conflict, match="Carol is already a member"):
            invite("carol")

    @pytest.mark.parametrize(
        ("by", "role", "refusal"),
        [
            ("bob", "owner", Forbidden),
            ("carol", "viewer", Forbidden),
            ("alice", "boss", Invalid),
            ("bob", "admin", None),
        ],
    )
    def test_gives_what_its_sender_may_give(self, invite, by, role, refusal):
        if refusal:
            with pytest.raises(refusal):
                invite("dave", role, by)
        else:
            assert invite("dave", role, by).role == role


class TestAccepting:
    @pytest.mark.parametrize("to", ["dave", ADDRESS])
    def test_makes_a_member_and_says_who_invited(self, acme, invite, dave, to):
        invitation = invite(to, "viewer")
        member = accept(invitation, dave)
        assert (member.user, member.role, member.level) == (dave, "viewer", "all")
        event = last_event()
        assert (event.actor, event.action) == (dave, "member_joined")
        assert event.details == {"user_id": dave.pk, "role": "viewer", "invited_by": acme.bob.pk}

    def test_once(self, invite, dave):
        invitation = invite()
        accept(invitation, dave)
        with pytest.raises(Conflict, match="You accepted this invitation"):
            accept(invitation, dave)

    def test_by_another_is_as_if_there_were_none(self, acme, invite, dave):
        invitation, other = invite(), UserFactory()
        for number in (invitation.pk, 999_999):
            with pytest.raises(NotFound, match="no such invitation for you"):
                services.accept_invitation(number, user=other)

    @pytest.mark.parametrize(
        ("happens", "said"),
        [
            (lambda acme, it, dave: answering.decline(it.pk, user=dave), "was declined"),
            (
                lambda acme, it, dave: inviting.revoke(by=acme.membership(acme.alice), invitation_id=it.pk),
                "taken back",
            ),
            (lambda acme, it, dave: Invitation.objects.update(expires_at=timezone.now()), "ran out on"),
            (
                lambda acme, it, dave: services.remove_member(
                    by=acme.membership(acme.alice), user_id=acme.bob.pk
                ),
                "any more",
            ),
            (
                lambda acme, it, dave: services.change_role(
                    by=acme.membership(acme.alice), user_id=acme.bob.pk, role="member"
                ),
                "any more",
            ),
            (lambda acme, it, dave: User.objects.filter(username="bob").update(is_active=False), "any more"),
            (lambda acme, it, dave: acme.join("dave"), "already a member of Acme"),
        ],
        ids=["declined", "revoked", "expired", "inviter left", "inviter demoted", "inviter closed", "joined"],
    )
    def test_is_refused_with_a_sentence_once_something_came_between(self, acme, invite, dave, happens, said):
        invitation = invite()
        happens(acme, invitation, dave)
        members = acme.organization.memberships.count()
        with pytest.raises(Conflict, match=said):
            accept(invitation, dave)
        assert acme.organization.memberships.count() == members

    def test_after_its_organization_is_gone(self, acme, invite, dave):
        invitation = invite()
        Invitation.objects.all().delete()  # the database does, with the organization
        with pytest.raises(NotFound, match="gone, with its organization"):
            accept(invitation, dave)

    def test_by_a_closed_account(self, invite, dave):
        invitation = invite()
        User.objects.filter(pk=dave.pk).update(is_active=False)
        with pytest.raises(NotFound):
            accept(invitation, dave)

    def test_a_refusal_leaves_it_waiting(self, acme, invite, dave):
        invitation = invite()
        Membership.objects.filter(user=acme.bob).update(role="member")
        with pytest.raises(Conflict):
            accept(invitation, dave)
        Membership.objects.filter(user=acme.bob).update(role="admin")
        assert accept(invitation, dave).role == "member"


class TestAgain:
    def test_is_for_whoever_may_give_the_role_and_from_them(self, acme, invite, dave):
        invitation = invite("dave", "owner", "alice")
        bob, alice = acme.membership(acme.bob), acme.membership(acme.alice)
        for act in (inviting.renew, inviting.revoke):
            with pytest.raises(Forbidden, match="Only an owner"):
                act(by=bob, invitation_id=invitation.pk)
        Invitation.objects.update(expires_at=timezone.now(), invited_by=acme.carol)
        assert waiting_for(dave) == []
        inviting.renew(by=alice, invitation_id=invitation.pk)
        assert accept(invitation, dave).role == "owner"
        for act in (inviting.renew, inviting.revoke):
            with pytest.raises(Conflict, match="waits no more"):
                act(by=alice, invitation_id=invitation.pk)

    def test_a_new_one_takes_the_place_of_one_that_ran_out(self, invite, dave):
        first = invite()
        Invitation.objects.update(expires_at=timezone.now())
        second = invite()
        assert waiting_for(dave) == [second]
        with pytest.raises(Conflict, match="ran out on"):
            accept(first, dave)

    def test_of_another_organization_is_not_found(self, invite, globex):
        invitation = invite()
        for act in (inviting.renew, inviting.revoke):
            with pytest.raises(Conflict, match="waits no more"):
                act(by=globex.membership(globex.gina), invitation_id=invitation.pk)


class TestOwnership:
    def test_is_offered_and_accepted(self, acme):
        offer = inviting.offer_ownership(by=acme.membership(acme.alice), user_id=acme.carol.pk)
        assert acme.membership(acme.carol).role == "member"
        accept(offer, acme.carol)
        assert acme.membership(acme.carol).role == "owner"
        event = last_event()
        assert event.actor == acme.carol
        assert event.details == {
            "user_id": acme.carol.pk, "from": "member", "to": "owner", "offered_by": acme.alice.pk,
        }  # fmt: skip

    @pytest.mark.parametrize(("user", "said"), [("alice", "already an owner"), ("carol", "offer already")])
    def test_is_offered_once_and_to_no_owner(self, acme, user, said):
        alice = acme.membership(acme.alice)
        inviting.offer_ownership(by=alice, user_id=acme.carol.pk)
        with pytest.raises(Conflict, match=said):
            inviting.offer_ownership(by=alice, user_id=getattr(acme, user).pk)

    def test_nobody_is_made_an_owner_unasked(self, acme, dave):
        with pytest.raises(Conflict, match="unasked"):
            services.change_role(by=acme.membership(acme.alice), user_id=acme.bob.pk, role="owner")

    def test_whoever_was_made_the_only_owner_gets_out(self, dave):
        """As an older release let it happen: dave adds bob, makes him owner and leaves."""
        team = found("trap", bob=Role.OWNER, erin=Role.MEMBER)
        bob = team.membership(team.bob)
        with pytest.raises(Conflict, match="needs an owner"):
            services.remove_member(by=bob, user_id=bob.user_id)
        services.remove_member(by=bob, user_id=bob.user_id, without_owner=True)
        assert list(team.organization.memberships.values_list("user__username", flat=True)) == ["erin"]

    def test_without_an_owner_an_admin_becomes_it(self, acme):
        alice, bob, carol = (acme.membership(user) for user in (acme.alice, acme.bob, acme.carol))
        with pytest.raises(Conflict, match="has an owner"):
            services.claim_ownership(by=bob)
        services.leave(alice)
        with pytest.raises(Forbidden):
            services.claim_ownership(by=carol)
        assert services.claim_ownership(by=bob).role == "owner"
        assert last_event().details == {"user_id": acme.bob.pk, "from": "admin", "to": "owner"}

    def test_without_an_owner_an_administrator_offers_it(self, acme, globex, dave):
        chief = UserFactory(username="chief", is_staff=True, is_superuser=True)
        offers = [inviting.offer_by_staff(acme.organization, by=chief, to=to) for to in ("carol", "dave")]
        with pytest.raises(Conflict, match="any more"):  # it has one
            accept(offers[0], acme.carol)
        services.leave(acme.membership(acme.alice))
        assert accept(offers[1], dave).role == "owner"
        with pytest.raises(Conflict, match="any more"):
            accept(offers[0], acme.carol)

    def test_an_administrator_of_once_offers_nothing(self, acme, dave):
        """What is owned is a tenant's: other staff may not hand it out."""
        chief = UserFactory(username="chief", is_staff=True, is_superuser=True)
        offer = inviting.offer_by_staff(acme.organization, by=chief, to="dave")
        services.leave(acme.membership(acme.alice))
        User.objects.filter(pk=chief.pk).update(is_superuser=False)
        with pytest.raises(Conflict, match="any more"):
            accept(offer, dave)


class TestWhoWasRemoved:
    @pytest.mark.parametrize("to", ["dave", "other@example.com"])
    def test_comes_back_by_no_invitation_of_before(self, acme, invite, dave, to):
        EmailAddress.objects.create(user=dave, email="other@example.com", verified=True)
        other = invite(to)
        accept(invite(ADDRESS), dave)
        services.remove_member(by=acme.membership(acme.bob), user_id=dave.pk)
        with pytest.raises(Conflict, match="taken back"):
            accept(other, dave)
        assert waiting_for(dave) == []
        assert accept(invite(to), dave).role == "member"

    def test_others_are_invited_as_before(self, acme, invite, dave):
        others = invite("erin@example.com")
        accept(invite(), dave)
        services.remove_member(by=acme.membership(acme.bob), user_id=dave.pk)
        others.refresh_from_db()
        assert others.state == "waiting"

    def test_who_left_may_come_back(self, acme, invite, dave):
        other = invite()
        accept(invite(ADDRESS), dave)
        services.leave(acme.membership(dave))
        assert accept(other, dave).role == "member"


class TestMail:
    def mails(self):
        return list(Delivery.objects.order_by("pk").values_list("address", flat=True))

    @pytest.mark.parametrize("to", ["dave", ADDRESS])
    def test_goes_to_the_address_and_tells_no_more_than_the_page(self, invite, dave, to):
        invitation = invite(to)
        mail = Delivery.objects.get()
        assert (mail.address, mail.kind) == (ADDRESS, "invitation")
        assert mail.content["subject"] == "Bob invites you to Acme"
        for part in ("text", "html"):
            assert f"/invitations/{invitation.pk}/" in mail.content[part]

    def test_goes_to_no_address_that_is_not_confirmed(self, invite):
        EmailAddress.objects.create(
            user=UserFactory(username="erin"), email="erin@example.com", verified=False
        )
        invite("erin")
        invite("nobody")
        assert self.mails() == []

    def test_an_address_gets_so_many_a_day_whoever_sends_them(self, acme, globex, invite, dave):
        invitation = invite(ADDRESS)
        for _ in range(quotas.MAILS_PER_DAY):
            inviting.renew(by=acme.membership(acme.alice), invitation_id=invitation.pk)
        other = inviting.invite(by=globex.membership(globex.gina), to=ADDRESS, role="member")
        named = inviting.invite(by=globex.membership(globex.gina), to="dave", role="member")
        assert self.mails() == [ADDRESS] * quotas.MAILS_PER_DAY
        assert waiting_for(dave) == [named, other, invitation]
        Sending.objects.update(day=timezone.now().date() - dt.timedelta(days=1))
        inviting.renew(by=acme.membership(acme.alice), invitation_id=invitation.pk)
        assert len(self.mails()) == quotas.MAILS_PER_DAY + 1

    def test_two_who_send_to_one_address_take_different_numbers(self, acme, invite, monkeypatch):
        """The other's row came between the look at it and our own."""
        invite(ADDRESS)
        monkeypatch.setattr("membership.invitation_mails._sent_on", lambda *_: {})
        inviting.renew(by=acme.membership(acme.alice), invitation_id=Invitation.objects.get().pk)
        assert len(self.mails()) == 1


class TestQuotas:
    def test_what_one_organization_has_waiting(self, invite, monkeypatch):
        monkeypatch.setattr(quotas, "PENDING", 2)
        invite("one@example.com"), invite("two@example.com")
        with pytest.raises(TooMany, match="At most 2"):
            invite("three@example.com")

    def test_what_one_person_sends_over_all_organizations(self, acme, globex, invite, monkeypatch):
        monkeypatch.setattr(quotas, "SENT_PER_DAY", 2)
        invitation = invite("one@example.com")
        inviting.renew(by=acme.membership(acme.bob), invitation_id=invitation.pk)
        globex.join("bob", Role.OWNER)
        with pytest.raises(TooMany, match="2 invitations in a day"):
            inviting.invite(by=globex.membership(globex.bob), to="x", role="member")
        with pytest.raises(TooMany):
            inviting.renew(by=acme.membership(acme.bob), invitation_id=invitation.pk)
        invite("two@example.com", by="alice")

    def test_what_one_person_founds(self, monkeypatch, dave):
        monkeypatch.setattr(quotas, "FOUNDED", 1)
        services.leave(
            Membership.objects.get(organization=services.create_organization(name="A", slug="a", owner=dave))
        )
        with pytest.raises(TooMany, match="made 1 organizations"):
            services.create_organization(name="B", slug="b", owner=dave)


class TestGoing:
    def test_many_at_once(self, acme, invite, dave):
        invite(ADDRESS)
        addresses = [ADDRESS, "new@example.com", "NEW@example.com", "other@example.com"]
        assert inviting.invite_many(by=acme.membership(acme.bob), addresses=addresses, role="viewer") == 2
        assert acme.organization.invitations.count() == 3

    def test_what_ended_goes_after_a_while(self, invite):
        now = timezone.now()
        for number, fields in enumerate(
            [
                {},
                {"expires_at": now - dt.timedelta(days=91)},
                {"state": "declined", "ended_at": now - dt.timedelta(days=91)},
            ]
        ):
            Invitation.objects.filter(pk=invite(f"a{number}@example.com").pk).update(**fields)
        forgetting.clear(now)
        assert [each.address for each in Invitation.objects.all()] == ["a0@example.com"]

    def test_goes_with_the_person(self, acme, invite, dave):
        invite(ADDRESS), invite("other@example.com", by="alice")
        assert [each["invited"] for each in forgetting.told(dave)] == [ADDRESS]
        forgetting.forget(dave)
        assert [each.address for each in Invitation.objects.all()] == ["other@example.com"]


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_accepted_in_two_tabs_joins_once(self, acme, invite, dave):
        invitation = invite()
        results = at_once([lambda: accept(invitation, dave)] * 2)
        assert sorted(type(result).__name__ for result in results) == ["Conflict", "Membership"]
        assert TaskEvent.objects.filter(action="member_joined").count() == 1

    def test_two_organizations_mail_one_address_as_often_as_one_does(self, acme, globex):
        senders = [acme.membership(acme.alice), globex.membership(globex.gina)]
        to = [lambda by=by: inviting.invite(by=by, to=ADDRESS, role="member") for by in senders]
        at_once(to)
        numbers = Sending.objects.filter(address=ADDRESS).values_list("number", flat=True)
        assert sorted(numbers) in ([1, 2], [1])
        assert Delivery.objects.count() == len(numbers)
