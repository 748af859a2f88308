"""Forms of organizations and members."""

from typing import Any

from django import forms

from orgs.models import Membership, Organization
from orgs.names import USER_NAME_LIMIT


class ShortNameField(forms.SlugField):
    """Small letters, whatever was typed."""

    def to_python(self, value: Any) -> Any:
        return (super().to_python(value) or "").lower()


class OrganizationForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Organization
        fields = ("name", "slug")
        field_classes = {"slug": ShortNameField}
        labels = {"slug": "Short name"}
        help_texts = {
            "slug": "Stands in addresses and task keys: acme gives ACME-12. Letters, digits and dashes."
        }


class AddMemberForm(forms.Form):
    username = forms.CharField(
        max_length=USER_NAME_LIMIT, label="User name", help_text="Of an account that exists already."
    )
    role = forms.ChoiceField()

    def __init__(self, *args: Any, roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(role.value, role.label) for role in Membership.Role if role in roles]
        self.fields["role"] = forms.ChoiceField(choices=choices, initial=Membership.Role.MEMBER)
