"""Mails of news, composed of rows in the database."""

import datetime as dt
import re
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.mail import EmailMessage

from inbox import marks
from inbox.models import Mute, Notification
from inbox.states import Act, State
from orgs.models import Membership, User
from outbound.mail.composing import compose
from outbound.mail.links import inbox_with
from outbound.mail.news import TASKS
from outbound.models import Delivery
from preferences.hours import Hours
from preferences.kinds import Channel, Kind, Value
from preferences.services import choose, set_schedule
from tests.outbound.deliveries import delivery_for
from tests.outbound.test_rendering import Tags
from tests.tasks.acme import assign, comment, move, new_task, rename, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.first]

AT_ONCE, DIGEST = Delivery.Kind.AT_ONCE, Delivery.Kind.DIGEST
MORNING = dt.datetime(2025, 3, 2, 9, 30, tzinfo=dt.UTC)


def golden(name, mail):
    """Compare its text with the file, but for what is signed and when it happened."""
    text = re.sub(r"/mail/off/[^/]+/", "/mail/off/TOKEN/", f"Subject: {mail.subject}\n\n{mail.text}")
    text = re.sub(r"/inbox/\d+/", "/inbox/EVENT/", text)
    path = Path(__file__).parent / "golden" / f"{name}.txt"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text(encoding="utf-8")


@pytest.fixture
def long_ago(monkeypatch):
    """Write events of one morning, so that mails say the same every day."""
    monkeypatch.setattr("tasks.services.timezone.now", lambda: MORNING)


def test_one_task(acme, long_ago):
    task = new_task(acme, actor=acme.bob, title="Rotate the signing keys")
    comment(task, "@carol, can you look at this? **Friday** is the day.", actor=acme.bob)
    mail = compose(delivery_for(acme.carol, acme, kind=AT_ONCE, tasks=[task]))
    golden("one_task", mail)


def test_a_burst_on_one_task_is_folded(acme, long_ago):
    choose(acme.carol.pk, None, Channel.MAIL, Kind.MINE, Value.AT_ONCE)
    task = new_task(acme, actor=acme.carol, title="Rotate the signing keys")
    for number in range(20):
        comment(task, f"Step {number}", actor=acme.bob)
        move(task, ("in_progress", "open")[number % 2], actor=acme.alice)
    golden("burst", compose(delivery_for(acme.carol, acme, kind=AT_ONCE, tasks=[task])))


def test_several_tasks_at_once(acme, long_ago):
    tasks = [new_task(acme, actor=acme.bob, title=f"Ring {number}") for number in range(4)]
    for task in tasks:
        assign(task, acme.carol, actor=acme.bob)
    golden("several_tasks", compose(delivery_for(acme.carol, acme, kind=AT_ONCE, tasks=tasks)))


def test_a_digest(acme, globex, long_ago):
    globex.join("carol")
    choose(acme.carol.pk, None, Channel.MAIL, Kind.MENTIONS, Value.DIGEST)
    foreign = new_task(globex, actor=globex.hank, title="Call the bank")
    tasks = [new_task(acme, actor=acme.carol, title=title) for title in ("Fix the door", "أصلح الباب 🚪")]
    comment(tasks[0], "Done by noon.", actor=acme.bob)
    rename(tasks[1], "أصلح الباب الأخضر 🚪", actor=acme.bob)
    move(tasks[1], "done", actor=acme.bob)
    comment(foreign, "@carol?", actor=globex.hank)
    golden("digest", compose(delivery_for(acme.carol, acme, globex)))


