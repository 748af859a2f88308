"""The pages of invitations: what managers send and see, what the invited see and answer."""

import html

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client

from membership import inviting, services
from membership.models import Invitation
from orgs.models import Membership
from tests.factories import UserFactory
from tests.tasks.acme import Role, new_task, signed_in

# What pages answer to whom is the same on either database.
pytestmark = [pytest.mark.django_db, pytest.mark.once]

INVITE = "/orgs/acme/members/invite/"


def words(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def text(response):
    return html.unescape(response.content.decode())


@pytest.fixture
def dave(db):
    user = UserFactory(username="dave")
    EmailAddress.objects.create(user=user, email="dave@example.com", verified=True, primary=True)
    return user


@pytest.fixture
def invitation(acme, dave):
    return inviting.invite(by=acme.membership(acme.bob), to="dave", role="member")


class TestInviting:
    def post(self, acme, who="bob", **fields):
        return signed_in(getattr(acme, who)).post(INVITE, {"text": "dave", "role": "member"} | fields)

    def test_one_is_invited_at_once(self, acme, dave):
        response = self.post(acme)
        assert (response.status_code, response["Location"]) == (302, "/orgs/acme/members/")
        assert not acme.organization.memberships.filter(user=dave).exists()
        page = text(signed_in(acme.bob).get("/orgs/acme/members/"))
        assert "Waiting for an answer" in page

    def test_the_words_are_the_same_whether_there_is_an_account(self, acme, dave):
        said = [words(self.post(acme, text=name)).replace(name, "X") for name in ("dave", "nobody")]
        assert said[0] == said[1]
        assert "is invited" in said[0]

    @pytest.mark.parametrize(
        ("fields", "status", "error"),
        [
            ({"text": "carol"}, 409, "already a member"),
            ({"text": ""}, 400, "required"),
            ({"text": "a\x00"}, 400, "Null characters"),
            ({"text": "x" * 40_001}, 400, "at most 40000"),
            ({"text": "a@x.org," * 201}, 400, "At most 200"),
            ({"role": "owner"}, 400, "Select a valid choice"),
            ({"role": ""}, 400, "required"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_what_is_wrong_stands_beside_the_form(self, acme, fields, status, error):
        response = self.post(acme, **fields)
        assert response.status_code == status
        assert error in str(response.context["form"].errors)
        assert not Invitation.objects.exists()

    @pytest.mark.parametrize("who", ["carol", "vera"])
    def test_is_for_managers(self, acme, invitation, who):
        assert self.post(acme, who).status_code == 403
        page = text(signed_in(getattr(acme, who)).get("/orgs/acme/members/"))
        assert "Waiting for an answer" not in page

    def test_many_are_shown_first_and_sent_then(self, acme, dave):
        inviting.invite(by=acme.membership(acme.bob), to="old@x.org", role="member")
        pasted = 'Ann <ann@x.org>; "Lee, B." <b@x.org>\nold@x.org, ANN@x.org\nno address'
        page = self.post(acme, text=pasted)
        assert [(each.line.address, each.says) for each in page.context["seen"]] == [
            ("ann@x.org", "Will be invited"),
            ("b@x.org", "Will be invited"),
            ("old@x.org", "Invited already"),
            ("ann@x.org", "Twice, counts once"),
            ("", "Not an address"),
        ]
        assert "Invite 2 people" in text(page)
        assert Invitation.objects.count() == 1
        sent = self.post(acme, text=pasted, send="1")
        assert "2 people are invited" in text(sent)
        assert sent.context["form"]["text"].value() == "no address"
        assert Invitation.objects.count() == 3

    def test_sending_again_and_taking_back(self, acme, invitation, dave):
        bob = signed_in(acme.bob)
        for act, said in (
            ("renew", "another two weeks"),
            ("revoke", "taken back"),
            ("revoke", "waits no more"),
        ):
            assert said in words(bob.post(f"/orgs/acme/members/invitations/{invitation.pk}/{act}/"))
        assert text(signed_in(dave).get("/invitations/")).count("Acme") == 0


class TestAnswering:
    def at(self, invitation, act=""):
        return f"/invitations/{invitation.pk}/{act}"

    def test_a_look_tells_the_name_the_inviter_and_the_role_and_changes_nothing(self, acme, invitation, dave):
        new_task(acme, actor=acme.alice, title="Secret plans")
        client = signed_in(dave)
        for path in ("/invitations/", self.at(invitation), "/orgs/", "/inbox/"):
            page = text(client.get(path))
            assert "Secret" not in page
            assert "Alice" not in page
            assert ("Acme" in page) == (path != "/inbox/")
        for act in ("accept/", "decline/"):
            assert client.get(self.at(invitation, act))["Location"] == self.at(invitation)
        assert client.get("/orgs/acme/tasks/").status_code == 404
        invitation.refresh_from_db()
        assert invitation.state == "waiting"

    def test_accepting_leads_in(self, acme, invitation, dave):
        client = signed_in(dave)
        assert client.get("/")["Location"] == self.at(invitation)
        response = client.post(self.at(invitation, "accept/"))
        assert (response["Location"], words(response)) == (
            "/orgs/acme/tasks/",
            "You are now a member of Acme.",
        )
        again = client.post(self.at(invitation, "accept/"))
        assert (again.status_code, "You accepted this invitation" in text(again)) == (409, True)
        assert "You accepted this invitation" in text(client.get(self.at(invitation)))

    def test_declining_leads_to_the_others(self, invitation, dave):
        response = signed_in(dave).post(self.at(invitation, "decline/"))
        assert response["Location"] == "/invitations/"
        assert not Membership.objects.filter(user=dave).exists()

    @pytest.mark.parametrize("act", ["", "accept/", "decline/"])
    def test_anothers_and_none_answer_alike(self, acme, globex, invitation, act):
        """To a stranger, and to the manager who sent it."""
        for user in (globex.gina, acme.bob):
            client, method = signed_in(user), "post" if act else "get"
            answers = [
                getattr(client, method)(f"/invitations/{number}/{act}") for number in (invitation.pk, 987_654)
            ]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert "Acme" not in text(answers[0]) or user == acme.bob
            assert "no such invitation for you" in text(answers[0])

    def test_the_signed_out_are_asked_to_sign_in_whatever_there_is(self, invitation):
        for number in (invitation.pk, 987_654):
            path = f"/invitations/{number}/"
            assert Client().get(path)["Location"] == f"/accounts/login/?next={path}"

    def test_a_member_already_is_told_so(self, acme, invitation, dave):
        acme.join("dave")
        client = signed_in(dave)
        assert "already a member of Acme" in text(client.get(self.at(invitation)))
        assert "already a member of Acme" in text(client.post(self.at(invitation, "accept/")))
        assert "Nobody waits" in text(client.get("/invitations/"))


class TestOwnership:
    def role(self, acme, **options):
        return signed_in(acme.alice).post(
            f"/orgs/acme/members/{acme.carol.pk}/role/", {"role": "owner"}, **options
        )

    def test_is_offered_from_the_menu_of_roles(self, acme):
        assert words(self.role(acme)) == "Ownership is offered to Carol, who has to accept."
        assert acme.membership(acme.carol).role == "member"
        assert "already" in words(self.role(acme))

    def test_a_script_is_told_what_happened_in_place_of_the_change(self, acme):
        answer = self.role(acme, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()) == (
            202,
            {"said": "Ownership is offered to Carol, who has to accept."},
        )

    def test_of_an_organization_without_an_owner_is_an_admins(self, acme):
        services.leave(acme.membership(acme.alice))
        assert "Become its owner" in text(signed_in(acme.bob).get("/orgs/acme/members/"))
        assert "Become its owner" not in text(signed_in(acme.carol).get("/orgs/acme/members/"))
        assert "Only an admin" in words(signed_in(acme.carol).post("/orgs/acme/claim/"))
        assert "now the owner" in words(signed_in(acme.bob).post("/orgs/acme/claim/"))
        assert acme.membership(acme.bob).role == "owner"


class TestAdministration:
    @pytest.fixture
    def chief(self, acme):
        return signed_in(UserFactory(username="chief", is_staff=True, is_superuser=True))

    def inline(self, organization=None):
        counts = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}
        return {f"memberships-{name}": value for name, value in counts.items()}

    def test_offers_a_new_organization_and_adds_nobody(self, chief, dave):
        fields = {"name": "Initech", "slug": "initech", "offer_to": "dave@example.com"} | self.inline()
        assert chief.post("/admin/orgs/organization/add/", fields).status_code == 302
        offer = Invitation.objects.get()
        assert not Membership.objects.filter(organization=offer.organization).exists()
        assert services.accept_invitation(offer.pk, user=dave).role == Role.OWNER

    def test_offers_nothing_for_staff_who_may_only_rename(self, acme):
        staff = UserFactory(username="staff", is_staff=True)
        staff.user_permissions.set(Permission.objects.filter(codename__endswith="_organization"))
        services.leave(acme.membership(acme.alice))
        browser = signed_in(staff)
        page = f"/admin/orgs/organization/{acme.pk}/change/"
        assert "offer_to" not in text(browser.get(page))
        fields = {"name": "Acme Ltd", "slug": "acme", "offer_to": "staff"} | self.inline()
        assert browser.post(page, fields).status_code == 302
        acme.organization.refresh_from_db()
        assert acme.organization.name == "Acme Ltd"
        assert not Invitation.objects.exists()

    def test_offers_nothing_that_has_an_owner(self, chief, acme):
        fields = {"name": "Acme", "slug": "acme", "offer_to": "dave"} | self.inline()
        page = chief.post(f"/admin/orgs/organization/{acme.pk}/change/", fields)
        assert "It has an owner" in text(page)
        assert not Invitation.objects.exists()

    def test_lists_who_invited_whom(self, chief, invitation):
        page = text(chief.get("/admin/membership/invitation/"))
        assert "dave" in page
        assert chief.post(f"/admin/membership/invitation/{invitation.pk}/change/", {}).status_code == 403
