"""Django's `loaddata`, which loads no history (`dumpdata.py` says why)."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import loaddata

from events.management.commands.dumpdata import MOVE, history_apps


class Command(loaddata.Command):
    def save_obj(self, obj: Any) -> bool:
        if obj.object._meta.app_label in history_apps():
            raise CommandError(f"Nothing was loaded. {MOVE}")
        return bool(super().save_obj(obj))
