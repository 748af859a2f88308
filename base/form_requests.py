"""Addresses that take forms. What else is sent to them cannot be read there, and is refused with words."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse

from base.errors import UnsupportedType

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)


class NoForm(UnsupportedType):
    """The body is of another type, which this address would take for an empty form."""

    headers = {"Accept": ", ".join(FORMS)}


def takes_forms(
    programs_use: str = "",
) -> Callable[[Callable[Concatenate[R, P], HttpResponse]], Callable[Concatenate[R, P], HttpResponse]]:
    """Refuse a body that is no form, and say which address of the API takes JSON in its place, if one does."""
    instead = f" Programs send JSON to {programs_use}." if programs_use else ""

    def taking(view: Callable[Concatenate[R, P], HttpResponse]) -> Callable[Concatenate[R, P], HttpResponse]:
        @wraps(view)
        def checked(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method == "POST" and (request.content_type or FORMS[0]) not in FORMS:
                raise NoForm(f"Send a form here ({' or '.join(FORMS)}). Nothing was changed.{instead}")
            return view(request, *args, **kwargs)

        return checked

    return taking
