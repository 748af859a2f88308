"""The log's tables: `events.log` writes them, `events.texts` takes texts away, `events.audit.verifying` says what it
found."""

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.db.models.functions import Substr
from django.db.models.lookups import IsNull
from django.urls import reverse
from django.utils.functional import cached_property

from events import facts
from events.digests import GENESIS
from events.sizes import written
from events.subjects import Subject, subject_of
from orgs.models import Organization


class Detail(models.Func):
    """One of the details, as text on either database: a number too. It can be indexed."""

    template = "CAST((%(expressions)s ->> '%(name)s') AS text)"
    output_field = models.TextField()


def said_of(name: str) -> Detail:
    """Name the detail that tells which other version of its stream an event speaks of."""
    return Detail("details", name=name)


class AppendOnlyError(TypeError):
    """History is not rewritten: append an event that corrects it."""


class AppendOnlyQuerySet(models.QuerySet["TaskEvent"]):
    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnlyError("The log is append-only: events are never changed or deleted.")

    update = delete = bulk_update = update_or_create = _refuse

    def readable(self) -> "AppendOnlyQuerySet":
        """Load everything that a sentence, a frame or the audit shows of an event."""
        return self.select_related("organization", "actor", "text")

    def excerpted(self, characters: int) -> "AppendOnlyQuerySet":
        """Load what `readable` does, but of each free text only the first `characters`."""
        found = self.select_related("organization", "actor")
        return found.annotate(excerpt=Substr("text__body", 1, characters))

    def outlined(self) -> "AppendOnlyQuerySet":
        """Load what `readable` does, but in place of each free text that is still there a mere sign: enough
        for a sentence."""
        sign = models.Case(models.When(text__isnull=False, then=models.Value("…")))
        return self.select_related("organization", "actor").annotate(excerpt=sign)

    def sized(self) -> "AppendOnlyQuerySet":
        """Add the `octets` of what was written, so that a reader knows them before it loads any."""
        return self.annotate(octets=written())

    def bulk_create(self, *args: Any, **kwargs: Any) -> list["TaskEvent"]:
        if kwargs.get("update_conflicts"):
            self._refuse()
        return super().bulk_create(*args, **kwargs)


class TaskEvent(models.Model):
    """One thing that happened, to a task or another subject: the source of truth for every other table.

    On PostgreSQL the organization stands in each key of this table and the next, the primary ones included, so that
    they can be partitioned by it. It stands last: what is looked up by an id or a stream alone has the index too."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    # Dense within the organization, given under the head's lock: position order is commit order.
    position = models.PositiveBigIntegerField()
    # What it happened to. No foreign key: truth does not point at its own derivation, which can be dropped and rebuilt.
    stream_id = models.UUIDField()
    # Dense within the stream.
    version = models.PositiveIntegerField()
    action = models.CharField(max_length=40)
    schema_version = models.PositiveSmallIntegerField(default=1)
    details = models.JSONField(default=dict)
    # The number of what it is about, within the organization and the subject, and its title as it stood then, so that
    # history reads well for ever.
    task_number = models.PositiveIntegerField()
    subject = models.CharField(max_length=200)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()
    # The request that caused it: the same id stands in the answer's X-Request-ID and in the log lines.
    request_id = models.CharField(max_length=32, blank=True, default="")
    digest = models.CharField(max_length=64)
    # As the last of how many it is told; 0 where a later one is that last (`saves.py`).
    parts = models.SmallIntegerField(default=1, db_default=1)
    # The public id of the token through which it was done. None for most: so the index below holds the others alone.
    via = models.CharField(max_length=20, null=True, default=None)  # noqa: DJ001

    # The digest before it in the log: only of an event that has just been appended.
    follows: str

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = "event"
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("organization", "position"), name="event_position_once"),
            models.UniqueConstraint(
                fields=("stream_id", "version", "organization"), name="event_version_once"
            ),
        ]
        # For the audit at millions of events: each filter in the order of its list, and the chart's counts from the
        # index alone. The constraints above serve one organization's log and one stream's history.
        indexes: ClassVar = [
            models.Index(fields=("actor", "id"), name="event_actor"),
            models.Index(fields=("action", "id"), name="event_action"),
            models.Index(fields=("created_at", "action"), name="event_time"),
            models.Index(fields=("organization", "created_at", "action"), name="event_organization_time"),
            models.Index(fields=("request_id",), name="event_request"),
            models.Index(fields=("via", "id"), condition=models.Q(via__isnull=False), name="event_via"),
            # What happened to one comment, for whoever changes it.
            models.Index(
                models.F("stream_id"),
                said_of("comment"),
                condition=models.Q(IsNull(said_of("comment"), False)),
                name="event_of_comment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}.{self.position} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("The log is append-only: events are never changed.")
        # By force: given the id of an event that exists, Django would update that one.
        super().save(*args, **kwargs | {"force_insert": True})

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnlyError("The log is append-only: events are never deleted.")

    @property
    def about(self) -> Subject:
        return subject_of(self)

    @property
    def key(self) -> str:
        """`ACME-12`. Load events with `readable()`."""
        return self.about.key_of(self.organization.slug, self.organization.name, self.task_number)

    @property
    def page(self) -> str:
        """Its subject's page, below the organization's address."""
        return self.about.page.format(number=self.task_number)

    @property
    def url(self) -> str:
        return self._url(self.about.page)

    @property
    def url_at(self) -> str:
        """Its subject's page opened at this event; just the page where the subject has nothing better."""
        return self._url(self.about.event_page or self.about.page)

    @property
    def url_then(self) -> str:
        """Where its subject is shown as it was at this event; as it is where the subject has no such page."""
        return self._home + self.page_then

    @property
    def page_then(self) -> str:
        """What `url_then` is below the organization's address."""
        return self._filled(self.about.past_page or self.about.page)

    def _url(self, page: str) -> str:
        return self._home + self._filled(page)

    @property
    def _home(self) -> str:
        return reverse("orgs:detail", args=[self.organization.slug])

    def _filled(self, page: str) -> str:
        return page.format(number=self.task_number, version=self.version, event=self.pk)

    @cached_property
    def fact(self) -> facts.Fact:
        """What happened; `Unknown` where this release cannot read it. Load events with `readable()`."""
        return facts.read(self.action, self.schema_version, self.details, self.body)

    @property
    def body(self) -> str | None:
        """The free text beside the event, as far as it was loaded; None where there is none, or none any more."""
        if facts.sealed_digest(self.action, self.details) is None:
            return None
        if "excerpt" in self.__dict__:
            excerpt: str | None = self.__dict__["excerpt"]  # by `excerpted` or `outlined`
            return excerpt
        return self.text.body if hasattr(self, "text") else None

    @property
    def public_details(self) -> dict[str, Any]:
        """With the text itself, as frames carry them."""
        return self.details if isinstance(self.fact, facts.Unknown) else self.fact.details()


