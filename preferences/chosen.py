"""What holds for people: their own choices, with what nobody chose filled in. Reads alone."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from orgs.models import User
from preferences.hours import Hours
from preferences.kinds import Channel, Kind, Value, defaults
from preferences.models import Preference, Schedule


def chosen(
    user_ids: Collection[int], organization_id: int | None, channel: Channel
) -> dict[int, dict[Kind, Value]]:
    """Find what each of them chose for a channel in this organization, or everywhere (None). What they chose there goes
    before what they chose everywhere. By one query. Of the inbox it is what was asked for; what is delivered by is the
    membership's level."""
    found = {user_id: defaults(channel) for user_id in user_ids}
    for switch in _switches(user_ids, organization_id, channel):
        found[switch.user_id][Kind(switch.kind)] = Value(switch.value)
    return found


def set_ones(user_id: int, organization_id: int | None, channel: Channel) -> dict[Kind, Value]:
    """Find which switches of a channel they set that hold there, without defaults."""
    switches = _switches([user_id], organization_id, channel)
    return {Kind(switch.kind): Value(switch.value) for switch in switches}


def hours_of(user_ids: Collection[int]) -> dict[int, Hours]:
    """Find the hours of each of them."""
    set_ones = {schedule.pk: schedule.hours for schedule in Schedule.objects.filter(pk__in=user_ids)}
    return {user_id: set_ones.get(user_id, Hours()) for user_id in user_ids}


def told_of(user: User) -> Iterator[dict[str, Any]]:
    """Give what is kept of the person here, for whoever asks what is."""
    for switch in switches_of(user.pk):
        yield switch._asdict()
    for schedule in Schedule.objects.filter(pk=user.pk):
        yield {field: str(value) for field, value in schedule.hours._asdict().items()} | {
            "days": schedule.days
        }


class Switch(NamedTuple):
    user_id: int
    organization_id: int | None
    channel: str
    kind: str
    value: str


def switches_of(user_id: int) -> list[Switch]:
    """List all that somebody set, everywhere and in organizations."""
    rows = Preference.objects.filter(user=user_id)
    return [Switch(*row) for row in rows.values_list(*Switch._fields)]


def matrix(switches: Iterable[Switch], organization_id: int | None) -> dict[Channel, dict[Kind, Value]]:
    """Say how all of one person's switches stand in an organization, or everywhere (None)."""
    stand = {channel: defaults(channel) for channel in Channel}
    for place in dict.fromkeys([None, organization_id]):
        for switch in switches:
            if switch.organization_id == place:
                stand[Channel(switch.channel)][Kind(switch.kind)] = Value(switch.value)
    return stand


def _switches(user_ids: Collection[int], organization_id: int | None, channel: Channel) -> Iterable[Switch]:
    """List what they set that holds there: everywhere's first, so that the organization's goes over it."""
    rows = Preference.objects.filter(user__in=user_ids, channel=channel)
    everywhere = rows.filter(organization__isnull=True)
    here = rows.filter(organization=organization_id) if organization_id else rows.none()
    found = [Switch(*row) for row in (everywhere | here).values_list(*Switch._fields)]
    return sorted(found, key=lambda switch: switch.organization_id is not None)
