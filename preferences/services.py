"""Writes what people chose: the only module that does. After a switch of the inbox the levels of the memberships
follow, which whoever keeps these has to `register`."""

from collections.abc import Callable
from typing import Any

from base.errors import Invalid
from base.transactions import write_transaction
from orgs.models import User
from preferences.hours import EVERY_DAY, Hours, zone_is_known
from preferences.inbox_levels import switches_of
from preferences.kinds import Channel, Kind, Value, values_of
from preferences.models import Preference, Schedule

# Let the levels follow the switches of a user's inbox: in one organization, or in all (None).
_follow: list[Callable[[int, int | None], None]] = []

# Let what waits for somebody's hours follow them.
_follow_hours: list[Callable[[int], None]] = []


def register(follow: Callable[[int, int | None], None]) -> None:
    _follow[:] = [follow]


def register_hours(follow: Callable[[int], None]) -> None:
    _follow_hours[:] = [follow]


def choose(user_id: int, organization_id: int | None, channel: Channel, kind: Kind, value: Value) -> None:
    """Set one switch, everywhere (None) or in one organization, which is theirs. Raises Invalid where it cannot stand
    so."""
    check_choice(channel, kind, value)
    if len(values_of(channel, kind)) == 1:
        return  # it stands so, and cannot stand otherwise
    with write_transaction():
        _lock(user_id)
        switch: dict[str, Any] = {"user_id": user_id, "organization_id": organization_id}
        Preference.objects.update_or_create(**switch, channel=channel, kind=kind, defaults={"value": value})
    if channel == Channel.INBOX:
        _let_levels_follow(user_id, organization_id)


def check_choice(channel: Channel, kind: Kind, value: Value) -> None:
    """Raise Invalid where a switch cannot stand so."""
    if value not in values_of(channel, kind):
        raise Invalid("That cannot be chosen there.")


def choose_level(user_id: int, organization_id: int, level: str) -> None:
    """Set an organization's switches of the inbox as this level has them. Its caller sets the level itself."""
    with write_transaction():
        _lock(user_id)
        here = {"user_id": user_id, "organization_id": organization_id, "channel": Channel.INBOX}
        Preference.objects.filter(**here).delete()
        switches = switches_of(level).items()
        Preference.objects.bulk_create(Preference(**here, kind=kind, value=value) for kind, value in switches)


def as_everywhere(user_id: int, organization_id: int) -> None:
    """Let what they chose everywhere hold in an organization too: take away all that they set there."""
    with write_transaction():
        _lock(user_id)
        Preference.objects.filter(user=user_id, organization=organization_id).delete()
    _let_levels_follow(user_id, organization_id)


def set_schedule(user_id: int, hours: Hours) -> None:
    """Set somebody's zone, hours and days. Raises Invalid where there is no such zone, or no day."""
    check_schedule(hours)
    days = "".join(map(str, sorted(hours.days)))
    Schedule.objects.update_or_create(user_id=user_id, defaults={**hours._asdict(), "days": days})
    for follow in _follow_hours:
        follow(user_id)


def check_schedule(hours: Hours) -> None:
    """Raise Invalid where there is no such zone, or no day."""
    if not zone_is_known(hours.zone):
        raise Invalid("That time zone does not exist. Choose one from the list.")
    if not hours.days or hours.days - EVERY_DAY:
        raise Invalid("Choose at least one day.")


def forget(user_id: int) -> None:
    """Take away all that somebody chose: their account is gone."""
    Preference.objects.filter(user=user_id).delete()
    Schedule.objects.filter(user=user_id).delete()


def _let_levels_follow(user_id: int, organization_id: int | None) -> None:
    for follow in _follow:
        follow(user_id, organization_id)


def _lock(user_id: int) -> None:
    """Lock the person's row, so that of two tabs that set one switch for the first time the second waits."""
    User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
