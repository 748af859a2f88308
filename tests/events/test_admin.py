"""The audit in the administration: read-only for everybody, every event readable, nothing in the address breaks it."""

import re
import uuid

import pytest
from django.urls import reverse

from events.admin import history_url
from events.models import LogHead, TaskEvent
from events.sentences import sentence
from orgs.models import User
from tasks.commands import DescribeTask
from tests.events.audited import HEADS, LIST, events_of, ids, listed, page_of, staff, stored, text
from tests.tasks.acme import assign, carry_out, comment, new_task, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.first]

UNKNOWN = "that this version cannot show"


@pytest.fixture
def root(db):
    return signed_in(staff("root", is_superuser=True))


@pytest.fixture
def auditor(db):
    return signed_in(staff("audrey", "view_taskevent", "view_loghead"))


class TestNobodyChangesHistory:
    @pytest.fixture(params=["root", "auditor"])
    def reader(self, request):
        return request.getfixturevalue(request.param)

    @pytest.fixture
    def before(self, task):
        def rows():
            return list(TaskEvent.objects.order_by("pk").values()), list(LogHead.objects.values())

        before = rows()
        yield
        assert rows() == before

    def test_no_page_offers_to(self, reader, task, before):
        for address in (LIST, page_of(events_of(task)[0]), HEADS, f"{HEADS}{task.organization_id}/change/"):
            page = reader.get(address)
            assert page.status_code == 200
            content = page.content.decode().partition('id="content"')[2]
            for word in ("/add/", "/delete/", "_save", "delete_selected", "_selected_action"):
                assert word not in content

    @pytest.mark.parametrize("verb", ["add/", "{}/change/", "{}/delete/", ""])
    @pytest.mark.parametrize("listing", [LIST, HEADS])
    def test_what_is_posted_is_refused(self, reader, task, before, listing, verb):
        key = events_of(task)[0].pk if listing == LIST else task.organization_id
        data = {"subject": "x", "position": 9, "digest": "x", "_saveasnew": "1", "post": "yes"}
        data |= {"action": "delete_selected", "_selected_action": key, "index": 0}
        assert reader.post(listing + verb.format(key), data).status_code == 403

    @pytest.mark.parametrize("listing", [LIST, HEADS])
    def test_there_are_no_forms_to_add_or_delete(self, reader, task, listing):
        key = events_of(task)[0].pk if listing == LIST else task.organization_id
        assert reader.get(f"{listing}add/").status_code == 403
        assert reader.get(f"{listing}{key}/delete/").status_code == 403

    def test_django_s_own_history_of_an_event_is_the_task_s(self, reader, task):
        for event in events_of(task):
            address = reverse("admin:events_taskevent_history", args=(event.pk,))
            assert reader.get(address).headers["Location"] == f"{LIST}?stream_id={task.pk}"
        assert reader.get(f"{LIST}999999/history/").status_code == 404


class TestWhoSeesIt:
    def test_staff_without_the_permission_see_nothing(self, task):
        client = signed_in(staff("stan"))
        event = events_of(task)[0]
        addresses = [
            LIST,
            page_of(event),
            f"{LIST}{event.pk}/history/",
            HEADS,
            f"{HEADS}{event.organization_id}/change/",
        ]
        assert {client.get(address).status_code for address in addresses} == {403}
        assert "/admin/events/" not in client.get("/admin/").content.decode()

    def test_members_who_are_no_staff_are_asked_to_sign_in(self, acme, task):
        response = signed_in(acme.alice).get(LIST)
        assert response.headers["Location"].startswith("/admin/login/")

    def test_staff_with_the_permission_read_every_organization(self, auditor, globex, task):
        foreign = events_of(new_task(globex, actor=globex.gina))
        assert listed(auditor) == ids(*reversed(events_of(task) + foreign))


