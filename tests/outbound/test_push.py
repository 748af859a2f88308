"""Desktop push from a click to what a browser reads, over real HTTP to a push service of the tests' own."""

import datetime as dt
from email.utils import format_datetime

import pytest
from django.contrib.sessions.models import Session
from django.test import RequestFactory
from django.urls import clear_script_prefix, reverse, set_script_prefix
from django.utils import timezone

from base.errors import NotFound
from events.models import TaskEvent
from orgs.models import User
from outbound import sending as core
from outbound.gathering import Gatherer
from outbound.making import make_due
from outbound.models import Delivery, Gathering, PushSubscription
from outbound.push import composing, services, views
from outbound.push import sending as pushing
from outbound.push.channel import Push
from outbound.push.encryption import ROOM, new_key
from outbound.push.own_key import own_public_key
from tests.factories import UserFactory
from tests.followers.taking import take_all
from tests.inbox.acts import mark_all_read, mark_read
from tests.outbound.push_service import Browser, PushService
from tests.tasks.acme import assign, comment, new_task, signed_in

pytestmark = pytest.mark.django_db

CHANNEL = Push()


@pytest.fixture
def service(settings, monkeypatch):
    settings.PUSH_KEY, settings.OUTBOUND_LOOPBACK = new_key(), True
    monkeypatch.setattr(pushing, "_away", {})
    with PushService() as service:
        yield service


class Here:
    """A person's browser: its cookie, and what its push service gave it."""

    def __init__(self, user, endpoint, browser=None):
        self.user, self.endpoint = user, endpoint
        self.browser = browser or Browser()
        self.client = signed_in(user, HTTP_USER_AGENT="X11; Linux Firefox/140.0")

    def ask(self):
        given = self.browser.given(self.endpoint)
        return self.client.post(reverse("push:subscribe"), given._asdict())

    def renew(self):
        return self.client.post(reverse("push:renew"), {"endpoint": self.endpoint}).json()["on"]


@pytest.fixture
def here(acme, service):
    here = Here(acme.bob, f"{service.origin}/bob")
    assert here.ask().status_code == 204
    return here


def gather():
    take_all(Gatherer(CHANNEL))


def read_all(user, acme):
    return mark_all_read(user.pk, {acme.pk: TaskEvent.objects.latest("pk").pk})


def tell(acme):
    """Take what happened, let the quiet seconds pass, and send it. Returns the deliveries."""
    gather()
    Gathering.objects.update(due_at=timezone.now())
    make_due(timezone.now())
    return send()


def send():
    Delivery.objects.filter(state="waiting").update(due_at=timezone.now() - dt.timedelta(seconds=1))
    while delivery := core.claim("push"):
        core.record(delivery, core.outcome_of(CHANNEL, delivery))
        if core.is_any_due("push") and Delivery.objects.get(pk=delivery.pk).state == "waiting":
            break
    return list(Delivery.objects.order_by("pk"))


def told(service, here):
    return [here.browser.decrypted(got.body) for got in service.got]


