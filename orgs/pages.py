"""What the pages of one organization share: the check at the door, and their context."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import register_converter
from django.urls.converters import IntConverter

from orgs.access import membership_in
from orgs.models import Membership, User

P = ParamSpec("P")


class RowId(IntConverter):
    """A number that a database key can hold; a longer one is no address of ours."""

    regex = "[0-9]{1,18}"


register_converter(RowId, "id")


class MemberRequest(HttpRequest):
    """A request of somebody signed in."""

    user: User


MemberView = Callable[Concatenate[MemberRequest, Membership, P], HttpResponse]


def member_page(view: MemberView[P]) -> Callable[..., HttpResponse]:
    """The view gets the visitor's membership in place of the slug. Strangers get 404, the signed out the login page."""

    @wraps(view)
    def guarded(request: MemberRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, membership_in(slug, request.user.pk), *args, **kwargs)

    return login_required(guarded)


def is_only_a_look(request: HttpRequest) -> bool:
    """Whether nobody goes to the page: HEAD, or a browser that fetches ahead what somebody might want."""
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
