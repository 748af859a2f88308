"""Pages of organizations and members: what they show, and where they lead."""

import html

import pytest
from django.contrib.messages import get_messages

from orgs.models import Membership, Organization
from tests.factories import OrganizationFactory, UserFactory
from tests.tasks.acme import Role, new_task, signed_in

# What pages answer to whom is the same on either database.
pytestmark = [pytest.mark.django_db, pytest.mark.once]


def words(response):
    """The messages that the next page will show."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def text(response):
    return html.unescape(response.content.decode())


class TestMyOrganizations:
    def test_home_leads_there_who_is_in_none(self, acme):
        assert signed_in(UserFactory(username="new")).get("/")["Location"] == "/orgs/"
        assert signed_in(acme.bob).get("/")["Location"] == "/inbox/"

    def test_shows_mine_with_what_is_unread(self, acme, globex):
        new_task(acme, actor=acme.alice)
        page = signed_in(acme.bob).get("/orgs/")
        assert [(place.name, place.unread) for place in page.context["org_inboxes"]] == [("Acme", 1)]
        assert "Acme" in text(page)
        assert "Globex" not in text(page)

    def test_greets_somebody_without_any(self):
        page = signed_in(UserFactory(username="new")).get("/orgs/")
        assert page.status_code == 200
        assert "not in an organization yet" in text(page)


class TestCreating:
    def post(self, user, **fields):
        return signed_in(user).post("/orgs/new/", {"name": "Initech", "slug": "initech"} | fields)

    def test_leads_to_its_tasks_as_owner(self, acme):
        response = self.post(acme.vera)
        assert response["Location"] == "/orgs/initech/tasks/"
        assert Membership.objects.get(user=acme.vera, organization__slug="initech").role == "owner"

    def test_a_slug_is_put_in_lower_case(self, acme):
        self.post(acme.vera, slug="IniTech")
        assert Organization.objects.filter(slug="initech").exists()

    def test_a_slug_that_is_left_empty_follows_from_the_name(self, acme):
        assert self.post(acme.vera, name="Bell & Söhne", slug="")["Location"] == "/orgs/bell-sohne/tasks/"

    @pytest.mark.parametrize(
        "fields",
        [
            {"slug": "acme"},
            {"slug": "ACME"},
            {"slug": "new"},
            {"slug": "New"},
            {"slug": "", "name": "鐘"},
            {"slug": "", "name": "Acme"},
            {"slug": "a b"},
            {"slug": "a/b"},
            {"slug": "ä"},
            {"slug": "x" * 41},
            {"slug": "a\x00"},
            {"name": ""},
            {"name": " "},
            {"name": "x" * 101},
            {"name": "a\x00"},
        ],
        ids=str,
    )
    def test_refuses_what_cannot_stand_in_an_address(self, acme, fields):
        response = self.post(acme.vera, **fields)
        assert response.status_code == 200
        assert response.context["form"].errors
        assert Organization.objects.count() == 1

    def test_the_form_comes_up(self, acme):
        assert signed_in(acme.vera).get("/orgs/new/").status_code == 200


class TestMembers:
    def test_everybody_sees_who_there_is(self, acme):
        for name in ("alice", "carol", "vera"):
            page = signed_in(getattr(acme, name)).get("/orgs/acme/members/")
            assert [member.user.username for member in page.context["members"]] == [
                "alice",
                "bob",
                "carol",
                "vera",
            ]

    @pytest.mark.parametrize(
        ("name", "manageable", "roles"),
        [
            ("alice", {"alice", "bob", "carol", "vera"}, ["owner", "admin", "member", "viewer"]),
            ("bob", {"bob", "carol", "vera"}, ["admin", "member", "viewer"]),
            ("carol", set(), []),
            ("vera", set(), []),
        ],
    )
    def test_forms_are_offered_to_whom_they_serve(self, acme, name, manageable, roles):
        context = signed_in(getattr(acme, name)).get("/orgs/acme/members/").context
        assert {member.user.username for member in context["members"] if member.manageable} == manageable
        assert [role for role, _ in context["roles"]] == roles
        assert [member.user.username for member in context["members"] if member.is_me] == [name]

    def test_the_last_owner_is_told_why_they_cannot_leave(self, acme):
        context = signed_in(acme.alice).get("/orgs/acme/members/").context
        assert (context["can_leave"], "only owner" in context["leave_blocked"]) == (False, True)
        acme.join("second", Role.OWNER)
        context = signed_in(acme.alice).get("/orgs/acme/members/").context
        assert (context["can_leave"], context["leave_blocked"]) == (True, "")

    def test_a_closed_account_does_not_free_the_last_owner(self, acme):
        acme.join("gone", Role.OWNER)
        gone = acme.gone
        gone.is_active = False
        gone.save()
        assert not signed_in(acme.alice).get("/orgs/acme/members/").context["can_leave"]


class TestAdding:
    def post(self, acme, who="bob", **fields):
        client = signed_in(getattr(acme, who))
        return client.post("/orgs/acme/members/", {"username": "dave", "role": "member"} | fields)

    def test_makes_a_member(self, acme):
        dave = UserFactory(username="dave")
        response = self.post(acme)
        assert (response.status_code, response["Location"]) == (302, "/orgs/acme/members/")
        assert "Dave is now a member" in words(response)
        assert acme.membership(dave).role == "member"

    @pytest.mark.parametrize(
        ("fields", "status", "error"),
        [
            ({"username": "nobody"}, 404, "no account with the user name"),
            ({"username": "carol"}, 409, "already a member"),
            ({"username": ""}, 400, "required"),
            ({"username": "a\x00"}, 400, "Null characters"),
            ({"username": "x" * 151}, 400, "at most 150"),
            ({"role": "owner"}, 400, "Select a valid choice"),
            ({"role": "boss"}, 400, "Select a valid choice"),
            ({"role": ""}, 400, "required"),
        ],
        ids=str,
    )
    def test_what_is_wrong_stands_beside_the_form(self, acme, fields, status, error):
        UserFactory(username="dave")
        response = self.post(acme, **fields)
        assert response.status_code == status
        assert error in str(response.context["form"].errors)
        assert response.context["form"]["username"].value() == fields.get("username", "dave")
        assert acme.organization.memberships.count() == 4

    @pytest.mark.parametrize("who", ["carol", "vera"])
    def test_is_for_managers(self, acme, who):
        UserFactory(username="dave")
        assert self.post(acme, who).status_code == 400
        assert acme.organization.memberships.count() == 4


class TestChanging:
    def test_a_role(self, acme):
        response = signed_in(acme.bob).post(f"/orgs/acme/members/{acme.carol.pk}/role/", {"role": "viewer"})
        assert (response["Location"], words(response)) == ("/orgs/acme/members/", "Carol is now viewer.")
        assert acme.membership(acme.carol).role == "viewer"

    @pytest.mark.parametrize("role", ["owner", "boss", "", "\x00"])
    def test_a_refusal_is_told(self, acme, role):
        response = signed_in(acme.bob).post(f"/orgs/acme/members/{acme.carol.pk}/role/", {"role": role})
        assert response.status_code == 302
        assert words(response)
        assert acme.membership(acme.carol).role == "member"

    def test_removing(self, acme):
        response = signed_in(acme.bob).post(f"/orgs/acme/members/{acme.carol.pk}/remove/")
        assert words(response) == "Carol is no longer a member."
        assert not Membership.objects.filter(user=acme.carol).exists()

    def test_removing_is_refused_with_a_word(self, acme):
        response = signed_in(acme.carol).post(f"/orgs/acme/members/{acme.vera.pk}/remove/")
        assert "Only owners and admins" in words(response)
        assert Membership.objects.filter(user=acme.vera).exists()

    def test_removing_oneself_leads_to_a_page_that_exists(self, acme):
        response = signed_in(acme.bob).post(f"/orgs/acme/members/{acme.bob.pk}/remove/", follow=True)
        assert response.status_code == 200
        assert not Membership.objects.filter(user=acme.bob).exists()


class TestLeaving:
    def test_leads_to_what_is_left(self, acme):
        response = signed_in(acme.vera).post("/orgs/acme/leave/")
        assert (response["Location"], words(response)) == ("/orgs/", "You left Acme.")
        assert not Membership.objects.filter(user=acme.vera).exists()

    def test_the_last_owner_is_told_why_not(self, acme):
        response = signed_in(acme.alice).post("/orgs/acme/leave/")
        assert response["Location"] == "/orgs/acme/members/"
        assert "needs an owner" in words(response)

    def test_needs_a_post(self, acme):
        assert signed_in(acme.vera).get("/orgs/acme/leave/")["Location"] == "/orgs/acme/"
        assert Membership.objects.filter(user=acme.vera).exists()


class TestSavedOnChange:
    """A script sends what was chosen, and wants no page."""

    def post(self, user, path, **fields):
        return signed_in(user).post(f"/orgs/acme/{path}", fields, headers={"Accept": "application/json"})

    def test_a_role(self, acme):
        assert self.post(acme.bob, f"members/{acme.carol.pk}/role/", role="viewer").status_code == 204
        assert acme.membership(acme.carol).role == "viewer"

    def test_a_refused_role(self, acme):
        answer = self.post(acme.bob, f"members/{acme.alice.pk}/role/", role="viewer")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
        assert acme.membership(acme.alice).role == "owner"

    def test_a_level(self, acme):
        assert self.post(acme.vera, "level/", level="muted").status_code == 204
        assert acme.membership(acme.vera).level == "muted"


class TestLevel:
    def test_leads_back_to_where_it_was_chosen(self, acme):
        vera = signed_in(acme.vera)
        for asked, onward in (
            ("", "/preferences/"),
            ("/inbox/7/why/", "/inbox/7/why/"),
            ("https://evil.example/", "/preferences/"),
            ("//evil.example/", "/preferences/"),
        ):
            response = vera.post("/orgs/acme/level/", {"level": "muted", "next": asked})
            assert response["Location"] == onward

    def test_is_chosen_by_everybody(self, acme):
        response = signed_in(acme.vera).post("/orgs/acme/level/", {"level": "muted"})
        assert words(response) == "Acme tells you: only mentions and assignments."
        assert acme.membership(acme.vera).level == "muted"

    @pytest.mark.parametrize("level", ["", "loud", "\x00", "x" * 10_000])
    def test_that_does_not_exist_is_refused(self, acme, level):
        response = signed_in(acme.vera).post("/orgs/acme/level/", {"level": level})
        assert response.status_code == 400
        assert "does not exist" in text(response)
        assert acme.membership(acme.vera).level == "all"


def test_names_are_text_and_never_markup(acme):
    nasty = "<script>alert(1)</script>"
    user = UserFactory(username="mallory", first_name=nasty)
    OrganizationFactory(name=nasty, slug="evil").memberships.create(user=user, role=Role.OWNER)
    acme.organization.memberships.create(user=user)
    client = signed_in(user)
    for url in ("/orgs/", "/orgs/evil/members/", "/orgs/acme/members/", "/inbox/", "/orgs/evil/tasks/"):
        assert nasty not in client.get(url).content.decode(), url
