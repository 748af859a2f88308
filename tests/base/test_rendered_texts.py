"""A text that was rendered is shown again only to who reads the same in it."""

import pytest

from base import rendered_texts
from base.markdown import Mention
from base.rendered_texts import TURN, RenderedTexts


class Reader:
    def __init__(self, name, address=None):
        self.name, self.address = name, address

    def mention(self, written):
        return Mention(written, "", self.name, is_reader=False)

    def task(self, key):
        return self.address


@pytest.fixture
def rendered(monkeypatch):
    seen = []
    render = rendered_texts.rendered
    monkeypatch.setattr(rendered_texts, "rendered", lambda *given: seen.append(given[0]) or render(*given))
    return seen


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def texts(clock):
    return RenderedTexts(lambda: clock[0])


def test_is_rendered_once_for_all_who_see_the_same(texts, rendered):
    first, second = (texts.html("Hi @bob", Reader("Bob Marsh")) for _ in range(2))
    assert first == second
    assert rendered == ["Hi @bob"]


def test_what_one_reader_sees_is_not_shown_to_another(texts):
    text = "@bob ACME-1"
    assert 'title="Bob Marsh"' in texts.html(text, Reader("Bob Marsh", "/orgs/acme/tasks/1/"))
    strange = texts.html(text, Reader("Another Bob"))
    assert ('title="Another Bob"' in strange, "Marsh" in strange, "href" in strange) == (True, False, False)


def test_what_nobody_asks_for_is_forgotten(texts, rendered, clock):
    texts.html("Once", Reader("Bob"))
    clock[0] = 2 * TURN + 1
    texts.html("Other", Reader("Bob"))
    texts.html("Once", Reader("Bob"))
    assert rendered == ["Once", "Other", "Once"]
    assert "Once" not in texts._old
