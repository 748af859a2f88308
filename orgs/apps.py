"""The orgs app: people, organizations, and who may see what."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OrgsConfig(AppConfig):
    name = "orgs"
    verbose_name = "Organizations"

    def ready(self) -> None:
        from orgs import former_names

        post_migrate.connect(former_names.put_back, sender=self)
