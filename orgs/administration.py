"""The administration's site: one signs in and out as everywhere in the product, and what no database takes is refused
at its door."""

from functools import update_wrapper
from typing import Any

from allauth.account.views import logout as account_logout
from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from base.errors import Forbidden
from base.numbers import whole_number


class Administration(AdminSite):
    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._pages: list[URLPattern] = []

    def add_page(self, route: str, view: Any, name: str) -> None:
        """Add a page that is no model's, for all staff: from `AppConfig.ready` of a package above."""
        self._pages.append(path(route, self.admin_view(view), name=name))

    def get_urls(self) -> list[Any]:
        return [*self._pages, *super().get_urls()]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Guard a view: forms and searches refuse what no row can have; filters in the address and the boxes of a
        list hand it to the database."""
        guarded = super().admin_view(view, cacheable)

        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if None in map(whole_number, request.POST.getlist(ACTION_CHECKBOX_NAME)):
                raise BadRequest("no row's number")
            try:
                response: HttpResponse = guarded(request, *args, **kwargs)
            except (ValueError, DataError) as error:
                if any("\0" in text for values in request.GET.lists() for text in values[1]):
                    raise BadRequest("a NUL in the address") from error
                raise
            return response

        return update_wrapper(checked, guarded)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the product's own sign-in, and back. Raises Forbidden for who is signed in and has no right here."""
        target = request.GET.get(REDIRECT_FIELD_NAME, reverse("admin:index"))
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise Forbidden(
                "Your account may not open the administration. Sign out, then sign in with another one."
            )
        return redirect_to_login(target, reverse("login"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return account_logout(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("password_change", preserve_request=request.method == "POST")
