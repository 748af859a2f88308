"""Writing through the pages: with a script's JSON and without, and what each reader is shown of it."""

import uuid

import pytest
from django.urls import reverse

from base.errors import Conflict
from events.models import EventText, TaskEvent
from inbox.models import Notification
from search.follower import SearchFollower
from search.matching import matching
from tasks import commands
from tasks.erasure import erase_user
from tasks.models import Attempt
from tests.audits import findings
from tests.followers.taking import take_all
from tests.tasks.acme import carry_out, comment, new_task, signed_in
from tests.tasks.invariants import assert_everybody_is_told_right, assert_the_log_holds

pytestmark = pytest.mark.django_db

TASK = "/orgs/acme/tasks/1/"
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def task(acme):
    return new_task(acme, actor=acme.alice)


@pytest.fixture
def said(acme, task):
    """Bob's comment, version 2."""
    return comment(task, "It **squeaks**, @alice.", actor=acme.bob)


def page(client, address=TASK, **query):
    return " ".join(client.get(address, query).content.decode().split())


def edited(acme, task, text, actor=None):
    command = commands.EditComment(task_id=task.pk, comment=2, text=text)
    return carry_out(command, actor=actor or acme.bob)[0]


def deleted(acme, task):
    return carry_out(commands.DeleteComment(task_id=task.pk, comment=2), actor=acme.bob)[0]


def reacted(task, reaction, actor, on=True):
    command = commands.React(task_id=task.pk, comment=2, reaction=reaction, on=on)
    return carry_out(command, actor=actor)


class TestCommenting:
    def test_answers_a_script_with_the_comment_in_html(self, acme, bob, task):
        answer = bob.post(f"{TASK}comment/", {"text": "See ACME-1, @carol"}, **JSON)
        event = TaskEvent.objects.get(action="commented")
        assert answer.status_code == 201
        said = answer.json()
        assert (said["event"], said["version"]) == (event.pk, 2)
        assert f'id="event-{event.pk}"' in said["html"]
        assert '<span class="mention" title="Carol">@carol</span>' in said["html"]
        assert 'href="/orgs/acme/tasks/1/"' in said["html"]

    def test_leads_a_plain_form_to_it(self, bob, task):
        answer = bob.post(f"{TASK}comment/", {"text": "Hm."})
        event = TaskEvent.objects.get(action="commented")
        assert answer["Location"] == f"{TASK}?event={event.pk}#event-{event.pk}"

    def test_refusals_come_as_sentences(self, acme, bob, task):
        empty = bob.post(f"{TASK}comment/", {"text": " "}, **JSON)
        assert (empty.status_code, empty.json()["error"]["message"][:20]) == (400, "The comment is empty")
        carry_out(commands.ArchiveTask(task_id=task.pk), actor=acme.alice)
        late = bob.post(f"{TASK}comment/", {"text": "Hm."}, **JSON)
        assert (late.status_code, late.json()["error"]["code"]) == (409, "conflict")
        viewer = signed_in(acme.vera).post(f"{TASK}comment/", {"text": "Hm."}, **JSON)
        assert viewer.status_code == 403

    def test_an_attempt_makes_one_comment_however_often_it_is_sent(self, bob, task):
        attempt = {"text": "Hm.", "attempt": str(uuid.uuid4())}
        first, again = (bob.post(f"{TASK}comment/", attempt, **JSON).json() for _ in range(2))
        assert first["event"] == again["event"]
        assert first["attempt"] not in (again["attempt"], attempt["attempt"])
        other = bob.post(f"{TASK}comment/", attempt | {"text": "Other words."}, **JSON).json()
        assert other["event"] > first["event"]
        assert Attempt.objects.get().event_id == other["event"]

    def test_the_same_words_with_another_attempt_are_another_comment(self, acme, bob, task):
        attempts = [{"text": "Hm.", "attempt": str(uuid.uuid4())} for _ in range(2)]
        for attempt in attempts:
            bob.post(f"{TASK}comment/", attempt)
        signed_in(acme.carol).post(f"{TASK}comment/", attempts[0])
        assert TaskEvent.objects.filter(action="commented").count() == 3


