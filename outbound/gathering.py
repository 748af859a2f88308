"""What each person is to be told of by a channel, gathered from the logs: the follower that each channel has."""

from collections.abc import Sequence

from events.models import TaskEvent
from followers.register import Follower
from outbound.channels import Channel
from outbound.models import Gathering


class Gatherer(Follower):
    takes_anew = False

    def __init__(self, channel: Channel) -> None:
        self.name = channel.name  # type: ignore[misc]
        self.channel = channel

    def take(self, organization_id: int, events: Sequence[TaskEvent]) -> None:
        pass

    def forget(self, organization_id: int) -> None:
        Gathering.objects.filter(organization_id=organization_id, channel=self.channel.name).delete()
