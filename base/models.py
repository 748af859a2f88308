"""When what operators run now and then last ran, and which release the database is for."""

from typing import ClassVar

from django.db import models


class LastRun(models.Model):
    """Of the whole installation. Written by `base.last_runs` alone."""

    name = models.CharField(max_length=40, primary_key=True)
    ended_at = models.DateTimeField()
    went_well = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.name}: {'well' if self.went_well else 'not well'}"


class SchemaRelease(models.Model):
    """The one row that says which release migrated the database, and the oldest that can still run on it."""

    migrated_by = models.CharField(max_length=20)
    oldest = models.CharField(max_length=20)
    migrated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_schema_release")]

    def __str__(self) -> str:
        return self.migrated_by
