"""The first visit to an empty installation: its first account, organization and task, each step as the database says,
so that whoever was interrupted goes on where they were."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import setup_code
from accounts.first_account import is_made, make_first_account
from accounts.forms import WHAT_PASSWORDS_NEED, WHAT_USER_NAMES_ARE
from accounts.sign_up import free_user_name
from base.errors import Conflict, DomainError, Invalid, TooMany
from membership.forms import OrganizationForm
from membership.services import create_organization
from orgs.access import memberships_of
from orgs.forms import LineField, refuse
from orgs.models import Organization, User
from orgs.pages import refused
from tasks.commands import CreateTask
from tasks.decide import TITLE_LIMIT
from tasks.models import Task
from tasks.services import execute

View = Callable[..., HttpResponseBase]


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """Asks what signing up asks, and for the setup code."""

    code = forms.CharField(
        label="Setup code",
        max_length=100,
        help_text="Whoever runs this server sees it with <code>manage.py setup_code</code>.",
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )

    class Meta:
        model = User
        fields = ("first_name", "username", "email")
        labels = {"first_name": "Your name", "username": "User name", "email": "E-mail address"}
        help_texts = {"first_name": "As others are to read it.", "username": WHAT_USER_NAMES_ARE}
        widgets = {
            "first_name": forms.TextInput({"autocomplete": "name"}),
            "username": forms.TextInput({"autocomplete": "username", "autocapitalize": "none"}),
            "email": forms.EmailInput({"autocomplete": "email"}),
        }

    password1 = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=WHAT_PASSWORDS_NEED,
    )
    field_order = ("code", "first_name", "username", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required, self.fields["username"].required = True, False
        if not setup_code.is_needed():
            del self.fields["code"]
            self.fields["first_name"].widget.attrs["autofocus"] = True

    def clean_username(self) -> str:
        typed = self.cleaned_data
        if name := typed["username"]:
            return str(get_adapter().clean_username(name))
        return free_user_name(typed.get("first_name", ""), "")

    def _post_clean(self) -> None:
        """Judge the password once it is known whose it is to be."""
        super()._post_clean()  # type: ignore[misc]
        try:
            if password := self.cleaned_data.get("password1"):
                validate_password(password, self.instance)
        except ValidationError as error:
            self.add_error("password1", error)


class FirstTaskForm(forms.Form):
    title = LineField(
        max_length=TITLE_LIMIT,
        label="What has to be done first?",
        widget=forms.TextInput({"autofocus": True}),
    )


def leads_to_welcome(view: View) -> View:
    """Lead from a page for the signed out to the first visit, while nobody has an account. Where the database cannot
    say, the page stands as ever."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "GET" and not request.user.is_authenticated and _is_empty():
            return redirect("welcome")
        return view(request, *args, **kwargs)

    return guarded


def _is_empty() -> bool:
    try:
        return not is_made()
    except Error:
        return False


def is_unfinished(user: User) -> bool:
    """Say whether the first visit of the installation's administrator waits for another step."""
    if not user.is_superuser or Task.objects.exists():
        return False
    return not Organization.objects.exists() or memberships_of(user.pk).exists()


@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    if not is_made():
        return _account(request)
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    user = request.user
    if not is_unfinished(user):
        return redirect("home")
    return _task(request, user) if memberships_of(user.pk).exists() else _organization(request, user)


def _account(request: HttpRequest) -> HttpResponse:
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _require_code(request, form)
            form.instance.set_password(form.cleaned_data["password1"])
            make_first_account(form.instance)
        except Conflict as error:
            refused(request, error)
            return redirect("login")
        except (Invalid, TooMany) as error:
            form.add_error("code", error.message)
            return _page(request, 1, form, status=error.status)
        return _let_in(request, form.instance)
    return _page(request, 1, form)


def _let_in(request: HttpRequest, user: User) -> HttpResponse:
    """Sign them in, and have their address confirmed first where there is mail."""
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    if not (settings.MAIL_IS_ON and user.email):
        return redirect("welcome")
    EmailVerificationProcess.initiate(request=request, user=user, email=user.email.lower())
    return redirect("account_email_verification_sent")


def _require_code(request: HttpRequest, form: AccountForm) -> None:
    typed = form.cleaned_data.get("code", "")
    if setup_code.is_needed() and not setup_code.is_right(typed, request.META.get("REMOTE_ADDR", "")):
        raise Invalid("That is not the setup code of this server.")


def _organization(request: HttpRequest, user: User) -> HttpResponse:
    form = OrganizationForm(_sent(request, 2))
    if form.is_bound and form.is_valid():
        try:
            create_organization(**form.cleaned_data, owner=user)
        except DomainError as error:
            form.add_error("slug", error.message)
        else:
            return redirect("welcome")
    return _page(request, 2, form)


def _task(request: HttpRequest, user: User) -> HttpResponse:
    organization = memberships_of(user.pk)[0].organization
    form = FirstTaskForm(_sent(request, 3))
    if form.is_bound and form.is_valid():
        try:
            execute(CreateTask(organization_id=organization.pk, **form.cleaned_data), actor=user)
        except DomainError as error:
            form.add_error("title", error.message)
        else:
            messages.success(request, f"{organization.name} is ready. Invite whoever works with you.")
            return redirect("orgs:invite", organization.slug)
    return _page(request, 3, form, organization=organization)


def _sent(request: HttpRequest, step: int) -> Any:
    """Give what was sent, where it was for this step: another tab may have been at the one before."""
    return request.POST if request.POST.get("step") == str(step) else None


def _page(
    request: HttpRequest, step: int, form: forms.BaseForm, status: int = 200, **more: Any
) -> HttpResponse:
    refuse(request, form)
    context = {"step": step, "form": form, **more}
    return render(request, "accounts/welcome.html", context, status=status)
