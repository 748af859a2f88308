"""allauth's forms of passkeys, with names of a bounded length, and an answer to whatever is no passkey's."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as of_allauth
from django import forms
from django.core.exceptions import ValidationError

from accounts.factors import MOST_PASSKEYS
from orgs.forms import LineField

NAME_LIMIT = 60  # characters
# What the libraries raise on JSON that no browser sends.
NONSENSE = (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError, RecursionError)


class AddPasskeyForm(of_allauth.AddWebAuthnForm):  # type: ignore[misc]
    """Every key that is added is a passkey: it stays on the device, and asks who holds it."""

    name = LineField(max_length=NAME_LIMIT, required=False, help_text="So that you can tell them apart.")
    passwordless = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        if Authenticator.objects.filter(user_id=self.user.pk).count() > MOST_PASSKEYS:
            raise ValidationError(f"You have {MOST_PASSKEYS} passkeys. Remove one that you do not use.")
        self.cleaned_data["passwordless"] = True
        try:
            return super().clean()  # type: ignore[no-any-return]
        except NONSENSE as error:
            raise get_adapter().validation_error("incorrect_code") from error


class RenamePasskeyForm(of_allauth.EditWebAuthnForm):  # type: ignore[misc]
    name = LineField(max_length=NAME_LIMIT)


class _Careful:
    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except NONSENSE as error:
            raise get_adapter().validation_error("incorrect_code") from error


class PasskeyForm(_Careful, of_allauth.AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class SignInByPasskeyForm(_Careful, of_allauth.LoginWebAuthnForm):  # type: ignore[misc]
    pass


class ProveByPasskeyForm(_Careful, of_allauth.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass
