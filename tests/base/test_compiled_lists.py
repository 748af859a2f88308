"""What is built once answers as Django's own querysets do, on either database."""

import pytest
from django.db.models import BigIntegerField, UUIDField, Value

from base.compiled import Parameter
from base.compiled_lists import CompiledForMany, CompiledList, CompiledModels
from orgs.models import User
from tasks.models import Task
from tests.tasks.acme import assign, new_task

pytestmark = pytest.mark.django_db

COLUMNS = ("pk", "labels", "due_date", "archived", "updated_at", "assignee__username")


@pytest.fixture
def tasks(acme):
    made = [new_task(acme, actor=acme.alice, labels=["mail"]) for _ in range(9)]
    assign(made[0], acme.bob, actor=acme.alice)
    return made


def of_acme():
    return Task.objects.filter(organization_id=Parameter("organization_id", BigIntegerField()))


class TestLists:
    rows = CompiledList(lambda: of_acme().order_by("number").values_list(*COLUMNS))

    def test_have_the_values_that_django_reads(self, acme, tasks):
        found = self.rows.rows(organization_id=acme.pk)
        expected = Task.objects.filter(organization_id=acme.pk).order_by("number").values_list(*COLUMNS)
        assert [tuple(row) for row in found] == list(expected)
        assert len(found) == 9

    def test_are_read_from_a_row_on(self, acme, tasks):
        whole = self.rows.rows(organization_id=acme.pk)
        assert self.rows.rows(first=3, most=2, organization_id=acme.pk) == whole[3:5]
        assert self.rows.rows(most=0, organization_id=acme.pk) == []

    def test_are_built_once(self, acme, tasks):
        built = []

        def build():
            built.append(1)
            return of_acme().values_list("pk")

        rows = CompiledList(build)
        assert [len(rows.rows(organization_id=pk)) for pk in (acme.pk, 0, acme.pk)] == [9, 0, 9]
        assert built == [1]


class TestModels:
    tasks = CompiledModels(
        lambda: (
            of_acme().select_related("organization", "assignee").annotate(seven=Value(7)).order_by("number")
        )
    )

    def test_are_whole_with_what_they_are_selected_with(self, acme, tasks, django_assert_num_queries):
        with django_assert_num_queries(1):
            first, *others = self.tasks.models(organization_id=acme.pk)
            assert (first.organization.slug, first.assignee.username, first.seven) == ("acme", "bob", 7)
            assert [task.assignee for task in others] == [None] * 8
            assert not first.get_deferred_fields()
        expected = Task.objects.get(pk=tasks[0].pk)
        for field in Task._meta.concrete_fields:
            assert getattr(first, field.attname) == getattr(expected, field.attname), field.attname

    def test_leave_out_what_is_not_asked_for(self, acme, django_assert_num_queries):
        people = CompiledModels(lambda: User.objects.only("username").order_by("pk"))
        with django_assert_num_queries(1):
            first = people.models(most=1)[0]
            assert first.username
        expected = User.objects.only("username").order_by("pk")[0]
        assert "email" in expected.get_deferred_fields()
        assert first.get_deferred_fields() == expected.get_deferred_fields()


class TestMany:
    numbers = CompiledForMany(
        UUIDField(), lambda ids: of_acme().filter(pk__in=ids).order_by("number").values_list("number")
    )

    @pytest.mark.parametrize("count", [0, 1, 8, 9])
    def test_find_each_once(self, acme, tasks, count, django_assert_num_queries):
        with django_assert_num_queries(1 if count else 0):
            found = self.numbers.rows([task.pk for task in tasks[:count]], organization_id=acme.pk)
        assert [number for (number,) in found] == [task.number for task in tasks[:count]]

    def test_go_on_in_another_statement(self, acme, tasks, monkeypatch, django_assert_num_queries):
        monkeypatch.setattr(CompiledForMany, "LENGTHS", (4,))
        numbers = CompiledForMany(
            UUIDField(), lambda ids: of_acme().filter(pk__in=ids).order_by("number").values_list("number")
        )
        with django_assert_num_queries(3):
            found = numbers.rows([task.pk for task in tasks], organization_id=acme.pk)
        assert [number for (number,) in found] == [task.number for task in tasks]
