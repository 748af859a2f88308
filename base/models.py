from typing import ClassVar

from django.db import models


class SchemaRelease(models.Model):
    """The one row that says which release migrated the database, and the oldest that can still run on it."""

    migrated_by = models.CharField(max_length=20)
    oldest = models.CharField(max_length=20)
    migrated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_schema_release")]

    def __str__(self) -> str:
        return self.migrated_by
