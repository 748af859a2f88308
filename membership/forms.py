"""Forms of organizations and members."""

from typing import Any

from django import forms

from membership.addressees import MOST, addressee, lines
from orgs.models import Membership, Organization
from orgs.names import short_name_of


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
            "slug": "Used in addresses and task keys: acme gives ACME-12. Letters, digits and dashes."
        }
        widgets = {"name": forms.TextInput({"autofocus": True})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False

    def clean_slug(self) -> str:
        """Derive it from the name where it was left empty."""
        slug = self.cleaned_data["slug"] or short_name_of(self.cleaned_data.get("name", ""))
        if not slug:
            raise forms.ValidationError("Write a short name, with letters from a to z.")
        return slug


class AdministrationForm(OrganizationForm):
    """An organization as the administration makes and changes it; one without an owner can be offered to somebody."""

    offer_to = forms.CharField(
        required=False,
        max_length=254,
        label="Offer ownership to",
        help_text="An address or a user name. They decide themselves whether they become its owner.",
    )

    def clean_offer_to(self) -> str:
        to: str = self.cleaned_data["offer_to"]
        owned = Membership.objects.filter(
            organization=self.instance.pk, role=Membership.Role.OWNER, user__is_active=True
        )
        if to and self.instance.pk and owned.exists():
            raise forms.ValidationError("It has an owner, who can offer ownership to others.")
        if to and addressee(to) is None:
            raise forms.ValidationError("Write an e-mail address or a user name.")
        return to


class InviteForm(forms.Form):
    text = forms.CharField(
        max_length=40_000,
        label="E-mail addresses, or a user name",
        help_text="As many addresses as you like, divided by commas, spaces or lines.",
        widget=forms.Textarea({"rows": 2, "autocapitalize": "none", "spellcheck": "false"}),
    )
    role = forms.ChoiceField()

    def __init__(self, *args: Any, roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(role.value, role.label) for role in Membership.Role if role in roles]
        self.fields["role"] = forms.ChoiceField(choices=choices, initial=Membership.Role.MEMBER)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(lines(text)) > MOST:
            raise forms.ValidationError(
                f"At most {MOST} at a time. Invite the first {MOST}, then the others."
            )
        return text
