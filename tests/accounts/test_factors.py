"""One-time codes, recovery codes, the administrator's way to remove what was lost; staff and the administration."""

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as chosen
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from accounts.models import AccessRecord
from orgs.access_record import Kind
from orgs.models import User
from outbound.mail.rendering import rendered
from tests.accounts.signing_in import code_of, prove, set_up_app, signed_in_by_page, type_password
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.first]

MAILS = chosen.BASE_DIR / "templates" / "mail"
SECOND_STEP = "/accounts/2fa/authenticate/"


@pytest.fixture
def asked_of_staff(settings):
    settings.STAFF_SECOND_FACTOR = True


def kinds(user):
    return list(AccessRecord.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def opened(client, page="/admin/"):
    return client.get(page).status_code == 200


def test_nothing_is_set_up_before_one_has_proved_who_one_is(ada):
    client = signed_in_by_page(ada)
    for page in ("totp/activate/", "webauthn/add/", "recovery-codes/generate/"):
        for answer in (
            client.get(f"/accounts/2fa/{page}"),
            client.post(f"/accounts/2fa/{page}", {"code": "1"}),
        ):
            assert answer.status_code == 302
            assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not Authenticator.objects.exists()


def test_the_page_of_an_app_shows_its_key_as_a_picture_and_as_text(ada):
    client = signed_in_by_page(ada)
    prove(client)
    answer = client.get("/accounts/2fa/totp/activate/")
    page = answer.content.decode()
    assert f'value="{answer.context["form"].secret}"' in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert "data:" in answer["Content-Security-Policy"]
    assert "<script>" not in page


def test_with_an_app_the_password_alone_signs_nobody_in(ada):
    secret = set_up_app(signed_in_by_page(ada))
    client = Client()
    assert type_password(client, "ada")["Location"] == SECOND_STEP
    assert client.get("/orgs/").status_code == 302
    assert client.post(SECOND_STEP, {"code": "000000"}).status_code == 200
    assert client.get("/orgs/").status_code == 302
    assert client.post(SECOND_STEP, {"code": code_of(secret, later=1)}).status_code == 302
    assert client.get("/orgs/").status_code == 200
    assert kinds(ada)[-2:] == [Kind.FACTOR_FAILED, Kind.SIGNED_IN]


def test_a_code_counts_once(ada):
    secret = set_up_app(signed_in_by_page(ada))
    code = code_of(secret, later=1)
    for expected in (302, 200):
        client = Client()
        type_password(client, "ada")
        assert client.post(SECOND_STEP, {"code": code}).status_code == expected


def test_guessing_codes_is_stopped_also_for_the_right_one(ada):
    secret = set_up_app(signed_in_by_page(ada))
    client = Client()
    type_password(client, "ada")
    for _ in range(12):
        client.post(SECOND_STEP, {"code": "000000"})
    assert client.post(SECOND_STEP, {"code": code_of(secret, later=1)}).status_code == 200
    assert client.get("/orgs/").status_code == 302


def test_a_recovery_code_counts_once_and_the_page_shows_what_is_left(ada):
    here = signed_in_by_page(ada)
    set_up_app(here)
    codes = here.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert len(set(codes)) == 10
    for expected in (302, 200):
        client = Client()
        type_password(client, "ada")
        assert client.post(SECOND_STEP, {"code": codes[0]}).status_code == expected
    assert "9 of 10 left" in here.get("/accounts/2fa/").content.decode()


def test_turning_the_app_off_takes_the_recovery_codes_along(ada):
    client = signed_in_by_page(ada)
    set_up_app(client)
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert kinds(ada).count(Kind.FACTOR_REMOVED) == 2


NONSENSE = (
    "",
    "{",
    "5",
    "[]",
    "{}",
    "null",
    '"x"',
    '{"id": 5}',
    '{"response": 1}',
    '{"id":"a","rawId":"a","type":"public-key","response":{}}',
    '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","authenticatorData":"AA",'
    '"signature":"AA","userHandle":"AA"}}',
    '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}',
    f'{{"response":{{"userHandle":"{"A" * 2000}"}}}}',
)


def test_what_is_no_passkey_is_refused(ada):
    stranger, here = Client(), signed_in_by_page(ada)
    set_up_app(here)
    stranger.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})
    here.get("/accounts/2fa/webauthn/add/")
    for nonsense in NONSENSE:
        cache.clear()  # it is not about how often
        answer = stranger.post("/accounts/2fa/webauthn/login/", {"credential": nonsense})
        assert answer["Location"] == "/accounts/login/", nonsense
        added = here.post("/accounts/2fa/webauthn/add/", {"credential": nonsense, "name": "x"})
        assert added.status_code == 200, nonsense
    type_password(stranger, "ada")
    stranger.get(SECOND_STEP)
    for nonsense in NONSENSE:
        cache.clear()
        assert stranger.post(SECOND_STEP, {"credential": nonsense}).status_code == 200, nonsense
    assert stranger.get("/orgs/").status_code == 302
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_a_passkey_is_renamed_and_removed(ada):
    key = Authenticator.objects.create(user=ada, type="webauthn", data={"name": "K", "credential": {}})
    client = signed_in_by_page_of_a_passkey(ada)
    page = f"/accounts/2fa/webauthn/keys/{key.pk}"
    assert client.post(f"{page}/edit/", {"name": "x" * 61}).status_code == 200
    assert client.post(f"{page}/edit/", {"name": " My\nkey "}).status_code == 302
    assert str(Authenticator.objects.get()) == "My key"
    assert client.get(f"{page}/remove/").status_code == 200
    assert Authenticator.objects.exists()
    client.post(f"{page}/remove/")
    assert not Authenticator.objects.exists()
    assert AccessRecord.objects.get(kind=Kind.FACTOR_REMOVED).about == "passkey 'My key'"


