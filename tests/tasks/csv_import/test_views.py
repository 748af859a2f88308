import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from inbox.models import Notification
from tasks import commands
from tasks.csv_import import services
from tasks.models import Task
from tasks.services import execute
from tests.audits import findings

pytestmark = pytest.mark.django_db

ROWS = "Title;Assignee;Due\n=1+1;bob;2026-12-31\nNo one;nobody;\n" + "".join(
    f"Task {n};bob;\n" for n in range(5)
)
CHOSEN = {"column_title": "0", "column_assignee": "1", "column_due_date": "2", "dates": "dmy"}


@pytest.fixture
def address(acme):
    return f"/orgs/{acme.slug}/tasks/import/"


@pytest.fixture
def alice(acme, client):
    client.force_login(acme.alice)
    return client


def importing(client, address, rows=ROWS, **more):
    said = {"text": rows, "import_id": str(uuid.uuid4()), "import": "1"} | CHOSEN | more
    return client.post(address, said)


def test_a_file_is_looked_at_before_anything_is_written(alice, address):
    page = alice.post(address, {"file": SimpleUploadedFile("a.csv", ROWS.encode("utf-16"))}).content.decode()
    assert "6 of 7 rows can be imported" in page and "read as UTF-16" in page
    assert "Line 3, Assignee:" in page and "“nobody” is no member here" in page
    assert "31 Dec 2026" in page
    assert re.search(r'<option value="2" selected>Due</option>', page)
    assert not Task.objects.exists()


def test_rows_can_be_pasted(alice, address):
    assert "1 of 1 row can be" in alice.post(address, {"pasted": "Title\nCall"}).content.decode()


def test_an_import_is_told_once(alice, address, acme):
    Notification.objects.all().delete()
    page = alice.get(importing(alice, address).headers["Location"]).content.decode()
    assert "6 tasks imported" in page
    assert Task.objects.get(title="=1+1").assignee == acme.bob
    told = Notification.objects.values_list("recipient__username", "reason")
    assert ("bob", "assigned") in told
    assert len(told) == len(set(told.values_list("recipient", flat=True)))
    assert findings() == []


def test_sent_twice_it_is_done_once(alice, address, monkeypatch):
    monkeypatch.setattr(services, "AT_ONCE", 2)
    import_id = str(uuid.uuid4())
    for _ in range(2):
        importing(alice, address, import_id=import_id)
    assert Task.objects.count() == 6


def test_a_script_asks_for_one_part_after_the_other(alice, address, acme, monkeypatch):
    monkeypatch.setattr(services, "AT_ONCE", 4)
    Notification.objects.all().delete()
    said = [
        importing(alice, address, import_id=str(uuid.UUID(int=7)), **{"import": "part"}) for _ in range(3)
    ]
    assert [(answer.json()["done"], answer.json()["of"]) for answer in said] == [(4, 6), (6, 6), (6, 6)]
    assert "6 tasks imported" in alice.get(said[-1].json()["location"]).content.decode()
    assert Notification.objects.filter(recipient=acme.bob).count() == 1
    assert findings() == []


def test_it_is_taken_back_but_for_what_somebody_has_changed(alice, address, acme):
    place = importing(alice, address).headers["Location"]
    kept = Task.objects.get(title="Task 1")
    execute(commands.ChangeStatus(task_id=kept.pk, status="done"), actor=acme.bob)
    before = Notification.objects.count()
    assert "Archive 5 tasks" in alice.get(place).content.decode()
    assert "5 tasks are archived" in alice.post(place, follow=True).content.decode()
    assert list(Task.objects.filter(archived=False)) == [kept]
    assert Notification.objects.count() == before
    assert "Archive" not in alice.get(place).content.decode().split("imported</h1>")[1]
    assert findings() == []


def test_who_may_not_edit_may_not_import(client, acme, address):
    client.force_login(acme.vera)
    assert client.get(address).status_code == 403
    assert importing(client, address).status_code == 403


def test_a_stranger_finds_nothing(alice, client, address, acme, globex):
    place = importing(alice, address).headers["Location"]
    client.force_login(globex.gina)
    for path in (address, place, place.replace(acme.slug, globex.slug)):
        assert client.get(path).status_code == 404
    assert client.post(place).status_code == 404


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "There is nothing in it"),
        ({"file": SimpleUploadedFile("a.csv", b"Title\n\x81\x8d\x00")}, "no text that can be read"),
        ({"pasted": "Title\n" + "x\n" * 1001}, "more than 1,000 rows"),
        ({"text": "Title\nx"}, "Choose the column that holds the title"),
        ({"text": "Title\n ,", "column_title": "0", "import": "1"}, "nothing in it|no rows|No row"),
        (
            {"text": "Title\nx", "column_title": "0", "import": "1", "import_id": "7"},
            "This page is not whole",
        ),
    ],
)
def test_what_cannot_be_is_said(alice, address, said, words):
    answer = alice.post(address, said)
    assert answer.status_code == 400
    assert re.search(words, answer.content.decode())
    assert not Task.objects.exists()
