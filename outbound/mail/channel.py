"""Mail as a channel."""

from django.conf import settings
from django.db.models import QuerySet

from base.dependencies import Dependency
from orgs.models import User
from outbound.channels import Channel
from outbound.mail import addresses
from outbound.models import Delivery
from preferences import kinds


def _server() -> str:
    if settings.EMAIL_BACKEND.startswith("anymail."):
        return str(getattr(settings, "ANYMAIL", {}).get("SERVICE", ""))
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"


MAIL_SERVER = Dependency("mail server", _server, meanwhile="Mails wait, and are sent later.")


class Mail(Channel):
    name = Delivery.Channel.MAIL
    switches = kinds.Channel.MAIL
    gather = 60.0
    rests = 5.0
    server = MAIL_SERVER

    @property
    def is_on(self) -> bool:
        return bool(settings.MAIL_IS_ON)

    def reachable(self) -> QuerySet[User]:
        return addresses.reachable()

    def send(self, delivery: Delivery) -> bool:
        from outbound.mail.sending import send

        return send(delivery)
