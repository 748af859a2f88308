"""Forgetting a person: nothing of theirs is left, and the history still holds."""

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from events.models import EventText, TaskEvent
from events.texts import TextState, text_state
from inbox.models import Notification
from orgs.errors import Conflict
from orgs.models import Membership, User
from tasks.erasure import erase_user
from tasks.models import Task
from tests.tasks.acme import Role, assign, comment, found, new_task, signed_in
from tests.tasks.invariants import assert_the_fold_is_the_row, assert_the_log_holds

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol(acme):
    user = acme.carol
    User.objects.filter(pk=user.pk).update(
        first_name="Caroline", last_name="Quince", email="quince@example.com", is_staff=True
    )
    return User.objects.get(pk=user.pk)


@pytest.fixture
def task(acme, carol):
    """Carol wrote in it, and others named her."""
    task = new_task(acme, actor=carol, description="A secret of Carol's own")
    comment(task, "My private words", actor=carol)
    comment(task, "Thanks @Carol, and @caroline too.", actor=acme.bob)
    assign(task, carol, actor=acme.alice)
    return task


def dump() -> str:
    """Every row of every table, as text."""
    rows = [row for model in apps.get_models() for row in model._default_manager.all()]
    return serializers.serialize("json", rows, ensure_ascii=False)


def test_nothing_of_theirs_is_left_in_the_database(acme, carol, task):
    signed_in(carol)
    LogEntry.objects.log_actions(carol.pk, [carol], 2, change_message="Changed carol.", single_object=True)
    theirs = (
        "Carol's own",
        "private words",
        "Quince",
        "quince@example.com",
        "Caroline",
        "@Carol,",
        '"carol"',
    )
    assert all(word.replace('"', '\\"') in dump() or word in dump() for word in theirs)
    erase_user(carol.pk)
    left = dump()
    assert [word for word in theirs if word in left] == []


def test_the_history_still_holds(acme, carol, task):
    before = list(TaskEvent.objects.order_by("pk").values())
    erase_user(carol.pk)
    assert list(TaskEvent.objects.order_by("pk").values()) == before
    assert_the_log_holds(acme.pk)
    assert_the_fold_is_the_row(task.pk)
    assert Task.objects.get(pk=task.pk).description == ""


def states():
    names = list(User.objects.filter(erased_at__isnull=False).values_list("username", flat=True))
    return {
        event.version: text_state(
            event.action,
            event.details,
            (event.text.nonce, event.text.body) if hasattr(event, "text") else None,
            author_erased=event.actor.erased_at is not None,
            erased_names=names,
        ).value
        for event in TaskEvent.objects.readable()
    }


def test_what_can_be_said_of_each_text_afterwards(carol, task):
    assert states() == {1: "proved", 2: "proved", 3: "proved", 4: "none"}
    erase_user(carol.pk)
    assert states() == {1: "erased", 2: "erased", 3: "redacted", 4: "none"}


def test_others_texts_name_nobody_any_more_but_keep_their_words(acme, carol, task):
    erased = erase_user(carol.pk)
    assert erased.mentions == 1
    assert EventText.objects.get().body == f"Thanks @erased-{carol.pk}, and @caroline too."


def test_a_name_goes_however_it_was_written_and_a_longer_one_stays(acme):
    elodie = acme.join("élodie")
    acme.join("Élodie-Marie")
    task = new_task(acme, actor=acme.alice)
    texts = ["@ÉLODIE, @E\u0301lodie", "＠élodie.", "@élodie-marie", "@élodie-jane"]
    for text in texts:
        comment(task, text, actor=acme.alice)
    new = f"@{erase_user(elodie.pk).name}"
    bodies = list(EventText.objects.order_by("pk").values_list("body", flat=True))
    assert bodies == [f"{new}, {new}", f"{new}.", "@élodie-marie", f"{new}-jane"]


def test_the_task_page_shows_it(acme, carol, task):
    erase_user(carol.pk)
    page = signed_in(acme.bob).get(reverse("tasks:detail", args=["acme", 1])).content.decode()
    assert "Erased person" in page
    assert "private words" not in page


def test_they_are_nobody_any_more(acme, carol, task):
    client = signed_in(carol)
    erased = erase_user(carol.pk)
    carol.refresh_from_db()
    assert (carol.is_active, carol.is_staff, carol.has_usable_password()) == (False, False, False)
    assert (carol.username, carol.display_name) == (f"erased-{carol.pk}", "Erased person")
    assert erased.organizations == 1
    assert not Membership.objects.filter(user=carol).exists()
    assert client.get(reverse("inbox:list")).status_code == 302


