"""Order: the projection of a stream. Only `projection` writes it."""

from django.db import models

from orgs.models import Organization


class Order(models.Model):
    id = models.UUIDField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    what = models.CharField(max_length=200)
    carrier = models.CharField(max_length=50)
    note = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("organization", "number"), name="order_number_once")]

    def __str__(self) -> str:
        return self.what


class EveryKind(models.Model):
    """A column of each kind that a projection may have (tests/base/test_as_written.py)."""

    id = models.UUIDField(primary_key=True)
    number = models.IntegerField()
    ratio = models.FloatField()
    title = models.CharField(max_length=50)
    text = models.TextField()
    done = models.BooleanField()
    day = models.DateField(null=True)
    hour = models.TimeField()
    stream = models.UUIDField()
    numbers = models.JSONField()
    words = models.JSONField()
    labels = models.JSONField()

    def __str__(self) -> str:
        return self.title
