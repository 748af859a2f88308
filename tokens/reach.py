"""Which organizations a request sees: those of its user, or the one that its token is for."""

from django.http import HttpRequest

from base.errors import NotFound
from orgs.access import membership_in, memberships_of
from orgs.models import Membership


def only_organization(request: HttpRequest) -> int | None:
    """Give the id of the one that the token is for; None where all of the user's are within reach."""
    token = getattr(request, "token", None)
    return token.organization_id if token else None


def memberships(request: HttpRequest) -> list[Membership]:
    """List the memberships within reach, with their organizations, by name."""
    only = only_organization(request)
    found = memberships_of(request.user.pk)
    return list(found if only is None else found.filter(organization_id=only))


def organization_ids(request: HttpRequest) -> list[int]:
    return [membership.organization_id for membership in memberships(request)]


def membership(request: HttpRequest, slug: str) -> Membership:
    """Find the user's membership in the organization of this short name. Raises NotFound beyond the token's reach, as
    for an unknown one."""
    found = membership_in(slug, request.user.pk)
    if only_organization(request) in (None, found.organization_id):
        return found
    raise NotFound
