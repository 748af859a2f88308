"""The end of an account, by the person themselves: the page that says what goes, what they take with them, and the one
step that cannot be undone."""

from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.export import export_of
from base import streaming
from base.errors import Conflict
from orgs import access_record
from orgs.models import User
from tasks.erasure import erase_user, sole_ownerships


class ClosingForm(forms.Form):
    user_name = forms.CharField(
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_user_name(self) -> str:
        typed: str = self.cleaned_data["user_name"]
        if typed != self._user.username:
            raise forms.ValidationError(f"Type {self._user.username}, as it stands here.")
        return typed


def can_prove_who_they_are(request: HttpRequest) -> bool:
    """Say whether there is anything to ask for: who signs in elsewhere only has neither password nor factor."""
    return bool(get_adapter().get_reauthentication_methods(request.user))


@login_required
@reauthentication_required(allow_get=True, enabled=can_prove_who_they_are)  # type: ignore[untyped-decorator]
def closing_page(request: HttpRequest) -> HttpResponse:
    """Tell what goes and what stays; close the account where its user name is typed, and the password was lately."""
    user = cast(User, request.user)
    form = ClosingForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _close(request, user)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            return redirect("accounts:closed")
    context = {"form": form, "owned": sole_ownerships(user)}
    return render(request, "accounts/close.html", context, status=400 if form.is_bound else 200)


def _close(request: HttpRequest, user: User) -> None:
    erase_user(user.pk)
    access_record.note(access_record.Kind.ACCOUNT_CLOSED, user.pk)
    logout(request)


@require_safe
def closed_page(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/closed.html")


@require_safe
@login_required
def export(request: HttpRequest) -> HttpResponseBase:
    user = cast(User, request.user)
    return streaming.download(request, export_of(user), "application/json", f"carillon-{user.username}.json")
