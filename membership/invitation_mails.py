"""Sends invitations: every time is a row that the quotas count, and has a mail where there is an address for it."""

import datetime as dt
from collections.abc import Collection, Sequence

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Count
from django.urls import reverse

from membership.addressees import address_key
from membership.models import Invitation, Sending
from membership.quotas import MAILS_PER_DAY
from orgs.models import User
from outbound.mail.rendering import rendered
from outbound.mail.services import post
from outbound.models import Delivery


def send(invitations: Sequence[Invitation], by: User, now: dt.datetime) -> None:
    """Send them, in the caller's transaction. An address that has had its mails of the day gets none, and nobody is
    told: whose it is, they find the invitation on their page."""
    addresses = _addresses(invitations)
    sent = _sent_on(now.date(), addresses.values())
    sendings = []
    for invitation in sorted(invitations, key=lambda each: addresses.get(each.pk, "")):
        address = addresses.get(invitation.pk)
        number = sent.get(address or "", 0) + 1
        counted = (address, number) if address and number <= MAILS_PER_DAY else (None, None)
        sendings.append(
            Sending(
                invitation=invitation, by=by, at=now, day=now.date(), address=counted[0], number=counted[1]
            )
        )
    # In the order of the addresses, so that two who send to the same wait in one order; a number is taken once.
    Sending.objects.bulk_create(sendings, ignore_conflicts=True)
    mailed = Sending.objects.filter(by=by, at=now, address__isnull=False)
    taken = set(mailed.values_list("invitation_id", "address"))
    for invitation in invitations:
        is_mailed = (invitation.pk, addresses.get(invitation.pk)) in taken
        _post(invitation, addresses[invitation.pk] if is_mailed else "", by, now)


def _addresses(invitations: Sequence[Invitation]) -> dict[int, str]:
    """Find where each is sent: to the address that was typed, or to that of the person who was named."""
    named = [each.user_id for each in invitations if not each.address and each.user_id]
    own = dict(
        EmailAddress.objects.filter(user__in=named, verified=True)
        .order_by("primary")
        .values_list("user_id", "email")
    )
    found = {each.pk: each.address or address_key(own.get(each.user_id or 0, "")) for each in invitations}
    return {pk: address for pk, address in found.items() if address}


def _sent_on(day: dt.date, addresses: Collection[str]) -> dict[str, int]:
    of_today = Sending.objects.filter(day=day, address__in=list(addresses)).values_list("address")
    return {address: count for address, count in of_today.annotate(Count("pk")) if address}


def _post(invitation: Invitation, address: str, by: User, now: dt.datetime) -> None:
    """Tell nothing of the organization but its name. Without an address the words are made all the same: how long it
    takes says nothing of whether somebody has the name."""
    context = {
        "inviter": by.display_name,
        "organization": invitation.organization.name,
        "role": invitation.as_what,
        "url": settings.SITE_URL + reverse("invitations:one", args=[invitation.pk]),
        "until": invitation.expires_at,
    }
    if not address:
        if settings.MAIL_IS_ON:
            rendered("invitation", context)
        return
    post(
        to=address,
        template="invitation",
        context=context,
        key=f"invitation {invitation.pk} {now.isoformat()}",
        user=invitation.user,
        kind=Delivery.Kind.INVITATION,
    )