class TestNews:
    def test_a_browser_reads_the_news_in_the_inboxes_words(self, acme, service, here):
        task = new_task(acme, actor=acme.alice)
        event = assign(task, acme.bob, actor=acme.alice)
        (delivery,) = tell(acme)
        (news,) = told(service, here)
        assert (news["title"], news["body"]) == ("ACME-1 Fix the door", "Alice assigned it to you")
        assert (news["event"], news["events"], news["tag"]) == (event.pk, [event.pk], event.stream_id.hex)
        (got,) = service.got
        assert service.is_signed(got, own_public_key())
        assert got.headers["Topic"] == event.stream_id.hex
        assert int(got.headers["TTL"]) == pushing.KEPT
        assert delivery.state == "sent"

    def test_a_burst_is_one(self, acme, service, here):
        task = new_task(acme, actor=acme.alice)
        for text in ("@bob one", "@bob two", "@bob three"):
            last = comment(task, text, actor=acme.alice)
        tell(acme)
        (news,) = told(service, here)
        assert news["body"] == "Alice, 3 changes · “@bob three”"
        assert (news["event"], len(news["events"])) == (last.pk, 3)

    def test_many_tasks_are_one_that_leads_to_the_inbox(self, acme, service, here):
        for number in range(6):
            assign(new_task(acme, actor=acme.alice, title=f"T{number}"), acme.bob, actor=acme.alice)
        tell(acme)
        (news,) = told(service, here)
        assert news["title"] == "6 changes in 6 tasks"
        assert news["body"].splitlines() == ["ACME-6 T5", "ACME-5 T4", "ACME-4 T3", "and 3 more"]
        assert "event" not in news

    def test_nothing_is_said_of_what_was_read_or_is_theirs_no_more(self, acme, service, here):
        task = new_task(acme, actor=acme.alice)
        assign(task, acme.bob, actor=acme.alice)
        read_all(acme.bob, acme)
        assert [delivery.state for delivery in tell(acme)] in ([], ["dropped"])
        comment(task, "@bob secret", actor=acme.alice)
        gather()
        acme.membership(acme.bob).delete()
        Gathering.objects.update(due_at=timezone.now())
        make_due(timezone.now())
        send()
        assert service.got == []

    def test_the_next_one_says_what_was_read_of_those_before(self, acme, service, here):
        task = new_task(acme, actor=acme.alice)
        first = assign(task, acme.bob, actor=acme.alice)
        tell(acme)
        assert "read" not in told(service, here)[0]
        read_all(acme.bob, acme)
        comment(task, "@bob again", actor=acme.alice)
        tell(acme)
        assert first.pk in told(service, here)[1]["read"]

    def test_whatever_is_written_it_fits(self):
        news = composing.News(
            "t", "\U0001f514" * 120, "\U0001f514\n" * 200, 2**40, [2**40] * 50, [2**40] * 100
        )
        assert len(composing.as_bytes(news)) <= ROOM
        assert news.title == "\U0001f514" * 120
        assert news.events

    def test_who_tries_it_sees_one_even_here(self, acme, service, here):
        services.try_it(acme.bob)
        assert [delivery.state for delivery in send()] == ["sent"]
        (news,) = told(service, here)
        assert news["always"] is True


class TestAnswers:
    @pytest.fixture(autouse=True)
    def news(self, acme, here):
        assign(new_task(acme, actor=acme.alice), acme.bob, actor=acme.alice)

    @pytest.mark.parametrize("status", [404, 410])
    def test_a_browser_that_is_gone_is_dropped(self, acme, service, status):
        service.answers["/bob"] = status, {}
        assert [delivery.state for delivery in tell(acme)] == ["dropped"]
        assert not PushSubscription.objects.exists()

    def test_a_push_service_that_is_busy_is_waited_for(self, acme, service):
        service.answers["/bob"] = 429, {"Retry-After": "7200"}
        (delivery,) = tell(acme)
        assert delivery.state == "waiting"
        assert delivery.error == "127.0.0.1 answered 429."
        assert delivery.due_at > timezone.now() + dt.timedelta(seconds=7000)
        service.answers.clear()
        assert [delivery.state for delivery in send()] == ["sent"]

    def test_after_an_error_it_is_tried_again_and_nobody_gets_it_twice(self, acme, service):
        other = Here(acme.bob, f"{service.origin}/other")
        other.ask()
        service.answers["/other"] = 500, {}
        (delivery,) = tell(acme)
        assert (delivery.state, delivery.attempts) == ("waiting", 1)
        service.answers.clear()
        assert [delivery.state for delivery in send()] == ["sent"]
        assert [got.path for got in service.got] == ["/bob", "/other", "/other"]

    def test_a_refusal_is_given_up_and_says_nothing_of_a_strangers(self, acme, service):
        service.answers["/bob"] = 403, {}
        (delivery,) = tell(acme)
        assert (delivery.state, delivery.error) == ("given_up", "127.0.0.1 answered 403.")

    def test_a_service_that_is_away_is_left_alone_for_a_while(self, acme, service, monkeypatch):
        asked = []

        def post(*_):
            asked.append(1)
            raise pushing.Unreachable("127.0.0.1 cannot be reached (X).")

        monkeypatch.setattr(pushing, "post", post)
        (delivery,) = tell(acme)
        assert (delivery.state, len(asked)) == ("waiting", 1)
        (delivery,) = send()
        assert (delivery.state, len(asked)) == ("waiting", 1)

    def test_what_takes_too_long_for_one_delivery_goes_on_later(self, acme, service, monkeypatch):
        monkeypatch.setattr("outbound.push.channel.TIME", -1.0)
        (delivery,) = tell(acme)
        assert (delivery.state, service.got) == ("waiting", [])

    def test_who_signed_out_there_gets_nothing_there(self, acme, service, here):
        here.client.post(reverse("logout"))
        assert tell(acme) == []
        assert service.got == []

    def test_a_session_that_ends_between_gathering_and_sending_counts(self, acme, service):
        gather()
        bob = acme.bob
        bob.set_password("another")
        bob.save()
        Gathering.objects.update(due_at=timezone.now())
        make_due(timezone.now())
        assert [delivery.state for delivery in send()] == ["dropped"]
        assert service.got == []


