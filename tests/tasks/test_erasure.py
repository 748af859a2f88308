"""Forgetting a person: nothing of theirs is left, and the history still holds."""

import io

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from events import append_only, log
from events.audit.links import links_of
from events.erasure import Erasures
from events.facts import TextsErased
from events.models import EventText, TaskEvent
from events.sentences import sentence
from events.texts import Taken, TextState, text_digest, text_state
from inbox.models import Notification
from membership.services import claim_ownership
from orgs.models import Membership, User
from tasks.erasure import erase_user
from tasks.models import Task
from tests.audits import findings
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
    updated_at = Task.objects.get().updated_at
    erase_user(carol.pk)
    after = list(TaskEvent.objects.order_by("pk").values())
    assert after[: len(before)] == before
    assert [event["action"] for event in after[len(before) :]] == ["member_left", "texts_erased"]
    assert_the_log_holds(acme.pk)
    assert_the_fold_is_the_row(task.pk)
    task = Task.objects.get()
    assert (task.description, task.version, task.updated_at) == ("", 5, updated_at)
    assert findings() == []


def test_an_event_says_what_was_taken(acme, carol, task):
    erase_user(carol.pk)
    event = TaskEvent.objects.readable().latest("pk")
    named = EventText.objects.get()
    assert (event.action, event.actor_id, event.subject) == ("texts_erased", carol.pk, "Fix the door")
    assert event.details == {
        "erased": [1, 2],
        "redacted": [{"version": 3, "sha256": text_digest(named.nonce, named.body)}],
    }
    assert sentence(event, {}) == "Erased person’s texts were removed from ACME-1"


def test_where_only_others_named_them_the_event_says_so(acme, carol):
    task = new_task(acme, actor=acme.alice, description="Ask @carol")
    erase_user(carol.pk)
    event = TaskEvent.objects.readable().latest("pk")
    assert (event.stream_id, event.fact.erased) == (task.pk, [])
    assert sentence(event, {}) == "Erased person’s name was removed from ACME-1"


