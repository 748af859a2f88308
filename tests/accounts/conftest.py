import re
from collections.abc import Callable

import pytest
from django.core.cache import cache

from accounts import record
from orgs.models import User
from outbound.models import Delivery
from tests.factories import UserFactory


class Post:
    """What was posted since it was looked at last."""

    def __init__(self) -> None:
        self._seen = 0

    def taken(self) -> list[tuple[str, str, str]]:
        """Addresses, subjects and texts."""
        rows = list(Delivery.objects.filter(pk__gt=self._seen).order_by("pk"))
        self._seen = max([self._seen, *(row.pk for row in rows)])
        return [(row.address, row.content["subject"], row.content["text"]) for row in rows]

    def code(self) -> str:
        """That of the only mail."""
        [(_, _, text)] = self.taken()
        return re.search(r"^ {4}(\S+)$", text, re.MULTILINE)[1]


@pytest.fixture
def post(db: None, settings: Callable[..., object]) -> Post:
    settings.MAIL_IS_ON = True
    return Post()


@pytest.fixture
def ada(db: None) -> User:
    return UserFactory(username="ada")


@pytest.fixture
def root(db: None) -> User:
    return UserFactory(username="root", is_staff=True, is_superuser=True)


@pytest.fixture(autouse=True)
def nothing_tried_yet() -> None:
    """Each test counts its own tries, and repeats of its own."""
    cache.clear()
    record._repeated.clear()
