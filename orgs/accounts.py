"""Django's own pages of an account, which here also tell the account's open sockets."""

from typing import Any

from django.contrib.auth import views
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse

from orgs.account_services import sessions_ended


class SignOutView(views.LogoutView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user_id = request.user.pk
        response: HttpResponse = super().post(request, *args, **kwargs)
        if user_id is not None:
            sessions_ended(user_id)
        return response


class ChangePasswordView(views.PasswordChangeView):
    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        sessions_ended(form.user.pk)
        return response
