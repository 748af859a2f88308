"""What an address asks of history: a version or a moment of a task; filters and a place in an organization's log.

A form refuses what cannot be meant, with words that say how to write it.
"""

import datetime as dt
import re
from contextlib import suppress
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date

from base.errors import Invalid
from base.moments import moment_in
from base.plain_text import LONGEST_SEARCH
from events.subjects import known_actions
from events.telling import action_label
from orgs.models import Organization, User
from search.words import Query
from tasks.log_listing import MOST, Filters, person_in, stream_of
from tasks.models import task_key
from tasks.subject import TASK

NOT_A_PLACE = "There is no such place in the log. Begin with the newest events."


class MomentField(forms.CharField):
    """A time, UTC unless it says its offset; a date alone means the end of that day."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return self._moment(text) if text else None

    def _moment(self, text: str) -> dt.datetime:
        with suppress(ValueError, OverflowError):  # the 30th of February; before the year 1 in UTC
            if day := parse_date(text):
                return dt.datetime.combine(day, dt.time.max, dt.UTC)
            if moment := moment_in(text):
                return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
        raise ValidationError(f"“{text[:40]}” is not a time.")


class PastForm(forms.Form):
    version = forms.IntegerField(required=False, min_value=0)
    at = MomentField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and cleaned["version"] is not None and cleaned["at"]:
            raise ValidationError("Ask for a version or a time, not for both.")
        return cleaned


def _actions() -> list[tuple[str, str]]:
    return [("", "Anything"), *((action, action_label(action)) for action in known_actions())]


class HistoryForm(forms.Form):
    """After `is_valid()`, `filters` holds what was asked for."""

    actor = forms.CharField(required=False)
    task = forms.CharField(required=False)
    action = forms.ChoiceField(
        required=False,
        choices=_actions,
        error_messages={"invalid_choice": "“%(value)s” is not something that can happen to a task."},
    )
    text = forms.CharField(
        required=False,
        max_length=LONGEST_SEARCH,
        error_messages={"max_length": "A search has at most %(limit_value)d characters. Shorten it."},
    )
    since = forms.CharField(required=False)
    until = forms.CharField(required=False)
    before, after = (
        forms.IntegerField(
            required=False,
            min_value=0,
            max_value=MOST - 1,
            error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), NOT_A_PLACE),
        )
        for _ in range(2)
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization

    def clean_actor(self) -> User | None:
        if not (name := self.cleaned_data["actor"]):
            return None
        if person := person_in(self.organization.pk, name):
            return person
        raise ValidationError(
            f"Nobody called “{name[:40]}” has done anything here. Choose a person from the list."
        )

    def clean_task(self) -> Any:
        """Read `ACME-12`, `acme-12`, `#12` or `12` into the task's id; None where nothing is written."""
        if not (key := self.cleaned_data["task"]):
            return None
        number = self._number(key)
        if stream_id := number is not None and stream_of(self.organization.pk, number):
            return stream_id
        example = task_key(self.organization.slug, 12)
        raise ValidationError(
            f"There is no task “{key[:40]}” in {self.organization.name}. Write its key, such as {example}."
        )

    def _number(self, key: str) -> int | None:
        if bare := re.fullmatch(r"#?(\d{1,9})", key, re.ASCII):
            return int(bare[1])
        slug, number = TASK.parsed_key(key) or ("", None)
        return number if number is not None and self.organization.is_called(slug) else None

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        try:
            Query.parse(text)
        except Invalid as error:
            raise ValidationError(error.message) from error
        return text

    def clean_since(self) -> dt.date | None:
        return self._day("since")

    def clean_until(self) -> dt.date | None:
        return self._day("until")

    def _day(self, name: str) -> dt.date | None:
        text = self.cleaned_data[name]
        try:
            day = parse_date(text) if text else None
        except ValueError:
            day = None
        if text and day is None:
            raise ValidationError(f"“{text[:40]}” is not a date. Write it as 2026-11-30.")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            raise ValidationError("The period ends before it begins. Change one of its two dates.")
        return cleaned

    @property
    def filters(self) -> Filters:
        cleaned = self.cleaned_data
        actor = cleaned["actor"] and cleaned["actor"].pk
        fields = ("task", "action", "since", "until", "text")
        return Filters(actor, *(cleaned[name] for name in fields))
