"""A history is not moved by `dumpdata` and `loaddata`, whatever the format; what is no history still is."""

import io

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command

from events.models import EventText, LogHead, TaskEvent
from orgs.models import User
from tasks.models import Task
from tests.audits import findings
from tests.tasks.acme import comment, new_task

pytestmark = pytest.mark.django_db

SAYS = "pg_dump and pg_restore"


@pytest.fixture
def task(acme):
    task = new_task(acme, actor=acme.alice)
    comment(task, "Hm.", actor=acme.bob)
    return task


@pytest.mark.parametrize("form", ["json", "jsonl", "xml", "yaml"])
@pytest.mark.parametrize(
    "labels",
    [
        [],
        ["events"],
        ["events.taskevent"],
        ["orgs", "events.EventText"],
        ["tasks"],
        ["inbox"],
        ["--exclude", "events.taskevent"],
    ],
    ids=str,
)
def test_it_is_not_dumped(task, labels, form):
    out = io.StringIO()
    with pytest.raises(CommandError, match=SAYS):
        call_command("dumpdata", *labels, "--format", form, stdout=out)
    assert out.getvalue() == ""


@pytest.mark.parametrize("form", ["json", "jsonl", "xml"])
@pytest.mark.parametrize("model", [TaskEvent, EventText, LogHead, Task])
def test_nor_loaded_over_what_is_there_nor_where_nothing_is(tmp_path, task, model, form):
    file = tmp_path / f"history.{form}"
    rows = [*User.objects.all(), *model.objects.all()]
    file.write_text(serializers.serialize(form, rows))
    User.objects.update(first_name="Changed since")
    with pytest.raises(CommandError, match="Nothing was loaded") as refusal:
        call_command("loaddata", str(file), verbosity=0)
    assert SAYS in str(refusal.value)
    assert not User.objects.exclude(first_name="Changed since").exists()
    assert findings() == []


def test_the_rest_is_dumped_and_loaded(tmp_path, task):
    file = str(tmp_path / "rest.json")
    call_command("dumpdata", "orgs", "auth", "--output", file)
    User.objects.update(first_name="Changed since")
    call_command("loaddata", file, verbosity=0)
    assert not User.objects.filter(first_name="Changed since").exists()
    assert findings() == []


def test_what_there_is_not_is_said_as_django_says_it(db):
    with pytest.raises(CommandError, match="nope"):
        call_command("dumpdata", "nope")
