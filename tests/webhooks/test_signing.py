"""Signatures as receivers check them: with the library of Standard Webhooks, and with the public key alone."""

import base64
import datetime as dt

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from base import sealing
from servers.receiver import Said
from tests.tasks.acme import new_task
from tests.webhooks.conftest import again, work
from webhooks import secrets_kept, services, trying
from webhooks.retrying import LONGEST, clock_words, pause_after, seconds_asked, why_to_stop

pytestmark = pytest.mark.django_db


def check_public(key, got):
    content = b".".join((got.id.encode(), got.headers["webhook-timestamp"].encode(), got.body))
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public.removeprefix("whpk_")))
    signatures = [each for each in got.headers["webhook-signature"].split() if each.startswith("v1a,")]
    for each in signatures:
        try:
            return public.verify(base64.b64decode(each.removeprefix("v1a,")), content)
        except InvalidSignature:
            continue
    raise InvalidSignature


def test_a_receiver_checks_it_by_the_secret_or_by_the_public_key(acme, receiver, made):
    new_task(acme, actor=acme.alice)
    work()
    (got,) = receiver.taken
    assert Verifier(made.key.secret).verify(got.body, got.headers)["type"] == "created"
    check_public(made.key, got)
    with pytest.raises(WebhookVerificationError):
        Verifier(made.key.secret).verify(got.body + b" ", got.headers)
    with pytest.raises(InvalidSignature):
        check_public(made.key, got._replace(body=got.body + b" "))


def test_while_secrets_overlap_both_sign_and_a_day_later_the_new_one_alone(acme, receiver, made):
    by, number = acme.membership(acme.alice), made.webhook.number
    renewed = services.rotate(by, number)
    new_task(acme, actor=acme.alice)
    work()
    both = receiver.taken[-1]
    for key in (made.key, renewed.key):
        Verifier(key.secret).verify(both.body, both.headers)
        check_public(key, both)
    made.webhook.secrets.filter(ends_at__isnull=False).update(
        ends_at=timezone.now() - dt.timedelta(seconds=1)
    )
    new_task(acme, actor=acme.alice)
    work()
    alone = receiver.taken[-1]
    Verifier(renewed.key.secret).verify(alone.body, alone.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(made.key.secret).verify(alone.body, alone.headers)


def test_the_former_secret_is_ended_by_hand_and_a_third_ends_the_first(acme, made):
    by, number = acme.membership(acme.alice), made.webhook.number
    second = services.rotate(by, number)
    third = services.rotate(by, number)
    assert secrets_kept.keys_of(made.webhook) == [third.key, second.key]
    services.end_former_secret(by, number)
    assert secrets_kept.keys_of(made.webhook) == [third.key]


def test_secrets_are_sealed_and_older_keys_of_the_installation_open_them(made, settings):
    kept = made.webhook.secrets.get().sealed
    assert made.key.shared not in base64.urlsafe_b64decode(kept)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key of the server", [settings.SECRET_KEY]
    assert secrets_kept.keys_of(made.webhook) == [made.key]
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealing.Unreadable):
        secrets_kept.keys_of(made.webhook)


def test_the_timestamp_is_of_the_try_and_a_receiver_whose_clock_is_wrong_is_named(
    acme, receiver, hook, monkeypatch
):
    ahead = (timezone.now() + dt.timedelta(minutes=10)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    receiver.says = lambda got: Said(401, {"Date": ahead}, b"too old")
    new_task(acme, actor=acme.alice)
    work()
    monkeypatch.setattr(trying.time, "time", lambda: 4_000_000_000.5)
    again(hook)
    first, second = receiver.got
    assert (first.id, first.body) == (second.id, second.body)
    assert second.headers["webhook-timestamp"] == "4000000000"
    hook.refresh_from_db()
    assert "its clock is 10 minutes ahead" in hook.last_error


class TestRetrying:
    def test_pauses_grow_are_spread_and_are_bounded(self):
        pauses = [pause_after(failures, None, 0.0) for failures in range(1, 40)]
        assert pauses[:3] == [5, 10, 20]
        assert pauses == sorted(pauses)
        assert pauses[-1] == LONGEST
        assert pause_after(1, None, 1.0) == 6

    def test_a_receiver_is_waited_for_within_bounds(self):
        assert pause_after(1, 60.0, 0.0) == 60
        assert pause_after(1, 10.0**9, 0.0) == 3600
        assert pause_after(9, 1.0, 0.0) > 1000

    def test_retry_after_is_read_in_both_forms(self):
        now = dt.datetime(2026, 11, 27, 12, 0, 0, tzinfo=dt.UTC)
        assert seconds_asked("120", now) == 120
        assert seconds_asked("Fri, 27 Nov 2026 12:01:00 GMT", now) == 60
        assert seconds_asked("Fri, 27 Nov 2026 11:00:00 GMT", now) == 0
        assert [seconds_asked(text, now) for text in ("", "soon", "-1", "9" * 400, "٣")] == [
            None,
            None,
            None,
            999999999,
            3,
        ]

    def test_when_it_is_enough(self):
        assert why_to_stop(410, dt.timedelta()) == "gone"
        assert why_to_stop(None, dt.timedelta(days=2, hours=23)) == ""
        assert why_to_stop(None, dt.timedelta(days=3)) == "failing"

    def test_a_clock_that_is_nearly_right_is_not_spoken_of(self):
        now = dt.datetime(2026, 11, 27, 12, 0, 0, tzinfo=dt.UTC)
        assert clock_words("Fri, 27 Nov 2026 12:04:00 GMT", now) == ""
        assert clock_words("Fri, 27 Nov 2026 11:50:00 GMT", now) == "its clock is 10 minutes behind"
        assert clock_words("whenever", now) == ""
