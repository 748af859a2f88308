"""Watching: the only module that changes what is watched. What becomes of a notification is `inbox.marks`'."""

import uuid

from base.transactions import write_transaction
from inbox.models import Watch


def watch(user_id: int, stream_id: uuid.UUID, *, watching: bool) -> None:
    """The caller has checked that the task is the user's to see."""
    with write_transaction():
        if watching:
            Watch.objects.get_or_create(user_id=user_id, stream_id=stream_id)
        else:
            Watch.objects.filter(user_id=user_id, stream_id=stream_id).delete()