@pytest.mark.once
@pytest.mark.django_db
class TestWaits:
    def test_seconds_and_dates_are_read_and_bounded(self):
        in_a_minute = format_datetime(timezone.now() + dt.timedelta(seconds=60), usegmt=True)
        assert 50 < (pushing.retry_after(in_a_minute) or 0) <= 60
        assert pushing.retry_after("120") == 120
        assert pushing.retry_after("0") == 1
        assert pushing.retry_after("9" * 30) == pushing.LONGEST_WAIT
        assert [pushing.retry_after(text) for text in ("", "soon", "-5", "²")] == [None] * 4


class TestSubscriptions:
    def test_one_browser_is_listed_in_words(self, acme, here):
        (mine,) = services.subscriptions_of(acme.bob)
        assert mine.browser == "Firefox on Linux"

    def test_a_browser_is_of_who_asked_last(self, acme, service, here):
        carol = Here(acme.carol, here.endpoint, here.browser)
        assert carol.ask().status_code == 204
        assert services.subscriptions_of(acme.bob) == []
        assert [each.user_id for each in services.awake(acme.carol.pk)] == [acme.carol.pk]
        assert not here.renew()

    def test_an_account_that_is_closed_meanwhile_keeps_none(self, acme, service):
        """A request was under way when the account was erased: nothing of it may stay."""
        given = services.Given(*Browser().given(f"{service.origin}/late"))
        User.objects.filter(pk=acme.bob.pk).update(is_active=False)
        with pytest.raises(NotFound):
            services.subscribe(acme.bob, "key", given, "Firefox")
        assert not PushSubscription.objects.exists()

    def test_who_only_knows_its_address_cannot_take_it(self, acme, here):
        assert Here(acme.carol, here.endpoint).ask().status_code == 409
        assert len(services.awake(acme.bob.pk)) == 1

    def test_signed_in_again_it_goes_on_for_the_same_person_alone(self, acme, here):
        Session.objects.all().delete()
        assert services.awake(acme.bob.pk) == []
        assert Here(acme.carol, here.endpoint, here.browser).renew() is False
        assert Here(acme.bob, here.endpoint, here.browser).renew() is True
        assert len(services.awake(acme.bob.pk)) == 1

    def test_a_session_of_another_person_does_not_serve(self, acme, here):
        carol = signed_in(acme.carol)
        PushSubscription.objects.update(session_key=carol.session.session_key)
        assert services.awake(acme.bob.pk) == []

    def test_a_new_key_of_ours_ends_them(self, acme, here, settings):
        settings.PUSH_KEY = new_key()
        assert services.awake(acme.bob.pk) == []
        assert not here.renew()

    def test_there_are_ten_and_those_signed_out_make_room(self, acme, service, here):
        for number in range(1, services.MOST):
            assert Here(acme.bob, f"{service.origin}/{number}").ask().status_code == 204
        eleventh = Here(acme.bob, f"{service.origin}/more")
        assert eleventh.ask().status_code == 409
        here.client.post(reverse("logout"))
        assert eleventh.ask().status_code == 204
        assert here.endpoint not in {each.endpoint for each in services.subscriptions_of(acme.bob)}

    def test_only_ones_own_is_removed(self, acme, here):
        (mine,) = services.subscriptions_of(acme.bob)
        address = reverse("push:unsubscribe")
        signed_in(acme.carol).post(address, {"id": mine.pk})
        signed_in(acme.carol).post(address, {"endpoint": here.endpoint})
        assert services.subscriptions_of(acme.bob) == [mine]
        response = here.client.post(address, {"id": mine.pk, "next": "/inbox/"})
        assert (response.status_code, response["Location"]) == (302, "/inbox/")
        assert services.subscriptions_of(acme.bob) == []

    def test_what_a_browser_says_is_checked(self, acme, here):
        good = here.browser.given(here.endpoint)._asdict()
        for bad in (
            {"endpoint": ""}, {"endpoint": "https://10.0.0.1/" + "x" * 2000}, {"endpoint": "ftp://push.example/"},
            {"p256dh": "A" * 87}, {"auth": ""}, {"auth": "x" * 3000},
        ):  # fmt: skip
            response = here.client.post(reverse("push:subscribe"), good | bad)
            assert response.status_code == 400, bad
        for number in ("x", "-1", "9" * 30, "²"):
            assert here.client.post(reverse("push:unsubscribe"), {"id": number}).status_code == 404

    def test_strangers_and_other_sites_change_nothing(self, client, acme, here):
        given = here.browser.given(here.endpoint)._asdict()
        assert client.post(reverse("push:subscribe"), given).status_code == 302
        forged = signed_in(acme.carol, enforce_csrf_checks=True)
        assert forged.post(reverse("push:subscribe"), given).status_code == 403
        for name in ("subscribe", "renew", "unsubscribe"):
            assert here.client.get(reverse(f"push:{name}")).status_code in (302, 405)
        assert [each.user_id for each in PushSubscription.objects.all()] == [acme.bob.pk]

    def test_without_a_key_there_is_no_push(self, acme, here, settings):
        settings.PUSH_KEY = ""
        assert here.ask().status_code == 400
        assert not CHANNEL.is_on
        assert services.awake(acme.bob.pk) == []
        assert UserFactory() not in CHANNEL.reachable()


