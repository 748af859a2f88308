"""The whole log for programs, where it ends, and one event with its audit."""

import pytest
from django.contrib.auth.models import Permission

from events.cursors import Cursor
from events.models import ArchiveJoint, TaskEvent
from inbox import log_pages
from tasks import commands
from tasks.services import execute_together
from tests.api.answers import is_problem
from tests.api.calling import called
from tests.tasks.acme import comment, move, new_task, rename

pytestmark = pytest.mark.django_db

LOG = "/api/v1/orgs/acme/events"


@pytest.fixture
def api(acme):
    return called(acme.bob)


@pytest.fixture
def task(acme):
    task = new_task(acme, actor=acme.alice)
    for title in "abcd":
        rename(task, title, actor=acme.alice)
    return task


def through(api, address):
    """Follow the cursors as a program does."""
    items, after = [], ""
    while True:
        page = api.get(address + after).json()
        items += page["items"]
        after = f"{'&' if '?' in address else '?'}after={page['cursor']}"
        if not page["more"]:
            return items, page["cursor"]


class TestTheLog:
    def test_is_all_there_from_the_first_event_on(self, acme, api, task):
        items, cursor = through(api, f"{LOG}?limit=2")
        assert [item["position"] for item in items] == list(range(1, len(items) + 1))
        assert len(items) == TaskEvent.objects.filter(organization=acme.pk).count()
        assert cursor == items[-1]["cursor"]
        assert api.get(f"{LOG}?after={cursor}").json() == {
            "items": [], "cursor": cursor, "more": False, "archived_upto": 0,
        }  # fmt: skip

    def test_has_the_frames_of_the_twin(self, acme, api, task):
        execute_together(
            [
                commands.ChangeStatus(task_id=task.pk, status="done"),
                commands.AssignTask(task_id=task.pk, assignee_id=acme.bob.pk),
            ],
            actor=acme.alice,
        )
        twin = api.get("/api/orgs/acme/notifications/").json()
        for item in twin["items"]:
            del item["notification"], item["replayed"]
        assert through(api, LOG)[0] == twin["items"]
        assert through(api, LOG)[1] == twin["cursor"]

    def test_a_page_is_bounded_by_bytes(self, acme, api, task, monkeypatch):
        monkeypatch.setattr(log_pages, "PAGE", 5_000)
        for _ in range(3):
            comment(task, "x" * 4_500, actor=acme.bob)
        sizes = []
        after = ""
        while True:
            page = api.get(f"{LOG}{after}").json()
            sizes.append(len(page["items"]))
            after = f"?after={page['cursor']}"
            if not page["more"]:
                break
        assert sum(sizes) == 8
        assert sizes[-3:] == [1, 1, 1]

    def test_of_one_action(self, acme, api, task):
        move(task, "done", actor=acme.alice)
        page = api.get(f"{LOG}?action=status_changed").json()
        assert [item["action"] for item in page["items"]] == ["status_changed"]
        assert page["cursor"] == through(api, LOG)[1]
        some = api.get(f"{LOG}?action=renamed&limit=3").json()
        assert (len(some["items"]), some["more"]) == (3, True)

    @pytest.mark.parametrize(
        "after", ["", "abc", "1.2", "1.2.zzzzzzzz", "1" * 30 + ".1.00000000", "%F0%9F", "0"]
    )
    def test_what_is_no_cursor(self, api, task, after):
        assert is_problem(api.get(f"{LOG}?after={after}"), 400, "invalid")["errors"][0]["at"] == "query.after"

    def test_a_cursor_of_another_organization(self, acme, globex, api, task):
        new_task(globex, actor=globex.gina)
        theirs = TaskEvent.objects.get(organization=globex.pk)
        problem = is_problem(api.get(f"{LOG}?after={Cursor.at(theirs)}"), 400, "invalid")
        assert "another organization" in problem["detail"]

    def test_another_history_says_what_to_do(self, acme, api, task):
        head = TaskEvent.objects.order_by("-position").first()
        for cursor in (
            Cursor(acme.pk, 2, "00000000"), Cursor(acme.pk, head.position + 1, head.digest[:8]),
            Cursor(acme.pk, 0, "12345678"), Cursor(acme.pk, 10**18 - 1, "00000000"),
        ):  # fmt: skip
            problem = is_problem(api.get(f"{LOG}?after={cursor}"), 410, "another_history")
            assert "without after" in problem["detail"]

    def test_an_empty_log_has_a_cursor_too(self, acme, api):
        page = api.get(LOG).json()
        assert page["items"] == []
        assert api.get(f"{LOG}?after={page['cursor']}").status_code == 200

    def test_what_left_for_the_archive_is_told(self, acme, api, task, monkeypatch):
        gone = TaskEvent.objects.get(organization=acme.pk, position=3)
        ArchiveJoint.objects.create(organization=acme.organization, position=4, digest="ab" * 32, receipt=5)
        assert api.get(LOG).json()["archived_upto"] == 4
        # In the midst of what left nothing is there to compare with.
        place = log_pages._place
        monkeypatch.setattr(log_pages, "_place", lambda start: place(start)._replace(there=None))
        assert api.get(f"{LOG}?after={Cursor.at(gone)}").status_code == 200
        is_problem(api.get(f"{LOG}?after={Cursor(acme.pk, 5, '00000000')}"), 410, "another_history")

    def test_costs_the_same_at_any_length(self, acme, api, task, django_assert_max_num_queries):
        comment(task, actor=acme.bob)
        with django_assert_max_num_queries(9):
            api.get(LOG)


