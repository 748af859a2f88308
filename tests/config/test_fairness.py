"""One person's slow pages keep nobody from theirs, nor that person from writing."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse

from base.turns import Turns
from config import fairness
from config.fairness import AT_ONCE, ReadsMiddleware
from orgs.models import User
from tests.waiting import LIMIT, wait_until

NOBODY = AnonymousUser()


@pytest.fixture
def turns(monkeypatch):
    turns = Turns(patience=LIMIT)
    monkeypatch.setattr(fairness, "_turns", turns)
    return turns


@pytest.fixture
def asked(rf, settings):
    def asked(user, method="get", path="/inbox/"):
        request = getattr(rf, method)(path)
        request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"
        request.user = user
        return request

    return asked


def answer(request):
    return ReadsMiddleware(lambda _: HttpResponse("read"))(request)


@pytest.fixture
def taken(turns):
    """Bob's places, all of them."""
    with ExitStack() as taken:
        for _ in range(AT_ONCE):
            taken.enter_context(turns.turn("reads-1", AT_ONCE))
        yield taken


@pytest.fixture
def busy_bob(taken):
    return User(pk=1)


def test_so_many_pages_of_one_person_at_a_time(turns, asked, taken, busy_bob):
    with ThreadPoolExecutor(1) as pool:
        fifth = pool.submit(answer, asked(busy_bob))
        wait_until(lambda: turns.waiting("reads-1") == 1, "the fifth to wait")
        taken.close()
        assert fifth.result(LIMIT).status_code == 200


@pytest.mark.parametrize(
    ("who", "method", "path"),
    [
        ("another", "get", "/inbox/"),
        ("nobody", "get", "/inbox/"),
        ("bob", "post", "/inbox/mark/"),
        ("bob", "get", "/healthz"),
    ],
)
def test_nothing_else_waits(asked, busy_bob, who, method, path):
    user = {"another": User(pk=2), "nobody": NOBODY, "bob": busy_bob}[who]
    assert answer(asked(user, method, path)).content == b"read"


def test_who_waits_too_long_is_told(turns, asked, busy_bob):
    turns._patience = 0.01
    page = answer(asked(busy_bob))
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "Too many people are asking at once" in page.text


def test_who_has_no_session_is_not_looked_up(rf, turns):
    assert answer(rf.get("/inbox/")).content == b"read"
