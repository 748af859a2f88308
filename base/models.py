"""When what operators run now and then last ran."""

from django.db import models


class LastRun(models.Model):
    """Of the whole installation. Written by `base.last_runs` alone."""

    name = models.CharField(max_length=40, primary_key=True)
    ended_at = models.DateTimeField()
    went_well = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.name}: {'well' if self.went_well else 'not well'}"