class TestTheList:
    def test_tells_each_event_newest_first(self, auditor, task):
        assert listed(auditor) == ids(*reversed(events_of(task)))
        newest = events_of(task)[-1]
        said = text(auditor.get(LIST))
        time = f"{newest.created_at.day} {newest.created_at:%b %Y, %H:%M:%S}"
        assert f"3 {time} Acme ACME-1 {sentence(newest, {})} Alice (alice)" in said

    def test_names_the_people_that_events_speak_of(self, acme, auditor, task):
        event = assign(task, acme.carol, actor=acme.alice)
        assert sentence(event, {acme.carol.pk: "Carol"}) in text(auditor.get(LIST))

    def test_turns_round_by_position(self, auditor, task):
        assert listed(auditor, "?o=0") == ids(*events_of(task))

    def test_takes_as_many_queries_for_a_full_page_as_for_one_row(
        self, acme, globex, auditor, task, django_assert_num_queries
    ):
        alice = acme.alice
        for team, boss in ((acme, alice), (globex, globex.gina)):
            for _ in range(15):
                other = new_task(team, actor=boss)
                assign(other, team.join(f"person{uuid.uuid4().hex[:6]}"), actor=boss)
        # Session, user, permissions twice; organizations, actors, tokens; how many, the page, names; the chart.
        with django_assert_num_queries(11):
            assert len(listed(auditor)) == 50
        with django_assert_num_queries(10):
            assert len(listed(auditor, "?p=2")) == 13
        with django_assert_num_queries(13):  # and whose key it is, or which token's name
            assert len(listed(auditor, f"?q=ACME-2&actor={alice.pk}&action=assignee_changed")) == 1

    def test_shows_markup_in_titles_as_text(self, acme, auditor):
        task = new_task(acme, actor=acme.alice, title="<b>bold</b>")
        comment(task, "<script>x</script>", actor=acme.alice)
        for address in (LIST, history_url(events_of(task)[0]), page_of(events_of(task)[1])):
            content = auditor.get(address).content.decode()
            assert "<b>bold" not in content
            assert "<script>x" not in content


class TestTheHistoryOfATask:
    def test_is_in_version_order_and_of_that_task_only(self, acme, auditor, task):
        new_task(acme, actor=acme.alice)
        assert listed(auditor, f"?stream_id={task.pk}") == ids(*events_of(task))
        said = text(auditor.get(f"{LIST}?stream_id={task.pk}"))
        assert "History of ACME-1 “Fix the door”" in said
        assert "Version" in said

    def test_is_kept_while_it_is_filtered(self, auditor, task):
        query = f"?stream_id={task.pk}&action=commented"
        assert listed(auditor, query) == ids(events_of(task)[2])
        assert f'name="stream_id" value="{task.pk}"' in auditor.get(LIST + query).content.decode()

    def test_of_a_task_that_never_was_is_empty(self, auditor, task):
        assert listed(auditor, f"?stream_id={uuid.uuid4()}") == []


