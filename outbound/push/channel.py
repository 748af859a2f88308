"""Desktop push as a channel: whom it reaches, and one delivery sent to each of their browsers."""

import time
from typing import ClassVar

from django.db.models import QuerySet

from orgs.models import User
from outbound.channels import Channel, Later, Refused
from outbound.models import Delivery
from outbound.push import sending
from outbound.push.composing import as_bytes, compose
from outbound.push.own_key import is_set_up
from outbound.push.services import awake, maybe_awake
from preferences import kinds

GATHER = 4.0
TIME = 25.0  # seconds; a push that is under way then ends within outbound.sending.LONGEST
LATE = "The push services of the browsers before it took too long."


class Push(Channel):
    name: ClassVar[str] = Delivery.Channel.PUSH.value
    switches: ClassVar[kinds.Channel] = kinds.Channel.DESKTOP
    gather: ClassVar[float] = GATHER
    senders: ClassVar[int] = 2

    @property
    def is_on(self) -> bool:
        return is_set_up()

    def reachable(self) -> QuerySet[User]:
        return User.objects.filter(pk__in=maybe_awake().values("user_id"))

    def send(self, delivery: Delivery) -> bool:
        """Send it to each browser that has not got it. Where some are to be tried again the delivery is."""
        news = compose(delivery)
        browsers = awake(delivery.user_id) if delivery.user_id and news else []
        if news is None or not browsers:
            return False
        content, ends = as_bytes(news), time.monotonic() + TIME
        left = [each for each in browsers if each.got != delivery.pk]
        results: list[sending.Result] = []
        for each in left:
            late = time.monotonic() > ends
            results.append(Later(LATE) if late else sending.push(each, content, news.tag, delivery.pk))
        return _outcome(results) or len(left) < len(browsers)


def _outcome(results: list[sending.Result]) -> bool:
    """Say whether any browser got it. Raises Later where one may still get it, Refused where all refused."""
    for result in results:
        if isinstance(result, Later):
            raise result
    refusals = [result for result in results if isinstance(result, Refused)]
    if refusals and len(refusals) == len(results):
        raise refusals[0]
    return any(result is None for result in results)
