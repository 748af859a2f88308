"""What was done through a token: in the log, under its digest, and in the audit."""

import pytest

from base.correlation import through
from events.models import TaskEvent
from events.verification import verify
from tests.events.audited import LIST, ids, listed, text
from tests.tasks.acme import comment, new_task
from tests.tokens.making import new_token
from tokens.bearers import signed_by
from tokens.models import Token

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(acme):
    """A task made by hand, and a comment through a token; the token's name."""
    task = new_task(acme, actor=acme.alice)
    token = new_token(acme.alice, name="Night shift").token
    with through(signed_by(token).via):
        return task, comment(task, actor=acme.alice), token


def test_is_in_the_log_and_under_the_digest(acme, done):
    token = done[2]
    assert list(TaskEvent.objects.order_by("position").values_list("via", flat=True)) == [
        None,
        token.public_id,
    ]
    assert verify(acme.pk).findings == []


def test_filters_and_search_find_it(auditor, done):
    _, event, token = done
    for query in (f"?via={token.public_id}", "?via=any", "?q=Night+shift", f"?q={token.public_id}"):
        assert listed(auditor, query) == ids(event)
    assert listed(auditor, "?via=nonsense") == []


@pytest.mark.parametrize("theirs", [{"organization": "globex"}, {"user": "carol"}])
def test_a_token_that_cannot_have_done_it_is_not_named(acme, globex, auditor, theirs):
    """A forged import may name the token of somebody else, or one for another organization."""
    user = getattr(acme, theirs.get("user", "alice"))
    organization = globex.organization if "organization" in theirs else None
    token = new_token(user, name="Secret project", organization=organization).token
    with through(signed_by(token).via):
        task = new_task(acme, actor=acme.alice)
    event = TaskEvent.objects.get(stream_id=task.pk)
    page = text(auditor.get(f"{LIST}{event.pk}/change/"))
    assert f"Through the token {token.public_id}" in page
    assert "Secret project" not in page
    assert listed(auditor, "?q=Secret+project") == []


def test_many_newer_tokens_of_the_name_do_not_hide_it(auditor, done):
    _, event, token = done
    Token.objects.bulk_create(
        Token(
            user=token.user,
            name=token.name,
            scopes="read",
            public_id=f"p{n}",
            digest="d",
            created_at=token.created_at,
        )
        for n in range(200)
    )
    assert listed(auditor, "?q=Night+shift") == ids(event)


def test_its_page_says_so(auditor, done):
    _, event, token = done
    page = text(auditor.get(f"{LIST}{event.pk}/change/"))
    assert f"Through the token Night shift ({token.public_id})" in page
    assert f"?via={token.public_id}" in auditor.get(f"{LIST}{event.pk}/change/").content.decode()