class TestWhatIsLeft:
    def test_nothing_that_was_read_meanwhile(self, acme):
        task = new_task(acme, actor=acme.carol)
        first, second = comment(task, "First", actor=acme.bob), comment(task, "Second", actor=acme.bob)
        delivery = delivery_for(acme.carol, acme)
        marks.mark(acme.carol.pk, Act.READ, [first.pk])
        assert "First" not in compose(delivery).text
        marks.mark(acme.carol.pk, Act.DONE, [second.pk])
        assert compose(delivery) is None

    def test_nothing_of_an_organization_that_the_reader_has_left(self, acme, globex):
        globex.join("carol")
        for team, by in ((acme, acme.bob), (globex, globex.hank)):
            comment(new_task(team, actor=acme.carol), f"In {team.slug}", actor=by)
        delivery = delivery_for(acme.carol, acme, globex)
        Membership.objects.filter(organization=globex.pk, user=acme.carol).delete()
        mail = compose(delivery)
        assert "In acme" in mail.text
        assert "globex" not in f"{mail.text}{mail.html}".lower()

    def test_nothing_that_is_not_wanted_by_mail_any_more(self, acme):
        task = new_task(acme, actor=acme.carol)
        comment(task, actor=acme.bob)
        delivery = delivery_for(acme.carol, acme)
        choose(acme.carol.pk, acme.pk, Channel.MAIL, Kind.MINE, Value.OFF)
        assert compose(delivery) is None

    def test_nothing_of_what_was_muted(self, acme):
        task, other = (new_task(acme, actor=acme.carol, title=title) for title in ("Muted", "Other"))
        comment(task, actor=acme.bob)
        delivery = delivery_for(acme.carol, acme)
        Mute.objects.create(user=acme.carol, stream_id=task.pk)
        assert compose(delivery) is None
        comment(other, actor=acme.bob)
        mail = compose(delivery_for(acme.carol, acme))
        assert "Muted" not in mail.text
        assert signed_in(acme.carol).get(link(mail)).context["matching"] == "1"

    def test_a_digest_tells_nothing_that_is_told_at_once(self, acme):
        task = new_task(acme, actor=acme.carol)
        comment(task, "Plain", actor=acme.bob)
        mention = comment(task, "@carol!", actor=acme.bob)
        at_once = delivery_for(acme.carol, acme, kind=AT_ONCE, tasks=[task], first=mention.position)
        mail, digest = compose(at_once), compose(delivery_for(acme.carol, acme))
        assert ("@carol!" in mail.text, "Plain" in mail.text) == (True, False)
        assert ("@carol!" in digest.text, "Plain" in digest.text) == (False, True)
        assert signed_in(acme.carol).get(link(digest)).context["matching"] == "1"

    def test_nothing_is_lost_behind_many_that_are_not_wanted(self, acme, monkeypatch):
        monkeypatch.setattr("outbound.telling.to_tell.__defaults__", (2,))
        for _ in range(3):
            new_task(acme, actor=acme.bob, title="Everything")
        comment(new_task(acme, actor=acme.carol), "Mine", actor=acme.bob)
        assert "Mine" in compose(delivery_for(acme.carol, acme)).text


def test_times_are_those_of_its_reader(acme, long_ago):
    set_schedule(acme.carol.pk, Hours(zone="Asia/Kolkata"))
    comment(new_task(acme, actor=acme.carol), actor=acme.bob)
    assert "15:00" in compose(delivery_for(acme.carol, acme)).text


def test_a_long_digest_ends_with_how_many_more(acme):
    for number in range(TASKS + 3):
        comment(new_task(acme, actor=acme.carol, title=f"Ring {number}"), actor=acme.bob)
    mail = compose(delivery_for(acme.carol, acme))
    assert mail.subject.startswith(f"{TASKS + 3} unread on {TASKS + 3} tasks: ACME-{TASKS + 3} ")
    assert "And 3 more tasks." in mail.text
    assert mail.text.count("ACME-") == TASKS


def test_its_link_opens_exactly_these(acme, globex):
    globex.join("carol")
    task, other = (new_task(acme, actor=acme.carol, title=title) for title in ("One", "Other"))
    told_of = [comment(task, actor=acme.bob).pk, comment(other, actor=acme.bob).pk]
    mention = comment(task, "@carol", actor=acme.bob)
    delivery_for(acme.carol, acme, kind=AT_ONCE, tasks=[task], first=mention.position)
    foreign = new_task(globex, actor=acme.carol)
    told_of.append(comment(foreign, actor=globex.hank).pk)
    mail = compose(delivery_for(acme.carol, acme, globex))
    later = comment(task, actor=acme.bob).pk

    client, address = signed_in(acme.carol), link(mail)
    page = client.get(address)
    assert page.context["matching"] == "3"
    assert page.context["notes"] == []
    client.post(
        "/inbox/mark/",
        {"act": "read-all", "q": parse_qs(urlsplit(address).query)["q"][0], "seen": page.context["seen"]},
    )
    unread = Notification.objects.filter(recipient=acme.carol, state=State.UNREAD)
    assert not unread.filter(event_id__in=told_of).exists()
    assert later in unread.values_list("event_id", flat=True)
    assert unread.count() == 2


