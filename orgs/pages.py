"""What the pages of one organization share: the check at the door, and their context."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import register_converter, reverse
from django.urls.converters import IntConverter

from base.answers import wants_json
from base.errors import DomainError
from orgs.access import membership_in
from orgs.models import Membership, User

P = ParamSpec("P")

SAFE = ("GET", "HEAD")


class RowId(IntConverter):
    """A number that a database key can hold; a longer one is no address of ours."""

    regex = "[0-9]{1,18}"


register_converter(RowId, "id")


class MemberRequest(HttpRequest):
    """A request of somebody signed in."""

    user: User


MemberView = Callable[Concatenate[MemberRequest, Membership, P], HttpResponse]


def member_page(view: MemberView[P]) -> Callable[..., HttpResponse]:
    """Give the view the visitor's membership in place of the slug. Strangers get 404, the signed out the login page.

    Under a former short name a page is found at its address of today, and a form is taken as it is.
    """

    @wraps(view)
    def guarded(request: MemberRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        membership = membership_in(slug, request.user.pk)
        if slug != membership.organization.slug and request.method in SAFE:
            return redirect(_address_of_today(request, membership.organization.slug))
        return view(request, membership, *args, **kwargs)

    return login_required(guarded)


def _address_of_today(request: HttpRequest, slug: str) -> str:
    match, query = request.resolver_match, request.META.get("QUERY_STRING", "")
    assert match is not None  # noqa: S101 - a view runs
    path = reverse(match.view_name, kwargs=match.kwargs | {"slug": slug})
    return f"{path}?{query}" if query else path


def refused(request: HttpRequest, error: DomainError) -> None:
    """Keep why a form was refused for the page that it leads back to. A program is answered with it: raises it."""
    if wants_json(request):
        raise error
    messages.error(request, error.message)


def is_only_a_look(request: HttpRequest) -> bool:
    """Say whether nobody goes to the page: HEAD, or a browser that fetches ahead what somebody might want."""
    purposes = (request.headers.get(name, "").lower() for name in _PURPOSES)
    return request.method == "HEAD" or any(
        word in purpose for purpose in purposes for word in ("prefetch", "preview", "prerender", "instant")
    )


# The standard's, and what browsers said before it.
_PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def org_context(membership: Membership) -> dict[str, Any]:
    return {
        "organization": membership.organization,
        "membership": membership,
        "can_edit": membership.can_edit,
        "can_manage": membership.can_manage,
    }
