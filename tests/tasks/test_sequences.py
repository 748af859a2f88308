"""Whatever people do in whatever order: the row is the fold, the log is dense and chained, everybody is told right."""

import datetime as dt
import uuid

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import event as note
from hypothesis import given as for_all
from hypothesis import strategies as st

from base.errors import DomainError
from events.findings import Scope
from events.saved_heads import SavedHead, current_heads, findings_since
from inbox.services import watch
from membership import services as orgs
from orgs.models import Membership
from tasks import commands
from tasks.models import Task
from tasks.services import execute
from tests.audits import findings
from tests.examples import examples
from tests.tasks.acme import Level, Role, found
from tests.tasks.invariants import (
    assert_every_fold_is_its_row,
    assert_everybody_is_told_right,
    assert_the_fold_is_the_row,
    assert_the_log_holds,
    assert_the_log_rebuilds_the_table,
    counts,
)

people = st.sampled_from(["alice", "bob", "carol", "vera", "gina"])
actors = st.sampled_from(["alice", "bob", "carol"]) | people
titles = st.sampled_from(["Fix the door", "Mend the gate", "門\x00", "🚪", " "])
texts = st.sampled_from(["", "Hm.", "@bob @carol", "@vera, @alice? @gina @nobody", "\x00"])
versions = st.none() | st.none() | st.integers(1, 8)
dates = st.none() | st.dates(dt.date(2026, 11, 1), dt.date(2026, 11, 3))

# (what, with what)
wishes = st.one_of(
    st.tuples(
        st.just("create"),
        st.fixed_dictionaries(
            {"title": titles, "description": texts, "assignee": st.none() | people, "due_date": dates}
        ),
    ),
    st.tuples(st.just(commands.RenameTask), st.fixed_dictionaries({"title": titles})),
    st.tuples(st.just(commands.DescribeTask), st.fixed_dictionaries({"description": texts})),
    st.tuples(
        st.just(commands.ChangeStatus),
        st.fixed_dictionaries({"status": st.sampled_from(["open", "in_progress", "done", "lost"])}),
    ),
    st.tuples(st.just(commands.AssignTask), st.fixed_dictionaries({"assignee": st.none() | people})),
    st.tuples(st.just(commands.SetDueDate), st.fixed_dictionaries({"due_date": dates})),
    st.tuples(
        st.just(commands.SetLabels),
        st.fixed_dictionaries(
            {"labels": st.lists(st.sampled_from(["Mail", "mail", "tür", " "]), max_size=3)}
        ),
    ),
    st.tuples(st.just(commands.CommentOnTask), st.fixed_dictionaries({"text": texts})),
    st.tuples(st.just(commands.ArchiveTask), st.just({})),
    st.tuples(st.just(commands.RestoreTask), st.just({})),
    st.tuples(st.just("level"), st.fixed_dictionaries({"level": st.sampled_from(Level.values)})),
    st.tuples(
        st.just("role"),
        st.fixed_dictionaries({"of": people, "role": st.sampled_from(Role.values)}),
    ),
    st.tuples(st.just("watch"), st.fixed_dictionaries({"watching": st.booleans()})),
)
sequences = st.lists(
    st.tuples(actors, st.sampled_from([0, 0, 0, 1, 1, 2]), versions, wishes),
    min_size=8,
    max_size=20,
)


def wish(team, actor, task_index, expected_version, what, fields):
    """Carry out one wish. Returns the events that it appended."""
    fields = dict(fields)
    if "assignee" in fields:
        fields["assignee_id"] = (name := fields.pop("assignee")) and getattr(team, name).pk
    match what:
        case "create":
            return execute(commands.CreateTask(organization_id=team.pk, **fields), actor=actor)
        case "level":
            orgs.change_level(membership=Membership(organization=team.organization, user=actor), **fields)
        case "role":
            user_id = getattr(team, fields["of"]).pk
            by = Membership(organization=team.organization, user=actor)
            orgs.change_role(by=by, user_id=user_id, role=fields["role"])
        case "watch":
            watch(actor.pk, team.pk, task_id(task_index), **fields)
        case command:
            asked = command(task_id=task_id(task_index), expected_version=expected_version, **fields)
            return execute(asked, actor=actor)
    return []


def task_id(index):
    ids = Task.objects.order_by("number").values_list("pk", flat=True)
    return ids[index] if index < len(ids) else uuid.UUID(int=0)


@pytest.mark.django_db
@settings(
    max_examples=examples(30, again=10),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@for_all(sequence=sequences)
def test_any_sequence_of_wishes_keeps_everything_true(db, sequence):
    with transaction.atomic():
        team = found("acme", alice=Role.OWNER, bob=Role.ADMIN, carol=Role.MEMBER, vera=Role.VIEWER)
        found("globex", gina=Role.OWNER)
        for title in ("First", "Second"):
            execute(commands.CreateTask(organization_id=team.pk, title=title), actor=team.carol)
        for name, task_index, expected_version, (what, fields) in sequence:
            before = counts()
            try:
                events = wish(team, getattr(team, name), task_index, expected_version, what, fields)
            except DomainError as refusal:
                note(f"refused: {type(refusal).__name__}")
                assert counts() == before
                continue
            note(f"{getattr(what, '__name__', what)}: {len(events)}")
            for stream_id in {event.stream_id for event in events}:
                assert_the_fold_is_the_row(stream_id)
            assert_everybody_is_told_right(events)
        assert_the_log_holds(team.pk)
        assert_every_fold_is_its_row()
        heads = [SavedHead.parse(head.line()) for head in current_heads(Scope(), timezone.now())]
        assert [*findings_since(heads), *findings()] == []
        assert_the_log_rebuilds_the_table()
        transaction.set_rollback(True)
