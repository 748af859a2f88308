"""Foreign keys between rows of one organization: every join by them compares the organization too. So each join finds
its rows in one part of a table that is partitioned by organization, and on one node of one that is distributed so."""

from typing import Any

from django.db import models
from django.db.models.lookups import Exact


class _WithinOrganization:
    """Of a model with an `organization`, to another such model."""

    plain: "type[models.ForeignKey[Any, Any]]"

    def get_extra_restriction(self, alias: str | None, related_alias: str) -> Exact | None:
        """The condition beside the ids, where a join has both sides: `alias` is the table pointed at."""
        if alias is None:
            return None
        there, here = (model._meta.get_field("organization") for model in (self.related_model, self.model))  # type: ignore[attr-defined]
        return Exact(there.get_col(alias), here.get_col(related_alias))

    def get_extra_descriptor_filter(self, instance: Any) -> dict[str, int]:
        """The same where the row pointed at is loaded by itself."""
        return {"organization_id": instance.organization_id}

    def deconstruct(self) -> Any:
        """For migrations it is a plain key: the columns are the same."""
        name, _, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, f"django.db.models.{self.plain.__name__}", args, kwargs


class ForeignKeyWithin(_WithinOrganization, models.ForeignKey):  # type: ignore[misc, type-arg]
    plain = models.ForeignKey


class OneToOneWithin(_WithinOrganization, models.OneToOneField):  # type: ignore[misc, type-arg]
    plain = models.OneToOneField
