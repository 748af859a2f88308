"""Muting, watching and the settings, as forms and pages."""

import html
import uuid

import pytest

from inbox.models import Choice, Mute, Watch
from inbox.services import watch
from tests.tasks.acme import new_task, signed_in

pytestmark = pytest.mark.django_db


def text(response):
    return html.unescape(response.content.decode())


@pytest.fixture
def task(acme):
    return new_task(acme, actor=acme.alice)


class TestMuting:
    def test_says_until_when_and_can_be_undone(self, acme, bob, task):
        page = bob.post("/inbox/mute/", {"stream": task.pk, "muted": "1"}, follow=True)
        assert page.redirect_chain[-1][0] == "/orgs/acme/tasks/1/"
        assert "You muted ACME-1. You are told of it again once somebody mentions you" in text(page)
        assert Mute.objects.get().user == acme.bob
        assert '<form method="post" action="/inbox/mute/">' in page.content.decode()
        bob.post("/inbox/mute/", {"stream": task.pk, "muted": "0"})
        assert not Mute.objects.exists()

    def test_of_what_was_watched_is_undone_by_watching(self, acme, bob, task):
        watch(acme.bob.pk, acme.pk, task.pk, watching=True)
        page = bob.post("/inbox/mute/", {"stream": task.pk, "muted": "1"}, follow=True)
        assert 'name="watching" value="1"' in page.content.decode()
        bob.post("/inbox/watch/", {"stream": task.pk, "watching": "1"})
        assert (Watch.objects.count(), Mute.objects.count()) == (1, 0)

    def test_goes_on_where_it_was_asked(self, bob, task):
        for asked, onward in (
            ("/inbox/?q=x", "/inbox/?q=x"),
            ("https://evil.example/", "/orgs/acme/tasks/1/"),
        ):
            answer = bob.post("/inbox/mute/", {"stream": task.pk, "muted": "1", "next": asked})
            assert answer["Location"] == onward

    @pytest.mark.parametrize(("address", "field"), [("mute", "muted"), ("watch", "watching")])
    def test_answers_a_program_with_nothing(self, bob, task, address, field):
        fields = {"stream": task.pk, field: "1"}
        answer = bob.post(f"/inbox/{address}/", fields, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.content) == (204, b"")
        assert Choice.objects.count() == 1

    @pytest.mark.parametrize(("address", "field"), [("mute", "muted"), ("watch", "watching")])
    def test_of_a_foreign_task_is_of_none(self, acme, globex, task, address, field):
        gina = signed_in(globex.gina)
        answers = [
            gina.post(f"/inbox/{address}/", {"stream": stream, field: "1"})
            for stream in (task.pk, uuid.UUID(int=7))
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert not Choice.objects.exists()

    @pytest.mark.parametrize(
        "fields", [{}, {"stream": "x"}, {"muted": "2"}, {"muted": ""}, {"stream": "\x00"}], ids=str
    )
    def test_is_refused_where_it_cannot_be_meant(self, bob, task, fields):
        said = {"stream": task.pk, "muted": "1"} | fields if fields else {}
        assert bob.post("/inbox/mute/", said).status_code == 400
        assert not Mute.objects.exists()


def test_the_address_of_the_settings_leads_to_the_preferences(bob):
    assert bob.get("/inbox/settings/")["Location"] == "/preferences/"
