"""The words of the inbox's field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.query import LONGEST, MOST_WORDS, Query, of_address
from inbox.reasons import reasons
from inbox.spans import Span
from inbox.states import ALL, INBOX, State

pytestmark = pytest.mark.once


def test_reads_words_in_any_order_and_case():
    query = Query.parse(
        '"Signing  keys" -REASON:org Is:Unread org:ACME -org:globex task:acme-12 from:Bob audit -old'
    )
    assert query.faults == ()
    assert {kind: query.values(kind) for kind in ("is", "org", "reason", "task", "from", "")} == {
        "is": ["unread"],
        "org": ["acme"],
        "reason": [],
        "task": ["acme-12"],
        "from": ["Bob"],
        "": ["Signing  keys", "audit"],
    }
    assert [query.values(kind, negated=True) for kind in ("org", "reason", "")] == [
        ["globex"],
        ["org"],
        ["old"],
    ]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", ""),
        ("   ", ""),
        ("is:unread is:unread", "is:unread"),
        ('from:"bob"', 'from:"bob"'),
        ('"never closed', '"never closed"'),
        ('say "a b"c', 'say "a b" c'),
        ("- org", "org"),
        ("reason:mentions reason:everything", "reason:mentioned reason:org"),
        ("q&a #12 50%", "q&a #12 50%"),
    ],
)
def test_writes_them_again(typed, words):
    assert str(Query.parse(typed)) == words


@given(st.text())
def test_whatever_is_typed_is_read_and_what_it_writes_is_read_as_the_same(typed):
    query = Query.parse(typed)
    again = Query.parse(str(query))
    assert (again.words, again.faults) == (query.words, ())


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("is:urgent", "is not a list"),
        ("reason:whim", "is not a reason"),
        ("colour:red", "is not a filter; there are is:, org:, reason:, task:, from:, news:"),
        ("org:", "needs a word"),
        ("news:", "needs a word"),
        ("news:acme", "names no news"),
        ("news:acme.317-301", "names no news"),
        ("news:acme.1-9999999999999999999", "names no news"),
        ("news:acme.1-٩", "names no news"),
        ("news:acme.1-2.whim", "names no news"),
        ("news:acme.1-2.mentioned.12", "names no news"),
        ("news:.1-2", "names no news"),
        ('from:" "', "needs a word"),
        ("x" * (LONGEST + 1), "at most 2,000 characters"),
        (" ".join(f"w{number}" for number in range(MOST_WORDS + 1)), "at most 40 words"),
        ("-a -b -c -d", "At most 3 texts"),
    ],
)
def test_a_word_that_it_cannot_read_gets_a_sentence_and_the_rest_applies(typed, fault):
    query = Query.parse(f"is:done {typed}")
    assert any(fault in sentence for sentence in query.faults)
    assert query.states == {State.DONE}


@pytest.mark.parametrize(
    ("typed", "states"),
    [
        ("", INBOX),
        ("is:inbox", INBOX),
        ("is:read", {State.READ}),
        ("is:done is:saved", {State.DONE, State.SAVED}),
        ("-is:unread", {State.READ}),
        ("is:all -is:done", ALL - {State.DONE}),
        ("is:unread -is:unread", set()),
    ],
)
def test_says_in_which_states(typed, states):
    assert Query.parse(typed).states == states


def test_says_for_which_reasons():
    assert Query.parse("is:unread").reasons is None
    assert Query.parse("reason:mentioned reason:assigned").reasons == {"mentioned", "assigned"}
    assert Query.parse("-reason:org").reasons == frozenset(reasons()) - {"org"}
    assert Query.parse("reason:mine").reasons == frozenset(reasons()) - {"org", "mentioned", "assigned"}
    assert Query.parse("reason:mine -reason:creator").reasons >= {"participant", "watching"}
    assert Query.parse("reason:org -reason:org").reasons == frozenset()


@pytest.mark.parametrize(
    ("value", "span"),
    [
        ("acme.301-317", Span("acme", 301, 317)),
        ("acme-2.7-7.12", Span("acme-2", 7, 7, 12)),
        ("acme.1-999999999999999999.0.about_you", Span("acme", 1, 10**18 - 1, 0, ("about_you",))),
        ("acme.1-2.mentioned,org", Span("acme", 1, 2, None, ("mentioned", "org"))),
    ],
)
def test_news_are_spans_of_logs(value, span):
    assert Query.parse(f"is:all NEWS:{value.upper()}").values("news") == [value]
    assert (Span.read(value), str(span)) == (span, value)


def test_takes_the_place_of_words_of_a_kind():
    query = Query.parse("org:acme -org:globex is:unread keys")
    assert str(query.with_only("org", "initech")) == "org:initech is:unread keys"
    assert str(query.with_only("org")) == "is:unread keys"


def test_reads_what_older_addresses_say():
    assert str(of_address("keys", "unread", "Acme", "org")) == "is:unread org:acme reason:org keys"
    assert str(of_address("", "all", "", "whim")) == ""
    assert str(of_address("", "nonsense")) == ""
