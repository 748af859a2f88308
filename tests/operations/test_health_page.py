"""The Health page: for staff alone, what is wrong first, and each figure in words."""

import dataclasses
import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone

from base import dependencies
from operations import health_faults, lookers
from operations.health_figures import TEN, Shown, of_all, seconds
from operations.health_fleet import MINUTES, dependencies_of, fleet, history
from operations.models import Heartbeat
from operations.ten import Ten
from tests.factories import UserFactory
from tests.tasks.acme import signed_in

PAGE = "/admin/health/"
NOW = dt.datetime(2026, 11, 27, 12, 0, tzinfo=dt.UTC)
WELL = {
    "sockets": 40,
    "delivery_p99": 0.02,
    "found_by_poll": 0.0,
    "poll_age": 1.0,
    "layer_is_up": True,
    "closes": {"1000": 3},
    "pool_in_use": 2,
    "pool_waiting": 0,
    "lock_wait_p99": 0.01,
    "server_errors": 0,
    "handshakes_refused": 0,
    "audit_age": 3600.0,
    "audit_is_clean": True,
    "head_age": 3600.0,
}
AWAY = {
    "name": "redis",
    "host": "10.0.0.5:6379",
    "is_up": False,
    "since": (NOW - dt.timedelta(seconds=40)).isoformat(),
    "seconds": 40.0,
    "reason": "Connection refused",
    "meanwhile": "Pages and sockets go on, up to 2 s late.",
    "is_needed": False,
}


def heartbeat(host="app1", pid=1, *, age=0.0, now=None, **more):
    now = now or timezone.now()
    of = {
        "kind": "server",
        "release": "0.1.0",
        "clock_ahead": 0.0,
        "figures": WELL,
        "dependencies": [],
    } | more
    at = now - dt.timedelta(seconds=age)
    return Heartbeat(host=host, pid=pid, at=at, started_at=now - dt.timedelta(hours=3), **of)


@pytest.fixture
def staff(db):
    return signed_in(UserFactory(username="sam", is_staff=True))


def say(*heartbeats):
    for each in heartbeats:
        each.save()


class TestWhoSeesIt:
    def test_a_stranger_is_led_to_sign_in(self, client, db):
        answer = client.get(PAGE)
        assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={PAGE}")

    @pytest.mark.parametrize("address", [PAGE, f"{PAGE}?part=1"])
    def test_a_member_sees_nothing_and_is_not_told_of_anything(self, acme, address):
        say(heartbeat(host="secret-host"))
        answer = signed_in(acme.bob).get(address, follow=True)
        assert answer.status_code == 403
        assert "secret-host" not in answer.content.decode()
        assert acme.bob.pk not in lookers._until

    def test_staff_see_it_with_their_second_factor_alone(self, staff, settings):
        assert staff.get(PAGE).status_code == 200
        settings.STAFF_SECOND_FACTOR = True
        assert staff.get(PAGE).status_code == 302

    def test_nothing_changes_by_it(self, staff):
        assert staff.post(PAGE).status_code == 405


