"""Mail as a channel."""

from django.conf import settings
from django.db.models import QuerySet

from orgs.models import User
from outbound.channels import Channel
from outbound.mail import addresses
from outbound.models import Delivery
from preferences import kinds


class Mail(Channel):
    name = Delivery.Channel.MAIL
    switches = kinds.Channel.MAIL
    gather = 60.0
    rests = 5.0

    @property
    def is_on(self) -> bool:
        return bool(settings.MAIL_IS_ON)

    def reachable(self) -> QuerySet[User]:
        return addresses.reachable()

    def send(self, delivery: Delivery) -> bool:
        from outbound.mail.sending import send

        return send(delivery)
