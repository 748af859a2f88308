"""How much one person, organization and address gets of invitations and organizations: bounds on what a stranger could
take, each counted under a lock of whose it is."""

import datetime as dt

from base.errors import TooMany
from events.models import TaskEvent
from membership.facts import OrganizationCreated
from membership.models import Invitation, Sending

PENDING = 500  # invitations of one organization that wait
SENT_PER_DAY = 400  # by one person, sent again or not
MAILS_PER_DAY = 3  # to one address, by whomever
FOUNDED = 20  # organizations that one person makes

DAY = dt.timedelta(days=1)


def require_room(organization_id: int, more: int) -> None:
    """Raise TooMany where the organization has no room for so many more that wait."""
    waiting = Invitation.objects.filter(organization=organization_id, state=Invitation.State.WAITING)
    if waiting.count() + more > PENDING:
        raise TooMany(f"At most {PENDING} invitations of an organization wait at a time. Revoke some first.")


def require_sendings(user_id: int, more: int, now: dt.datetime) -> None:
    """Raise TooMany where the person may not send so many more today."""
    if Sending.objects.filter(by=user_id, at__gt=now - DAY).count() + more > SENT_PER_DAY:
        raise TooMany(f"You can send {SENT_PER_DAY} invitations in a day. Send the others tomorrow.")


def require_founding(user_id: int) -> None:
    """Raise TooMany where the person has made as many organizations as one person may."""
    made = TaskEvent.objects.filter(actor=user_id, action=OrganizationCreated.action)
    if made.count() >= FOUNDED:
        raise TooMany(
            f"You have made {FOUNDED} organizations, and nobody makes more. The administrators of this server can."
        )
