"""The fields of what people type."""

from typing import Any

from django import forms

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
