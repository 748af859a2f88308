"""Forms of tasks. They check shape; the rules are in `decide`. What history is asked for: `history_forms`."""

import uuid
from typing import Any

from django import forms

from base.errors import Invalid
from orgs.access import members_of
from orgs.forms import LineField, TextField
from orgs.models import User
from tasks.decide import TEXT_LIMIT, TITLE_LIMIT
from tasks.labels import LONGEST, MOST, labels_in, labels_of


class MemberChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, user: User) -> str:
        return user.listed_name


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TaskForm(forms.Form):
    title = LineField(max_length=TITLE_LIMIT, widget=forms.TextInput({"autofocus": True}))
    description = TextField(
        required=False,
        max_length=TEXT_LIMIT,
        widget=forms.Textarea({"rows": 8, "dir": "auto"}),
        help_text="Write @name to mention a member.",
    )
    assignee = MemberChoice(queryset=User.objects.none(), required=False, empty_label="Nobody")
    due_date = forms.DateField(required=False, widget=DateInput(), label="Due")
    labels = LineField(
        required=False,
        max_length=MOST * (LONGEST + 2),
        widget=forms.TextInput({"list": "labels-in-use", "autocomplete": "off"}),
        help_text="Words to find it by, separated by commas.",
    )

    def __init__(self, *args: Any, organization_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = members_of(organization_id)
        assignee = self.fields["assignee"]
        assert isinstance(assignee, MemberChoice)  # noqa: S101
        # Whoever has it keeps it until somebody says otherwise, even if they left.
        choices = [*(user.pk for user in members), self.initial.get("assignee")]
        assignee.queryset = User.objects.filter(pk__in=[pk for pk in choices if pk is not None])

    def clean_labels(self) -> list[str]:
        try:
            return labels_of(labels_in(self.cleaned_data["labels"]))
        except Invalid as error:
            raise forms.ValidationError(error.message) from error


class NewTaskForm(TaskForm):
    # Made with the page, so that a form sent twice makes one task.
    task_id = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid.uuid4)


class EditTaskForm(TaskForm):
    expected_version = forms.IntegerField(widget=forms.HiddenInput(), min_value=1)


class CommentForm(forms.Form):
    text = TextField(
        max_length=TEXT_LIMIT,
        label="Comment",
        widget=forms.Textarea(
            {"rows": 2, "dir": "auto", "placeholder": "Write a comment. @name mentions a member."}
        ),
        error_messages={"required": "The comment is empty. Write something first."},
    )


class NewCommentForm(CommentForm):
    # Made with the page, so that a form sent twice makes one comment.
    attempt = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid.uuid4, required=False)


class EditCommentForm(CommentForm):
    # The version that gave it the text below.
    revision = forms.IntegerField(widget=forms.HiddenInput(), min_value=1)