def test_nobody_is_notified_and_open_sockets_read_it(
    acme, carol, task, announcements, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        erase_user(carol.pk)
    assert not Notification.objects.filter(event__action="texts_erased").exists()
    _, message = [message for group, message in announcements if group == f"org-{acme.pk}"]
    assert (message["type"], message["membership_version"]) == ("log.appended", -1)
    assert message["events"][-1]["frame"]["sentence"] == "Erased person’s texts were removed from ACME-1"
    assert "  0 missing" in rebuilt_inbox()


def rebuilt_inbox():
    out = io.StringIO()
    call_command("rebuild_inbox", "--dry-run", stdout=out)
    return out.getvalue()


def test_a_second_person_can_be_erased_from_the_same_text(acme, carol, task):
    comment(task, "@carol and @bob should look.", actor=acme.alice)
    bob = acme.bob.pk
    erase_user(carol.pk)
    erase_user(bob)
    assert findings() == []
    assert [text.body for text in EventText.objects.all()] == [
        f"@erased-{carol.pk} and @erased-{bob} should look."
    ]


def test_whoever_wrote_a_text_that_names_another_can_be_erased_too(acme, carol, task):
    bob = acme.bob.pk
    erase_user(carol.pk)
    erase_user(bob)
    assert findings() == []
    assert not EventText.objects.exists()


class TestWithoutAnErasure:
    """Past the triggers: what no event of the chain names is found."""

    @pytest.fixture
    def erased(self, acme, carol, task):
        erase_user(carol.pk)
        comment(task, "Bob's words", actor=acme.bob)
        connection.check_constraints()
        append_only.remove(connection)
        return task

    def put_in_place_of(self, version, nonce, body):
        EventText.objects.filter(event__version=version).delete()
        event = TaskEvent.objects.get(version=version)
        text = EventText(event=event, organization_id=event.organization_id, nonce=nonce, body=body)
        EventText.objects.bulk_create([text])

    def found(self):
        return [(finding.position, finding.code) for finding in findings()]

    def test_words_that_name_an_erased_account_prove_nothing(self, carol, erased):
        self.put_in_place_of(6, "", f"Bob never said this of @erased-{carol.pk}")
        assert self.found() == [(7, "text_altered")]

    def test_nor_do_others_in_the_place_of_a_redacted_text(self, carol, erased):
        text = EventText.objects.get(event__version=3)
        self.put_in_place_of(3, text.nonce, f"Thanks for nothing, @erased-{carol.pk}")
        assert self.found() == [(3, "text_altered")]
        self.put_in_place_of(3, "", text.body)
        assert self.found() == [(3, "text_altered")]

    def test_a_redacted_text_is_not_simply_gone(self, erased):
        EventText.objects.filter(event__version=3).delete()
        assert self.found() == [(3, "text_missing")]

    def test_a_text_is_not_gone_because_its_author_is(self, acme, carol, erased):
        """Somebody else's is, though, and so is what the erased person's account did not write."""
        User.objects.filter(username="bob").update(erased_at=timezone.now())
        EventText.objects.filter(event__version=6).delete()
        assert self.found() == [(7, "text_missing")]

    def test_an_erasure_names_only_its_actors_texts(self, acme, carol, task):
        head = log.lock_head(acme.pk)
        connection.check_constraints()
        append_only.remove(connection)
        entry = log.Entry(TextsErased([3]), "Fix the door")
        log.append(head, task.pk, 1, 4, [entry], actor=carol, now=timezone.now())
        assert (3, "text_missing") in self.found()

    @pytest.mark.parametrize("version", [2, 3])
    def test_what_was_taken_is_not_there_again(self, acme, carol, task, version):
        text = EventText.objects.get(event__version=version)
        erase_user(carol.pk)
        connection.check_constraints()
        append_only.remove(connection)
        self.put_in_place_of(version, text.nonce, text.body)
        assert self.found() == [(version, "text_altered")]
        (link,) = [link for link in links_of(text.event) if not link.holds]
        assert "not the one" in link.says


class TestRenamed:
    """Whichever way."""

    def by_the_administration(self, user, name):
        chief = signed_in(User.objects.create_superuser("chief"))
        fields = {
            "username": name,
            "date_joined_0": "2026-11-22",
            "date_joined_1": "10:00",
            "is_active": "on",
        }
        assert chief.post(f"/admin/orgs/user/{user.pk}/change/", fields).status_code == 302

    def by_the_shell(self, user, name):
        user.username = name
        user.save()

    def by_a_query(self, user, name):
        User.objects.filter(pk=user.pk).update(username=name)

    def by_sql(self, user, name):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE orgs_user SET username = %s WHERE id = %s", [name, user.pk])

    WAYS = (by_the_administration, by_the_shell, by_a_query, by_sql)

    @pytest.mark.parametrize("rename", WAYS, ids=lambda way: way.__name__)
    def test_no_name_is_left(self, acme, carol, task, rename):
        rename(self, carol, "quincy")
        comment(task, "@quincy, once @carol.", actor=acme.bob)
        User.objects.filter(pk=carol.pk).update(username="lina")
        comment(task, "@lina!", actor=acme.bob)
        erase_user(carol.pk)
        new = f"erased-{carol.pk}"
        bodies = list(EventText.objects.order_by("pk").values_list("body", flat=True))
        assert bodies == [f"Thanks @{new}, and @caroline too.", f"@{new}, once @{new}.", f"@{new}!"]
        left = dump().lower()
        assert [name for name in ("@carol,", '"carol"', "quincy", "@lina") if name in left] == []
        assert findings() == []

    def test_a_name_that_somebody_else_has_now_stays_theirs(self, acme, carol, task):
        User.objects.filter(pk=carol.pk).update(username="quincy", name_key="quincy")
        acme.join("carol")
        other = new_task(acme, actor=acme.alice, description="For the new @carol")
        erase_user(carol.pk)
        bodies = dict(EventText.objects.values_list("event__stream_id", "body"))
        assert bodies == {
            task.pk: f"Thanks @erased-{carol.pk}, and @caroline too.",
            other.pk: "For the new @carol",
        }

    def test_names_from_before_they_were_kept_stand_in_the_administrations_log(self, acme, carol, task):
        LogEntry.objects.log_actions(carol.pk, [carol], 2, change_message="Changed.", single_object=True)
        User.objects.filter(pk=carol.pk).update(username="quincy", name_key="quincy")
        carol.former_names.all().delete()
        erase_user(carol.pk)
        assert EventText.objects.get().body == f"Thanks @erased-{carol.pk}, and @caroline too."

    def test_a_change_of_anything_else_keeps_nothing(self, carol):
        carol.first_name = "Lina"
        carol.save()
        User.objects.filter(pk=carol.pk).update(username="carol")
        assert not carol.former_names.exists()


class TestRecords:
    """The administration's own log."""

    def record(self, user, message, what="Export of 3 events"):
        kind = ContentType.objects.get_for_model(TaskEvent)
        return LogEntry.objects.create(
            user=user, content_type=kind, object_repr=what, action_flag=2, change_message=message
        )

    def test_exports_name_them_no_more(self, acme, carol):
        entries = [
            self.record(
                acme.alice, "Exported 3 events. Filters: who: Caroline (carol); search: quince@example.com."
            ),
            self.record(acme.alice, "Exported 3 events. Filters: who: Lina Q (carol); from: 2026-11-01."),
            self.record(
                acme.alice, "Exported 3 events. Filters: who: Carola (carola); search: carolina.", "For carol"
            ),
        ]
        erase_user(carol.pk)
        new = f"erased-{carol.pk}"
        for entry in entries:
            entry.refresh_from_db()
        assert [entry.change_message for entry in entries] == [
            f"Exported 3 events. Filters: who: {new}; search: {new}.",
            f"Exported 3 events. Filters: who: {new}; from: 2026-11-01.",
            "Exported 3 events. Filters: who: Carola (carola); search: carolina.",
        ]
        assert entries[2].object_repr == f"For {new}"

    def test_others_entries_stay_as_they_are(self, acme, carol):
        entry = self.record(acme.alice, '[{"changed": {"fields": ["Name"]}}]', "Acme")
        erase_user(carol.pk)
        entry.refresh_from_db()
        assert (entry.object_repr, entry.get_change_message()) == ("Acme", "Changed Name.")


def states():
    states = {}
    for event in TaskEvent.objects.readable():
        text = (event.text.nonce, event.text.body) if hasattr(event, "text") else None
        taken = Erasures.of(event.organization_id, event.stream_id).taken(event.version, event.actor_id)
        states[event.version] = text_state(event.action, event.details, text, taken).value
    return states


def test_what_can_be_said_of_each_text_afterwards(carol, task):
    assert states() == {1: "proved", 2: "proved", 3: "proved", 4: "none"}
    erase_user(carol.pk)
    assert states() == {1: "erased", 2: "erased", 3: "redacted", 4: "none", 5: "none"}


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
    told = set(Notification.objects.values_list("recipient", "event"))
    erase_user(carol.pk)
    assert told < set(Notification.objects.values_list("recipient", "event"))  # and that they left


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


def test_an_only_owner_can_be_erased_and_an_admin_goes_on(acme, task):
    """Whoever was made one unasked, by an older release, gets out too."""
    alice, bob = acme.alice, acme.membership(acme.bob)
    erase_user(alice.pk)
    assert User.objects.get(pk=alice.pk).erased_at
    assert not Membership.objects.filter(user=alice).exists()
    assert claim_ownership(by=bob).role == Role.OWNER


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
        ("text", "taken", "state"),
        [
            (("00", "Hm."), None, TextState.ALTERED),
            (("zz", "Hm."), None, TextState.ALTERED),
            (("", "Hm @erased-3"), None, TextState.ALTERED),
            (("00", "Hm."), Taken(text_digest("00", "Hm.")), TextState.REDACTED),
            (("00", "Hm."), Taken(text_digest("00", "Ha.")), TextState.ALTERED),
            (("00", "Hm."), Taken(None), TextState.ALTERED),
            (None, None, TextState.MISSING),
            (None, Taken("ab" * 32), TextState.MISSING),
            (None, Taken(None), TextState.ERASED),
        ],
    )
    def test_of_a_text_that_is_not_the_one_written(self, text, taken, state):
        assert text_state("commented", self.SEALED, text, taken) == state

    def test_of_a_text_that_nobody_wrote(self):
        found = text_state("renamed", {"from": "a", "to": "b"}, ("00", "x"))
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

    def test_says_what_is_left_without_an_owner(self, acme, monkeypatch, capsys):
        monkeypatch.setattr("builtins.input", lambda _: "")
        with pytest.raises(CommandError, match="Nothing was erased"):
            call_command("erase_user", "alice")
        assert "Without an owner afterwards: Acme" in capsys.readouterr().out


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
        assert "The only owner of Acme" in page
        assert 'name="confirmed"' in page

    def test_is_for_superusers(self, acme, carol):
        staff = User.objects.create_user("clerk", is_staff=True)
        for permission in ("view_user", "change_user", "delete_user"):
            staff.user_permissions.add(Permission.objects.get(codename=permission))
        self.erase(signed_in(staff), carol, confirmed="Erase")
        assert User.objects.get(pk=carol.pk).erased_at is None

    def test_nobody_is_deleted(self, chief, carol):
        assert chief.post(f"{self.LIST}{carol.pk}/delete/", {"post": "yes"}).status_code == 403
