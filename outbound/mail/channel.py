"""Mail as a channel."""

from collections.abc import Collection

from django.conf import settings

from outbound.channels import Channel
from outbound.mail import addresses
from outbound.models import Delivery


class Mail(Channel):
    name = Delivery.Channel.MAIL
    gather = 60.0

    @property
    def is_on(self) -> bool:
        return bool(settings.MAIL_IS_ON)

    def reachable(self, user_ids: Collection[int] | None, organization_id: int) -> set[int]:
        return addresses.reachable(user_ids, organization_id)

    def send(self, delivery: Delivery) -> bool:
        from outbound.mail.sending import send

        return send(delivery)
