"""The ways out, each a follower of the logs with a folder of its own. A channel says whom it can reach and sends one
delivery; when, how often and by whom is decided for all of them here (`gathering`, `making`, `sending`)."""

from typing import ClassVar

from django.db.models import QuerySet

from base.dependencies import Dependency
from orgs.models import User
from outbound.models import Delivery
from preferences import kinds


class Later(Exception):
    """It cannot be sent now, for a reason of this message: it is tried again, after `seconds` where they are said."""

    def __init__(self, sentence: str, seconds: float | None = None) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class Refused(Exception):
    """It cannot be sent at all; the sentence says why, to operators."""


class Away(Exception):
    """Whoever takes this channel's messages does not answer, or takes nothing from us: no fault of this message, so
    the whole channel waits."""


class Channel:
    name: ClassVar[str]  # one of Delivery.Channel
    switches: ClassVar[kinds.Channel]  # which of the preferences' channels says what goes out
    # Seconds of quiet on a task before what happened there goes out at once, so that a burst is one message.
    gather: ClassVar[float]
    rests: ClassVar[float] = 1.0  # seconds between two looks at a log: a busy one is taken in few batches
    senders: ClassVar[int] = 1  # threads in each process
    server: ClassVar[Dependency | None] = None  # who takes its messages, where that is one for all of them

    @property
    def is_on(self) -> bool:
        """Say whether it is set up. Nothing is gathered and nothing is sent by one that is not."""
        raise NotImplementedError

    def reachable(self) -> QuerySet[User]:
        """Find everybody whom it can reach."""
        raise NotImplementedError

    def send(self, delivery: Delivery) -> bool:
        """Send it, outside of any transaction, within `sending.LONGEST` seconds. False: nothing is left to be said.
        Raises Later, Refused and Away."""
        raise NotImplementedError


CHANNELS: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Have it follow the logs and send. From `AppConfig.ready`; its first migration calls `begin_at_heads`."""
    from followers import beside
    from followers.register import register as follow
    from outbound.gathering import Gatherer
    from outbound.sending import Senders

    CHANNELS[channel.name] = channel
    follow(Gatherer(channel))
    beside.register(channel.name, lambda: Senders(channel))