class TestEditing:
    def test_the_newest_text_is_shown_with_a_way_to_the_others(self, acme, bob, task, said):
        before, event = page(bob), edited(acme, task, "It is *loud*, @carol.")
        assert "<strong>squeaks</strong>" in before
        now = page(bob)
        assert "squeaks" not in now
        assert "<em>loud</em>" in now
        assert f'href="{TASK}?version=3">edited</a>' in now
        assert "It **squeaks**, @alice." in page(bob, version=3)  # before and after
        assert "<strong>squeaks</strong>" in page(bob, version=2)
        assert_everybody_is_told_right([event])
        assert list(
            Notification.objects.filter(event=event).values_list("recipient__username", "reason")
        ) == [("carol", "mentioned")]

    def test_has_a_page_without_a_script(self, acme, bob, task, said):
        address = reverse("tasks:comment_edit", args=["acme", 1, 2])
        form = bob.get(address).context["form"]
        assert form.initial == {"text": "It **squeaks**, @alice.", "revision": 2}
        answer = bob.post(address, {"text": "New.", "revision": 2})
        assert answer["Location"] == f"{TASK}?event={said.pk}#event-{said.pk}"
        late = bob.post(address, {"text": "Newer.", "revision": 2})
        assert late.status_code == 409
        assert "Newer." in late.content.decode()
        assert bob.post(address, late.context["form"].data).status_code == 302
        assert bob.post(address, {"text": "", "revision": 4}).status_code == 400

    def test_is_the_authors_alone(self, acme, task, said):
        alice = signed_in(acme.alice)
        for act in ("edit", "delete"):
            answer = alice.post(f"{TASK}comments/2/{act}/", {"text": "x", "revision": 2}, **JSON)
            assert answer.status_code == 403
        assert "data-edit-comment" not in page(alice)
        assert alice.post(f"{TASK}comments/1/delete/", **JSON).status_code == 404
        assert not TaskEvent.objects.filter(version__gt=2).exists()


class TestDeleting:
    def test_leaves_a_sentence_and_no_text_on_any_page(self, acme, bob, task, said):
        edited(acme, task, "It is loud.")
        answer = bob.post(f"{TASK}comments/2/delete/", **JSON).json()
        assert "Bob deleted this comment." in answer["html"]
        pages = [page(bob), *(page(bob, version=version) for version in (2, 3, 4))]
        pages += [page(signed_in(acme.alice), "/inbox/"), page(bob, "/orgs/acme/history/")]
        assert not any("squeaks" in each or "loud" in each for each in pages)
        assert Notification.objects.filter(event__action="comment_deleted").count() == 0

    def test_the_texts_stay_in_the_log(self, acme, task, said):
        edited(acme, task, "It is loud.")
        deleted(acme, task)
        assert EventText.objects.count() == 2
        assert findings() == []


class TestReacting:
    def test_is_counted_with_names_and_can_be_taken_back(self, acme, bob, task, said):
        alice = signed_in(acme.alice)
        answer = alice.post(f"{TASK}comments/2/react/", {"give": "heart"}, **JSON).json()
        assert 'name="take" value="heart" aria-pressed="true" title="Alice: heart"' in " ".join(
            answer["html"].split()
        )
        reacted(task, "heart", acme.carol)
        assert 'title="Alice and Carol: heart"' in page(bob)
        alice.post(f"{TASK}comments/2/react/", {"take": "heart"})
        assert 'title="Carol: heart"' in page(bob)
        assert alice.post(f"{TASK}comments/2/react/", {"give": "x"}, **JSON).status_code == 400
        assert 'title="Alice and Carol: heart"' in page(bob, version=4)

    def test_tells_the_author_once_a_person(self, acme, task, said):
        for reaction in ("heart", "eyes"):
            reacted(task, reaction, acme.alice)
            reacted(task, reaction, acme.carol)
            reacted(task, reaction, acme.alice, on=False)
        reacted(task, "heart", acme.bob)
        told = Notification.objects.exclude(event__action__in=("created", "commented"))
        assert list(told.values_list("recipient__username", "reason")) == [("bob", "reaction")] * 2

    def test_opening_the_task_reads_what_happened_to_its_comments(self, acme, bob, task, said):
        (event,) = reacted(task, "heart", acme.alice)
        assert "is-opened" in page(bob, event=event.pk)
        assert not Notification.objects.filter(recipient=acme.bob, state=0).exists()


