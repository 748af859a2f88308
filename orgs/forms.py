"""The fields of what people type, and how a form is refused that a program sent."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest

from base.answers import wants_json
from base.errors import Fault, Invalid
from base.plain_text import line_of, text_of


class TextField(forms.CharField):
    """A text of several lines, made ready before it is counted."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text_of(text) if text else text


class LineField(forms.CharField):
    """A title, made ready before it is counted."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return line_of(text) if text else text


def refuse(request: HttpRequest, form: forms.BaseForm, status: int = 400) -> None:
    """Refuse a form that a program sent, naming each field at fault: raises Invalid. To a person it is shown again."""
    if not wants_json(request) or not form.errors:
        return
    faults = [Fault(_place(name), str(errors[0])) for name, errors in form.errors.items()]
    error = Invalid(faults[0].detail if len(faults) == 1 else " ".join(map(_said, faults)))
    error.faults, error.status = faults, status
    raise error


def _place(name: str) -> str:
    return "body" if name == NON_FIELD_ERRORS else f"body.{name}"


def _said(fault: Fault) -> str:
    name = fault.at.partition(".")[2]
    return f"{name}: {fault.detail}" if name else fault.detail
