"""One account for each name, however it is made and asked for."""

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from orgs.models import User
from tests.factories import PASSWORD, PASSWORD_HASH, UserFactory
from tests.tasks.acme import Role, found, signed_in

pytestmark = pytest.mark.django_db

WAYS = {
    "create": lambda name: User.objects.create(username=name),
    "create_user": lambda name: User.objects.create_user(name),
    "save": lambda name: User(username=name).save(),
    "bulk_create": lambda name: User.objects.bulk_create([User(username=name)]),
    "get_or_create": lambda name: User.objects.get_or_create(username=name),
    "update_or_create": lambda name: User.objects.update_or_create(pk=77, defaults={"username": name}),
}
SAME = ["ÉLODIE", "Élodie", "e\u0301lodie", "é\u3164lodie", "Ｅ\u0301lodie"]


@pytest.fixture
def elodie():
    return UserFactory(username="élodie", email="", password=PASSWORD_HASH)


@pytest.mark.parametrize("make", WAYS.values(), ids=WAYS)
def test_every_way_of_making_an_account_keeps_the_rule(elodie, make):
    with pytest.raises(IntegrityError), transaction.atomic():
        make("ÉLODIE")
    make("Straße")
    assert User.objects.get(username="Straße").name_key == "strasse"


@pytest.mark.parametrize("name", SAME)
def test_the_same_name_is_found_and_refused(elodie, name):
    assert User.objects.named(name) == elodie
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username=name)


@pytest.mark.parametrize(
    "name", ["", "elodie", "élodi", "élodie.", "\x00", "élodie\x00", "\ud83d", "é\u202elodie"]
)
def test_another_name_is_not(elodie, name):
    assert User.objects.named(name) is None


def test_a_new_name_has_a_new_key(elodie):
    elodie.username = "Åsa"
    elodie.save()
    assert User.objects.named("ÅSA") == elodie
    assert User.objects.named("élodie") is None
    elodie.save()  # again, as it is


def test_people_sign_in_whatever_the_case(elodie, client):
    assert authenticate(username="ÉLODIE", password=PASSWORD) == elodie
    assert authenticate(username="ÉLODIE", password="wrong") is None
    client.post("/accounts/login/", {"username": "E\u0301lodie", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(elodie.pk)


class TestOfAnOlderRelease:
    """Two accounts had one name there: the later one's key is set apart (`0006_names`)."""

    @pytest.fixture
    def later(self, elodie):
        later = UserFactory(username="later", password=PASSWORD_HASH)
        User.objects.filter(pk=later.pk).update(username="ÉLODIE", name_key=f"élodie#{later.pk}")
        later.refresh_from_db()
        return later

    def test_each_is_found_as_they_write_themselves(self, elodie, later):
        found = [User.objects.named(name) for name in ("élodie", "ÉLODIE", "Élodie")]
        assert found == [elodie, later, elodie]
        assert authenticate(username="ÉLODIE", password=PASSWORD) == later

    def test_each_can_be_saved(self, elodie, later):
        for user in (elodie, later):
            user.full_clean()
            user.save()
        later.set_password("a long new one")
        later.save()
        assert later.name_key == f"élodie#{later.pk}"

    def test_a_name_of_their_own_mends_it(self, elodie, later):
        later.username = "Élo"
        later.full_clean()
        later.save()
        assert later.name_key == "élo"


class TestWhoAsks:
    @pytest.fixture
    def acme(self, elodie):
        team = found("acme", alice=Role.OWNER)
        team.join("élodie")
        return team

    def test_inviting_somebody(self, acme):
        søren = UserFactory(username="Søren")
        answer = signed_in(acme.alice).post("/orgs/acme/members/invite/", {"text": "SØREN", "role": "member"})
        assert answer.status_code == 302
        assert acme.organization.invitations.get().user == søren

    def test_the_history(self, acme, elodie):
        page = signed_in(acme.alice).get("/orgs/acme/history/", {"actor": "ÉLODIE"})
        assert page.status_code == 200
        assert page.context["filters"].actor_id == elodie.pk

    def test_erasing(self, elodie):
        call_command("erase_user", "ÉLODIE", "--yes")
        elodie.refresh_from_db()
        assert elodie.name_key == elodie.username == f"erased-{elodie.pk}"

    def test_createsuperuser(self, elodie):
        with pytest.raises(CommandError, match="already taken"):
            call_command("createsuperuser", "--noinput", "--username", "ÉLODIE", "--email", "a@example.com")

    @pytest.mark.parametrize(
        ("name", "words"), [("ÉLODIE", "already exists"), ("bob\u3164", "nobody can see")]
    )
    def test_the_administration_says_what_is_wrong(self, elodie, name, words):
        chief = signed_in(UserFactory(username="chief", is_staff=True, is_superuser=True))
        fields = {"username": name, "usable_password": "false"}
        page = chief.post("/admin/orgs/user/add/", fields)
        errors = page.context["adminform"].form.errors
        assert words in errors["username"][0]
        assert len(errors["username"]) == 1

    @pytest.mark.parametrize(
        ("field", "value"),
        [("first_name", "\u200b"), ("first_name", "Bob\u202eecilA"), ("last_name", "\u3164")],
    )
    def test_a_name_that_people_cannot_read_is_refused(self, elodie, field, value):
        setattr(elodie, field, value)
        with pytest.raises(ValidationError) as refused:
            elodie.full_clean()
        assert list(refused.value.message_dict) == [field]
