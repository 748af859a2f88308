"""The administration's site: its own sign-out and password pages tell open sockets as the product's do, and what no
database takes is refused at its door."""

from functools import update_wrapper
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from base.numbers import whole_number
from orgs.account_services import sessions_ended
from orgs.models import User


class Administration(AdminSite):
    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Forms and searches refuse what no row can have; filters in the address and the boxes of a list hand it to the
        database."""
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

    def logout(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        user_id = request.user.pk
        response = super().logout(request, extra_context)
        if request.method == "POST" and user_id is not None:
            sessions_ended(user_id)
        return response

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        response = super().password_change(request, extra_context)
        if request.method == "POST" and response.status_code == 302:
            sessions_ended(cast(User, request.user).pk)
        return response
