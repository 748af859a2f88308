"""The index: which events have words of their own. The words themselves stand where each database searches fastest: a
`tsvector` in this table on PostgreSQL, the FTS5 table `search_words` on SQLite (migration 0001)."""

from django.db import models

from orgs.models import Organization


class Entry(models.Model):
    """Written by `search.index` alone; it can be thrown away, and is made from the log again."""

    pk = models.CompositePrimaryKey("organization_id", "event_id")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    event_id = models.BigIntegerField()
    stream_id = models.UUIDField()

    def __str__(self) -> str:
        return f"words of {self.event_id}"
