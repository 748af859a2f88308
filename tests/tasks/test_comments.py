"""Given what happened to a comment, when this is asked of it, then these facts or this refusal."""

import uuid

import pytest

from base.errors import Conflict, Forbidden, Invalid, NotFound
from tasks import commands, facts
from tasks.comments import comment_at
from tasks.decide import Spoken, decide
from tasks.participants import participants
from tasks.reactions import REACTIONS
from tasks.state import fold
from tests.tasks.given import ALICE, BOB, CAROL, CREATED, DAVE, past

TASK = uuid.UUID(int=12)
PEOPLE = {"alice": ALICE, "bob": BOB, "carol": CAROL, "dave": DAVE}
SAID = facts.Commented("Ask @bob.", [BOB])  # version 2, by Alice


def edit(text, comment=2, **fields):
    return commands.EditComment(task_id=TASK, comment=comment, text=text, **fields)


def delete(comment=2):
    return commands.DeleteComment(task_id=TASK, comment=comment)


def react(reaction="heart", *, on=True, comment=2):
    return commands.React(task_id=TASK, comment=comment, reaction=reaction, on=on)


def decided(command, *happened, actor=ALICE, text="Ask @bob."):
    events = past(CREATED, SAID, *happened)
    comment = comment_at(events, command.comment)
    return decide(fold(events), command, PEOPLE, Spoken(actor, comment, text))


class TestEditing:
    def test_calls_only_whom_no_earlier_text_called(self):
        edited = facts.CommentEdited(2, "Ask @carol.", [CAROL])
        assert decided(edit("Ask @bob or @carol.")) == [
            facts.CommentEdited(2, "Ask @bob or @carol.", [CAROL])
        ]
        assert decided(edit("@bob @carol @dave"), edited) == [
            facts.CommentEdited(2, "@bob @carol @dave", [DAVE])
        ]

    def test_the_same_text_is_nothing_new(self):
        assert decided(edit(" Ask @bob.\r\n")) == []

    @pytest.mark.parametrize("text", ["", " \n", "\u200b"])
    def test_no_text_is_refused(self, text):
        with pytest.raises(Invalid, match="comment is empty"):
            decided(edit(text))

    def test_a_text_that_was_changed_elsewhere_is_not_overwritten(self):
        edited = facts.CommentEdited(2, "Other words.")
        with pytest.raises(Conflict, match="changed this comment elsewhere"):
            decided(edit("x", revision=2), edited)
        assert decided(edit("x", revision=3), edited) == [facts.CommentEdited(2, "x")]


class TestDeleting:
    def test_is_one_fact(self):
        assert decided(delete()) == [facts.CommentDeleted(2)]

    def test_twice_deletes_once(self):
        assert decided(delete(), facts.CommentDeleted(2)) == []

    @pytest.mark.parametrize("command", [edit("x"), react(), react(on=False)])
    def test_what_is_deleted_is_changed_no_more(self, command):
        with pytest.raises(Conflict, match="was deleted"):
            decided(command, facts.CommentDeleted(2))


@pytest.mark.parametrize("command", [edit("x"), delete()])
def test_another_persons_comment_is_theirs(command):
    with pytest.raises(Forbidden, match="Only the person who wrote a comment"):
        decided(command, actor=BOB)


@pytest.mark.parametrize("command", [edit("x", 1), delete(1), react(comment=1), react(comment=9)])
def test_what_is_no_comment_is_not_found(command):
    with pytest.raises(NotFound):
        decided(command)


@pytest.mark.parametrize("command", [edit("x"), delete(), react()])
def test_nothing_is_done_to_an_archived_tasks_comments(command):
    with pytest.raises(Conflict, match="is archived"):
        decided(command, facts.TaskArchived())


class TestReacting:
    def test_names_the_author(self):
        assert decided(react(), actor=BOB) == [facts.Reacted(2, "heart", ALICE)]

    def test_twice_reacts_once(self):
        assert decided(react(), (BOB, facts.Reacted(2, "heart", ALICE)), actor=BOB) == []
        assert decided(react(on=False), actor=BOB) == []

    def test_another_of_the_same_person_is_said_to_come_again(self):
        given = (BOB, facts.Reacted(2, "heart", ALICE))
        assert decided(react("eyes"), given, actor=BOB) == [facts.Reacted(2, "eyes", ALICE, again=True)]
        taken = (BOB, facts.Unreacted(2, "heart"))
        assert decided(react(), given, taken, actor=BOB) == [facts.Reacted(2, "heart", ALICE, again=True)]
        assert decided(react(), given, actor=CAROL) == [facts.Reacted(2, "heart", ALICE)]

    def test_can_be_taken_back(self):
        given = (BOB, facts.Reacted(2, "heart", ALICE))
        assert decided(react(on=False), given, actor=BOB) == [facts.Unreacted(2, "heart")]

    @pytest.mark.parametrize("reaction", ["", "❤️", "of tomorrow"])
    def test_what_is_not_offered_is_refused(self, reaction):
        with pytest.raises(Invalid, match="does not exist"):
            decided(react(reaction))

    def test_every_reaction_fits_its_command(self):
        for name in REACTIONS:
            assert decided(react(name), actor=BOB)


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (facts.CommentEdited(2, "@carol", [CAROL]), {CAROL: "mentioned"}),
        (facts.CommentEdited(2, "Hm."), {}),
        (facts.Reacted(2, "heart", ALICE), {ALICE: "reaction"}),
        (facts.Reacted(2, "eyes", ALICE, again=True), {}),
    ],
)
def test_only_those_whom_it_is_for_are_told(fact, told):
    events = past(CREATED, (ALICE, SAID), (BOB, fact))
    assert participants(fact, fold(events[:2]), fold(events), [DAVE]) == told
    assert not fact.to_all
