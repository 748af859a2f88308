"""Mail switched off by whoever holds a mail of ours: a signed address that says whose, where and what, and that can do
nothing else (RFC 8058). Preferences are written by their own services."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple, Self

from django.core import signing
from django.urls import reverse

from orgs.models import Membership, Organization, User
from outbound.mail.links import absolute
from preferences.chosen import chosen
from preferences.kinds import Channel, Kind, Value
from preferences.services import choose

LASTS = 180 * 24 * 3600  # seconds that a mail can be switched off by it
UNDONE_WITHIN = 24 * 3600  # seconds
OFF, ON = "outbound.mail.off", "outbound.mail.on"  # salts: the one is never taken for the other


class Unreadable(Exception):
    """It is not ours, was changed, or is too old."""


class Mails(NamedTuple):
    """Which mails: of one person, of these kinds, at once or as a digest; in one organization, or (None) anywhere."""

    user_id: int
    organization_id: int | None
    value: Value
    kinds: tuple[Kind, ...]

    @property
    def token(self) -> str:
        return signing.dumps(self, salt=OFF)

    @property
    def address(self) -> str:
        return absolute(reverse("outbound:off", args=[self.token]))

    @property
    def headers(self) -> dict[str, str]:
        return {
            "List-Unsubscribe": f"<{self.address}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }

    @classmethod
    def read(cls, token: str) -> Self:
        """Read it. Raises Unreadable, also for whoever's account is closed."""
        user_id, organization_id, value, kinds = _loaded(token, OFF, LASTS)
        if not User.objects.filter(pk=user_id, is_active=True).exists():
            raise Unreadable
        return cls(user_id, organization_id, Value(value), tuple(map(Kind, kinds)))

    @property
    def organization(self) -> Organization | None:
        return Organization.objects.filter(pk=self.organization_id).first() if self.organization_id else None

    def switch_off(self) -> str:
        """Switch them off, wherever they are on. Returns what switches them on again; nothing where they were off."""
        changed = []
        for where in self._places():
            for kind in self._on_in(where):
                choose(self.user_id, where, Channel.MAIL, kind, Value.OFF)
                changed.append((where, kind))
        return signing.dumps((self.user_id, self.value, changed), salt=ON) if changed else ""

    def _places(self) -> Iterable[int | None]:
        mine = Membership.objects.filter(user_id=self.user_id).order_by("organization_id")
        joined = list(mine.values_list("organization_id", flat=True))
        if self.organization_id is None:
            return [None, *joined]  # everywhere first: what is set in none of them is off then
        return [self.organization_id] if self.organization_id in joined else []

    def _on_in(self, where: int | None) -> Collection[Kind]:
        values = chosen([self.user_id], where, Channel.MAIL)[self.user_id]
        return [kind for kind in self.kinds if values[kind] == self.value]


def switch_on(token: str) -> None:
    """Switch on again what is still off of it. Raises Unreadable."""
    user_id, value, changed = _loaded(token, ON, UNDONE_WITHIN)
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        raise Unreadable
    joined = set(Membership.objects.filter(user_id=user_id).values_list("organization_id", flat=True))
    for where, kind in changed:
        off = chosen([user_id], where, Channel.MAIL)[user_id][Kind(kind)] == Value.OFF
        if off and where in {None, *joined}:
            choose(user_id, where, Channel.MAIL, Kind(kind), Value(value))


def _loaded(token: str, salt: str, lasts: int) -> Any:
    try:
        return signing.loads(token, salt=salt, max_age=lasts)
    except signing.BadSignature:
        raise Unreadable from None
