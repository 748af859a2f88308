"""allauth's forms in our words: whom each is for, and what they refuse beyond allauth."""

from typing import Any

from allauth.account import forms as allauth
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from accounts import sign_up
from accounts.recovery import account_to_reset
from accounts.sign_up import SignUp, free_user_name
from base.answers import way_on
from orgs.models import User
from orgs.validators import validate_name

LOGIN_LIMIT = 254  # characters of a name or an address

# What fields are called on the page, as in older releases: scripts and keepers of passwords know them so.
ON_THE_PAGE = {
    "login": "username",
    "oldpassword": "old_password",
    "password1": "new_password1",
    "password2": "new_password2",
}

NEW, ONCE_MORE = "New password", "New password, once more"
WHAT_USER_NAMES_ARE = "Others mention you by it. Left empty, it is made from your name."
WHAT_PASSWORDS_NEED = "At least eight characters, and nothing that is easy to guess."


class Plain:
    """Labels say what a field is; placeholders would say it twice, and vanish as one types."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            if field.help_text and field.widget.attrs.get("autocomplete") == "new-password":
                field.help_text = WHAT_PASSWORDS_NEED


class KeepsNames(Plain):
    """Takes what is sent by allauth's names too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(data := getattr(self, "data", None), QueryDict):
            self.data: QueryDict = data.copy()
            for name, shown in ON_THE_PAGE.items():
                if name in data and shown not in data:
                    self.data[shown] = str(data[name])

    def add_prefix(self, field_name: str) -> str:
        return ON_THE_PAGE.get(field_name, field_name)


class SignInForm(KeepsNames, allauth.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = "User name or e-mail address"
        login.validators.append(MaxLengthValidator(LOGIN_LIMIT))
        login.widget.attrs |= {
            "autocomplete": "username webauthn",
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        }
        self.fields["password"].help_text = ""
        self.offers_sign_up, self.offers_codes = sign_up.is_open(), settings.MAIL_IS_ON


class SignUpForm(Plain, allauth.SignupForm):  # type: ignore[misc]
    """Says the same whether the address has an account, is invited, or neither: the mail differs."""

    field_order = ("email", "first_name", "username", "password1")

    first_name = forms.CharField(
        label="Your name",
        max_length=150,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="As others are to read it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail address"
        self.fields["email"].widget.attrs["autofocus"] = True
        name = self.fields["username"]
        name.label = "User name"
        name.help_text = WHAT_USER_NAMES_ARE
        self.fields["password1"].label = "Password"

    def validate_unique_email(self, value: str) -> str:
        return value

    def try_save(self, request: HttpRequest) -> tuple[None, HttpResponse]:
        """Send a code instead of saving."""
        typed = self.cleaned_data
        SignUp.begin(
            request,
            typed["email"],
            name=typed["first_name"],
            user_name=typed.get("username") or free_user_name(typed["first_name"], typed["email"]),
            password_hash=make_password(typed["password1"]),
            next=way_on(request, ""),
        )
        return None, redirect("account_confirm_sign_up")


class CodeForm(Plain, allauth.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {
            "autocapitalize": "characters",
            "spellcheck": "false",
            "autofocus": True,
        }


class AddressCodeForm(CodeForm):
    """Confirms an address that others may have written down too, unless one of them has confirmed it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._user, self._email = kwargs.pop("user", None), kwargs.pop("email", None)
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        code: str = super().clean_code()
        if EmailAddress.objects.filter(email=self._email, verified=True).exclude(user=self._user).exists():
            raise ValidationError(allauth.get_adapter().error_messages["email_taken"])
        return code


class AddAddressForm(Plain, allauth.AddEmailForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(Plain, allauth.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs["autofocus"] = True
        self.fields["password"].help_text = ""


class ResetForm(Plain, allauth.ResetPasswordForm):  # type: ignore[misc]
    users: list[User]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autofocus"] = True

    @property
    def offers_codes(self) -> bool:
        return bool(settings.MAIL_IS_ON)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        user = account_to_reset(email)
        self.users = [user] if user else []
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send a code. Where the address resets nothing, do as much, and send none."""
        if not self.users:
            email, adapter = self.cleaned_data["email"], allauth.get_adapter()
            words = {"code": adapter.generate_password_reset_code()}
            adapter.send_mail_to_nobody("account/email/password_reset_code", email, words)
        saved: str = super().save(request, **kwargs)
        return saved


class ChangePasswordForm(KeepsNames, allauth.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Current password"
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].label, self.fields["password2"].label = NEW, ONCE_MORE


class SetPasswordForm(Plain, allauth.SetPasswordForm):  # type: ignore[misc]
    pass


class NewPasswordForm(Plain, allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label, self.fields["password2"].label = NEW, ONCE_MORE
