"""What people say of themselves, who sees their picture, and what lists cost with pictures in them."""

import threading
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts import profile
from accounts.pictures import UNREADABLE
from accounts.profile_views import NOTHING
from base.errors import Conflict, Invalid, NotFound
from base.turns import Busy
from orgs.models import NAME_TAKEN, Membership, Picture, User
from tests.tasks.acme import assign, comment, new_task, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.first]

PAGE, CHANGE = "/accounts/profile/", "/accounts/profile/picture/"


def file_of(colour="red", kind="PNG"):
    file = BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, kind)
    return file.getvalue()


def upload(client, content, name="me.png"):
    return client.post(CHANGE, {"picture": SimpleUploadedFile(name, content, "image/png")}, follow=True)


def fields(**changed):
    return {"first_name": "Bob", "last_name": "Meyer", "username": "bob"} | changed


def address_of(user):
    user.refresh_from_db()
    return f"/people/{user.pk}/{user.picture}.webp"


class TestNames:
    def test_are_saved_and_seen(self, acme, bob):
        page = bob.post(PAGE, fields(first_name="Robert"), follow=True)
        assert "Your profile is saved." in page.content.decode()
        assert acme.bob.display_name == "Robert Meyer"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"first_name": "\u3164"},
            {"last_name": "Bob\u202eecilA"},
            {"first_name": "Bob\r\nBcc: all@example.com"},
            {"first_name": "x" * 151},
            {"username": ""},
            {"username": "a b"},
            {"username": "bob\u115f"},
            {"username": "bob@example.com"},
            {"username": "bob\nX: y"},
            {"username": "\uff21lice"},  # Alice's, in wide letters
            {"username": "ALICE"},
        ],
    )
    def test_that_cannot_be_are_refused_and_nothing_is_saved(self, acme, bob, wrong):
        before = User.objects.filter(pk=acme.bob.pk).values().get()
        page = bob.post(PAGE, fields(**wrong))
        assert page.status_code == 400
        assert 'class="errorlist"' in page.content.decode()
        assert User.objects.filter(pk=before["id"]).values().get() == before

    def test_a_new_user_name_leaves_the_former_one_on_record_and_the_session_open(self, acme, bob):
        task = new_task(acme, actor=acme.alice)
        comment(task, "@bob, please", actor=acme.alice)
        user = acme.bob
        assert bob.post(PAGE, fields(username="robert")).status_code == 302
        user.refresh_from_db()
        assert (user.username, user.name_key) == ("robert", "robert")
        assert list(user.former_names.values_list("name", flat=True)) == ["bob"]
        assert "@bob, please" in bob.get("/orgs/acme/tasks/1/").content.decode()

    def test_a_former_name_is_its_owners_alone(self, acme, bob):
        """What others wrote with an @ shall not come to mean somebody else."""
        bob.post(PAGE, fields(username="robert"))
        carol = signed_in(acme.carol)
        page = carol.post(PAGE, fields(username="BOB"))
        assert (page.status_code, NAME_TAKEN in page.content.decode()) == (400, True)
        assert not User.objects.is_free("bob")
        assert bob.post(PAGE, fields(username="bob")).status_code == 302

    def test_a_name_may_change_its_case_only(self, acme, bob):
        bob.post(PAGE, fields(username="Bob"))
        assert acme.Bob.name_key == "bob"

    def test_an_older_name_with_an_at_may_stay(self, acme):
        user = acme.join("kim@example.com")
        assert signed_in(user).post(PAGE, fields(username=user.username)).status_code == 302

    def test_user_names_do_not_change_without_end(self, acme, bob):
        for number in range(profile.MOST_FORMER_NAMES):
            bob.post(PAGE, fields(username=f"bob{number}"))
        page = bob.post(PAGE, fields(username="once-more"))
        assert (page.status_code, "20 times" in page.content.decode()) == (400, True)
        assert bob.post(PAGE, fields(username="bob19", first_name="B")).status_code == 302

    def test_nothing_is_put_back_into_an_account_that_was_closed_meanwhile(self, acme):
        user = acme.bob
        User.objects.filter(pk=user.pk).update(is_active=False, first_name="")
        with pytest.raises(Conflict):
            profile.save_profile(user.pk, fields())
        with pytest.raises(Conflict):
            profile.save_picture(user.pk, file_of())
        assert not Picture.objects.exists()
        user.refresh_from_db()
        assert (user.first_name, user.picture) == ("", "")

    def test_a_language_is_asked_for_once_there_are_two(self, acme, bob, settings):
        assert "language" not in bob.get(PAGE).context["form"].fields
        settings.LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
        bob.post(PAGE, fields(language="de"))
        assert acme.bob.language == "de"
        assert bob.post(PAGE, fields(language="xx")).status_code == 400


