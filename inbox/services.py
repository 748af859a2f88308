"""Watching: the only module that changes what is watched. What becomes of a notification is `inbox.marks`'."""

import uuid

from base.announcements import org_group_name
from base.transactions import write_transaction
from events.log import lock_head
from inbox.choices import record_watch
from inbox.models import Watch


def watch(user_id: int, organization_id: int, stream_id: uuid.UUID, *, watching: bool) -> None:
    """Let somebody be told of a whole stream, or no more. The caller has checked that it is the organization's, and the
    user's to see. Under the head's lock, so that for each event it is known whether they watched."""
    with write_transaction(org_group_name(organization_id)):
        head = lock_head(organization_id)
        watches = Watch.objects.filter(user_id=user_id, stream_id=stream_id)
        if watches.exists() == watching:
            return
        if watching:
            Watch.objects.create(user_id=user_id, stream_id=stream_id)
        else:
            watches.delete()
        record_watch(head, user_id, stream_id, watching=watching)
