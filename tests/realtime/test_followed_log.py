"""What may be added to a log that this process follows."""

import pytest

from base.messages import AppendedEvent
from inbox.org_inboxes import OrgInbox
from realtime.followed_log import FollowedLog
from realtime.reads import Tail

pytestmark = pytest.mark.once


@pytest.mark.parametrize(("first", "follows"), [(8, True), (9, False)])
def test_what_leaves_a_hole_does_not_follow(first, follows):
    """Positions have left for the archive since: reading on would never come to an end."""
    log = FollowedLog(OrgInbox(1, "acme", "Acme", "member", "all", 1, 7, "seven"))
    event = AppendedEvent(first, first, 2, "digest", b"{}")
    assert log.is_followed_by(Tail(7, "seven", [event], {}, {}, 1, more=True)) is follows