class TestPictures:
    def test_is_saved_and_replaced_and_removed(self, acme, bob):
        user = acme.bob
        assert "Your picture is saved." in upload(bob, file_of()).content.decode()
        first = address_of(user)
        assert f'src="{first}"' in bob.get(PAGE).content.decode()
        upload(bob, file_of("blue"))
        second = address_of(user)
        assert [bob.get(address).status_code for address in (first, second)] == [404, 200]
        assert Picture.objects.count() == 1
        bob.post(f"{CHANGE}remove/")
        assert (bob.get(second).status_code, Picture.objects.count()) == (404, 0)
        assert address_of(user).endswith("/.webp")

    def test_that_cannot_be_is_refused_and_the_old_one_stays(self, acme, bob):
        upload(bob, file_of())
        before = address_of(acme.bob)
        page = upload(bob, b"<svg><script>alert(1)</script></svg>", "me.svg")
        assert (page.status_code, UNREADABLE in page.content.decode()) == (400, True)
        assert bob.post(CHANGE).status_code == 400
        assert upload(bob, b"").status_code == 400
        assert address_of(acme.bob) == before

    def test_is_what_it_says_and_is_kept_by_the_readers_browser_alone(self, acme, bob):
        upload(bob, file_of(kind="JPEG"), "me.jpg")
        answer = bob.get(address_of(acme.bob))
        assert Image.open(BytesIO(answer.content)).format == "WEBP"
        assert answer["Content-Type"] == "image/webp"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"].startswith("private, max-age=")

    def test_is_nobodys_who_shares_no_organization(self, acme, globex, bob):
        upload(bob, file_of())
        address = address_of(acme.bob)
        assert signed_in(acme.carol).get(address).status_code == 200
        gina = signed_in(globex.gina)
        unknown = f"/people/99999/{'0' * 32}.webp"
        answers = [(found.status_code, found.content) for found in map(gina.get, (address, unknown))]
        assert answers == [(404, NOTHING)] * 2
        assert Image.open(BytesIO(NOTHING)).convert("RGBA").getpixel((0, 0))[3] == 0, (
            "the initials show through"
        )
        Membership.objects.filter(user=acme.carol).delete()
        assert signed_in(acme.carol).get(address).status_code == 404
        assert "/accounts/login/" in type(bob)().get(address)["Location"]

    @pytest.mark.parametrize("digest", ["0" * 32, "x", "f" * 4000])
    def test_is_found_by_its_own_address_only(self, acme, bob, digest):
        upload(bob, file_of())
        assert bob.get(f"/people/{acme.bob.pk}/{digest}.webp").status_code == 404
        with pytest.raises(NotFound):
            profile.picture_shown_to(acme.bob.pk, acme.bob.pk, "")

    def test_of_one_without_a_picture_is_not_found_by_an_empty_digest(self, acme):
        with pytest.raises(NotFound):
            profile.picture_shown_to(acme.bob.pk, acme.alice.pk, "")

    def test_people_decode_one_at_a_time_and_each_but_one(self, acme, monkeypatch):
        begun, may_end = threading.Event(), threading.Event()

        def slow(file):
            begun.set()
            assert may_end.wait(30)
            raise Invalid("that is all")

        monkeypatch.setattr(profile, "square_of", slow)

        def decode():
            with pytest.raises(Invalid):
                profile.save_picture(1, b"")

        thread = threading.Thread(target=decode)
        thread.start()
        assert begun.wait(30)
        with pytest.raises(Busy):
            profile.save_picture(1, b"")
        monkeypatch.setattr(profile._turns, "_patience", 0)
        with pytest.raises(Busy):
            profile.save_picture(2, b"")
        may_end.set()
        thread.join(30)


@pytest.mark.django_db(transaction=True)
def test_nobody_holds_a_connection_while_a_picture_is_decoded(acme, monkeypatch):
    held = []
    monkeypatch.setattr(profile, "square_of", lambda _: held.append(connection.connection) or b"x")
    assert acme.bob
    profile.save_picture(acme.bob.pk, b"")
    assert held == [None]


def test_pictures_stand_wherever_people_do_and_cost_no_statement(acme, bob):
    task = new_task(acme, actor=acme.alice)
    assign(task, acme.bob, actor=acme.alice)
    comment(task, "@bob Hm.", actor=acme.carol)
    pages = [
        "/orgs/acme/members/",
        "/orgs/acme/board/",
        "/orgs/acme/history/",
        "/orgs/acme/tasks/1/",
        "/inbox/",
        reverse("inbox:bell"),
        f"{reverse('tasks:complete_people', args=['acme'])}?q=c",
    ]

    def cost(page):
        with CaptureQueriesContext(connection) as queries:
            assert bob.get(page).status_code == 200, page
        return len(queries)

    for page in pages:
        cost(page)
    before = {page: cost(page) for page in pages}
    for user in (acme.alice, acme.bob, acme.carol):
        profile.save_picture(user.pk, file_of())
    assert {page: cost(page) for page in pages} == before
    for page in pages:
        shown = acme.bob if page.endswith("board/") else acme.carol  # the assignee; who commented
        assert shown.picture in bob.get(page).content.decode(), page
