"""What addresses say, and that a wrong one is never repeated."""

import pytest

from config import addresses, mail_servers, redis_addresses

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("word", "meant"), [("true", True), ("True", True), ("1", True), ("false", False), ("0", False)]
)
def test_cursors_of_the_server_are_switched_by_a_word(word, meant):
    asked = addresses.database(
        f"postgres://u:p@127.0.0.1:6432/x?disable_server_side_cursors={word}&statement_timeout=0"
    )
    assert asked["DISABLE_SERVER_SIDE_CURSORS"] is meant
    assert asked["OPTIONS"] == {"statement_timeout": 0}


def test_another_word_is_refused():
    with pytest.raises(ValueError, match="=true or =false"):
        addresses.database("postgres://u:p@127.0.0.1/x?disable_server_side_cursors=maybe")


def test_two_hosts_are_handed_on():
    asked = addresses.database("postgres://u:p@db1:5432,db2:5433/x?target_session_attrs=read-write")
    assert (asked["HOST"], asked["PORT"]) == ("db1,db2", "5432,5433")
    assert asked["OPTIONS"]["target_session_attrs"] == "read-write"


@pytest.mark.parametrize(
    "text", ["http://h:99999", "http://h:0", "http://h?api-key=x", "http://h/#x", "h:4318"]
)
def test_a_collectors_address_is_an_address_alone(text):
    with pytest.raises(ValueError, match="the collector's address alone"):
        addresses.collector(text)


@pytest.mark.parametrize(
    "check",
    [
        *(addresses.collector, addresses.database, addresses.issuer, addresses.listening, addresses.place),
        *(addresses.site, mail_servers.mail, redis_addresses.redis),
    ],
    ids=lambda check: check.__name__,
)
@pytest.mark.parametrize("scheme", ["http", "https", "redis", "redis+sentinel", "smtp", "postgres"])
def test_no_sentence_repeats_a_secret(check, scheme):
    for rest in ("h℀c", "[::1", "h:99999", "h:s3cret", "h/?s3cret", "h/x?options=s3cret&x", "h,h2:s3cret/m"):
        try:
            check(f"{scheme}://u:s3cret@{rest}")
        except ValueError as error:
            assert "s3cret" not in str(error)
