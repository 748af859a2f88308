"""The form that makes a token."""

from typing import Any

from django import forms

from orgs.access import memberships_of
from orgs.models import User
from tokens.models import NAME_LIMIT
from tokens.scopes import IN_WORDS, READ
from tokens.services import Wish

ALL = "all"  # organizations
DAYS = {"7": "7 days", "30": "30 days", "90": "90 days", "366": "A year", "never": "Never"}


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=NAME_LIMIT,
        help_text="What will use it, such as Nightly report.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(scope, words) for scope, words in IN_WORDS.items()],
        initial=[READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that it may do."},
    )
    organization = forms.ChoiceField(initial=ALL)
    ends = forms.ChoiceField(label="It ends after", choices=list(DAYS.items()), initial="30")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = [(str(each.organization_id), each.organization.name) for each in memberships_of(user.pk)]
        field = self.fields["organization"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - as it stands above
        field.choices = [(ALL, "All of mine"), *mine]

    def wish(self) -> Wish:
        """Give what a valid form asks for."""
        given = self.cleaned_data
        days = None if given["ends"] == "never" else int(given["ends"])
        organization = given.get("organization", ALL)
        return Wish(given["name"], given["scopes"], days, None if organization == ALL else int(organization))


class ServiceTokenForm(TokenForm):
    """For a service account: it has one organization."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        del self.fields["organization"]
