"""What of webhooks is a person's: those they made, which are the organization's and stay, but where nobody is left."""

from orgs import personal_data
from orgs.models import Membership, User
from webhooks.models import Webhook

COLUMNS = ("name", "organization__name", "created_at")


def register() -> None:
    personal_data.register("webhooks", tell, forget)


def tell(user: User) -> personal_data.Rows:
    rows: personal_data.Rows = Webhook.objects.filter(created_by=user).order_by("pk").values(*COLUMNS)
    return rows


def forget(user: User) -> None:
    """Remove those of organizations that nobody else is in, with addresses, secrets and record."""
    shared = Membership.objects.exclude(user=user).values("organization")
    theirs = Membership.objects.filter(user=user).exclude(organization__in=shared).values("organization")
    Webhook.objects.filter(organization__in=theirs).delete()
