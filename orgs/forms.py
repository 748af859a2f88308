"""Forms of organizations and members."""

from typing import Any

from django import forms

from orgs.models import Membership, Organization


class OrganizationForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Organization
        fields = ("name", "slug")
        error_messages = {"slug": {"unique": "This short name is taken. Choose another."}}
        labels = {"slug": "Short name"}
        help_texts = {
            "slug": "Stands in addresses and task keys: acme gives ACME-12. Letters, digits and dashes."
        }

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).lower()
        if slug == "new":  # /orgs/new/ is a page
            raise forms.ValidationError("This short name is reserved. Choose another.")
        return slug


class AddMemberForm(forms.Form):
    username = forms.CharField(
        max_length=150, label="User name", help_text="Of an account that exists already."
    )
    role = forms.ChoiceField()

    def __init__(self, *args: Any, roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(role.value, role.label) for role in Membership.Role if role in roles]
        self.fields["role"] = forms.ChoiceField(choices=choices, initial=Membership.Role.MEMBER)
