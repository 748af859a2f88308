import datetime as dt
import html
import re

import pytest

from events.facts import FACTS
from events.models import TaskEvent
from tasks.commands import CreateTask
from tests.events.audited import LIST, events_of, ids, listed, stored
from tests.tasks.acme import carry_out, move, new_task

pytestmark = pytest.mark.django_db


class TestFilters:
    def test_by_organization(self, acme, globex, auditor, task):
        foreign = events_of(new_task(globex, actor=globex.gina))
        assert listed(auditor, f"?organization={globex.pk}") == ids(*foreign)
        assert listed(auditor, f"?organization={acme.pk}") == ids(*reversed(events_of(task)))

    def test_by_actor_among_those_who_acted(self, acme, auditor, task):
        assert listed(auditor, f"?actor={acme.bob.pk}") == ids(events_of(task)[1])
        page = auditor.get(LIST).content.decode()
        select = page.partition('id="filter-actor"')[2].partition("</select>")[0]
        assert re.findall(r"<option [^>]*>(.*)</option>", select) == ["All", "Alice (alice)", "Bob (bob)"]

    def test_by_action_in_plain_words(self, auditor, task):
        assert listed(auditor, "?action=commented") == ids(events_of(task)[2])
        page = auditor.get(f"{LIST}?action=commented").content.decode()
        assert re.search(r'<option value="commented"\s+selected>Commented</option>', page)
        for action in FACTS:
            assert f'value="{action}"' in page
        assert ">Due date changed<" in page

    def test_by_actions_of_a_newer_release(self, auditor, task):
        praised = stored(task, "praised", {"stars": 5})
        assert listed(auditor, "?action=other") == ids(praised)

    def test_by_days_both_included(self, acme, auditor):
        moments = [(1, 23), (2, 0), (3, 23), (4, 0)]
        events = [
            carry_out(
                CreateTask(organization_id=acme.pk, title="x"),
                actor=acme.alice,
                now=dt.datetime(2026, 3, day, hour, tzinfo=dt.UTC),
            )[0]
            for day, hour in moments
        ]
        assert listed(auditor, "?since=2026-03-02&until=2026-03-03") == ids(events[2], events[1])
        assert listed(auditor, "?since=2026-03-04") == ids(events[3])
        assert listed(auditor, "?until=2026-03-01") == ids(events[0])
        assert len(listed(auditor, "?since=0001-01-01&until=9999-12-31")) == 4

    def test_by_the_days_most_asked_for(self, auditor, task):
        page = auditor.get(LIST).content.decode()
        periods = page.partition('class="audit-periods"')[2].partition("</ul>")[0]
        links = dict(re.findall(r'<a href="(\?since=[^"]*)"\s*>([^<]*)</a>', periods))
        assert list(links.values()) == ["Today", "Last 7 days", "This month", "This year"]
        for link in links:
            assert len(listed(auditor, html.unescape(link))) == 3

    def test_together_and_with_the_search(self, acme, auditor, task):
        move(new_task(acme, actor=acme.bob), "done", actor=acme.bob)
        query = f"?organization={acme.pk}&actor={acme.bob.pk}&action=status_changed&since=&until=&q=1"
        assert listed(auditor, query) == ids(events_of(task)[1])
        page = auditor.get(LIST + query).content.decode()
        assert re.search(r'<input type="hidden"\s+name="q"\s+value="1">', page)

    @pytest.mark.parametrize("name", ["organization", "actor", "action", "since", "until"])
    @pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "1,2", "2026-02-30", "%ED%A0%80"])
    def test_nonsense_finds_nothing(self, auditor, task, name, value):
        assert listed(auditor, f"?{name}={value}") == []

    @pytest.mark.parametrize("query", ["stream_id=x", "stream_id=" + "9" * 50])
    def test_an_address_that_cannot_be_read_leads_to_the_list(self, auditor, task, query):
        assert auditor.get(f"{LIST}?{query}").headers["Location"] == f"{LIST}?e=1"

    @pytest.mark.parametrize(
        "query", ["o=1.2.3.-99.x", "p=999999", "p=x", "e=1", "all=1", "_facets=1", "_popup=1"]
    )
    def test_the_rest_of_the_address_breaks_nothing(self, auditor, task, query):
        assert auditor.get(f"{LIST}?{query}").status_code == 200

    @pytest.mark.parametrize(
        "query", ["subject__icontains=%00", "details__a=1", "actor__password__startswith=p"]
    )
    def test_other_fields_are_not_asked(self, auditor, task, query):
        assert auditor.get(f"{LIST}?{query}").status_code == 400


class TestSearch:
    @pytest.fixture
    def found(self, acme, globex, auditor):
        for number in range(1, 13):
            new_task(
                acme,
                actor=acme.alice,
                title="Count to 12" if number == 1 else f"Mend door {'abc'[number % 3]}",
            )
        new_task(globex, actor=globex.gina, title="Like acme-12, 100%")

        def found(query):
            return sorted(TaskEvent.objects.get(pk=pk).key for pk in listed(auditor, f"?q={query}"))

        return found

    @pytest.mark.parametrize(
        ("query", "keys"),
        [
            ("ACME-12", ["ACME-12", "GLOBEX-1"]),  # its title says so
            ("acme-2", ["ACME-2"]),
            ("+ACME-3+", ["ACME-3"]),
            ("GLOBEX-1", ["GLOBEX-1"]),
            ("12", ["ACME-12"]),
            ("%2312", ["ACME-12"]),
            ("1", ["ACME-1", "GLOBEX-1"]),
            ("count", ["ACME-1"]),
            ("DOOR+a", ["ACME-12", "ACME-3", "ACME-6", "ACME-9"]),
            ("a+door+mend+x", []),
            ("100%25", ["GLOBEX-1"]),
            ("%25%25", []),
            ("_", []),
            ("ACME-99", []),
            ("NOBODY-1", []),
            ("ACME-99999999999999999999", []),
            ("9999999999", []),
            ("99999999999999999999", []),
            ("%D9%A1%D9%A2", []),  # Arabic digits
            ("'%22\\", []),
            ("a+" * 500, []),
            ("mend" + "+" * 100, []),  # too long
        ],
    )
    def test_by_key_number_or_words_of_the_title(self, found, query, keys):
        assert found(query) == keys

    def test_nothing_asked_is_everything(self, found):
        assert len(found("")) == len(found("+++")) == 13

    def test_titles_are_those_of_the_time(self, acme, auditor, task):
        renamed = stored(task, "renamed", {"from": "Fix the door", "to": "Paint it"}, subject="Paint it")
        assert listed(auditor, "?q=paint") == ids(renamed)
        assert len(listed(auditor, "?q=fix")) == 3
