"""Pages of signing up and of codes, where allauth's own say too little."""

import time
from typing import Any

from allauth.account import app_settings, views
from allauth.account.internal import flows
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.flows.password_reset_by_code import PASSWORD_RESET_VERIFICATION_SESSION_KEY
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.generic.edit import FormView

from accounts import sign_up
from accounts.adapter import AccountAdapter
from accounts.first_visit import is_unfinished
from accounts.forms import CodeForm
from accounts.sign_up import SignUp
from base.errors import Conflict

TOO_OLD = "That code is too old. A code is good for 15 minutes: start again to get another one."


def say_when_too_old(request: HttpRequest, key: str) -> None:
    """Tell who comes with a code too late why they are led to the beginning; `key` is that of the session."""
    state = request.session.get(key)
    if state and time.time() - state["at"] > app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT:
        messages.warning(request, TOO_OLD)


class SaysWhenTooOld:
    state_key: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        say_when_too_old(request, self.state_key)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


class SignUpView(views.SignupView):  # type: ignore[misc]
    def get_initial(self) -> dict[str, Any]:
        """Offer what was typed a moment ago to who comes back to write another address."""
        initial: dict[str, Any] = super().get_initial()
        if process := SignUp.resume(self.request):
            typed = process.state
            initial |= {"email": typed["email"], "first_name": typed["name"], "username": typed["user_name"]}
        return initial


class ConfirmSignUpView(FormView):  # type: ignore[type-arg]
    """Takes the code, and makes the account."""

    template_name = "account/confirm_sign_up.html"
    process: SignUp

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        say_when_too_old(request, sign_up.KEY)
        process = SignUp.resume(request)
        if process is None:
            return redirect("account_signup")
        self.process = process
        return super().dispatch(request, *args, **kwargs)

    @property
    def is_resending(self) -> bool:
        return self.request.POST.get("action") == "resend" and self.process.can_resend

    def get_form_class(self) -> type[Form]:
        return Form if self.is_resending else CodeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return kwargs if self.is_resending else kwargs | {"code": self.process.code}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(process=self.process, **kwargs)

    def form_valid(self, form: Form) -> HttpResponse:
        if self.is_resending:
            self.process.resend()
            messages.info(self.request, "A new code is on its way. The one before counts no more.")
            return redirect("account_confirm_sign_up")
        try:
            user = self.process.finish()
        except Conflict as error:
            messages.error(self.request, error.message)
            return redirect("account_signup")
        response: HttpResponse = flows.signup.complete_signup(
            self.request, user=user, redirect_url=self.process.state["next"] or None
        )
        return response

    def form_invalid(self, form: Form) -> HttpResponse:
        if self.process.record_invalid_attempt():
            return super().form_invalid(form)
        messages.error(self.request, AccountAdapter.error_messages["too_many_login_attempts"])
        return redirect("account_signup")


class ConfirmAddressView(SaysWhenTooOld, views.ConfirmEmailVerificationCodeView):  # type: ignore[misc]
    state_key = EMAIL_VERIFICATION_CODE_SESSION_KEY

    def get_template_names(self) -> list[str]:
        is_first_visit = is_unfinished(self.request.user)
        return ["accounts/welcome_address.html"] if is_first_visit else super().get_template_names()


class ConfirmResetView(SaysWhenTooOld, views.ConfirmPasswordResetCodeView):  # type: ignore[misc]
    state_key = PASSWORD_RESET_VERIFICATION_SESSION_KEY


class NewPasswordView(SaysWhenTooOld, views.CompletePasswordResetView):  # type: ignore[misc]
    state_key = PASSWORD_RESET_VERIFICATION_SESSION_KEY
