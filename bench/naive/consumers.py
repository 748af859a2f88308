"""One consumer, one channel of the layer and one group membership for each socket."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from msgspec import to_builtins

from base.announcements import org_group_name
from events.models import TaskEvent
from events.sentences import names_in
from inbox.event_frames import event_frame
from orgs.models import Membership, Organization
from realtime import codes

LATEST = 10  # events that a new socket is shown


class NaiveConsumer(AsyncJsonWebsocketConsumer):
    """`/ws/orgs/<slug>/notifications/`, without a cursor: whoever comes back gets the newest few."""

    group = ""

    async def connect(self) -> None:
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(code=codes.SIGNED_OUT)
            return
        organization = await self.find_organization(self.scope["url_route"]["kwargs"]["org_slug"])
        if organization is None:
            await self.close(code=codes.NO_SUCH_ORGANIZATION)
            return
        if not await self.is_member(user.pk, organization.pk):
            await self.close(code=codes.NOT_A_MEMBER)
            return
        self.group = org_group_name(organization.pk)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        org = {"id": organization.pk, "slug": organization.slug}
        await self.send_json({"type": "welcome", "user_id": user.pk, "org": org})
        for frame in await self.latest(organization.pk):
            await self.send_json(frame)

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        if content.get("type") == "ping":
            await self.send_json({"type": "pong"})

    async def org_event(self, message: dict[str, Any]) -> None:
        await self.send_json(message["payload"])

    @database_sync_to_async
    def find_organization(self, slug: str) -> Organization | None:
        return Organization.objects.filter(slug=slug).first()

    @database_sync_to_async
    def is_member(self, user_id: int, organization_id: int) -> bool:
        return Membership.objects.filter(user_id=user_id, organization_id=organization_id).exists()

    @database_sync_to_async
    def latest(self, organization_id: int) -> list[dict[str, Any]]:
        log = TaskEvent.objects.filter(organization_id=organization_id)
        events = list(log.select_related("actor", "organization").order_by("-position")[:LATEST])[::-1]
        names = names_in(events)
        unmarked = {"notification": None, "replayed": True}
        return [to_builtins(event_frame(event, names)) | unmarked for event in events]
