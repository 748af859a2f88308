"""Desktop push as a channel: whom it reaches, and one delivery sent to each of their browsers."""

from collections.abc import Collection
from typing import ClassVar

from orgs.models import Membership
from outbound.channels import Channel, Later, Refused
from outbound.models import Delivery
from outbound.push import sending
from outbound.push.composing import as_bytes, compose
from outbound.push.own_key import is_set_up
from outbound.push.services import awake, maybe_awake

GATHER = 4.0


class Push(Channel):
    name: ClassVar[str] = Delivery.Channel.PUSH.value
    gather: ClassVar[float] = GATHER
    senders: ClassVar[int] = 2

    @property
    def is_on(self) -> bool:
        return is_set_up()

    def reachable(self, user_ids: Collection[int] | None, organization_id: int) -> set[int]:
        members = Membership.objects.filter(organization_id=organization_id)
        found = maybe_awake().filter(user__is_active=True, user_id__in=members.values("user_id"))
        if user_ids is not None:
            found = found.filter(user_id__in=user_ids)
        return set(found.values_list("user_id", flat=True))

    def send(self, delivery: Delivery) -> bool:
        """Send it to each browser that has not got it. Where some are to be tried again the delivery is."""
        news = compose(delivery)
        browsers = awake(delivery.user_id) if delivery.user_id and news else []
        if news is None or not browsers:
            return False
        content, topic = as_bytes(news), news.tag
        results = [
            sending.push(each, content, topic, delivery.pk) for each in browsers if each.got != delivery.pk
        ]
        for result in results:
            if isinstance(result, Later):
                raise result
        refusals = [result for result in results if isinstance(result, Refused)]
        if refusals and len(refusals) == len(results):
            raise refusals[0]
        return any(result is None for result in results) or len(results) < len(browsers)
