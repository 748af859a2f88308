"""What every test may use: a place for the database, cheap passwords, the product as a server."""

import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management.base import CommandError
from django.db import OperationalError, connection
from django.test import SimpleTestCase, TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as settings_of_examples

from config import limits
from tests.servers import UvicornServer
from tests.servers.partitions import parts_wanted, split
from tests.triggers import without_triggers

pytest_plugins = ["tests.browser_fixtures"]

# No time limit for one example, nor for thinking it up: a loaded machine is no failure.
settings_of_examples.register_profile("carillon", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings_of_examples.load_profile("carillon")

TRACEBACK = "Traceback (most recent call last)"


def pytest_itemcollected(item: pytest.Item) -> None:
    # In an async test the ORM works in other threads, on other connections: only commits are seen there.
    if inspect.iscoroutinefunction(getattr(item, "obj", None)) and item.get_closest_marker("django_db"):
        item.add_marker(pytest.mark.django_db(transaction=True), append=False)
    # One Chromium feeds two cores; a second one in the other worker makes both slower.
    if "browser" in getattr(item, "fixturenames", ()):
        item.add_marker("browser")
        item.add_marker(pytest.mark.xdist_group("browser"))
        if "server" not in item.fixturenames:
            item.add_marker("once")
    elif _stands_on_nothing(item):
        item.add_marker("once")


def _stands_on_nothing(item: pytest.Item) -> bool:
    """Neither on a database nor on a channel layer, which only the sockets' tests use without one."""
    stands_on = {"db", "transactional_db", "django_db_setup", "server_environment", "live_server"}
    of_django = issubclass(getattr(item, "cls", None) or object, SimpleTestCase)
    return (
        not item.get_closest_marker("django_db")
        and not item.get_closest_marker("services")
        and not stands_on & set(getattr(item, "fixturenames", ()))
        and not of_django
        and "realtime" not in item.path.parts
    )


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """A million rounds of hashing are for production. The hashes stay readable for a server process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PBKDF2PasswordHasher, "iterations", 1)
        yield


@pytest.fixture(autouse=True)
def nothing_sent_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test's people send is not counted in the next: they may have the same numbers."""
    monkeypatch.setattr(limits, "_counts", limits.Counts())


@pytest.fixture(scope="session", autouse=True)
def patient_flush() -> Iterator[None]:
    """The one flush of a history that is allowed. PostgreSQL: it can deadlock with the last read of a socket that has
    just closed."""
    teardown = TransactionTestCase._fixture_teardown

    def flush(case: TransactionTestCase) -> None:
        with without_triggers():
            teardown(case)

    def flush_again(case: TransactionTestCase) -> None:
        for _ in range(3):
            with suppress(CommandError, OperationalError):
                return flush(case)
        return flush(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush_again)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """SQLite: a file of this run's own, which threads and server processes can share."""
    default = settings.DATABASES["default"]
    if default["ENGINE"].endswith("sqlite3"):
        default["TEST"]["NAME"] = str(tmp_path_factory.getbasetemp() / "test.sqlite3")
    elif parts_wanted():
        default["TEST"]["NAME"] = f"{default['TEST'].get('NAME') or 'test'}_in_parts"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """With `PARTITIONED=16` in the environment everything runs on tables of so many parts."""
    if parts_wanted():
        with django_db_blocker.unblock():
            split(parts_wanted())


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """A PostgreSQL that is deleted after the run needs no tidying, which would wait for every connection."""
    return django_db_keepdb or "THROW_AWAY_SERVERS" in os.environ


@pytest.fixture(scope="session")
def server_environment(django_db_setup: None) -> dict[str, str]:
    """What a server process needs to stand on the test database, and on the same Redis if there is one."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format_map(database)
    return {"DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "LOG_LEVEL": "INFO"}


StartServer = Callable[..., UvicornServer]


@pytest.fixture
def start_server(
    transactional_db: None, server_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartServer]:
    """`start_server(workers=2, LOG_LEVEL="DEBUG")`: a server of this test's own, to be killed at will."""

    def start(workers: int = 1, **environment: str) -> UvicornServer:
        directory: Path = tmp_path_factory.mktemp("carillon")
        return stack.enter_context(UvicornServer(directory, server_environment | environment, workers))

    with ExitStack() as stack:
        yield start


@pytest.fixture(scope="session")
def running_server(
    server_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[UvicornServer]:
    with UvicornServer(tmp_path_factory.mktemp("carillon"), server_environment) as server:
        yield server


@pytest.fixture
def server(transactional_db: None, running_server: UvicornServer) -> Iterator[UvicornServer]:
    """The product in a process of its own, on the test database. It must not log a traceback."""
    start = len(running_server.log)
    yield running_server
    logged = running_server.log[start:]
    assert TRACEBACK not in logged, logged
