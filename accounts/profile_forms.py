"""The forms of the profile."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings

from orgs.models import NAME_TAKEN, User

PICTURE_TYPES = "image/png,image/jpeg,image/webp,image/gif"


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("first_name", "last_name", "username", "language")
        help_texts = {
            "username": "You sign in with it, and others write @ and this name to reach you. "
            "Letters, digits and . + - _ only.",
        }

    language = forms.ChoiceField(choices=(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = settings.LANGUAGES
        self.fields["language"].choices = choices  # type: ignore[attr-defined]
        self.initial["language"] = self.instance.language or settings.LANGUAGE_CODE
        if len(choices) < 2:
            del self.fields["language"]
        for name, hint in (
            ("first_name", "given-name"),
            ("last_name", "family-name"),
            ("username", "username"),
        ):
            self.fields[name].widget.attrs["autocomplete"] = hint

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if name == self.initial["username"]:
            return name
        get_adapter().clean_username(name, shallow=True)  # what is asked of a new name
        if not User.objects.is_free(name, but_for=self.instance.pk):
            raise forms.ValidationError(NAME_TAKEN)
        return name


class PictureForm(forms.Form):
    picture = forms.FileField(
        help_text="PNG, JPEG, WebP or GIF, 5 MB at most. The middle of it is shown, cut square.",
        widget=forms.FileInput(attrs={"accept": PICTURE_TYPES}),
        error_messages={"required": "Choose a file first.", "empty": "This file is empty."},
    )
