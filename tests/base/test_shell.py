"""The tags of every page's frame."""

import re
from pathlib import Path

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message

from base.templatetags import shell
from orgs.models import User

ROOT = Path(__file__).parents[2]


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


def test_a_picture_stands_above_the_initials():
    html = shell.avatar(User(pk=7, username="bob", picture="0" * 32))
    assert f'>BO<img src="/people/7/{"0" * 32}.webp" alt=""' in html
    assert "<img" not in shell.avatar(User(pk=7, username="bob"))


def test_people_of_the_same_initials_differ_by_their_colour():
    tints = {
        re.search(r'data-tint="(\d+)"', shell.avatar(User(pk=pk, username="al")))[1] for pk in range(1, 13)
    }
    assert len(tints) == shell.TINTS == 12


def test_initials_can_be_read_on_each_colour():
    colours = re.findall(r"--(person-\d+|on-person): (#\w{6});", (ROOT / "static/css/tokens.css").read_text())
    assert len(dict(colours)) == shell.TINTS + 1
    white = luminance(dict(colours).pop("on-person"))
    ratios = {
        name: (white + 0.05) / (luminance(colour) + 0.05) for name, colour in colours if name != "on-person"
    }
    assert min(ratios.values()) >= 4.5, ratios
    style = (ROOT / "static/css/carillon/avatar.css").read_text()
    assert set(re.findall(r"var\(--(person-\d+)\)", style)) == ratios.keys()


def luminance(colour):
    """Of a colour, as WCAG 2 has it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
