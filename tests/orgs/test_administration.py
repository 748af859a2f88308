"""The administration: nobody raises their own rights there, and its ways out close open sockets as the product's do."""

import logging

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied

from base.announcements import user_group_name
from config.logs import ClientFault
from events.models import TaskEvent
from orgs.models import Organization, User
from tests.events.audited import staff
from tests.factories import PASSWORD
from tests.tasks.acme import new_task, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.first]

USERS = "/admin/orgs/user/"
GROUPS = "/admin/auth/group/"
NEW = {"password1": "a long new one", "password2": "a long new one"}


def rights():
    """Of everybody and of every group."""
    people = User.objects.order_by("pk").values_list("pk", "is_superuser", "is_staff", "password", "groups")
    permissions = User.user_permissions.through.objects.order_by("pk").values_list("user_id", "permission_id")
    groups = Group.objects.order_by("pk").values_list("pk", "name", "permissions")
    return list(people), list(permissions), list(groups)


def fields(user, **others):
    """As the form of an account sends them."""
    date = {"date_joined_0": "2026-11-22", "date_joined_1": "10:00"}
    own = {name: getattr(user, name) for name in ("username", "first_name", "last_name", "email")}
    return own | date | {"is_active": "on"} | others


@pytest.fixture
def chief(db):
    return User.objects.create_superuser("chief")


@pytest.fixture
def clerk(db):
    """Staff with every permission that there is."""
    clerk = staff("clerk")
    clerk.user_permissions.set(Permission.objects.all())
    clerk.groups.add(Group.objects.create(name="Clerks"))
    return clerk


@pytest.fixture
def page(clerk):
    return signed_in(clerk)


RAISING = {
    "superuser": {"is_superuser": "on", "is_staff": "on"},
    "staff": {"is_staff": "on"},
    "a group": {"groups": "GROUP"},
    "a permission": {"user_permissions": "PERMISSION"},
}


@pytest.mark.parametrize("whom", ["clerk", "bob"])
@pytest.mark.parametrize("asked", RAISING.values(), ids=RAISING)
def test_staff_give_no_rights_to_themselves_or_anybody(acme, clerk, page, asked, whom):
    acme.bob  # noqa: B018
    group, permission = Group.objects.create(name="Chiefs"), Permission.objects.first()
    clerk.user_permissions.remove(permission)
    ids = {"GROUP": group.pk, "PERMISSION": permission.pk}
    user, before = User.objects.get(username=whom), rights()
    answer = page.post(
        f"{USERS}{user.pk}/change/",
        fields(user, first_name="Robert") | {name: ids.get(value, value) for name, value in asked.items()},
    )
    assert answer.status_code == 302
    assert rights() == before
    assert User.objects.get(pk=user.pk).first_name == "Robert"


def test_superusers_do(acme, chief):
    user = acme.bob
    asked = fields(user, is_staff="on", user_permissions=[Permission.objects.first().pk])
    assert signed_in(chief).post(f"{USERS}{user.pk}/change/", asked).status_code == 302
    user.refresh_from_db()
    assert (user.is_staff, user.user_permissions.count()) == (True, 1)


def test_what_staff_cannot_give_they_are_shown_only(acme, clerk, page):
    html = page.get(f"{USERS}{acme.bob.pk}/change/").content.decode()
    assert 'name="first_name"' in html
    assert not any(
        f'name="{name}"' in html for name in ("is_superuser", "is_staff", "groups", "user_permissions")
    )


@pytest.mark.parametrize("address", ["change/", "password/"])
@pytest.mark.parametrize("whom", ["chief", "other", "gone"])
def test_accounts_with_rights_and_erased_ones_are_not_staffs_to_change(clerk, page, chief, whom, address):
    staff("other")
    User.objects.create_user("gone", erased_at="2026-11-22T10:00Z", is_active=False)
    user, before = User.objects.get(username=whom), rights()
    answer = page.post(f"{USERS}{user.pk}/{address}", fields(user, username="mine") | NEW)
    assert answer.status_code == 403
    assert rights() == before
    assert User.objects.filter(username=whom).exists()


def test_nobody_brings_back_who_was_erased(chief):
    gone = User.objects.create_user("gone", erased_at="2026-11-22T10:00Z", is_active=False)
    for address in ("change/", "password/"):
        assert signed_in(chief).post(f"{USERS}{gone.pk}/{address}", fields(gone) | NEW).status_code == 403


def test_accounts_that_staff_make_have_no_rights(clerk, page):
    asked = {"username": "new", "usable_password": "true", "_popup": "1"} | NEW
    for extra in ({}, {"is_superuser": "on", "is_staff": "on", "groups": Group.objects.get().pk}):
        asked["username"] += "er"
        assert page.post(f"{USERS}add/", asked | extra).status_code in (200, 302)
        user = User.objects.get(username=asked["username"])
        assert (user.is_superuser, user.is_staff, user.groups.count()) == (False, False, 0)


def test_groups_are_for_superusers(clerk, page, chief):
    group, before = Group.objects.get(), rights()
    asked = {"name": "Chiefs", "permissions": Permission.objects.first().pk, "_popup": "1"}
    for address, body in {
        f"{GROUPS}add/": asked,
        f"{GROUPS}{group.pk}/change/": asked,
        f"{GROUPS}{group.pk}/delete/": {"post": "yes"},
    }.items():
        assert page.post(address, body).status_code == 403
    page.post(GROUPS, {"action": "delete_selected", "_selected_action": group.pk, "post": "yes"})
    assert rights() == before
    assert page.get(f"{GROUPS}{group.pk}/change/").status_code == 200
    assert signed_in(chief).post(f"{GROUPS}{group.pk}/change/", {"name": "Chiefs"}).status_code == 302


