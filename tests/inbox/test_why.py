"""Why somebody was told, or not: the answer equals the row, whatever was changed when."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from base.errors import DomainError
from events.models import TaskEvent
from inbox.models import Notification
from inbox.services import watch
from inbox.why import why
from membership import services
from orgs.models import Membership, User
from tasks import commands
from tasks.models import Task
from tasks.services import execute
from tests.factories import UserFactory
from tests.tasks.acme import Level, Role, Team, comment, found, new_task, signed_in

NAMES = ["alice", "bob", "carol", "vera", "gina"]
people = st.sampled_from(NAMES)
changes = st.one_of(
    st.tuples(st.just("add"), people, people, st.sampled_from(Role.values)),
    st.tuples(st.just("role"), people, people, st.sampled_from(Role.values)),
    st.tuples(st.just("remove"), people, people, st.just("")),
    st.tuples(st.just("level"), people, people, st.sampled_from(Level.values)),
    st.tuples(st.just("watch"), people, people, st.sampled_from(["", "1"])),
)
events = st.one_of(
    st.tuples(st.just("comment"), people, people, st.sampled_from(["Hm.", "@bob", "@carol @vera"])),
    st.tuples(st.just("assign"), people, people, st.just("")),
    st.tuples(st.just("rename"), people, people, st.sampled_from(["Acme", "Apex"])),
)
sequences = st.lists(changes | events, min_size=8, max_size=12)


def carry_out(team, task, what, actor, other, word):
    by = Membership(organization=team.organization, user=actor)
    match what:
        case "add":
            services.add_member(by=by, username=other.username, role=word)
        case "role":
            services.change_role(by=by, user_id=other.pk, role=word)
        case "remove":
            services.remove_member(by=by, user_id=other.pk)
        case "level":
            services.change_level(membership=by, level=word)
        case "watch":
            watch(actor.pk, team.pk, task.pk, watching=bool(word))
        case "comment":
            execute(commands.CommentOnTask(task_id=task.pk, text=word), actor=actor)
        case "assign":
            execute(commands.AssignTask(task_id=task.pk, assignee_id=other.pk), actor=actor)
        case "rename":
            services.rename_organization(team.pk, name=word, slug="acme", by=actor)


def a_team_of_before():
    return found("acme", alice=Role.OWNER, bob=Role.ADMIN, carol=Role.MEMBER, vera=Role.VIEWER)


def a_recorded_team():
    team = Team(services.create_organization(name="Acme", slug="acme", owner=UserFactory(username="alice")))
    for username, role in (("bob", Role.ADMIN), ("carol", Role.MEMBER), ("vera", Role.VIEWER)):
        UserFactory(username=username)
        services.add_member(by=team.membership(team.alice), username=username, role=role)
    return team


@pytest.mark.django_db
@pytest.mark.parametrize("make", [a_team_of_before, a_recorded_team])
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@for_all(sequence=sequences)
def test_the_answer_is_what_the_inbox_says(db, make, sequence):
    with transaction.atomic():
        team = make()
        UserFactory(username="gina")
        task = new_task(team, actor=team.carol)
        for what, actor, other, word in sequence:
            try:
                with transaction.atomic():
                    carry_out(team, task, what, getattr(team, actor), getattr(team, other), word)
            except DomainError:
                continue
        for event in TaskEvent.objects.readable():
            for user in User.objects.all():
                answer = why(event, user)
                assert (answer.reason, answer.agrees) in ((answer.row, True), (None, None)), (event, answer)
                assert make is a_team_of_before or answer.agrees
                if answer.agrees is None:  # whom nothing tells of: nobody told them either
                    assert answer.row is None
        transaction.set_rollback(True)


class TestTheRule:
    @pytest.fixture
    def event(self, acme):
        task = new_task(acme, actor=acme.alice)
        watch(acme.vera.pk, acme.pk, task.pk, watching=True)
        return comment(task, "@bob?", actor=acme.alice)

    @pytest.mark.parametrize(
        ("username", "level", "rule", "reason"),
        [
            ("alice", "all", "Alice did it, and nobody is told of what they did themselves.", None),
            (
                "bob",
                "muted",
                "It concerned Bob (mentioned in it), and that reaches every member, whatever they chose.",
                "mentioned",
            ),
            ("carol", "all", "Carol had chosen “Everything”.", "org"),
            (
                "carol",
                "participating",
                "Carol had chosen “Only what concerns me”, and it did not concern them.",
                None,
            ),
            (
                "carol",
                "muted",
                "Carol had chosen “Only mentions and assignments”, and it did not concern them.",
                None,
            ),
            (
                "vera",
                "participating",
                "It concerned Vera (watches the task), and they had chosen “Only what concerns me”.",
                "watching",
            ),
            (
                "vera",
                "muted",
                "It concerned Vera (watches the task), but they had chosen “Only mentions and assignments”.",
                None,
            ),
        ],
    )
    def test_is_one_plain_sentence(self, acme, request, username, level, rule, reason):
        user = getattr(acme, username)
        services.change_level(membership=acme.membership(user), level=level)
        event = request.getfixturevalue("event")
        # What is chosen afterwards changes nothing.
        services.change_level(membership=acme.membership(user), level="muted" if level == "all" else "all")
        watch(acme.vera.pk, acme.pk, event.stream_id, watching=False)
        answer = why(event, user)
        assert (answer.rule, answer.reason, answer.row, answer.agrees) == (rule, reason, reason, True)

    def test_of_what_goes_to_whom_it_concerns(self, acme):
        services.change_role(by=acme.membership(acme.bob), user_id=acme.vera.pk, role="member")
        event = TaskEvent.objects.readable().get()
        answer = why(event, acme.carol)
        assert answer.rule == ("Carol had chosen “Everything”, but this is told only to whom it concerns.")
        assert [why(event, user).reason for user in (acme.alice, acme.bob, acme.vera)] == [
            "rights",
            None,
            "about_you",
        ]

    def test_before_joining_and_after_leaving(self, acme, event):
        UserFactory(username="nora")
        services.add_member(by=acme.membership(acme.alice), username="nora", role="member")
        services.remove_member(by=acme.membership(acme.alice), user_id=acme.carol.pk)
        later = comment(Task.objects.get(), "Hm.", actor=acme.alice)
        nora, carol = acme.nora, User.objects.get(username="carol")
        rules = [why(each, user).rule for user in (nora, carol) for each in (event, later)]
        assert rules == [
            "Nora was no member of Acme then.",
            "Nora had chosen “Everything”.",
            "Carol had chosen “Everything”.",
            "Carol was no member of Acme then.",
        ]

    def test_of_whom_nothing_tells(self, acme, globex, event):
        answer = why(event, globex.hank)
        assert answer.rule == "Hank is no member of Acme; nothing tells whether they were one then."
        assert answer.agrees is None

    def test_a_row_that_does_not_fit_is_seen(self, acme, event):
        Notification.objects.filter(event=event, recipient=acme.bob).delete()
        answer = why(event, acme.bob)
        assert (answer.reason, answer.row, answer.agrees) == ("mentioned", None, False)


@pytest.mark.django_db
class TestThePage:
    @pytest.fixture
    def chief(self):
        return signed_in(UserFactory(username="chief", is_staff=True, is_superuser=True))

    @pytest.fixture
    def address(self, acme):
        task = new_task(acme, actor=acme.alice)
        return f"/admin/events/taskevent/{comment(task, '@bob?', actor=acme.alice).pk}/change/"

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("BOB", "The inbox agrees: it has this event (mentioned in it)."),
            ("alice", "The inbox agrees: it does not have this event."),
            ("nobody", "There is no account with the user name “nobody”."),
        ],
    )
    def test_answers_beside_who_was_notified(self, chief, address, name, said):
        page = chief.get(address, {"told": name}).content.decode()
        assert "Why was somebody told, or not?" in page
        assert said in page
