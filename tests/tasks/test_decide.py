"""Given what happened, when this is asked, then these facts or this refusal."""

import datetime as dt
import uuid

import pytest

from base.errors import Conflict, Invalid, NotFound
from tasks import commands, facts
from tasks.decide import TEXT_LIMIT, TITLE_LIMIT, decide
from tests.tasks.given import ALICE, BOB, CAROL, CREATED, given

TASK = uuid.UUID(int=12)
PEOPLE = {"alice": ALICE, "bob": BOB, "carol": CAROL} | {f"p{number}": 100 + number for number in range(51)}
CROWD = " ".join(f"@P{number}" for number in range(51))
FRIDAY, MONDAY = dt.date(2026, 11, 27), dt.date(2026, 11, 30)


def rename(title):
    return commands.RenameTask(task_id=TASK, title=title)


def describe(description):
    return commands.DescribeTask(task_id=TASK, description=description)


def move(status):
    return commands.ChangeStatus(task_id=TASK, status=status)


def assign(user_id):
    return commands.AssignTask(task_id=TASK, assignee_id=user_id)


def due(date):
    return commands.SetDueDate(task_id=TASK, due_date=date)


def label(*labels):
    return commands.SetLabels(task_id=TASK, labels=labels)


def comment(text):
    return commands.CommentOnTask(task_id=TASK, text=text)


def create(title="Fix the door", **fields):
    return commands.CreateTask(organization_id=7, title=title, **fields)


ARCHIVE, RESTORE = commands.ArchiveTask(task_id=TASK), commands.RestoreTask(task_id=TASK)

DECISIONS = {
    "take an import back": ([], commands.TakeBackImport(task_id=TASK), facts.ImportTakenBack()),
    "rename": ([], rename("Mend it"), facts.TaskRenamed("Fix the door", "Mend it")),
    "describe again, with one more name": (
        [facts.TaskDescribed("Ask @bob.", [BOB])],
        describe("Ask @bob or @carol."),
        facts.TaskDescribed("Ask @bob or @carol.", [CAROL]),
    ),
    "describe": ([], describe("It squeaks."), facts.TaskDescribed("It squeaks.")),
    "describe with mentions": (
        [],
        describe("Ask @Bob or @carol, not @nobody."),
        facts.TaskDescribed("Ask @Bob or @carol, not @nobody.", [BOB, CAROL]),
    ),
    "describe with fifty and one more, of whom one was called already": (
        [facts.TaskDescribed("@p0", [100])],
        describe(CROWD),
        facts.TaskDescribed(CROWD, list(range(101, 151))),
    ),
    "remove the description": (
        [facts.TaskDescribed("It squeaks.")],
        describe(" \n "),
        facts.TaskDescribed(""),
    ),
    "move": ([], move("in_progress"), facts.StatusChanged("open", "in_progress")),
    "move back": (
        [facts.StatusChanged("open", "done")],
        move("open"),
        facts.StatusChanged("done", "open"),
    ),
    "assign": ([], assign(BOB), facts.AssigneeChanged(None, BOB)),
    "assign to another": (
        [facts.AssigneeChanged(None, BOB)],
        assign(CAROL),
        facts.AssigneeChanged(BOB, CAROL),
    ),
    "unassign": ([facts.AssigneeChanged(None, BOB)], assign(None), facts.AssigneeChanged(BOB, None)),
    "set a due date": ([], due(FRIDAY), facts.DueDateChanged(None, FRIDAY)),
    "move the due date": (
        [facts.DueDateChanged(None, FRIDAY)],
        due(MONDAY),
        facts.DueDateChanged(FRIDAY, MONDAY),
    ),
    "remove the due date": (
        [facts.DueDateChanged(None, FRIDAY)],
        due(None),
        facts.DueDateChanged(FRIDAY, None),
    ),
    "labels": ([], label("Web", "mail"), facts.LabelsChanged([], ["mail", "web"])),
    "no labels": ([facts.LabelsChanged([], ["mail"])], label(), facts.LabelsChanged(["mail"], [])),
    "comment": ([], comment("Done soon."), facts.Commented("Done soon.")),
    "comment with mentions": (
        [],
        comment("@carol and @BOB: look. @carol!"),
        facts.Commented("@carol and @BOB: look. @carol!", [CAROL, BOB]),
    ),
    "the same comment again": (
        [facts.Commented("Done soon.")],
        comment("Done soon."),
        facts.Commented("Done soon."),
    ),
    "archive": ([], ARCHIVE, facts.TaskArchived()),
    "restore": ([facts.TaskArchived()], RESTORE, facts.TaskRestored()),
}

