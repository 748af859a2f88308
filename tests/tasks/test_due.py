"""What is said about a due date."""

import datetime as dt

import pytest
from django.utils import timezone

from tasks.templatetags import due

NOW = dt.datetime(2026, 11, 22, 16, 40, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("days", "status", "note"),
    [
        (-1, "open", "overdue"),
        (0, "open", "today"),
        (1, "in_progress", "tomorrow"),
        (2, "open", ""),
        (-1, "done", ""),
        (-1, "cancelled", ""),
    ],
)
def test_what_is_urgent_is_said(days, status, note):
    assert due.due_note(NOW.date() + dt.timedelta(days=days), status) == note
    assert due.due_note(None, status) == ""