class TestTheHead:
    def test_says_where_the_log_ends_with_a_signature(self, acme, api, task):
        from events.saved_heads import SavedHead

        head = api.get("/api/v1/orgs/acme/head").json()
        saved = SavedHead.parse(head["line"])
        assert (saved.position, saved.digest, saved.org_id) == (head["position"], head["digest"], acme.pk)
        assert head["cursor"] == through(api, LOG)[1]

    def test_of_an_empty_log(self, acme, api):
        head = api.get("/api/v1/orgs/acme/head").json()
        assert (head["position"], head["line"]) == (0, None)


class TestOneEvent:
    def auditor(self, acme):
        acme.join("rita")
        rita = acme.rita
        rita.is_staff = True
        rita.save()
        rita.user_permissions.add(Permission.objects.get(codename="view_taskevent"))
        return called(rita)

    def test_tells_members_what_changed_and_why_they_were_told(self, acme, api, task):
        event = move(task, "done", actor=acme.alice)
        found = api.get(f"{LOG}/{event.pk}").json()
        assert found["changes"] == [{"field": "Status", "before": "Open", "after": "Done"}]
        assert (found["event"]["event_id"], found["record"]) == (event.pk, None)
        assert (found["why"]["person"]["username"], found["why"]["told"]) == ("bob", True)
        assert found["why"]["rule"].startswith("You were told because")

    def test_managers_ask_of_others(self, acme, api, task):
        event = move(task, "done", actor=acme.alice)
        assert api.get(f"{LOG}/{event.pk}?person=carol").json()["why"]["person"]["username"] == "carol"
        is_problem(called(acme.carol).get(f"{LOG}/{event.pk}?person=bob"), 403, "forbidden")
        is_problem(api.get(f"{LOG}/{event.pk}?person=nobody"), 404, "not_found")

    def test_auditors_see_the_record(self, acme, task):
        event = move(task, "done", actor=acme.alice)
        record = self.auditor(acme).get(f"{LOG}/{event.pk}").json()["record"]
        assert (record["digest"], record["previous"], record["next"]) == (event.digest, event.pk - 1, None)
        assert all(link["holds"] for link in record["chain"])
        assert record["notified"]["total"] == len(record["notified"]["items"]) == 3

    def test_what_was_deleted_only_auditors_see(self, acme, api, task):
        event, carol = comment(task, "My secret", actor=acme.carol), called(acme.carol)
        carol.patch(f"/api/v1/orgs/acme/tasks/1/comments/{event.version}", {"text": "My other secret"})
        carol.delete(f"/api/v1/orgs/acme/tasks/1/comments/{event.version}")
        auditor = self.auditor(acme)
        for number in (event.pk, event.pk + 1, event.pk + 2):  # written, edited, deleted
            assert b"secret" not in api.get(f"{LOG}/{number}").content
            assert b"secret" in auditor.get(f"{LOG}/{number}").content

    def test_auditors_need_no_membership(self, acme, globex, task):
        event = move(task, "done", actor=acme.alice)
        gina = globex.gina
        gina.is_staff = gina.is_superuser = True
        gina.save()
        found = called(gina).get(f"{LOG}/{event.pk}").json()
        assert (found["why"], found["record"]["digest"]) == (None, event.digest)

    def test_where_staff_prove_a_second_factor_a_session_without_one_audits_as_a_member(
        self, acme, task, settings
    ):
        settings.STAFF_SECOND_FACTOR = True
        event = move(task, "done", actor=acme.alice)
        assert self.auditor(acme).get(f"{LOG}/{event.pk}").json()["record"] is None

    @pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 30])
    def test_no_such_event(self, api, task, number):
        is_problem(api.get(f"{LOG}/{number}"), 404, "not_found")

    def test_of_a_part_of_a_save(self, acme, api):
        task = new_task(acme, actor=acme.alice, assignee_id=acme.bob.pk)
        first = TaskEvent.objects.get(stream_id=task.pk, version=1)
        found = api.get(f"{LOG}/{first.pk}").json()
        assert found["save"]["events"] == [first.pk, first.pk + 1]
        assert found["why"]["told_with"] == first.pk + 1
