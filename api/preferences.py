"""What reaches somebody, by which channel and when, for programs: the page of preferences in types."""

from collections.abc import Iterable

import msgspec
from dmr.routing import path

from api.controllers import Resource, operation
from api.parsing import Body
from api.preference_changes import PreferenceChange, Switches, carry_out
from base.errors import Forbidden
from inbox.asked_lists import AskedList, asked_lists
from inbox.org_inboxes import OrgInbox, of_request, read_again
from outbound.preference_matrix import table_of
from outbound.preference_states import states_of
from preferences import words
from preferences.chosen import Switch, hours_of, switches_of
from preferences.hours import Hours
from preferences.kinds import Channel, Kind, Value, values_of
from tokens.reach import only_organization
from tokens.scopes import INBOX

ONE_ONLY = (
    "Nothing was changed: this token is for one organization, and what holds everywhere is beyond it. "
    "Send organizations alone, or use a token for all of them."
)


class PlacePreferences(msgspec.Struct, kw_only=True):
    """How the switches stand in one organization; `own`: which of them are set for it alone."""

    id: int
    slug: str
    name: str
    level: str
    switches: Switches
    own: dict[Channel, list[Kind]]


class WorkingHours(msgspec.Struct, kw_only=True):
    """`days`: Monday is 0. Mail and desktop wait for these hours where `quiet` is set; `sentence` says what holds."""

    zone: str
    begins: str
    ends: str
    days: list[int]
    digest_at: str
    quiet: bool
    sentence: str


class ChannelState(msgspec.Struct, kw_only=True):
    """`is_on`: the server has it. `said`: what is to be known of it; `mend`: what is to be done for it to work."""

    is_on: bool
    said: str
    mend: str


class AskedTask(msgspec.Struct, kw_only=True):
    """Something that was muted or is watched. `page`: below the organization's own address."""

    org: str
    stream_id: str
    key: str
    subject: str
    page: str


class AskedTasks(msgspec.Struct, kw_only=True):
    """The newest hundred, and how many there are."""

    items: list[AskedTask]
    total: int


class Preferences(msgspec.Struct, kw_only=True):
    """`choices`: what can be chosen; of one value alone the switch cannot be turned. The inbox's switches are what the
    level of a membership says."""

    everywhere: Switches
    organizations: list[PlacePreferences]
    hours: WorkingHours
    channels: dict[Channel, ChannelState]
    choices: dict[Channel, dict[Kind, list[Value]]]
    muted: AskedTasks
    watched: AskedTasks


class PreferencesResource(Resource):
    scope = INBOX

    @operation("getPreferences")
    def get(self) -> Preferences:
        """Say what reaches the user, by which channel and when."""
        user = self.request.user
        switches, places = switches_of(user.pk), of_request(self.request)
        asked = asked_lists(self.request)
        return Preferences(
            everywhere=_stand(switches, None),
            organizations=[_place(switches, place) for place in places],
            hours=_hours(hours_of([user.pk])[user.pk]),
            channels={
                channel: ChannelState(is_on=state.is_on, said=state.said, mend=state.mend)
                for channel, state in states_of(user).items()
            },
            choices={channel: {kind: list(values_of(channel, kind)) for kind in Kind} for channel in Channel},
            muted=_asked(asked["muted"]),
            watched=_asked(asked["watched"]),
        )

    @operation("changePreferences")
    def patch(self, parsed_body: Body[PreferenceChange]) -> Preferences:
        """Change switches and hours. Sent twice, it changes nothing the second time."""
        beyond = parsed_body.everywhere is not None or parsed_body.hours is not None
        if beyond and only_organization(self.request) is not None:
            raise Forbidden(ONE_ONLY)
        carry_out(self.request.user.pk, parsed_body, of_request(self.request))
        read_again(self.request)  # the levels followed
        return self.get()


def _stand(switches: list[Switch], place: OrgInbox | None) -> Switches:
    stand = table_of(switches, place).stand
    return {channel: dict(kinds) for channel, kinds in stand.items()}


def _place(switches: list[Switch], place: OrgInbox) -> PlacePreferences:
    return PlacePreferences(
        id=place.org_id,
        slug=place.slug,
        name=place.name,
        level=place.level,
        switches=_stand(switches, place),
        own=_own(each for each in switches if each.organization_id == place.org_id),
    )


def _own(switches: Iterable[Switch]) -> dict[Channel, list[Kind]]:
    own: dict[Channel, list[Kind]] = {}
    for each in switches:
        own.setdefault(Channel(each.channel), []).append(Kind(each.kind))
    return own


def _hours(hours: Hours) -> WorkingHours:
    return WorkingHours(
        zone=hours.zone,
        begins=f"{hours.begins:%H:%M}",
        ends=f"{hours.ends:%H:%M}",
        days=sorted(hours.days),
        digest_at=f"{hours.digest_at:%H:%M}",
        quiet=hours.quiet,
        sentence=words.of_hours(hours),
    )


def _asked(found: AskedList) -> AskedTasks:
    return AskedTasks(
        items=[
            AskedTask(
                org=event.organization.slug,
                stream_id=str(event.stream_id),
                key=event.key,
                subject=event.subject,
                page=event.page,
            )
            for event in found.newest
        ],
        total=found.total,
    )


routes = [path("preferences", PreferencesResource.as_view(), name="preferences")]
