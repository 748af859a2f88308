"""Everything that sockets read of the database, each in one thread hop: connecting, filling a hole, polling."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.db.models import Value
from django.db.models.functions import Coalesce

from base.messages import AppendedEvent
from events.digests import GENESIS
from events.verification import digest_at
from inbox.event_frames import appended_in_order
from inbox.org_inboxes import OrgInbox, org_inboxes_of
from inbox.replay import Replay, events_after, reasons_in_rows
from inbox.replay_plan import Ask
from inbox.replica_reads import replays
from orgs.access import former_short_names
from orgs.models import Membership, Organization
from realtime import codes, installation
from tokens import scopes
from tokens.bearers import Bearer, Credential, bearers_of
from tokens.using import note_uses

FILL_LIMIT = 100  # events in one read: so few that nobody falls out of the ring who reads at all


class Refused(Exception):
    """`is_of_scope`: whoever asks may not do this with their token, wherever it is."""

    def __init__(self, code: int, *, is_of_scope: bool = False) -> None:
        self.code, self.is_of_scope = code, is_of_scope


class Handshake(NamedTuple):
    """Who wants to open a socket: on an organization by its `slug`, or (None) on all of their own."""

    credential: Credential | None
    slug: str | None
    after: str | None


class Connected(NamedTuple):
    """`only`: the one organization that the token is for."""

    user_id: int
    places: list[OrgInbox]
    replay: Replay
    only: int | None = None


def connect(handshakes: Sequence[Handshake]) -> list[Connected | Refused]:
    """Answer each handshake, with the same few queries whatever their number. Order of checks: signed in,
    organization, member."""
    installation.identity()  # before the first message can come
    bearers = bearers_of({handshake.credential for handshake in handshakes if handshake.credential})
    places = org_inboxes_of({bearer.user.pk for bearer in bearers.values()}, by_state=True)
    asked = {handshake.slug for handshake in handshakes if handshake.slug and handshake.credential in bearers}
    foreign = asked - {place.slug for own in places.values() for place in own}
    former, slugs = former_short_names(foreign), asked - foreign | _existing(foreign)
    asks: list[Ask | Refused] = []
    for handshake in handshakes:
        bearer = bearers.get(handshake.credential) if handshake.credential else None
        asks.append(
            _ask(handshake, bearer, places[bearer.user.pk], slugs, former)
            if bearer
            else Refused(codes.SIGNED_OUT)
        )
    found = iter(replays([ask for ask in asks if isinstance(ask, Ask)]))
    _note_uses(bearers.values())
    return [
        ask
        if isinstance(ask, Refused)
        else Connected(ask.user_id, list(ask.places), next(found), bearers[handshake.credential or ""].only)
        for ask, handshake in zip(asks, handshakes, strict=True)
    ]


class Head(NamedTuple):
    """Where a log ends, and the version of its organization's members."""

    position: int
    digest: str
    membership_version: int


class Tail(NamedTuple):
    """What a log has after a position, and where its members stand. `before` is the digest at that position, None
    where the log does not go so far. `reasons` and `levels` speak of the users that were asked about: whoever is
    missing in `levels` is no member any more."""

    after: int
    before: str | None
    events: list[AppendedEvent]
    reasons: dict[int, dict[int, str]]
    levels: dict[int, str]
    membership_version: int
    more: bool
    moments: Sequence[float] = ()  # when they happened, in seconds since 1970


def tail(org_id: int, position: int, user_ids: Collection[int]) -> Tail:
    events = events_after(org_id, position, FILL_LIMIT)
    members = Membership.objects.filter(
        organization_id=org_id, user_id__in=list(user_ids), user__is_active=True
    )
    # One statement, so that the levels hold at exactly that version.
    rows = list(members.values_list("user_id", "level", "organization__membership_version"))
    version = rows[0][2] if rows else Organization.objects.values_list("membership_version").get(pk=org_id)[0]
    return Tail(
        after=position,
        before=digest_at(org_id, position),
        events=appended_in_order(events),
        reasons=reasons_in_rows([event.pk for event in events], user_ids) if events else {},
        levels={user_id: level for user_id, level, _ in rows},
        membership_version=version,
        more=bool(events),
        moments=[event.created_at.timestamp() for event in events],
    )


def heads(org_ids: Collection[int]) -> dict[int, Head]:
    """Read the heads by organization id. One query."""
    installation.identity()
    found = Organization.objects.filter(pk__in=list(org_ids))
    rows = found.values_list(
        "pk",
        Coalesce("log_head__position", 0),
        Coalesce("log_head__digest", Value(GENESIS)),
        "membership_version",
    )
    return {org_id: Head(*head) for org_id, *head in rows}


def rights(credentials: Collection[Credential]) -> dict[Credential, set[int]]:
    """Map each to the ids of the organizations that it reaches. Missing is what counts no more: a session that has
    ended, a token that was revoked. Three queries, four with tokens."""
    bearers = bearers_of(credentials)
    joined: dict[int, set[int]] = {bearer.user.pk: set() for bearer in bearers.values()}
    members = Membership.objects.filter(user_id__in=joined.keys())
    for user_id, org_id in members.values_list("user_id", "organization_id"):
        joined[user_id].add(org_id)
    return {
        credential: {org_id for org_id in joined[bearer.user.pk] if bearer.reaches(org_id)}
        for credential, bearer in bearers.items()
    }


def in_force(credentials: Collection[Credential]) -> set[Credential]:
    """Keep those that still count: whose sockets are open, so they are used."""
    bearers = bearers_of(credentials)
    _note_uses(bearers.values())
    return set(bearers)


def _note_uses(bearers: Iterable[Bearer]) -> None:
    note_uses({bearer.token.id for bearer in bearers if bearer.token})


def _existing(foreign: set[str]) -> set[str]:
    """Keep the slugs of existing organizations. A query only where somebody asks for one that nobody here
    belongs to."""
    return set(
        Organization.objects.filter(slug__in=foreign).values_list("slug", flat=True) if foreign else ()
    )


def _ask(
    handshake: Handshake, bearer: Bearer, places: list[OrgInbox], slugs: set[str], former: dict[str, int]
) -> Ask | Refused:
    """Judge what one handshake asks for. `slugs` are those of existing organizations, `former` leads from
    those they had to their ids."""
    if not bearer.allows(scopes.INBOX if handshake.slug is None else scopes.READ):
        return Refused(codes.NOT_A_MEMBER, is_of_scope=True)
    user_id, places = bearer.user.pk, [place for place in places if bearer.reaches(place.org_id)]
    if handshake.slug is None:
        return Ask(user_id, places, handshake.after, whole=False)
    org_id = former.get(handshake.slug)
    place = next((place for place in places if handshake.slug == place.slug or org_id == place.org_id), None)
    if place is None:
        return Refused(codes.NOT_A_MEMBER if handshake.slug in slugs else codes.NO_SUCH_ORGANIZATION)
    return Ask(user_id, [place], handshake.after, whole=True)
