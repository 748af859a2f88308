"""What a program is answered that sends a form of tasks: the version that the task has now, the events that were made,
and both in a sentence."""

from collections.abc import Sequence
from typing import Any

from django.http import JsonResponse

from events.models import TaskEvent
from events.sentences import names_in, save_sentence

NOTHING = "Nothing was changed: it is so already."


def done(events: Sequence[TaskEvent], version: int, status: int = 200, **more: Any) -> JsonResponse:
    """Answer a command that made these events, none where nothing had to change. `version`: the task's before them."""
    said = {
        "version": events[-1].version if events else version,
        "events": [event.pk for event in events],
        "said": save_sentence(events, names_in(events)) if events else NOTHING,
    }
    return JsonResponse(said | more, status=status)
