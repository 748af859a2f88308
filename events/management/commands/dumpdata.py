"""Django's `dumpdata`, which does not carry a history, nor what is made from it: JSON cuts times, and the chain would
break where they are loaded."""

from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.core.management.commands import dumpdata
from django.core.management.utils import parse_apps_and_model_labels

from events.subjects import SUBJECTS

MOVE = (
    "The history is not moved by dumpdata and loaddata: times, order and digests must stay as they are. Copy the whole "
    "database: with pg_dump and pg_restore, or with `sqlite3 FILE \".backup 'COPY'\"`."
)


def history_apps() -> list[str]:
    """List the apps of the log, of what each subject derives from it, and of the inboxes."""
    modules = [subject.evolve.__module__ for subject in SUBJECTS.values()]
    configs = [apps.get_containing_app_config(module) for module in modules]
    return ["events", *(config.label for config in configs if config), "inbox"]


class Command(dumpdata.Command):
    def handle(self, *app_labels: str, **options: Any) -> None:
        asked, left_out = (_models(labels) for labels in (app_labels, options["exclude"]))
        history = {model for app in history_apps() for model in apps.get_app_config(app).get_models()}
        if history & (asked if app_labels else history) - left_out:
            others = " ".join(f"--exclude {app}" for app in history_apps())
            raise CommandError(f"{MOVE} Other tables can be dumped: add `{others}`.")
        super().handle(*app_labels, **options)


def _models(labels: Any) -> set[Any]:
    models, configs = parse_apps_and_model_labels(labels)
    return {*models, *(model for config in configs for model in config.get_models())}
