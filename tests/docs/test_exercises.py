"""The tutorial's own test in our words: everything in one transaction that is never committed, an organization made
by a plain `create`, and the synchronous broadcast called from a running event loop."""

import pytest
from asgiref.sync import async_to_sync
from django.test import TestCase

from orgs.models import Membership, Organization, User
from realtime.broadcast import broadcast_org_event
from tests.realtime.sockets import Socket, org_path

pytestmark = pytest.mark.usefixtures("closed_connections")
PAYLOAD = {"type": "task_event", "task_id": 7, "action": "renamed", "details": {"from": "a", "to": "b"}}


class InOneTransaction(TestCase):
    def setUp(self):
        self.user = User.objects.create_user("ringer", password="a long enough pass word")
        self.organization = Organization.objects.create(name="Tower", slug="tower")

    def cookie(self):
        assert self.client.login(username="ringer", password="a long enough pass word")
        return f"sessionid={self.client.cookies['sessionid'].value}"

    def test_a_member_hears_a_broadcast(self):
        Membership.objects.create(organization=self.organization, user=self.user, role=Membership.Role.MEMBER)
        cookie = self.cookie()

        async def scenario():
            socket = Socket(org_path("tower"), cookie)
            assert (await socket.connect())[0]
            welcome = await socket.frame()
            assert (welcome["type"], welcome["org"]["slug"]) == ("welcome", "tower")
            assert welcome["cursor"] == f"{self.organization.pk}.0.00000000"
            broadcast_org_event(org_id=self.organization.pk, payload=PAYLOAD)
            assert await socket.frame() == PAYLOAD
            await socket.disconnect()

        async_to_sync(scenario)()

    def test_a_stranger_does_not_get_in(self):
        cookie = self.cookie()

        async def scenario():
            assert await Socket(org_path("tower"), cookie).connect() == (False, 4403)
            assert await Socket(org_path("nowhere"), cookie).connect() == (False, 4404)
            assert await Socket(org_path("tower")).connect() == (False, 4401)

        async_to_sync(scenario)()
