"""Who may see what. Every page, API and socket asks here first; a foreign organization and an unknown one
answer alike."""

from collections.abc import Collection

from django.db.models import BigIntegerField, CharField, Expression, QuerySet

from base.compiled import Parameter
from base.compiled_lists import CompiledModels
from base.errors import Forbidden, NotFound
from orgs.limited import is_within_reach, only_organization
from orgs.models import FormerShortName, Membership, Organization, User

_MEMBERS = CompiledModels(
    lambda: User.objects.filter(
        memberships__organization_id=Parameter("organization_id", BigIntegerField()), is_active=True
    ).only("username", "name_key", "first_name", "last_name", "erased_at", "picture", "is_service")
)


def memberships_of(user_id: int | None) -> QuerySet[Membership]:
    """Find the user's memberships with their organizations, by name; within reach. None (signed out) has none."""
    found = all_memberships_of(user_id) if user_id else Membership.objects.none()
    only = only_organization()
    return found if only is None else found.filter(organization_id=only)


def all_memberships_of(user_id: int | Expression) -> QuerySet[Membership]:
    """Do `memberships_of` whatever the reach, for a statement that is built once: its rows are looked at."""
    return _by_name(Membership.objects.filter(user_id=user_id))


def memberships_of_many(user_ids: Collection[int]) -> QuerySet[Membership]:
    """Do `memberships_of` for several users at once."""
    return _by_name(Membership.objects.filter(user_id__in=user_ids))


def _by_name(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    found = memberships.filter(user__is_active=True).select_related("organization")
    return found.order_by("organization__name", "organization_id")


def members_of(organization_id: int) -> list[User]:
    """List the people of an organization whose accounts are open, by the name that people see."""
    members: list[User] = _MEMBERS.models(organization_id=organization_id)
    return sorted(members, key=lambda user: (user.display_name.lower(), user.pk))


def membership_in(slug: str, user_id: int | None) -> Membership:
    """Find the user's membership in the organization that has, or had, this short name. Raises NotFound."""
    for named in (_NAMED_NOW, _NAMED_ONCE) if user_id is not None else ():
        found: list[Membership] = named.models(most=1, user_id=user_id, slug=slug)
        if found and is_within_reach(found[0].organization_id):
            return found[0]
    raise NotFound


def _named(field: str) -> CompiledModels:
    return CompiledModels(
        lambda: all_memberships_of(Parameter("user_id", BigIntegerField())).filter(
            **{field: Parameter("slug", CharField())}
        )
    )


_NAMED_NOW = _named("organization__slug")
_NAMED_ONCE = _named("organization__former_short_names__slug")


def former_short_names(slugs: Collection[str]) -> dict[str, int]:
    """Map those of the slugs that are former short names to the ids of the organizations that had them. No query for
    none."""
    possible = [slug for slug in slugs if slug.isprintable()]  # PostgreSQL cannot be asked for a NUL
    found = FormerShortName.objects.filter(slug__in=possible) if possible else FormerShortName.objects.none()
    return dict(found.values_list("slug", "organization_id"))


def organization_called(slug: str) -> Organization | None:
    """Find it by its short name or a former one, in any case, as it stands in a task's key."""
    now = Organization.objects.filter(slug__iexact=slug).first()
    return now or Organization.objects.filter(former_short_names__slug__iexact=slug).first()


def require_editor(membership: Membership) -> None:
    if not membership.can_edit:
        raise Forbidden("Viewers can read everything here and change nothing. Ask an admin for another role.")