def signed_in_by_page_of_a_passkey(user):
    """A session from before the key, which proved the password once more."""
    client = Client()
    client.force_login(user)
    prove(client)
    return client


def test_somebody_elses_passkey_is_not_there(ada):
    key = Authenticator.objects.create(
        user=UserFactory(), type="webauthn", data={"name": "K", "credential": {}}
    )
    client = signed_in_by_page(ada)
    prove(client)
    for act in ("edit", "remove"):
        assert (
            client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/{act}/", {"name": "mine"}).status_code == 404
        )


@pytest.mark.django_db(transaction=True)  # the factor is known to the session when it is committed
def test_staff_without_a_factor_are_led_to_set_one_up_and_then_let_in(root, asked_of_staff):
    client = signed_in_by_page(root)
    assert client.get("/admin/orgs/user/")["Location"] == "/accounts/2fa/"
    assert client.post("/admin/orgs/user/add/", {"username": "x"})["Location"] == "/accounts/2fa/"
    set_up_app(client)
    assert opened(client)


def test_a_session_that_proved_no_factor_is_asked_for_it(root, asked_of_staff):
    secret = set_up_app(signed_in_by_page(root))
    client = Client()
    client.force_login(User.objects.get(pk=root.pk))  # such as one from before the factor
    asked = client.get("/admin/orgs/user/?q=x")["Location"]
    assert asked == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2Forgs%2Fuser%2F%3Fq%3Dx"
    answer = client.post(asked, {"code": code_of(secret, later=1), "next": "/admin/orgs/user/?q=x"})
    assert answer["Location"] == "/admin/orgs/user/?q=x"
    assert opened(client)


def test_the_password_does_not_stand_in_for_a_factor(root, asked_of_staff):
    set_up_app(signed_in_by_page(root))
    client = Client()
    client.force_login(User.objects.get(pk=root.pk))
    prove(client)
    assert not opened(client)


def test_without_the_setting_and_for_others_nothing_changes(root, ada, settings):
    settings.STAFF_SECOND_FACTOR = False
    assert opened(signed_in_by_page(root))
    settings.STAFF_SECOND_FACTOR = True
    assert signed_in_by_page(ada).get("/admin/").status_code in (302, 403)
    assert opened(signed_in_by_page(root), "/orgs/")


def test_an_administrator_removes_a_lost_factor_and_it_is_told_and_recorded(root, ada, settings, posted):
    set_up_app(signed_in_by_page(ada))
    client = signed_in_by_page(root)
    page = f"/admin/orgs/user/{ada.pk}/factors/"
    assert "Recovery codes" in client.get(page).content.decode()
    assert Authenticator.objects.filter(user=ada).exists()
    posted.clear()
    client.post(page)
    assert not Authenticator.objects.exists()
    assert posted == [("ada@example.com", "mfa/factors_removed")]
    removed = AccessRecord.objects.filter(user=ada, kind=Kind.FACTOR_REMOVED)
    assert {record.by for record in removed} == {root}
    assert signed_in_by_page(ada).get("/orgs/").status_code == 200


def test_only_superusers_remove_factors(ada, acme):
    staff = UserFactory(is_staff=True)
    for client in (signed_in_by_page(staff), signed_in_by_page(ada)):
        assert client.post(f"/admin/orgs/user/{ada.pk}/factors/").status_code in (302, 403)


def test_who_has_a_factor_stands_at_the_people_and_is_filtered(root, ada):
    set_up_app(signed_in_by_page(ada))
    client = signed_in_by_page(root)
    listed = client.get("/admin/orgs/user/?factor=1").context["cl"].result_list
    assert [user.username for user in listed] == ["ada"]
    assert "ada" not in [
        each.username for each in client.get("/admin/orgs/user/?factor=0").context["cl"].result_list
    ]


def test_the_command_lets_a_lone_administrator_back_in(root, capsys, posted):
    set_up_app(signed_in_by_page(root))
    call_command("remove_factors", "Root")
    assert "2 removed" in capsys.readouterr().out
    assert signed_in_by_page(root).get("/orgs/").status_code == 200


def test_the_administration_shows_no_secrets_of_allauth(root):
    client = signed_in_by_page(root)
    for model in (
        "mfa/authenticator",
        "usersessions/usersession",
        "account/emailaddress",
        "socialaccount/socialapp",
    ):
        assert client.get(f"/admin/{model}/").status_code == 404, model


@pytest.fixture
def posted(monkeypatch):
    """Whom a mail was posted to, and which."""
    mails = []
    monkeypatch.setattr("accounts.adapter.post", lambda **mail: mails.append((mail["to"], mail["template"])))
    return mails


def test_every_mail_about_factors_and_single_sign_on_has_its_words():
    names = [
        f"{path.parent.name}/{path.stem}"
        for app in ("mfa", "socialaccount")
        for path in MAILS.glob(f"{app}/*.html")
    ]
    assert len(names) == 8
    for name in names:
        mail = rendered(
            name, {"site_url": "https://tasks.example.com", "email": "ada@example.com", "by": None}
        )
        assert mail.subject, name
        assert "https://tasks.example.com/accounts/" in mail.text, name
        assert "{{" not in mail.text + mail.html, name