NOTHING_NEW = {
    "the same title": ([], rename("Fix the door")),
    "the same title with other spaces": ([], rename("  Fix\n the   door ")),
    "the same description": ([facts.TaskDescribed("It squeaks.")], describe("It squeaks.\r\n")),
    "no description still": ([], describe("")),
    "a description that nobody can see": ([], describe("\u200b\u2800")),
    "the same description with other line ends": ([facts.TaskDescribed("a\nb")], describe("a\rb\r\n")),
    "the same status": ([], move("open")),
    "the same assignee": ([facts.AssigneeChanged(None, BOB)], assign(BOB)),
    "nobody still": ([], assign(None)),
    "the same due date": ([facts.DueDateChanged(None, FRIDAY)], due(FRIDAY)),
    "no due date still": ([], due(None)),
    "the same labels": ([facts.LabelsChanged([], ["mail"])], label("MAIL")),
    "archived already": ([facts.TaskArchived()], ARCHIVE),
    "not archived": ([], RESTORE),
}

REFUSALS = {
    "no title": (rename(""), Invalid, "needs a title"),
    "a title of spaces": (rename(" \t\n"), Invalid, "needs a title"),
    "a title of NUL bytes": (rename("\x00\x00"), Invalid, "needs a title"),
    "a title that nobody can see": (rename("\u200b \u3164"), Invalid, "needs a title that people can see"),
    "a title too long": (rename("x" * (TITLE_LIMIT + 1)), Invalid, "201 characters; 200 is the limit"),
    "a description too long": (
        describe("x" * (TEXT_LIMIT + 1)),
        Invalid,
        "description has 20,001 characters; 20,000 is the limit",
    ),
    "a comment too long": (comment("x" * (TEXT_LIMIT + 1)), Invalid, "comment has 20,001 characters"),
    "an empty comment": (comment(""), Invalid, "comment is empty"),
    "a comment of spaces and NUL bytes": (comment(" \x00\r\n "), Invalid, "comment is empty"),
    "a comment that nobody can see": (comment("\u200b\u2060\n\ufeff"), Invalid, "comment is empty"),
    "a comment to too many": (comment(CROWD), Invalid, "mentions 51 people; 50 is the limit"),
    "a description with too many": (describe(CROWD), Invalid, "mentions 51 people; 50 is the limit"),
    "an unknown status": (move("finished"), Invalid, "status does not exist"),
    "no status": (move(""), Invalid, "status does not exist"),
    "the label of a status": (move("In progress"), Invalid, "status does not exist"),
    "a stranger as assignee": (assign(99), Invalid, "can only be assigned to a member"),
}


@pytest.mark.parametrize(("happened", "command", "fact"), DECISIONS.values(), ids=DECISIONS)
def test_a_command_gives_its_fact(happened, command, fact):
    assert decide(given(CREATED, *happened), command, PEOPLE) == [fact]


@pytest.mark.parametrize(("happened", "command"), NOTHING_NEW.values(), ids=NOTHING_NEW)
def test_a_command_that_changes_nothing_gives_nothing(happened, command):
    assert decide(given(CREATED, *happened), command, PEOPLE) == []


@pytest.mark.parametrize(("command", "error", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_says_what_to_do(command, error, words):
    with pytest.raises(error) as refused:
        decide(given(CREATED), command, PEOPLE)
    assert words in refused.value.message
    assert refused.value.status == 400


def test_every_command_is_tried_here():
    tried = {type(command).__name__ for _, command, *_ in [*DECISIONS.values(), *NOTHING_NEW.values()]}
    own = {command.__name__ for command in commands.TaskCommand.__subclasses__()}
    assert tried == own - {"CommentCommand"}  # test_comments tries those


def test_a_command_without_a_rule_is_a_mistake_of_ours():
    with pytest.raises(TypeError, match="no rule for"):
        decide(given(CREATED), commands.TaskCommand(task_id=TASK), PEOPLE)


class TestCreating:
    def test_gives_one_fact_for_each_thing_said(self):
        command = create(description="Ask @bob", assignee_id=CAROL, due_date=FRIDAY)
        assert decide(None, command, PEOPLE) == [
            facts.TaskCreated("Fix the door", "Ask @bob", [BOB]),
            facts.AssigneeChanged(None, CAROL),
            facts.DueDateChanged(None, FRIDAY),
        ]

    def test_with_a_title_alone_gives_one_fact(self):
        assert decide(None, create(), {}) == [facts.TaskCreated("Fix the door")]

    def test_twice_creates_once(self):
        assert decide(given(CREATED), create(), {}) == []

    def test_twice_creates_once_even_when_the_task_is_archived_meanwhile(self):
        assert decide(given(CREATED, facts.TaskArchived()), create(), {}) == []

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"title": " "}, "needs a title"),
            ({"title": "x" * 201}, "200 is the limit"),
            ({"description": "x" * 20_001}, "20,000 is the limit"),
            ({"assignee_id": 99}, "can only be assigned to a member"),
        ],
    )
    def test_refuses_what_cannot_be_meant(self, fields, words):
        with pytest.raises(Invalid, match=words):
            decide(None, create(**fields), PEOPLE)


