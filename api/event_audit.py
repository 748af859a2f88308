"""What the audit says of one event: to members what their pages show, to auditors of the installation all of it."""

import datetime as dt
from typing import Any

import msgspec

from api import task_shapes as shapes
from events.audit.changes import changes, is_readable
from events.audit.filters import full_name
from events.audit.links import links_of
from events.audit.listing import people_in
from events.models import TaskEvent
from events.saves import last_of_save, whole_saves
from events.sentences import names_in, save_sentence
from inbox.audit import told_of
from inbox.event_frames import event_frame
from inbox.frames import SaveTold
from inbox.log_pages import hidden
from inbox.why_page import answered, person_asked_of
from orgs.models import Membership, Organization, User
from tokens.naming import called


class FieldChange(msgspec.Struct, kw_only=True):
    """A field in words, before and after; null is nothing at all."""

    field: str
    before: str | None
    after: str | None


class WhyTold(msgspec.Struct, kw_only=True):
    """Why somebody was told, or not. `told`: by the rule; null where it is not known well enough. `held`: what decided,
    by its name. `inbox`: whether their inbox has what the rule gives. `told_with`: the event that it is told with."""

    person: shapes.Person
    told: bool | None
    reason: str | None
    rule: str
    held: dict[str, str]
    inbox: str
    told_with: int


class ChainLink(msgspec.Struct, kw_only=True):
    """Whether the chain holds here."""

    holds: bool
    says: str
    event_id: int | None


class NotifiedPerson(msgspec.Struct, kw_only=True):
    person: shapes.Person
    reason: str
    why: str
    read_at: dt.datetime | None


class NotifiedPeople(msgspec.Struct, kw_only=True):
    """Whom the event notified, with the last event of its save: how many, and the first hundred by their user names."""

    total: int
    read: int
    unread: int
    items: list[NotifiedPerson]


class EventRecord(msgspec.Struct, kw_only=True):
    """The event as it stands in the log. `details`: with digests in the places of texts. `via`: the token that it was
    done through, empty without one. `previous` and `next`: the events beside it in the history of the same thing."""

    digest: str
    schema_version: int
    details: dict[str, Any]
    request_id: str
    via: str
    chain: list[ChainLink]
    notified: NotifiedPeople
    previous: int | None
    next: int | None


class AuditedEvent(msgspec.Struct, kw_only=True):
    """`readable`: whether this release knows the action, else there are no changes. `why` is null for who is no member
    and asks of nobody, `record` for who is no auditor of the installation."""

    event: shapes.Frame
    readable: bool
    changes: list[FieldChange]
    save: SaveTold | None
    why: WhyTold | None
    record: EventRecord | None


def person_of(
    asker: User, name: str, organization: Organization, member: Membership | None, *, may_see_all: bool
) -> User | None:
    """Find of whom is asked: an auditor asks of anybody. Raises Forbidden and NotFound."""
    if may_see_all and name:
        return User.objects.named(name) or person_asked_of(
            asker, name, organization.pk, organization.name, may_ask=True
        )
    if member is None:
        return None
    return person_asked_of(asker, name, organization.pk, organization.name, may_ask=member.can_manage)


def audited(event: TaskEvent, about: User | None, asker: User, *, may_see_all: bool) -> AuditedEvent:
    """Audit an event that was loaded with everything. What a comment said that was deleted only auditors see."""
    people = people_in([event])
    names = {
        user_id: full_name(user) if may_see_all else user.display_name for user_id, user in people.items()
    }
    shown = True
    if not may_see_all and hidden([event]):
        shown, event.fact = False, msgspec.structs.replace(event.fact, **{event.fact.text_field or "": None})
    elif not may_see_all and _takes_away(event):
        shown = False
    return AuditedEvent(
        event=event_frame(event, names_in([event])),
        readable=is_readable(event),
        changes=[FieldChange(**each._asdict()) for each in changes(event, names)] if shown else [],
        save=_save(event),
        why=_why(event, about, asker) if about else None,
        record=_record(event) if may_see_all else None,
    )


def _takes_away(event: TaskEvent) -> bool:
    """Say whether it took a text away: before it stands what nobody is to read any more."""
    return bool(event.fact.replaces) and event.fact.text_field is None


def _save(event: TaskEvent) -> SaveTold | None:
    last = last_of_save(event)
    if last.parts < 2:
        return None
    save = whole_saves([last])[last.pk]
    return SaveTold([each.pk for each in save], save_sentence(save, names_in(save)))


def _why(event: TaskEvent, about: User, asker: User) -> WhyTold:
    found = answered(event, about, to_reader=about.pk == asker.pk)
    answer = found["answer"]
    return WhyTold(
        person=shapes.person(about),
        told=answer.reason is not None if answer.agrees is not None or answer.is_beyond else None,
        reason=answer.reason,
        rule=found["rule"],
        held={fields.what: fields.held for fields in found["held"]},
        inbox=found["verdict"],
        told_with=answer.event.pk,
    )


def _record(event: TaskEvent) -> EventRecord:
    versions = (event.version - 1, event.version + 1)
    near = TaskEvent.objects.filter(
        organization_id=event.organization_id, stream_id=event.stream_id, version__in=versions
    )
    beside = {version - event.version: pk for version, pk in near.values_list("version", "pk")}
    return EventRecord(
        digest=event.digest,
        schema_version=event.schema_version,
        details=event.details,
        request_id=event.request_id,
        via=called(event.via, event.actor_id, event.organization_id) if event.via else "",
        chain=[
            ChainLink(holds=link.holds, says=link.says, event_id=link.event.pk if link.event else None)
            for link in links_of(event)
        ],
        notified=_notified(event),
        previous=beside.get(-1),
        next=beside.get(1),
    )


def _notified(event: TaskEvent) -> NotifiedPeople:
    how_many, rows = told_of(last_of_save(event))
    items = [
        NotifiedPerson(
            person=shapes.person(row.recipient),
            reason=row.reason,
            why=row.why,  # type: ignore[attr-defined]
            read_at=row.read_at,
        )
        for row in rows
    ]
    return NotifiedPeople(
        total=how_many["all"], read=how_many["read"], unread=how_many["unread"], items=items
    )
