"""Mail in a row of the matrix: a real mail server, people who want a mail of everything, and the judgement of what they
got."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from allauth.account.models import EmailAddress

from bench.faults.indexed import has_taken_all
from bench.faults.scene import GRACE, Scene
from bench.faults.stage import Stage
from inbox.models import Notification
from outbound.models import Delivery, Gathering, Interval
from preferences.kinds import Channel, Kind, Value
from preferences.services import choose
from servers.mail import MailServer

Place = tuple[int, int]  # organization, position


@contextmanager
def with_mail(stage: Stage) -> Iterator[Stage]:
    """The servers send to a mail server."""
    with MailServer() as server:
        yield replace(stage, mail=server, of_servers={**stage.of_servers, "MAIL_URL": server.url})


def server_of(scene: Scene) -> MailServer:
    assert scene.stage.mail, "a row with a mail server"
    return scene.stage.mail


class Readers:
    """The first people of the world, told of everything by mail from now on."""

    def __init__(self, scene: Scene, count: int = 3, value: Value = Value.AT_ONCE) -> None:
        self._scene = scene
        self._server = server_of(scene)
        self._org_ids = [organization.pk for organization in scene.world.organizations]
        self.user_ids = [person.user.pk for person in scene.world.people[:count]]
        scene.wait_until(self._all_is_taken, "the mail's follower has taken what was before", GRACE)
        self._before = scene.world.heads()
        for person in scene.world.people[:count]:
            address = f"{person.user.username}@example.com"
            EmailAddress.objects.create(user=person.user, email=address, primary=True, verified=True)
            choose(person.user.pk, None, Channel.MAIL, Kind.EVERYTHING, value)

    def expect_told(self, repeats: int = 0, limit: float = GRACE) -> None:
        """Everything once: each event in one mail to each of its recipients, and no mail twice but as many as may
        be."""
        scene = self._scene
        scene.wait_until(self._all_is_out, "all mails are out", limit)
        for user_id in self.user_ids:
            wanted, told = self._wanted(user_id), self._told(user_id)
            lost, twice = wanted - set(told), {place for place in told if told[place] > 1}
            scene.expect(
                not lost, f"everything is told by mail ({len(lost)} of {len(wanted)} events are not)"
            )
            scene.expect(not twice, f"nothing is in two mails ({len(twice)} events are)")
        self._expect_messages(repeats)

    def _expect_messages(self, repeats: int) -> None:
        scene, came = self._scene, self._came()
        tokens = {delivery.token for delivery in self._deliveries()}
        again = sum(came.values()) - len(came)
        scene.expect(set(came) == tokens, f"each mail came, and no other ({len(tokens - set(came))} did not)")
        scene.expect(again <= repeats, f"at most {repeats} mails came again, under their name ({again} did)")
        scene.note(f"{len(came)} mails, {again} of them again")

    def _came(self) -> Counter[str]:
        return Counter(message["Message-ID"].strip("<>").split("@")[0] for message in self._server.messages)

    def _deliveries(self) -> list[Delivery]:
        return list(Delivery.objects.filter(user__in=self.user_ids))

    def _all_is_taken(self) -> bool:
        return has_taken_all("mail", self._org_ids)

    def _all_is_out(self) -> bool:
        return (
            self._all_is_taken()
            and not Gathering.objects.filter(user__in=self.user_ids).exists()
            and not Delivery.objects.filter(user__in=self.user_ids).exclude(state="sent").exists()
        )

    def _wanted(self, user_id: int) -> set[Place]:
        rows = Notification.objects.filter(recipient=user_id, organization__in=self._org_ids)
        places = rows.values_list("organization_id", "event__position")
        return {place for place in places if place[1] > self._before[place[0]]}

    def _told(self, user_id: int) -> Counter[Place]:
        told: Counter[Place] = Counter()
        for interval in Interval.objects.filter(delivery__user=user_id):
            rows = Notification.objects.filter(
                recipient=user_id,
                organization=interval.organization_id,
                event__organization=interval.organization_id,
                event__position__range=(interval.first, interval.last),
            )
            if interval.stream_id:
                rows = rows.filter(event__stream_id=interval.stream_id)
            told.update(rows.values_list("organization_id", "event__position"))
        return told
