"""The form of a webhook: what it is called, where it posts, in which format, and of which kinds of events."""

from collections.abc import Sequence
from typing import Any

from django import forms

from base.errors import Unprocessable
from webhooks.kinds import Groups, groups
from webhooks.models import Webhook
from webhooks.wishes import Wish

FORMAT_HELP = (
    "Standard Webhooks is signed JSON, for programs. Slack is a line with a link, which Mattermost takes too. "
    "Matrix is a line in a room, at the address https://homeserver/!room:server."
)
NOW, START = "now", "start"


class WebhookForm(forms.Form):
    name = forms.CharField(max_length=200, help_text="For you and other admins.")
    address = forms.CharField(
        help_text="Begins with https://. Nothing is sent to private networks or to this server itself.",
        widget=forms.TextInput({"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
    )
    format = forms.ChoiceField(
        choices=Webhook.Format.choices, initial=Webhook.Format.STANDARD, help_text=FORMAT_HELP
    )
    token = forms.CharField(
        required=False,
        label="Matrix access token",
        help_text="Of an account that is in the room. It is kept sealed and never shown.",
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )
    begins = forms.ChoiceField(
        label="Begins with",
        choices=[(NOW, "what happens from now on"), (START, "the first event of the history")],
    )
    kinds = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, webhook: Webhook | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = self.fields["kinds"]
        kinds.choices = [kind for _, of_it in groups() for kind in of_it]  # type: ignore[attr-defined]
        if webhook:
            del self.fields["begins"]
            self.initial = {name: getattr(webhook, name) for name in ("name", "address", "format", "kinds")}
            self.fields["token"].help_text += " Leave it empty to keep the one that there is."

    @property
    def chosen(self) -> Sequence[str]:
        """List the kinds that are marked as the form is shown."""
        return self["kinds"].value() or ()

    @property
    def groups(self) -> Groups:
        """Give the kinds by what they are about."""
        return groups()

    @property
    def wish(self) -> Wish:
        given = self.cleaned_data
        return Wish(given["name"], given["address"], given["format"], given["kinds"], given["token"])

    def refuse(self, error: Unprocessable) -> None:
        """Say beside each field what is wrong with it."""
        for fault in error.faults:
            self.add_error(fault.at.removeprefix("body."), fault.detail)
