"""Django's own pages of an account, which here also tell the account's open sockets."""

from typing import Any

from django.contrib.auth import views
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse

from orgs.transactions import announce, user_group_name


class SignOutView(views.LogoutView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user_id = request.user.pk
        response: HttpResponse = super().post(request, *args, **kwargs)
        if user_id is not None:
            _announce(user_id)
        return response


class ChangePasswordView(views.PasswordChangeView):
    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _announce(form.user.pk)
        return response


def _announce(user_id: int) -> None:
    """Some session of the user has ended: whoever holds their sockets looks which."""
    announce(user_group_name(user_id), {"type": "session.changed", "user_id": user_id})