class TestArchived:
    ARCHIVED = given(CREATED, facts.TaskArchived())

    @pytest.mark.parametrize(
        "command",
        [rename("Mend"), describe("x"), move("done"), assign(BOB), due(FRIDAY), label("x"), comment("x")],
        ids=lambda command: type(command).__name__,
    )
    def test_only_restoring_is_possible(self, command):
        with pytest.raises(Conflict, match="is archived"):
            decide(self.ARCHIVED, command, PEOPLE)

    def test_what_would_change_nothing_is_refused_too(self):
        with pytest.raises(Conflict):
            decide(self.ARCHIVED, move("open"), PEOPLE)

    def test_restored_it_can_be_changed_again(self):
        state = given(CREATED, facts.TaskArchived(), facts.TaskRestored())
        assert decide(state, move("done"), PEOPLE) == [facts.StatusChanged("open", "done")]


@pytest.mark.parametrize("command", [rename("x"), move("done"), ARCHIVE, RESTORE])
def test_a_task_that_does_not_exist_is_not_found(command):
    with pytest.raises(NotFound):
        decide(None, command, PEOPLE)


class TestText:
    def test_a_title_at_the_limit_is_taken(self):
        (fact,) = decide(given(CREATED), rename("x" * TITLE_LIMIT), {})
        assert fact.after == "x" * TITLE_LIMIT

    def test_a_title_is_measured_after_its_spaces_are_gone(self):
        (fact,) = decide(given(CREATED), rename(" " * 300 + "x" * TITLE_LIMIT), {})
        assert len(fact.after) == TITLE_LIMIT

    @pytest.mark.parametrize("ask", [describe, comment])
    def test_a_text_at_the_limit_is_taken(self, ask):
        assert decide(given(CREATED), ask("x" * TEXT_LIMIT), {})

    def test_a_line_break_is_one_character(self):
        (fact,) = decide(given(CREATED), comment("x\r\n" * 9_999 + "xx"), {})
        assert len(fact.text) == TEXT_LIMIT

    def test_nothing_in_a_title_turns_what_follows_around(self):
        (fact,) = decide(given(CREATED), rename("pay \u202e001\u202c"), {})
        assert fact.after == "pay 001"

    def test_nul_bytes_never_reach_the_log(self):
        (renamed,) = decide(given(CREATED), rename("Me\x00nd"), {})
        (described,) = decide(given(CREATED), describe("a\x00b"), {})
        (commented,) = decide(given(CREATED), comment("a\x00b"), {})
        assert (renamed.after, described.description, commented.text) == ("Mend", "ab", "ab")

    def test_a_title_is_one_line(self):
        (fact,) = decide(given(CREATED), rename("Mend\r\nthe\u2028door"), {})
        assert fact.after == "Mend the door"

    def test_lines_of_a_text_stay_with_plain_line_ends(self):
        (fact,) = decide(given(CREATED), comment("\r\none\r\n\r\ntwo\n"), {})
        assert fact.text == "one\n\ntwo"

    @pytest.mark.parametrize("text", ["Tür öffnen", "門を直す", "🚪🔧", "ﷺ" * 10, "e\u0301", "<b>&amp;</b>"])
    def test_every_script_is_kept_as_it_is_written(self, text):
        (renamed,) = decide(given(CREATED), rename(text), {})
        (commented,) = decide(given(CREATED), comment(text), {})
        assert (renamed.after, commented.text) == (text, text)