def test_staff_change_their_own_name_and_password(clerk, page):
    assert page.post(f"{USERS}{clerk.pk}/change/", fields(clerk, email="new@example.com")).status_code == 302
    clerk.refresh_from_db()
    assert (clerk.email, clerk.is_staff) == ("new@example.com", True)
    assert page.post(f"{USERS}{clerk.pk}/password/", {"usable_password": "true"} | NEW).status_code == 302


class TestOpenSockets:
    """Whoever holds them is told at once."""

    @pytest.fixture
    def told(self, acme, chief, announcements, django_capture_on_commit_callbacks):
        def told(client, address, body=None):
            announcements.clear()
            with django_capture_on_commit_callbacks(execute=True):
                client.post(address, body, follow=True)
            return [message for _, message in announcements]

        return told

    def message(self, user):
        assert user_group_name(user.pk) == f"user-{user.pk}"
        return [{"type": "session.changed", "user_id": user.pk}]

    def test_of_a_sign_out(self, chief, told):
        client = signed_in(chief)
        assert told(client, "/admin/logout/") == self.message(chief)
        assert told(client, "/admin/logout/") == []

    def test_of_a_new_password(self, chief, told):
        User.objects.filter(pk=chief.pk).update(password=staff("x").password)
        client = signed_in(User.objects.get(pk=chief.pk))
        new = {"new_password1": NEW["password1"], "new_password2": NEW["password1"]}
        assert told(client, "/admin/password_change/", new | {"old_password": "wrong"}) == []
        assert told(client, "/admin/password_change/", new | {"old_password": PASSWORD}) == self.message(
            chief
        )

    @pytest.mark.parametrize("how", [NEW | {"usable_password": "true"}, {"usable_password": "false"}])
    def test_of_a_password_that_an_administrator_gives_or_takes(self, acme, chief, told, how):
        client, address = signed_in(chief), f"{USERS}{acme.bob.pk}/password/"
        if "password1" in how:
            assert told(client, address, how | {"password2": "another"}) == []
        extra = {"unset-password": "1"} if "password1" not in how else {"set-password": "1"}
        assert told(client, address, how | extra) == self.message(acme.bob)

    def test_of_an_account_that_is_closed(self, acme, chief, told):
        client, bob = signed_in(chief), acme.bob
        address = f"{USERS}{bob.pk}/change/"
        assert told(client, address, fields(bob, first_name="Rob")) == []
        version = Organization.objects.get().membership_version
        assert told(client, address, fields(bob, is_active="")) == self.message(bob)
        assert not User.objects.get(pk=bob.pk).is_active
        assert Organization.objects.get().membership_version == version + 1
        assert told(client, address, fields(bob, is_active="")) == []
        assert told(client, address, fields(bob)) == []


class TestAnAddressThatCannotBeMeant:
    AUDIT = "/admin/events/taskevent/"
    PARAMETERS = (
        "request_id",
        "stream_id",
        "organization",
        "actor",
        "action",
        "since",
        "until",
        "q",
        "p",
        "o",
        "x",
    )
    VALUES = ("%00", "9" * 40, "-1", "%ED%A0%80")

    @pytest.fixture
    def auditor(self, acme):
        new_task(acme, actor=acme.alice)
        return signed_in(staff("audrey", *Permission.objects.values_list("codename", flat=True)))

    @pytest.mark.parametrize("parameter", PARAMETERS)
    def test_breaks_no_list_and_no_export(self, auditor, parameter):
        for value in self.VALUES:
            query = f"?{parameter}={value}"
            shown = auditor.get(self.AUDIT + query)
            exported = auditor.post(f"{self.AUDIT}export/{query}", {"format": "csv"})
            assert shown.status_code in (200, 302, 400), query
            assert exported.status_code in (200, 400, 404), query
            if "%00" in query:
                assert exported.status_code == 400
                assert (shown.status_code == 400) == (parameter == "request_id") or parameter == "x"

    def test_nor_any_other_page(self, auditor):
        event = TaskEvent.objects.get()
        for address in (
            "orgs/user/", "orgs/organization/", "events/loghead/", "admin/logentry/", "auth/group/", "password_change/",
            f"events/taskevent/{event.pk}/change/", "orgs/user/add/",
        ):  # fmt: skip
            for name in ("q", "id", "username", "is_active__exact", "name", "%00"):
                assert auditor.get(f"/admin/{address}?{name}=%00").status_code < 500, (address, name)
        for key in ("%00", "9" * 40, "x"):
            assert auditor.get(f"/admin/orgs/user/{key}/change/").status_code in (302, 404)
            assert auditor.get(f"/admin/orgs/user/{key}/password/").status_code in (302, 404)

    @pytest.mark.parametrize("key", ["x", "\0", "9" * 40, "", "-1"])
    def test_nor_does_a_row_that_cannot_be(self, chief, key):
        answer = signed_in(chief).post(USERS, {"action": "erase", "_selected_action": key})
        assert answer.status_code == 400


@pytest.mark.parametrize(("error", "lines"), [(PermissionDenied(), 1), (RuntimeError(), 2)])
def test_what_a_client_may_not_do_is_one_line_of_the_log(error, lines):
    info = (type(error), error, None)
    record = logging.LogRecord("django.request", 30, "", 1, "Forbidden: %s", ("/admin/",), info)
    assert ClientFault().filter(record)
    text = logging.Formatter().format(record)
    assert (text.count("\n") == 0) == (lines == 1)
    assert text.startswith("Forbidden: /admin/")
    assert "client_fault" in settings.LOGGING["handlers"]["console"]["filters"]
