"""What a mail service reports."""

import json

import pytest
from django.test import RequestFactory, override_settings

from outbound.mail import addresses, bounces
from outbound.models import Unreachable

pytestmark = pytest.mark.django_db

TOLD = {"WEBHOOK_SECRET": "carillon:a long secret", "SERVICE": "postmark", "POSTMARK_SERVER_TOKEN": "x"}


def report(basic, **said):
    with override_settings(ANYMAIL=TOLD):
        (where,) = bounces.report_urls()
        request = RequestFactory().post(
            "/mail/reports/", json.dumps(said), "application/json", headers={"Authorization": basic}
        )
        return where.callback(request)


SECRET = "Basic Y2FyaWxsb246YSBsb25nIHNlY3JldA=="
BOUNCE = {"RecordType": "Bounce", "Type": "HardBounce", "Email": "Bob@Example.com", "Details": "no such user"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (BOUNCE, "bounced"),
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint", "Email": "bob@example.com"}, "complained"),
        (
            {"RecordType": "Delivery", "Recipient": "bob@example.com", "DeliveredAt": "2026-11-05T16:33:54Z"},
            None,
        ),
    ],
)
def test_a_bounce_and_a_complaint_stop_mail(said, why):
    assert report(SECRET, **said).status_code == 200
    assert Unreachable.objects.values_list("why", flat=True).first() == why


def test_nobody_else_can_report():
    from anymail.exceptions import AnymailWebhookValidationFailure

    with pytest.raises(AnymailWebhookValidationFailure):
        report("Basic bm9ib2R5Om5vdGhpbmc=", **BOUNCE)
    assert not addresses.is_unreachable("bob@example.com")


@pytest.mark.parametrize("told", [{}, {"SERVICE": "postmark"}])
def test_without_a_secret_there_is_no_such_address(told):
    with override_settings(ANYMAIL=told):
        assert bounces.report_urls() == []
