"""The index holds what the log holds, forgets with it, and can be made anew."""

import pytest
from django.core.management import call_command
from django.db import connection

from events.models import TaskEvent
from followers.models import Cursor
from search import index
from search.follower import SearchFollower
from search.matching import matching
from search.models import Entry
from tasks.erasure import erase_user
from tests.followers.taking import take_all
from tests.tasks.acme import comment, move, new_task

pytestmark = pytest.mark.django_db


def finds(team, text):
    return TaskEvent.objects.filter(matching([team.pk], text).in_events()).exists()


def indexed_words():
    """All words of the index, as the database has them."""
    with connection.cursor() as cursor:
        table = "search_entry" if connection.vendor == "postgresql" else "search_words"
        cursor.execute(f"SELECT words FROM {table}")
        return " ".join(words for (words,) in cursor.fetchall())


@pytest.fixture
def task(acme):
    """With a text of Bob's, and one of Alice's that names him."""
    task = new_task(acme, actor=acme.alice, title="Door", description="Ask @bob about hinges")
    comment(task, "a confession", actor=acme.bob)
    move(task, "done", actor=acme.alice)
    return task


@pytest.mark.parametrize("is_behind", [False, True])
def test_what_is_erased_is_found_no_more(acme, task, is_behind):
    if not is_behind:
        take_all(SearchFollower())
    assert finds(acme, "confession")
    assert finds(acme, "bob")
    erase_user(acme.bob.pk)
    assert not finds(acme, "confession")
    assert not finds(acme, "bob")
    assert finds(acme, "hinges")
    assert "confession" not in indexed_words()
    take_all(SearchFollower())
    assert not finds(acme, "confession")
    assert not finds(acme, "bob")
    assert finds(acme, "hinges")
    assert finds(acme, "erased")  # the name in the place of his
    assert "confession" not in indexed_words()


def test_an_erasure_by_a_process_that_knows_no_index_is_followed(acme, task, monkeypatch):
    take_all(SearchFollower())
    monkeypatch.setattr(index, "renew", lambda *_: None)
    erase_user(acme.bob.pk)
    take_all(SearchFollower())
    assert "confession" not in indexed_words()
    assert not finds(acme, "bob")


def test_events_without_words_of_their_own_have_no_entry(acme, task):
    take_all(SearchFollower())
    assert Entry.objects.count() == 2


def test_a_text_in_the_details_of_an_old_event_counts_too(acme, task):
    event = TaskEvent(organization_id=acme.pk, subject="Old", action="commented", schema_version=1)
    event.details = {"text": "written inline", "mentions": []}
    assert index.words_of(event) == ["old", "¦", "written", "inline"]


def test_the_longest_text_of_other_words_has_a_place(acme, task):
    longest = " ".join(f"{number:x}é東" for number in range(3000))[:20_000]
    comment(task, longest, actor=acme.bob)
    comment(task, "x" * 20_000, actor=acme.bob)
    comment(task, "same " * 4000, actor=acme.bob)
    take_all(SearchFollower())
    assert finds(acme, "7ff")
    assert finds(acme, '"same same"')


def test_it_is_made_anew_by_a_command(acme, globex, task, capsys):
    new_task(globex, actor=globex.gina, title="Foreign")
    take_all(SearchFollower())
    before = sorted(Entry.objects.values_list("pk", flat=True)), sorted(indexed_words().split())
    Entry.objects.filter(organization_id=acme.pk).delete()
    Cursor.objects.filter(organization_id=globex.pk).delete()
    call_command("rebuild_search")
    assert (sorted(Entry.objects.values_list("pk", flat=True)), sorted(indexed_words().split())) == before
    assert "anew from 4 events" in capsys.readouterr().out
    call_command("rebuild_search", org="acme")
    assert "anew from 3 events" in capsys.readouterr().out
