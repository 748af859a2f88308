"""Guessing is slowed by account and by network before a password is looked at, in words that say how long."""

import threading
from collections import Counter

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.db import connections

from accounts import guessing, hashing
from accounts.hashing import CrowdedDoor, QueueingHasher
from base.turns import Turns
from config import tries
from tests.factories import PASSWORD, UserFactory
from tests.waiting import wait_until

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def hashed(monkeypatch):
    """How often a password was looked at."""
    times = Counter()
    plain = QueueingHasher.encode

    def encode(*args, **kwargs):
        times["hashed"] += 1
        return plain(*args, **kwargs)

    monkeypatch.setattr(QueueingHasher, "encode", encode)
    return times


@pytest.mark.django_db
class TestGuessing:
    @pytest.fixture(autouse=True)
    def bob(self):
        return UserFactory(username="bob")

    def guess(self, client, login="bob", password="wrong", where=HERE, **headers):
        fields = {"login": login, "password": password}
        return client.post("/accounts/login/", fields, REMOTE_ADDR=where, headers=headers)

    def test_an_account_is_guessed_five_times_however_it_is_written_and_from_wherever(self, client, hashed):
        for number, login in enumerate(["bob", "BOB", "Bob", "ｂｏｂ", "bob "]):
            assert self.guess(client, login, where=f"192.0.2.{number}").status_code == 200
        before = hashed["hashed"]
        refused = self.guess(client, password=PASSWORD)
        assert (refused.status_code, hashed["hashed"]) == (429, before)
        assert 290 <= int(refused["Retry-After"]) <= 300
        assert "Wait 5 minutes, then try again" in refused.text

    def test_others_still_come_in(self, client):
        for _ in range(6):
            self.guess(client)
        assert self.guess(client, UserFactory(username="carol").username, PASSWORD).status_code == 302

    def test_who_knows_the_password_uses_up_nothing(self, client):
        for _ in range(7):
            assert self.guess(client, password=PASSWORD).status_code == 302
            client.post("/accounts/logout/")

    def test_a_network_guesses_twenty_times_a_minute_whomever(self, client, hashed):
        answers = [self.guess(client, f"nobody{number}").status_code for number in range(22)]
        assert answers == [200] * 20 + [429] * 2
        assert hashed["hashed"] == 20
        assert self.guess(client, "nobody99", where=ELSEWHERE).status_code == 200

    def test_a_header_makes_nobody_come_from_elsewhere(self, client):
        for number in range(20):
            self.guess(
                client, f"nobody{number}", x_forwarded_for=f"198.51.100.{number}", x_real_ip="198.51.100.9"
            )
        assert self.guess(client, "nobody99", x_forwarded_for="198.51.100.99").status_code == 429

    def test_a_program_is_told_in_json(self, client):
        for _ in range(5):
            self.guess(client)
        answer = self.guess(client, accept="application/json, text/plain;q=0.5")
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many")

    def test_where_no_address_is_known_all_count_as_one(self, client):
        assert self.guess(client, where="").status_code == 200

    def test_asking_for_codes_is_slowed_too(self, client):
        for _ in range(5):
            client.post("/accounts/password/reset/", {"email": "bob@example.com"})
        refused = client.post("/accounts/password/reset/", {"email": "BOB@example.com"})
        assert refused.status_code == 429
        assert 590 <= int(refused["Retry-After"]) <= 600


def test_the_wait_is_said_as_people_say_it():
    assert [guessing._spoken(seconds) for seconds in (5, 99, 100, 300)] == [
        "5 seconds",
        "99 seconds",
        "2 minutes",
        "5 minutes",
    ]


class TestHashing:
    def test_hashes_are_djangos_own(self):
        assert make_password("x").startswith("pbkdf2_sha256$")
        assert check_password("x", make_password("x"))

    @pytest.fixture
    def slow(self, monkeypatch):
        """Hashing that takes until it is let go on; how many are at it."""
        inside, most, go_on, guard = Counter(), Counter(), threading.Event(), threading.Lock()

        def encode(self, *_):
            with guard:
                inside["now"] += 1
                most["at once"] = max(most["at once"], inside["now"])
            go_on.wait(30)
            with guard:
                inside["now"] -= 1
            return "hash"

        monkeypatch.setattr(hashing.PBKDF2PasswordHasher, "encode", encode)
        monkeypatch.setattr(hashing, "_turns", Turns(30, 3))
        yield inside, most, go_on
        go_on.set()

    def test_two_at_a_time_and_a_queue_that_ends(self, slow):
        inside, most, go_on = slow
        threads = [threading.Thread(target=QueueingHasher().encode, args=("x", "salt")) for _ in range(5)]
        for thread in threads:
            thread.start()
        wait_until(lambda: inside["now"] == 2 and hashing._turns.waiting("hash") == 3, "all have come")
        with pytest.raises(CrowdedDoor) as refused:
            QueueingHasher().encode("x", "salt")
        assert (refused.value.status, refused.value.retry_after) == (429, 10)
        go_on.set()
        for thread in threads:
            thread.join(30)
        assert most["at once"] == 2

    @pytest.mark.django_db(transaction=True)
    def test_nobody_holds_a_connection_meanwhile(self, monkeypatch):
        held, mine = [], connections["default"]
        monkeypatch.setattr(
            hashing.PBKDF2PasswordHasher, "encode", lambda *_: held.append(mine.connection) or "hash"
        )
        mine.ensure_connection()
        QueueingHasher().encode("x", "salt")
        assert (held == [None]) == (mine.vendor == "postgresql")


class TestWithoutRedis:
    """Tries are counted in the process then: guessing stays slow, and no page fails."""

    @pytest.fixture
    def away(self, monkeypatch):
        monkeypatch.setattr(tries.Away, "until", 0.0)
        return tries.SharedCache("redis://127.0.0.1:1/0", {})

    def test_what_was_written_is_read_and_redis_is_left_alone_for_a_moment(self, away, monkeypatch):
        assert away.add("lock", 1, 10) is True
        monkeypatch.setattr(tries, "_client", None)  # whoever asks Redis now fails
        assert away.add("lock", 1, 10) is False
        away.set("tries", [1.0], 10)
        assert away.get("tries") == [1.0]
        assert away.add("wrong-codes", 0, 10) is True
        assert away.incr("wrong-codes") == 1
        away.delete("tries")
        assert away.get("tries", []) == []


@pytest.mark.services
def test_processes_count_together(settings):
    one, other = (tries.SharedCache(settings.REDIS_URL, {}) for _ in range(2))
    assert one.add("a-lock", 1, 10) is True
    assert other.add("a-lock", 1, 10) is False
    other.delete("a-lock")
    assert one.get("a-lock") is None
