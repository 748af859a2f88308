"""What every test may use: a place for the database, cheap passwords, the product as a server."""

import inspect
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import SimpleTestCase, TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as settings_of_examples

from base import dependencies
from config import limits
from servers import UvicornServer
from servers.partitions import parts_wanted, split
from tests import pattern
from tests.flush import empty_tables
from tests.triggers import without_triggers

pytest_plugins = ["tests.words", "tests.tasks.acme", "tests.browser_fixtures", "tests.realtime.world"]

# No time limit for one example, nor for thinking it up: a loaded machine is no failure. Each run tries the same:
# what a change has not touched cannot fail with it. `--hypothesis-profile=others` tries others every time.
settings_of_examples.register_profile("others", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings_of_examples.load_profile("others")
settings_of_examples.register_profile("the same", derandomize=True, database=None)
settings_of_examples.load_profile("the same")

# Of test servers: pages say whether there are desktop pushes.
PUSH_KEY = "c2VjcmV0IG9mIHRlc3RzIG9ubHkgLSAzMiBieXRlcyE"
TRACEBACK = "Traceback (most recent call last)"


# Files that say of all their tests, in one line, that they are of the other half.
HALVES = {
    "not services and not second": re.compile(
        r"^pytestmark = .*pytest\.mark\.(?:services|second)\b.*$", re.MULTILINE
    ),
    "not once and not first": re.compile(r"^pytestmark = .*pytest\.mark\.(?:once|first)\b.*$", re.MULTILINE),
}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even read the modules of the other half: that would take seconds of each worker."""
    of_the_other = HALVES.get(config.option.markexpr)
    if (
        of_the_other is None
        or collection_path.suffix != ".py"
        or not collection_path.name.startswith("test_")
    ):
        return None
    return True if of_the_other.search(collection_path.read_text()) else None


def pytest_itemcollected(item: pytest.Item) -> None:
    # In an async test the ORM works in other threads, on other connections: only commits are seen there.
    if inspect.iscoroutinefunction(getattr(item, "obj", None)) and item.get_closest_marker("django_db"):
        item.add_marker(pytest.mark.django_db(transaction=True), append=False)
    if "browser" in getattr(item, "fixturenames", ()):
        item.add_marker("browser")
        # All in one worker would take longer than everything else. A file is enough to start Chromium for.
        item.add_marker(pytest.mark.xdist_group(f"browser {item.path.stem}"))
        if not item.get_closest_marker("once"):
            item.add_marker("second" if "server" in item.fixturenames else "once")
    elif _stands_on_nothing(item) and not item.get_closest_marker("first"):
        item.add_marker("once")
    halves = {name for name in ("once", "first", "second", "services") if item.get_closest_marker(name)}
    in_neither = halves & {"once", "first"} and halves & {"second", "services"}
    assert not in_neither, f"{item.nodeid} would run in neither half"


def _stands_on_nothing(item: pytest.Item) -> bool:
    """Neither on a database nor on a channel layer, which only the sockets' tests use without one."""
    stands_on = {"db", "transactional_db", "django_db_setup", "server_environment", "live_server"}
    of_django = issubclass(getattr(item, "cls", None) or object, SimpleTestCase)
    return (
        not item.get_closest_marker("django_db")
        and not item.get_closest_marker("services")
        and not item.get_closest_marker("second")
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
    """What one test's people send or try is not counted in the next: they may have the same numbers."""
    cache.clear()
    monkeypatch.setattr(limits, "_counts", limits.Counts())
    monkeypatch.setattr(limits, "_reads", limits.Counts())
    for each in dependencies.KNOWN:
        each.forget()


@pytest.fixture(autouse=True)
def visits_not_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page asks the same questions whether somebody was here a moment ago or not; tests of visits say otherwise."""
    monkeypatch.setattr("inbox.visits.note", lambda *_: None)
    monkeypatch.setattr("accounts.seen.note", lambda *_: None)


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """After a test that committed. A socket that has just closed may still read, or hold its lock a moment longer; a
    test may have left tables or triggers that are not as they were: then Django's own way."""
    thorough = TransactionTestCase._fixture_teardown

    def flush(case: TransactionTestCase) -> None:
        for _ in range(3):
            with suppress(DatabaseError):
                return empty_tables()
        with without_triggers():
            return thorough(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush)
        yield


@pytest.fixture(autouse=True)
def nothing_to_give_back(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let what stands on no database leave alone the connection that an earlier test left open in its thread: it may
    not even ask whether that one is in order."""
    with pytest.MonkeyPatch.context() as patch:
        if request.node.get_closest_marker("once"):
            patch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda _: None)
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
def migrated(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings: None
) -> pattern.Pattern | None:
    """The database that another worker of this run has migrated, or that this one is about to."""
    if not pattern.can_be_used():
        return None
    migrated = pattern.Pattern(tmp_path_factory.getbasetemp().parent)
    if migrated.is_there:
        migrated.copy()
    return migrated


@pytest.fixture(scope="session")
def django_db_setup(migrated: pattern.Pattern | None, django_db_setup: None, django_db_blocker: Any) -> None:
    """With `PARTITIONED=16` in the environment everything runs on tables of so many parts."""
    with django_db_blocker.unblock():
        if migrated and not migrated.is_there:
            migrated.make()
        if parts_wanted():
            split(parts_wanted())


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, migrated: pattern.Pattern | None) -> bool:
    """A PostgreSQL that is deleted after the run needs no tidying, which would wait for every connection. A copy is
    begun with."""
    return django_db_keepdb or "THROW_AWAY_SERVERS" in os.environ or bool(migrated and migrated.is_there)


@pytest.fixture(scope="session")
def server_environment(django_db_setup: None) -> dict[str, str]:
    """What a server process needs to stand on the test database, and on the same Redis if there is one. It follows no
    log: a test's end would have to wait for it."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format_map(database)
    own = {"LOG_LEVEL": "INFO", "FOLLOW": "0", "STAFF_SECOND_FACTOR": "0", "PUSH_KEY": PUSH_KEY}
    return {"DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, **own}


def polling_often(environment: dict[str, str]) -> dict[str, str]:
    """Without a Redis nobody gives a server a hint of what the test writes: it must not be waited for."""
    return environment if environment["REDIS_URL"] else {"POLL_SECONDS": "0.1", **environment}


StartServer = Callable[..., UvicornServer]


@pytest.fixture
def start_server(
    transactional_db: None, server_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartServer]:
    """`start_server(workers=2, LOG_LEVEL="DEBUG")`: a server of this test's own, to be killed at will."""

    def start(workers: int = 1, **environment: str) -> UvicornServer:
        directory: Path = tmp_path_factory.mktemp("carillon")
        own = polling_often(server_environment | environment)
        return stack.enter_context(UvicornServer(directory, own, workers))

    with ExitStack() as stack:
        yield start


@pytest.fixture(scope="session")
def running_server(
    server_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[UvicornServer]:
    directory = tmp_path_factory.mktemp("carillon")
    with UvicornServer(directory, polling_often(server_environment)) as server:
        yield server


@pytest.fixture
def server(transactional_db: None, running_server: UvicornServer) -> Iterator[UvicornServer]:
    """The product in a process of its own, on the test database. It must not log a traceback."""
    start = len(running_server.log)
    yield running_server
    logged = running_server.log[start:]
    assert TRACEBACK not in logged, logged
