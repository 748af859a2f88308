"""Muting, watching and the settings, as forms and pages."""

import html
import uuid

import pytest

from inbox.models import Choice, Mute, Watch
from inbox.services import mute, watch
from tests.tasks.acme import Level, comment, new_task, signed_in

pytestmark = pytest.mark.django_db


def text(response):
    return html.unescape(response.content.decode())


SETTINGS = "/inbox/settings/"


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


class TestSettings:
    def test_show_each_organization_s_level(self, acme, globex, bob, task):
        globex.organization.memberships.create(user=acme.bob, level=Level.MUTED)
        page = bob.get(SETTINGS).content.decode()
        for org in ("acme", "globex"):
            assert f'action="/orgs/{org}/level/"' in page
        assert page.count("checked") == 2

    def test_list_what_is_muted_and_watched_by_its_title_of_today(self, acme, bob, task):
        other = new_task(acme, actor=acme.alice, title="Fix the window")
        mute(acme.bob.pk, acme.pk, task.pk, muted=True)
        watch(acme.bob.pk, acme.pk, other.pk, watching=True)
        watch(acme.carol.pk, acme.pk, task.pk, watching=True)
        comment(task, actor=acme.alice)
        context = bob.get(SETTINGS).context
        assert [event.subject for event in context["muted"].newest] == ["Fix the door"]
        assert [event.version for event in context["muted"].newest] == [2]
        assert [event.subject for event in context["watched"].newest] == ["Fix the window"]

    def test_leave_out_the_tasks_of_who_left(self, acme, task):
        mute(acme.carol.pk, acme.pk, task.pk, muted=True)
        acme.membership(acme.carol).delete()
        page = signed_in(acme.carol).get(SETTINGS)
        assert page.context["muted"].newest == []
        assert "You are not in an organization yet" in text(page)

    def test_show_the_first_of_many(self, acme, bob, task, monkeypatch):
        monkeypatch.setattr("inbox.choice_views.LISTED", 1)
        for each in (task, new_task(acme, actor=acme.alice)):
            mute(acme.bob.pk, acme.pk, each.pk, muted=True)
        assert "and 1 more." in text(bob.get(SETTINGS))
