"""Why somebody was told, or not: the answer equals the row, whatever was changed when."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from base.errors import DomainError
from events.models import TaskEvent
from inbox.models import Notification
from inbox.services import mute, watch
from inbox.why import why
from inbox.why_words import of_another, to_reader
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
    st.tuples(st.just("mute"), people, people, st.sampled_from(["", "1", "1"])),
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
        case "mute":
            mute(actor.pk, team.pk, task.pk, muted=bool(word))
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
        ("username", "level", "rule", "own_rule", "reason"),
        [
            (
                "alice",
                "all",
                "Alice did it, and nobody is told of what they did themselves.",
                "You did it yourself, and nobody is told of what they did themselves.",
                None,
            ),
            (
                "bob",
                "muted",
                "Bob, who was mentioned in it, was told. That reaches every member, whatever they chose.",
                "You were told because Alice mentioned you in it. That reaches you, whatever you choose.",
                "mentioned",
            ),
            (
                "carol",
                "all",
                "Carol, who follows everything, was told.",
                "You were told because you followed everything in Acme.",
                "org",
            ),
            (
                "carol",
                "participating",
                "Carol was not told: it did not concern them, and they had chosen “Only what concerns me”.",
                "You were not told: it did not concern you, and you had chosen “Only what concerns me” for Acme.",
                None,
            ),
            (
                "vera",
                "participating",
                "Vera, who watches the task, was told.",
                "You were told because you watched it.",
                "watching",
            ),
            (
                "vera",
                "muted",
                "Vera, who watches the task, was not told: they had chosen “Only mentions and assignments”.",
                "You were not told, though you watched it: you had chosen “Only mentions and assignments” for Acme.",
                None,
            ),
        ],
    )
    def test_is_one_plain_sentence(self, acme, request, username, level, rule, own_rule, reason):
        user = getattr(acme, username)
        services.change_level(membership=acme.membership(user), level=level)
        event = request.getfixturevalue("event")
        # What is chosen afterwards changes nothing.
        services.change_level(membership=acme.membership(user), level="muted" if level == "all" else "all")
        watch(acme.vera.pk, acme.pk, event.stream_id, watching=False)
        answer = why(event, user)
        assert (of_another(answer), to_reader(answer)) == (rule, own_rule)
        assert (answer.reason, answer.row, answer.agrees) == (reason, reason, True)

    def test_of_a_task_that_they_had_muted_until_they_are_mentioned(self, acme, event):
        mute(acme.bob.pk, acme.pk, event.stream_id, muted=True)
        task = Task.objects.get()
        unheard, asked, after = (
            comment(task, words, actor=acme.alice) for words in ("Hm.", "@bob?", "Hm again.")
        )
        answers = [why(each, acme.bob) for each in (unheard, asked, after)]
        assert [answer.row for answer in answers] == [None, "mentioned", "participant"]
        assert all(answer.agrees for answer in answers)
        assert to_reader(answers[0]) == (
            "You were not told, though you took part in it: you had muted it until you are mentioned or assigned."
        )
        assert of_another(answers[0]) == (
            "Bob, who takes part, was not told: they had muted it until they are mentioned or assigned."
        )
        assert of_another(answers[1]).endswith("whatever they chose. It ended their mute of it.")

    def test_of_what_goes_to_whom_it_concerns(self, acme):
        services.change_role(by=acme.membership(acme.bob), user_id=acme.vera.pk, role="member")
        event = TaskEvent.objects.readable().get()
        answer = why(event, acme.carol)
        assert of_another(answer) == "Carol was not told: this is told only to those whom it concerns."
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
        rules = [of_another(why(each, user)) for user in (nora, carol) for each in (event, later)]
        assert rules == [
            "Nora was not a member of Acme then.",
            "Nora, who follows everything, was told.",
            "Carol, who follows everything, was told.",
            "Carol was not a member of Acme then.",
        ]

    def test_of_a_member_from_before_the_log_who_left_and_came_back(self, acme, event):
        by = acme.membership(acme.alice)
        services.remove_member(by=by, user_id=acme.bob.pk)
        services.add_member(by=by, username="bob", role="member")
        answer = why(event, acme.bob)
        assert (answer.reason, answer.agrees) == ("mentioned", True)

    def test_of_whom_nothing_tells(self, acme, globex, event):
        answer = why(event, globex.hank)
        said = "Hank is not a member of Acme; nothing tells whether they were one then."
        assert of_another(answer) == said
        assert answer.agrees is None

    def test_a_row_that_does_not_fit_is_seen(self, acme, event):
        Notification.objects.filter(event=event, recipient=acme.bob).delete()
        answer = why(event, acme.bob)
        assert (answer.reason, answer.row, answer.agrees) == ("mentioned", None, False)


@pytest.mark.first
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
            ("BOB", "The inbox agrees: it has this event (was mentioned in it)."),
            ("alice", "The inbox agrees: it does not have this event."),
            ("nobody", "There is no account with the user name “nobody”."),
        ],
    )
    def test_answers_beside_who_was_notified(self, chief, address, name, said):
        page = chief.get(address, {"told": name}).content.decode()
        assert "Why was somebody told, or not?" in page
        assert said in page