def test_search_finds_the_newest_text_and_none_that_was_deleted(acme, task, said):
    def found():
        return {word: matching([acme.pk], word).in_events() for word in ("squeaks", "loud")}

    def finds():
        return {word for word, events in found().items() if TaskEvent.objects.filter(events).exists()}

    take_all(SearchFollower())
    assert finds() == {"squeaks"}
    edited(acme, task, "It is loud.")
    take_all(SearchFollower())
    assert finds() == {"loud"}
    deleted(acme, task)
    take_all(SearchFollower())
    assert finds() == set()


def test_who_is_erased_leaves_no_version_of_a_comment(acme, task, said):
    edited(acme, task, "It is loud, @carol.")
    carry_out(commands.CommentOnTask(task_id=task.pk, text="Ask @bob."), actor=acme.alice)
    carry_out(commands.EditComment(task_id=task.pk, comment=4, text="Ask @bob now."), actor=acme.alice)
    name = erase_user(acme.bob.pk).name
    assert set(EventText.objects.values_list("body", flat=True)) == {f"Ask @{name}.", f"Ask @{name} now."}
    shown = page(signed_in(acme.alice))
    assert "This text was erased." in shown
    assert f"Ask @{name} now." in shown
    assert findings() == []
    assert_the_log_holds(acme.pk)


class TestWhileWriting:
    def offered(self, client, what, q):
        return [
            each["value"] for each in client.get(f"/orgs/acme/complete/{what}/", {"q": q}).json()["items"]
        ]

    def test_members_are_offered_by_any_word_of_their_names(self, acme, bob, task):
        acme.alice.__class__.objects.filter(username="carol").update(first_name="Élodie", last_name="Novák")
        for q in ("car", "ELO", "novak"):
            assert self.offered(bob, "people", q) == ["carol"]
        assert self.offered(bob, "people", "arol") == []
        assert len(self.offered(bob, "people", "")) == 4

    def test_tasks_are_offered_by_number_and_title(self, acme, bob, task):
        new_task(acme, actor=acme.alice, title="Paint the gate")
        assert self.offered(bob, "tasks", "2") == ["ACME-2"]
        assert self.offered(bob, "tasks", "door FIX") == ["ACME-1"]

    def test_strangers_are_offered_nothing(self, globex):
        for what in ("complete/people/", "complete/tasks/"):
            assert signed_in(globex.gina).get(f"/orgs/acme/{what}").status_code == 404

    def test_it_is_said_who_will_be_told(self, acme, bob):
        said = bob.post("/orgs/acme/draft/", {"text": "@carol @bob @karol. `@alice` **x**"}).json()
        assert said["told"] == "Carol will be told (mentioned)"
        assert said["unknown"] == "@karol is nobody in Acme"
        assert "<strong>x</strong>" in said["html"]

    def test_five_hundred_names_get_a_short_answer(self, acme, bob):
        said = bob.post("/orgs/acme/draft/", {"text": " ".join(f"@n{i}" for i in range(500))}).json()
        assert said["unknown"] == "@n0, @n1, @n2, @n3, @n4 and 495 more are nobody in Acme"


def test_what_stands_in_code_tells_nobody(acme, task):
    event = comment(task, "`@bob` and @carol", actor=acme.alice)
    assert event.fact.mentions == [acme.carol.pk]


def test_a_task_that_changed_meanwhile_refuses_what_was_deleted(acme, task, said):
    deleted(acme, task)
    with pytest.raises(Conflict):
        edited(acme, task, "x")
