"""What a program wants changed of a person's preferences: looked at as a whole before anything is written."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, NamedTuple

from msgspec import Meta

from api.parsing import Strict
from base.errors import Fault, Invalid, Unprocessable
from inbox.org_inboxes import OrgInbox, org_inbox_called
from preferences import services
from preferences.chosen import hours_of, switches_of
from preferences.hours import Hours
from preferences.kinds import Channel, Kind, Value

Switches = dict[Channel, dict[Kind, Value]]
Clock = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", max_length=5, examples=["09:00"])]
Days = Annotated[list[Annotated[int, Meta(ge=0, le=6)]], Meta(min_length=1, max_length=7)]
MOST = 100  # organizations in one request


class HoursChange(Strict, kw_only=True):
    """What is left out stays. `days`: Monday is 0. Without `quiet` nothing waits for these hours but the digest."""

    zone: Annotated[str, Meta(max_length=64)] | None = None
    begins: Clock | None = None
    ends: Clock | None = None
    days: Days | None = None
    digest_at: Clock | None = None
    quiet: bool | None = None


class PreferenceChange(Strict, kw_only=True):
    """Switches by channel and kind: those of `everywhere`, and of `organizations` by their short names, where null lets
    everywhere's hold again. What is left out stays."""

    everywhere: Switches | None = None
    organizations: Annotated[dict[str, Switches | None], Meta(max_length=MOST)] | None = None
    hours: HoursChange | None = None


class Wish(NamedTuple):
    """A switch of one organization, or of everywhere (None). Without a channel: all as everywhere."""

    organization_id: int | None
    channel: Channel | None = None
    kind: Kind | None = None
    value: Value | None = None


def carry_out(user_id: int, changes: PreferenceChange, places: Sequence[OrgInbox]) -> None:
    """Write what differs from what is set. Raises Unprocessable, before anything is written, where something cannot
    stand so."""
    faults: list[Fault] = []
    wishes = [*_wishes(None, changes.everywhere or {}, "body.everywhere", faults)]
    for slug, switches in (changes.organizations or {}).items():
        place = org_inbox_called(slug, list(places))
        if place is None:
            faults.append(
                Fault(f"body.organizations.{slug[:100]}", "You are in no organization of this name.")
            )
        elif switches is None:
            wishes.append(Wish(place.org_id))
        else:
            wishes += _wishes(place.org_id, switches, f"body.organizations.{slug}", faults)
    hours = _hours(user_id, changes.hours, faults)
    if faults:
        raise Unprocessable("Nothing was changed: something cannot stand so.", faults)
    if hours:
        services.set_schedule(user_id, hours)
    _choose(user_id, wishes)


def _choose(user_id: int, wishes: Iterable[Wish]) -> None:
    kept = {(each.organization_id, each.channel, each.kind, each.value) for each in switches_of(user_id)}
    for wish in wishes:
        organization_id, channel, kind, value = wish
        if organization_id is not None and channel is None:
            services.as_everywhere(user_id, organization_id)
        elif channel and kind and value and wish not in kept:
            services.choose(user_id, organization_id, channel, kind, value)


def _wishes(
    organization_id: int | None,
    switches: Mapping[Channel, Mapping[Kind, Value]],
    where: str,
    faults: list[Fault],
) -> Iterator[Wish]:
    for channel, kinds in switches.items():
        for kind, value in kinds.items():
            try:
                services.check_choice(channel, kind, value)
            except Invalid as error:
                faults.append(Fault(f"{where}.{channel}.{kind}", error.message))
            yield Wish(organization_id, channel, kind, value)


def _hours(user_id: int, changed: HoursChange | None, faults: list[Fault]) -> Hours | None:
    """Make the hours as they will be; None where they stay."""
    if changed is None:
        return None
    kept = hours_of([user_id])[user_id]
    hours = Hours(
        zone=kept.zone if changed.zone is None else changed.zone,
        begins=_time(changed.begins, kept.begins),
        ends=_time(changed.ends, kept.ends),
        days=kept.days if changed.days is None else frozenset(changed.days),
        digest_at=_time(changed.digest_at, kept.digest_at),
        quiet=kept.quiet if changed.quiet is None else changed.quiet,
    )
    try:
        services.check_schedule(hours)
    except Invalid as error:
        faults.append(Fault("body.hours", error.message))
    return hours


def _time(said: str | None, kept: dt.time) -> dt.time:
    return kept if said is None else dt.time.fromisoformat(said)
