"""What is counted as a wait, and that the relay hears all of it."""

import psycopg
import pytest
from django.db import connection

from bench.far import far, overheard, waits_within

BEGIN, COMMIT = b"Q\0\0\0\x0aBEGIN\0", b"Q\0\0\0\x0bCOMMIT\0"


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ([BEGIN, b"one", b"two", COMMIT], 2),
        ([BEGIN + b"one", b"two", COMMIT], 2),  # the first did not wait for BEGIN
        ([b"Q\0\0\0\x0fBEGIN;\none\0", b"two", COMMIT], 2),
        ([BEGIN + b"one", b"two" + COMMIT], 1),  # the last did not wait for two
        ([BEGIN, b"before", COMMIT, b"between", BEGIN, b"one", COMMIT, b"X"], 1),
    ],
)
def test_waits_are_those_of_the_last_transaction_without_its_ends(asked, waits):
    assert waits_within(asked) == waits


@pytest.fixture
def url(db):
    found = connection.settings_dict
    return f"postgres://{found['USER']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


@pytest.mark.services
def test_what_psycopg_waits_for_is_heard(url):
    with overheard(url) as (there, asked), psycopg.connect(there) as own:
        with own.transaction():
            for _ in range(3):
                own.execute("SELECT 1")
        assert waits_within(asked) == 3
        with own.transaction(), own.pipeline():
            for _ in range(3):
                own.execute("SELECT 1")
        assert waits_within(asked) < 3


@pytest.mark.services
def test_a_database_that_is_far_away_answers_as_late(url):
    with far(url, 20) as there, psycopg.connect(there, autocommit=True) as own:
        start = own.execute("SELECT clock_timestamp()").fetchone()[0]
        assert (own.execute("SELECT clock_timestamp()").fetchone()[0] - start).total_seconds() >= 0.02