class TestRead:
    def test_a_page_is_told_what_it_may_withdraw(self, acme, globex, here):
        task = new_task(acme, actor=acme.alice)
        read, unread = (comment(task, f"@bob {word}", actor=acme.alice) for word in ("one", "two"))
        mark_read(acme.bob.pk, [read.pk])
        asked = f"{read.pk},{unread.pk},999999,x,²," + "9" * 30
        answer = here.client.get(reverse("push:read"), {"events": asked})
        assert answer.json() == {"read": [read.pk, 999999]}
        acme.membership(acme.bob).delete()
        assert here.client.get(reverse("push:read"), {"events": unread.pk}).json() == {"read": [unread.pk]}
        many = ",".join(["1"] * 1000)
        assert len(here.client.get(reverse("push:read"), {"events": many}).json()["read"]) == views.EVENTS


class TestServiceWorker:
    def test_it_is_served_above_all_pages_and_asked_for_each_time(self, client):
        response = client.get("/service-worker.js")
        assert response["Content-Type"] == "text/javascript; charset=utf-8"
        assert response["Cache-Control"] == "no-cache"
        assert response["Service-Worker-Allowed"] == "/"
        assert b"showNotification" in response.content
        assert b'"fetch"' not in response.content
        assert "sessionid" not in response.cookies

    def test_below_a_prefix_it_has_what_is_below_the_prefix(self):
        set_script_prefix("/carillon/")
        try:
            assert views.service_worker(RequestFactory().get("/"))["Service-Worker-Allowed"] == "/carillon/"
        finally:
            clear_script_prefix()