class TestWhatItSays:
    def test_that_nothing_is_wrong(self, staff):
        say(heartbeat(), heartbeat("app2", 2))
        page = staff.get(PAGE).text
        assert "Nothing is wrong." in page
        assert page.count('<svg viewBox="0 0 240 28"') == 10
        assert "80" in page  # sockets of both

    def test_what_is_wrong_with_host_and_since_when(self, staff):
        since = (timezone.now() - dt.timedelta(seconds=40)).isoformat()
        say(heartbeat(dependencies=[AWAY | {"since": since}]), heartbeat("app2", 2))
        page = staff.get(PAGE).text
        assert "Redis at 10.0.0.5:6379 has failed for 40 s: Connection refused." in page
        assert "Pages and sockets go on, up to 2 s late." in page

    def test_its_part_alone(self, staff):
        say(heartbeat())
        part = staff.get(PAGE, {"part": "1"}).text
        assert "Nothing is wrong." in part
        assert "<html" not in part

    def test_it_asks_few_questions_however_many_processes(self, staff, django_assert_max_num_queries):
        say(*(heartbeat(f"app{n}", n, age=age) for n in range(4) for age in (0, 10, 20, 60)))
        with django_assert_max_num_queries(25):
            staff.get(PAGE)

    def test_that_the_last_audit_found_something(self, staff):
        say(heartbeat(figures=WELL | {"audit_is_clean": False}))
        page = staff.get(PAGE).text
        assert "The last audit found something wrong in the history." in page
        assert "Nothing is wrong." not in page

    def test_what_no_row_says_because_nothing_can_be_written(self, staff):
        say(heartbeat(age=120))
        dependencies.WRITING.failed("database or disk is full")
        try:
            page = staff.get(PAGE).text
        finally:
            dependencies.WRITING.forget()
        assert "app1, process 1, has said nothing for" in page
        assert ": database or disk is full." in page
        assert page.count('<li class="urgent">') == 2
        assert "No process has said anything yet." not in page

    def test_before_anybody_has_said_anything(self, staff):
        assert "No process has said anything yet." in staff.get(PAGE).text


class TestTheFleet:
    def test_who_said_farewell_is_neither_living_nor_silent(self, db):
        say(heartbeat(pid=1, age=5), heartbeat(pid=2, age=5, is_last=True), heartbeat(pid=3, age=60))
        seen = fleet(timezone.now())
        assert [row.pid for row in seen.living] == [1]
        assert [row.pid for row in seen.silent] == [3]

    def test_who_fell_silent_long_ago_is_not_told_of_any_more(self, db):
        say(heartbeat(age=1200))
        assert fleet(timezone.now()).silent == []

    def test_the_history_is_the_last_hour_minute_by_minute(self, db):
        say(heartbeat(age=150), heartbeat("app2", age=151), heartbeat(age=5))
        values = history(TEN[0], fleet(timezone.now()))
        assert len(values) == MINUTES
        assert (values[-1], values[-3], values[0]) == (40.0, 80.0, None)

    def test_a_dependency_that_one_process_sees_away_is_away(self):
        here = heartbeat(dependencies=[AWAY | {"is_up": True, "reason": ""}])
        there = heartbeat("app2", 2, dependencies=[AWAY])
        (redis,) = dependencies_of([here, there])
        assert (redis.is_up, redis.seen_by) == (False, ["app2 2"])


@pytest.mark.once
class TestFaults:
    def test_clocks_apart_are_told_of_once_for_a_host(self):
        rows = [
            heartbeat("app1", 1, clock_ahead=180.0),
            heartbeat("app1", 2, clock_ahead=180.1),
            heartbeat("app2", 3, clock_ahead=-90.0),
            heartbeat("app3", 4, clock_ahead=1.0),
        ]
        assert [fault.words for fault in health_faults.of_clocks(rows)] == [
            "The clock of app1 is 3 min ahead of the database's.",
            "The clock of app2 is 90 s behind the database's.",
        ]

    def test_two_releases_at_once_are_told_of(self):
        rows = [heartbeat("app1"), heartbeat("app2", release="0.2.0"), heartbeat("app3")]
        (fault,) = health_faults.of_releases(rows)
        assert fault.words == "2 releases run beside one another: 0.1.0 on app1, app3; 0.2.0 on app2."
        assert not list(health_faults.of_releases(rows[:1]))

    def test_what_people_notice_stands_first(self):
        away = [
            SimpleNamespace(**AWAY | {"since": NOW}),
            SimpleNamespace(**AWAY | {"name": "database", "is_needed": True, "since": NOW}),
        ]
        ordered = health_faults.in_order(health_faults.of_dependencies(away, NOW))
        assert [fault.is_urgent for fault in ordered] == [True, False]

    def test_followers_and_deliveries_that_wait_are_told_of(self):
        since = NOW - dt.timedelta(minutes=20)
        followers = list(health_faults.of_followers({"search": since}, NOW))
        deliveries = list(health_faults.of_deliveries({"mail": since, "push": NOW}, NOW))
        assert [fault.words for fault in followers + deliveries] == [
            "Search is 20 min behind the log.",
            "Mail: a delivery has waited for 20 min.",
        ]

    def test_followers_that_are_late_together_are_one_sentence(self):
        since = [NOW - dt.timedelta(minutes=minutes) for minutes in (5, 20, 10)]
        (fault,) = health_faults.of_followers(dict(zip(("search", "mail", "push"), since, strict=True)), NOW)
        assert fault.words == "Search, mail and push are up to 20 min behind the log."
        assert not list(health_faults.of_followers({}, NOW))

    def test_a_process_that_fell_silent_is_urgent(self):
        (fault,) = health_faults.of_silence([heartbeat("app2", 7, age=50, now=NOW)], NOW)
        assert (fault.is_urgent, fault.words) == (True, "app2, process 7, has said nothing for 50 s.")


