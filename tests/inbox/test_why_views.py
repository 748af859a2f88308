"""The page that says why somebody was told: for oneself, and of others for who manages the members."""

import html
import re

import pytest

from events.models import TaskEvent
from inbox.services import mute, watch
from membership import services
from tasks.models import Task
from tests.factories import UserFactory
from tests.tasks.acme import comment, new_task, signed_in

pytestmark = pytest.mark.django_db


def text(response):
    return html.unescape(response.content.decode())


@pytest.fixture
def event(acme):
    return comment(new_task(acme, actor=acme.alice), "@bob?", actor=acme.carol)


def page(user, event, **asked):
    return signed_in(user).get(f"/inbox/{event.pk}/why/", asked)


def test_says_the_rule_to_its_reader_with_the_switches_beside_it(acme, event):
    answer = page(acme.bob, event)
    said = text(answer)
    assert "You were told because Carol mentioned you in it. That reaches you, whatever you choose." in said
    assert "To hear less, mute the task until you are mentioned or assigned, or choose less below." in said
    assert "Watch the task" not in said
    assert "Mute the task" in said
    assert 'action="/orgs/acme/level/"' in answer.content.decode()
    assert "The inbox agrees" in said


def test_says_it_of_what_somebody_did_and_of_what_they_were_not_told(acme, event):
    assert "You did it yourself" in text(page(acme.carol, event))
    mute(acme.vera.pk, acme.pk, event.stream_id, muted=True)
    unheard = comment(event_task(event), "Hm.", actor=acme.alice)
    said = text(page(acme.vera, unheard))
    assert "You were not told: you had muted it until you are mentioned or assigned." in said
    assert "Unmute the task" in said


def test_offers_what_fits_what_is_so_now(acme, event):
    watch(acme.vera.pk, acme.pk, event.stream_id, watching=True)
    assert "Stop watching" in text(page(acme.vera, event))


@pytest.mark.parametrize(
    ("level", "change", "has_watch"),
    [
        ("participating", "To hear more, watch the task or choose more below.", True),
        ("muted", "To hear more, choose more below.", False),
    ],
)
def test_says_what_would_change_it(acme, event, level, change, has_watch):
    services.change_level(membership=acme.membership(acme.vera), level=level)
    unheard = comment(event_task(event), "Hm.", actor=acme.alice)
    said = text(page(acme.vera, unheard))
    assert change in said
    assert ("Watch the task" in said) == has_watch


def test_a_popover_gets_the_answer_alone(acme, event):
    answer = page(acme.bob, event, part="1", next="/inbox/?q=x").content.decode()
    assert answer.lstrip().startswith("<section") or "<html" not in answer
    assert 'name="next" value="/inbox/?q=x"' in answer


def test_of_a_part_of_a_save_is_what_holds_for_the_whole(acme):
    """Of the two events the first gives it to Bob, and he is told with the last."""
    task = new_task(acme, actor=acme.alice, assignee_id=acme.bob.pk)
    first, last = TaskEvent.objects.filter(stream_id=task.pk).order_by("version")
    assert (first.parts, last.parts) == (0, 2)
    for event in (first, last):
        said = text(page(acme.bob, event))
        assert "You were told because Alice assigned it to you." in said
        assert "One save, told as one piece of news: Alice created ACME-1 and assigned it to Bob." in said


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_who_manages_the_members_asks_of_anybody(acme, event, name):
    user = getattr(acme, name)
    said = text(page(user, event, person="vera"))
    assert "Vera, who follows everything, was told." in said
    assert "Mute the task" not in said
    people = page(user, event).context["people"]
    assert [person.username for person in people] == ["alice", "bob", "carol", "vera"]


@pytest.mark.parametrize("name", ["carol", "vera"])
def test_others_ask_of_themselves_only(acme, event, name):
    user = getattr(acme, name)
    assert page(user, event, person="bob").status_code == 403
    assert page(user, event, person=name).status_code == 200
    assert page(user, event).context["people"] == []


def test_nobody_is_found_who_is_no_member(acme, globex, event):
    UserFactory(username="nora")
    answers = [page(acme.alice, event, person=name) for name in ("hank", "nora", "nobody", "\x00")]
    assert [answer.status_code for answer in answers] == [404] * 4


def test_a_foreign_event_answers_as_an_unknown_one(acme, globex, event):
    gina = signed_in(globex.gina)
    foreign, unknown = (gina.get(f"/inbox/{pk}/why/") for pk in (event.pk, 999_999))
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    # A form's token is new each time.
    bodies = [re.sub(r'value="\w{64}"', "", text(answer)) for answer in (foreign, unknown)]
    assert bodies[0] == bodies[1]


def test_every_entry_of_a_history_leads_here(acme, bob, event):
    for address in ("/orgs/acme/tasks/1/", "/orgs/acme/history/"):
        assert f'href="/inbox/{event.pk}/why/"' in bob.get(address).content.decode()


def test_of_members_nothing_is_watched(acme):
    services.change_role(by=acme.membership(acme.alice), user_id=acme.vera.pk, role="member")
    change = TaskEvent.objects.get(organization=acme.pk)
    said = text(page(acme.bob, change))
    assert "You were told because you look after rights here." in said
    assert "Watch the" not in said


def event_task(event):
    return Task.objects.get(pk=event.stream_id)