class EventText(models.Model):
    """What a person wrote in an event: the only part of history that can be erased (events/texts.py)."""

    event = models.OneToOneField(TaskEvent, on_delete=models.PROTECT, primary_key=True, related_name="text")
    # The event's: the two of them are the foreign key on PostgreSQL.
    organization = models.ForeignKey(
        Organization, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    nonce = models.CharField(max_length=32)  # 16 random bytes, hexadecimal
    body = models.TextField()

    def __str__(self) -> str:
        return f"text of {self.event_id}"


class LogHead(models.Model):
    """Where an organization's log ends. Its row is the lock that puts writers in order."""

    organization = models.OneToOneField(
        Organization, on_delete=models.PROTECT, primary_key=True, related_name="log_head"
    )
    position = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default=GENESIS)

    def __str__(self) -> str:
        return f"{self.organization_id}.{self.position}"


class LogVerification(models.Model):
    """What one press of the administration's button verified: the events after `after_position`, up to `position`."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, db_index=False, related_name="verifications"
    )
    # 0: from the start. Else it goes on from the verification before it.
    after_position = models.PositiveBigIntegerField()
    position = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    findings = models.JSONField(default=list)  # [{"position", "code", "message"}], new ones only
    found = models.PositiveIntegerField()  # since the start
    verified_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("organization", "id"), name="verification_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} to {self.position}"


class ArchivedStream(models.Model):
    """A stream that is over and has left the log for the archive, by the receipt at this position. What was derived
    from it goes on as it is: `state` is its digest. Written by `events.archive.cutting` alone, never changed."""

    pk = models.CompositePrimaryKey("organization_id", "stream_id")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    stream_id = models.UUIDField()
    version = models.PositiveIntegerField()  # its last
    state = models.CharField(max_length=64)
    # Who wrote the free text that is part of what was derived; 0 for nobody.
    author_id = models.BigIntegerField()
    receipt = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.stream_id} to {self.version}"


class ArchiveJoint(models.Model):
    """The digest at the last of some positions that left the log: the event after it is chained to that. Written as
    `ArchivedStream` is."""

    pk = models.CompositePrimaryKey("organization_id", "position")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    position = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    receipt = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.organization_id}.{self.position}"