@pytest.mark.once
class TestFigures:
    def test_they_are_of_the_ten(self):
        assert set(WELL) == {field.name for field in dataclasses.fields(Ten)}

    def test_there_are_ten_and_none_is_bad_where_all_is_well(self):
        shown = [of_all(figure, [WELL, WELL]) for figure in TEN]
        assert len(shown) == 10
        assert not any(each.is_bad for each in shown)

    @pytest.mark.parametrize(
        "name, change, words",
        [
            ("From commit to socket", {"delivery_p99": 2.5}, "2.5 s"),
            ("Found by the poll", {"found_by_poll": 0.3}, "30%"),
            ("Last good poll", {"poll_age": 31.0}, "31 s ago"),
            ("Channel layer", {"layer_is_up": False}, "away"),
            ("Sockets closed for a fault", {"closes": {"4500": 2}}, "2 a minute"),
            ("Waiting for a connection", {"pool_waiting": 4}, "4"),
            ("Wait for a log", {"lock_wait_p99": 4.0}, "4.0 s"),
            ("Errors and refusals", {"server_errors": 1, "handshakes_refused": 2}, "3 a minute"),
            ("Last audit", {"audit_age": 5 * 86_400.0}, "5 days ago"),
        ],
    )
    def test_one_bad_process_makes_it_bad(self, name, change, words):
        figure = next(each for each in TEN if each.name == name)
        others = [] if name == "Last audit" else [WELL]
        shown = of_all(figure, [*others, WELL | change])
        assert (shown.words, shown.is_bad) == (words, True)

    def test_what_nobody_knows_is_not_bad(self):
        assert not any(Shown(figure, None).is_bad for figure in TEN)
        assert of_all(TEN[1], [WELL | {"delivery_p99": None}]).words == "nothing lately"

    @pytest.mark.parametrize(
        "value, words",
        [(0.003, "3 ms"), (0.4, "0.4 s"), (90, "90 s"), (300, "5 min"), (25_200, "7 h"), (300_000, "3 days")],
    )
    def test_durations(self, value, words):
        assert seconds(value) == words


@pytest.mark.once
class TestLookers:
    @pytest.fixture
    def sent(self, monkeypatch):
        sent = []
        monkeypatch.setattr(lookers, "_until", {})
        monkeypatch.setattr(lookers, "broadcast_user_event", lambda **told: sent.append(told))
        return sent

    def test_nobody_looks_and_nothing_is_sent(self, sent):
        lookers.tell()
        assert sent == []

    def test_who_looks_is_told_and_who_has_gone_is_not(self, sent, monkeypatch):
        lookers.note(7)
        lookers.tell()
        assert sent == [{"user_id": 7, "payload": {"type": "health"}}]
        monkeypatch.setattr(lookers, "LOOKS", -1.0)
        lookers.note(7)
        lookers.tell()
        assert len(sent) == 1
