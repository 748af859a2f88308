import datetime as dt
import hashlib
import json
import uuid

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from events.digests import canonical, digest
from events.models import GENESIS, TaskEvent

FIELDS = {
    "organization_id": 7,
    "position": 41,
    "stream_id": uuid.UUID("01234567-89ab-cdef-0123-456789abcdef"),
    "version": 4,
    "action": "status_changed",
    "schema_version": 1,
    "details": {"to": "done", "from": "open"},
    "task_number": 12,
    "subject": "Tür “A”",
    "actor_id": 3,
    "created_at": dt.datetime(2026, 11, 22, 10, 0, 0, 120, tzinfo=dt.UTC),
    "request_id": "0f" * 16,
    "parts": 3,
    "via": "k3x9p0a7qz",
}

# Written by hand: whoever checks a chain elsewhere, in another language, starts from this.
BYTES = (
    '{"action":"status_changed","actor":3,"created_at":"2026-11-22T10:00:00.000120+00:00",'
    '"details":{"from":"open","to":"done"},"organization":7,"parts":3,"position":41,"request":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","schema_version":1,'
    '"stream":"01234567-89ab-cdef-0123-456789abcdef","subject":"Tür “A”","task_number":12,"version":4,'
    '"via":"k3x9p0a7qz"}'
).encode()


def event(**changes):
    return TaskEvent(**FIELDS | changes)


def test_the_bytes_under_a_digest_are_known():
    assert canonical(event()) == BYTES


def test_a_digest_is_the_hash_of_the_one_before_and_the_bytes():
    previous = "ab" * 32
    assert digest(previous, event()) == hashlib.sha256(b"ab" * 32 + BYTES).hexdigest()


def test_the_first_digest_follows_on_64_zeros():
    assert GENESIS == "0" * 64
    assert digest(GENESIS, event()) == hashlib.sha256(b"0" * 64 + BYTES).hexdigest()


OTHER = {
    "organization_id": 8,
    "position": 42,
    "stream_id": uuid.UUID(int=1),
    "version": 5,
    "action": "renamed",
    "schema_version": 2,
    "details": {"to": "done", "from": "opem"},
    "task_number": 13,
    "subject": "Tür „A“",
    "actor_id": 4,
    "created_at": FIELDS["created_at"] + dt.timedelta(microseconds=1),
    "request_id": "f0" * 16,
    "parts": 1,
    "via": None,
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_change_of_any_field_shows(field):
    assert digest(GENESIS, event(**{field: OTHER[field]})) != digest(GENESIS, event())


def test_a_change_of_what_came_before_shows():
    assert digest("0" * 63 + "1", event()) != digest(GENESIS, event())


def test_every_column_is_covered():
    """Except the id, which the database gives after the digest is made, and the digest itself."""
    columns = {field.attname for field in TaskEvent._meta.concrete_fields}
    assert set(FIELDS) == set(OTHER) == columns - {"id", "digest"}
    assert len(json.loads(BYTES)) == len(FIELDS)


def test_without_a_request_there_is_no_such_key():
    """So the digests of events from before there were request ids still hold."""
    assert "request" not in json.loads(canonical(event(request_id="")))


def test_told_alone_there_is_no_such_key():
    """So the digests of events from before there were saves still hold."""
    assert "parts" not in json.loads(canonical(event(parts=1)))
    assert json.loads(canonical(event(parts=0)))["parts"] == 0


def test_through_no_token_there_is_no_such_key():
    """So the digests of events from before there were tokens still hold."""
    assert "via" not in json.loads(canonical(event(via=None)))


def test_the_same_moment_in_another_zone_is_the_same():
    there = FIELDS["created_at"].astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30)))
    assert digest(GENESIS, event(created_at=there)) == digest(GENESIS, event())


def test_the_order_of_details_does_not_count():
    assert canonical(event(details={"from": "open", "to": "done"})) == BYTES


def test_types_in_details_count():
    assert digest(GENESIS, event(details={"to": 1})) != digest(GENESIS, event(details={"to": "1"}))
    assert digest(GENESIS, event(details={"to": None})) != digest(GENESIS, event(details={}))


plain = st.text(st.characters(codec="utf-8"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | plain,
    lambda inner: st.lists(inner) | st.dictionaries(plain, inner),
    max_leaves=8,
)


@settings(max_examples=40)
@for_all(st.dictionaries(plain, values, max_size=5), plain)
def test_the_bytes_are_those_of_any_json_library(details, subject):
    """As Python's own writes them: whoever checks elsewhere needs nothing of ours."""
    bytes_ = canonical(event(details=details, subject=subject))
    plainly = json.dumps(json.loads(bytes_), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert bytes_ == plainly.encode()
    assert json.loads(bytes_)["details"] == details


@for_all(st.dictionaries(plain, st.none() | st.integers() | plain | st.lists(st.integers())))
def test_details_that_went_through_json_have_the_same_digest(details):
    stored = json.loads(json.dumps(details))
    assert digest(GENESIS, event(details=stored)) == digest(GENESIS, event(details=details))


@for_all(plain, plain)
def test_different_texts_have_different_bytes(one, other):
    same = canonical(event(subject=one)) == canonical(event(subject=other))
    assert same == (one == other)
