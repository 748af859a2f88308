"""The tags of every page's frame."""

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message

from base.templatetags import shell
from orgs.models import User


@pytest.mark.parametrize(
    ("tags", "undo"),
    [
        ("", None),
        (None, None),
        ("success", None),
        ("undo:/inbox/mark/|", shell.Undo("/inbox/mark/", ())),
        (
            "undo:/inbox/mark/|act=undo-all|mark=1764154833123456",
            shell.Undo("/inbox/mark/", (("act", "undo-all"), ("mark", "1764154833123456"))),
        ),
        ("undo:/x/|a=b=c", shell.Undo("/x/", (("a", "b=c"),))),
    ],
)
def test_an_undo_is_read_from_a_message(tags, undo):
    assert shell.undo_of(Message(constants.SUCCESS, "Done.", extra_tags=tags)) == undo


@pytest.mark.parametrize(
    ("count", "shown"), [(None, "0"), (0, "0"), (7, "7"), (999, "999"), (1000, "999+"), (10**6, "999+")]
)
def test_a_count_is_capped(count, shown):
    assert shell.capped(count) == shown


def test_initials_are_text():
    assert "&lt;B" in shell.avatar(User(username="<b>x"))
    assert "<b" not in shell.avatar(User(username="<b>x")).lower()
    assert shell.avatar(None).endswith("></span>")


def test_an_icon_is_hidden_from_readers():
    assert 'aria-hidden="true"' in shell.icon("bell")
    assert '"><x' not in shell.icon('bell"><x')