def test_their_open_sockets_are_told(carol, task, announcements, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        erase_user(carol.pk)
    assert (f"user-{carol.pk}", {"type": "session.changed", "user_id": carol.pk}) in announcements


def test_what_others_were_told_stays(acme, carol, task):
    count = Notification.objects.count()
    erase_user(carol.pk)
    assert Notification.objects.count() == count


def test_twice_is_harmless(carol, task):
    erase_user(carol.pk)
    when = User.objects.get(pk=carol.pk).erased_at
    erased = erase_user(carol.pk)
    assert (erased.texts, erased.mentions, erased.organizations) == (0, 0, 0)
    assert User.objects.get(pk=carol.pk).erased_at == when


def test_somebody_may_have_taken_the_new_name(acme, carol, task):
    acme.join(f"Erased-{carol.pk}")
    erased = erase_user(carol.pk)
    assert erased.name.startswith(f"erased-{carol.pk}-")


def test_an_organization_keeps_an_owner(acme, task):
    with pytest.raises(Conflict, match="only owner of"):
        erase_user(acme.alice.pk)
    assert acme.alice.erased_at is None
    assert EventText.objects.count() == 3


def test_who_is_alone_needs_nobody_else(db):
    alone = found("solo", sol=Role.OWNER)
    erase_user(alone.sol.pk)
    assert User.objects.get().erased_at


def test_texts_inside_the_hashed_history_are_counted(acme, carol, task):
    old = TaskEvent(
        organization_id=acme.pk,
        position=99,
        stream_id=task.pk,
        version=99,
        action="commented",
        schema_version=1,
        details={"text": "From before", "mentions": []},
        task_number=1,
        subject="x",
        actor=carol,
        created_at=timezone.now(),
        digest="",
    )
    old.save()
    assert erase_user(carol.pk).inline_texts == 1


class TestState:
    SEALED = {"text": {"sha256": "ab" * 32}, "mentions": []}

    @pytest.mark.parametrize(
        ("text", "state"),
        [
            (("00", "Hm."), TextState.ALTERED),
            (("zz", "Hm."), TextState.ALTERED),
            (("", "Hm."), TextState.ALTERED),
            (("", "Hm @nobody"), TextState.ALTERED),
            (("", "Hm @erased-3"), TextState.REDACTED),
            (None, TextState.MISSING),
        ],
    )
    def test_of_a_text_that_is_not_the_one_written(self, text, state):
        found = text_state("commented", self.SEALED, text, author_erased=False, erased_names=["erased-3"])
        assert found == state

    def test_of_a_text_that_nobody_wrote(self):
        found = text_state(
            "renamed", {"from": "a", "to": "b"}, ("00", "x"), author_erased=False, erased_names=[]
        )
        assert found == TextState.ALTERED


class TestCommand:
    def test_erases_and_says_what_it_did(self, carol, task, capsys):
        call_command("erase_user", "Carol", "--yes")
        out = capsys.readouterr().out
        assert f"Account {carol.pk} is now 'erased-{carol.pk}'. Texts erased: 2." in out

    def test_asks_first(self, carol, task, monkeypatch):
        monkeypatch.setattr("builtins.input", lambda _: "carl")
        with pytest.raises(CommandError, match="Nothing was erased"):
            call_command("erase_user", "carol")
        assert EventText.objects.count() == 3

    def test_goes_on_when_the_name_is_typed(self, carol, task, monkeypatch):
        monkeypatch.setattr("builtins.input", lambda _: "carol")
        call_command("erase_user", "carol")
        assert EventText.objects.count() == 1

    def test_says_when_nobody_can_answer(self, carol, task, monkeypatch):
        def nobody(_):
            raise EOFError

        monkeypatch.setattr("builtins.input", nobody)
        with pytest.raises(CommandError, match="use --yes"):
            call_command("erase_user", "carol")

    def test_refuses_whom_it_does_not_know(self, acme):
        with pytest.raises(CommandError, match="no account with the user name 'nobody'"):
            call_command("erase_user", "nobody", "--yes")

    @pytest.mark.parametrize("options", [["--yes"], []])
    def test_refuses_the_only_owner_and_asks_nothing(self, acme, options):
        with pytest.raises(CommandError, match="alice is the only owner of"):
            call_command("erase_user", "alice", *options)


class TestAdmin:
    LIST = "/admin/orgs/user/"

    @pytest.fixture
    def chief(self, acme):
        acme.alice  # noqa: B018
        return signed_in(User.objects.create_superuser("chief"))

    def erase(self, client, user, **fields):
        return client.post(self.LIST, {"action": "erase", "_selected_action": user.pk} | fields)

    def test_asks_first(self, chief, carol, task):
        page = self.erase(chief, carol)
        assert "cannot be" in page.content.decode()
        assert User.objects.get(pk=carol.pk).erased_at is None

    def test_then_erases_and_is_recorded(self, chief, carol, task):
        assert self.erase(chief, carol, confirmed="Erase").status_code == 302
        assert User.objects.get(pk=carol.pk).erased_at
        entry = LogEntry.objects.get(content_type=ContentType.objects.get_for_model(User))
        assert (entry.object_repr, entry.get_change_message()) == (f"erased-{carol.pk}", "Erased.")

    def test_says_who_owns_what(self, chief, acme, carol):
        page = self.erase(chief, acme.alice).content.decode()
        assert "The only owner of" in page
        assert 'name="confirmed"' not in page

    def test_is_for_superusers(self, acme, carol):
        staff = User.objects.create_user("clerk", is_staff=True)
        for permission in ("view_user", "change_user", "delete_user"):
            staff.user_permissions.add(Permission.objects.get(codename=permission))
        self.erase(signed_in(staff), carol, confirmed="Erase")
        assert User.objects.get(pk=carol.pk).erased_at is None

    def test_nobody_is_deleted(self, chief, carol):
        assert chief.post(f"{self.LIST}{carol.pk}/delete/", {"post": "yes"}).status_code == 403