class TestOneEvent:
    def test_says_who_when_where_and_what(self, acme, auditor, task):
        event = events_of(task)[1]
        said = text(auditor.get(page_of(event)))
        assert sentence(event, {}) in said
        assert "Status Open In progress" in said
        assert "Who Bob (bob)" in said
        assert f"When {event.created_at.day} {event.created_at:%b %Y, %H:%M:%S} UTC" in said
        assert "Organization Acme" in said
        assert "Task ACME-1 “Fix the door”" in said
        assert "Position 2 " in said
        assert "Version 2 " in said
        assert f"Digest {event.digest}" in said
        assert f"stream {task.pk}" in said

    def test_names_people_so_that_they_cannot_be_mixed_up(self, acme, auditor, task):
        acme.join("bob2")
        User.objects.filter(username="bob2").update(first_name="Bob")
        event = assign(task, acme.bob2, actor=acme.alice)
        assert "Assignee nothing Bob (bob2)" in text(auditor.get(page_of(event)))
        event = assign(task, None, actor=acme.alice)
        assert "Assignee Bob (bob2) nothing" in text(auditor.get(page_of(event)))

    def test_shows_long_texts_whole(self, acme, auditor, task):
        long = "word " * 400 + "\n\n" + "x" * 1000
        (event,) = carry_out(DescribeTask(task_id=task.pk, description=long), actor=acme.alice)
        page = auditor.get(page_of(event)).content.decode()
        assert f'<div class="audit-text">{long.strip()}</div>' in page

    def test_leads_to_its_neighbours_and_the_whole_history(self, auditor, task):
        first, second, third = (page_of(event) for event in events_of(task))
        expected = {
            first: [("next", second)],
            second: [("prev", first), ("next", third)],
            third: [("prev", second)],
        }
        for address, links in expected.items():
            page = auditor.get(address).content.decode()
            assert [
                (rel, href) for href, rel in re.findall(r'<a href="([^"]*)"\s+rel="(\w+)"', page)
            ] == links
            assert f'href="{LIST}?stream_id={task.pk}"' in page

    def test_leads_to_the_task_who_is_a_member(self, acme, auditor, task):
        User.objects.filter(username="alice").update(is_staff=True, is_superuser=True)
        link = 'href="/orgs/acme/tasks/1/"'
        assert link in signed_in(acme.alice).get(page_of(events_of(task)[0])).content.decode()
        assert link not in auditor.get(page_of(events_of(task)[0])).content.decode()

    def test_takes_as_many_queries_whatever_it_speaks_of(
        self, acme, auditor, task, django_assert_num_queries
    ):
        people = [acme.join(f"person{number}") for number in range(10)]
        event = comment(task, " ".join(f"@{user.username}" for user in people), actor=acme.alice)
        assert len(event.details["mentions"]) == 10
        auditor.get(page_of(events_of(task)[0]))  # Django keeps the model's content type from then on
        # Session, user, permissions twice; event, people, neighbours, membership; the chain around it, the log's head,
        # erasures, what left for the archive; how many were notified, and who.
        with django_assert_num_queries(14):
            said = text(auditor.get(page_of(event)))
        assert "Person9 (person9)" in said

    @pytest.mark.parametrize("key", ["999999", "x", "9" * 30, "_00", "1_2C2"])
    def test_that_there_is_not_leads_away(self, auditor, task, key):
        assert auditor.get(f"{LIST}{key}/change/").headers["Location"] == "/admin/"

    @pytest.mark.parametrize(
        ("action", "details"),
        [
            ("praised", {"stars": 5, "note": "Très bien"}),
            ("renamed", {"old": "a", "new": "b"}),
            ("renamed", ["a"]),
            ("renamed", "a"),
            ("x" * 40, {"deep": [[[[{"a": None}]]]]}),
        ],
    )
    def test_that_this_release_cannot_read_is_shown_as_it_is_stored(self, auditor, task, action, details):
        event = stored(task, action, details, schema_version=7)
        said = text(auditor.get(page_of(event)))
        assert UNKNOWN in said
        assert f"This release cannot read the event: its action is {action} , of schema version 7." in said
        assert "Before" not in said
        if isinstance(details, dict):
            assert all(f'"{name}"' in said for name in details)
        for address in (LIST, f"{LIST}?stream_id={task.pk}"):
            assert UNKNOWN in text(auditor.get(address))

    @pytest.mark.parametrize("number", [10**30, -1, 0, 999_999])
    def test_about_somebody_who_cannot_be_breaks_nothing(self, auditor, task, number):
        event = stored(task, "assignee_changed", {"from": None, "to": number})
        assert listed(auditor)[0] == event.pk
        assert str(number) in text(auditor.get(page_of(event)))


class TestLogHeads:
    def test_show_where_each_log_ends(self, globex, auditor, task, django_assert_num_queries):
        new_task(globex, actor=globex.gina)
        # Session, user, permissions twice; how many twice, the page with each newest verification.
        with django_assert_num_queries(7):
            said = text(auditor.get(HEADS))
        for head in LogHead.objects.select_related("organization"):
            shown = f"{head.organization.name} {head.position} Not verified yet {head.digest} Verify"
            assert shown in said