def test_a_link_of_one_task_opens_nothing_of_another(acme):
    tasks = [new_task(acme, actor=acme.bob, title=title) for title in ("One", "Other")]
    for task in tasks:
        comment(task, "@carol", actor=acme.bob)
    mail = compose(delivery_for(acme.carol, acme, kind=AT_ONCE, tasks=tasks[:1]))
    assert signed_in(acme.carol).get(link(mail)).context["matching"] == "1"


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("news:globex.1-99", "You are not in an organization with the short name “globex”."),
        ("news:acme.9-1", "names no news"),
        ("news:acme.1-999999999999999999.999999999999999999", ""),
    ],
)
def test_a_word_that_leads_nowhere_gets_a_sentence(acme, globex, word, sentence):
    comment(new_task(globex, actor=globex.gina), "@hank", actor=globex.gina)
    page = signed_in(acme.carol).get("/inbox/", {"q": f"is:all {word}"})
    assert page.status_code == 200
    assert sentence in " ".join(page.context["notes"])
    assert "Fix the door" not in page.text


def test_a_list_of_more_than_a_field_takes_is_what_is_unread():
    many = " ".join(["is:all", *(f"news:org{number}.1-2" for number in range(40))])
    assert inbox_with(many) == "http://localhost/inbox/?q=is%3Aunread"


def link(mail):
    return re.search(r"http://localhost(/inbox/\?q=\S+)", mail.text)[1]


HOSTILE = 'Ring\r\nBcc: all@example.com <script>alert(1)</script> "x" \u202e' + "y" * 120


def test_nothing_of_a_title_or_a_name_is_more_than_words(acme):
    User.objects.filter(pk=acme.bob.pk).update(first_name='<b onclick="x">Bob', last_name="\nX: y")
    task = new_task(acme, actor=acme.bob, title=HOSTILE)
    comment(task, "@carol <img src=https://example.com/pixel.png> [x](javascript:alert(1))", actor=acme.bob)
    mail = compose(delivery_for(acme.carol, acme, kind=AT_ONCE, tasks=[task]))
    parser = Tags()
    parser.feed(mail.html)
    assert not parser.seen & {"script", "img", "b"}
    assert "\n" not in mail.subject
    assert len(mail.subject) <= 120


class TestHeaders:
    def test_a_task_is_a_thread(self, acme):
        task = new_task(acme, actor=acme.bob)
        comment(task, "@carol", actor=acme.bob)
        first, second = (
            compose(delivery_for(acme.carol, acme, kind=AT_ONCE, tasks=[task])).headers for _ in range(2)
        )
        assert (
            first["References"]
            == first["In-Reply-To"]
            == second["References"]
            == f"<task.{task.pk}@localhost>"
        )
        assert first["List-Id"] == "<acme.organizations.localhost>"
        assert "Reply-To" not in first

    def test_they_arrive_as_they_were_written(self, acme):
        comment(new_task(acme, actor=acme.carol), actor=acme.bob)
        headers = compose(delivery_for(acme.carol, acme)).headers
        sent = EmailMessage("Hi", "Hi", "us@example.com", ["carol@example.com"], headers=headers).message()
        read = message_from_bytes(sent.as_bytes(), policy=policy.default)
        assert {name: read[name].strip() for name in headers} == headers

    def test_a_digest_is_in_no_thread(self, acme, globex):
        globex.join("carol")
        for team, by in ((acme, acme.bob), (globex, globex.hank)):
            comment(new_task(team, actor=acme.carol), actor=by)
        headers = compose(delivery_for(acme.carol, acme, globex)).headers
        assert "References" not in headers
        assert headers["List-Id"] == "<digest.localhost>"

    def test_answers_go_where_nobody_can_guess(self, acme, settings):
        settings.MAIL_REPLY_DOMAIN = "reply.example.com"
        task = new_task(acme, actor=acme.bob)
        comment(task, "@carol", actor=acme.bob)
        deliveries = [delivery_for(acme.carol, acme, kind=AT_ONCE, tasks=[task]) for _ in range(2)]
        addresses = [compose(delivery).headers["Reply-To"] for delivery in deliveries]
        for delivery, address in zip(deliveries, addresses, strict=True):
            assert re.fullmatch(rf"reply\+{delivery.pk}-[0-9a-f]{{24}}@reply\.example\.com", address)
        assert addresses[0][-42:] != addresses[1][-42:]
