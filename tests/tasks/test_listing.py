import datetime as dt

import pytest

from base.errors import Invalid
from base.plain_text import LONGEST_SEARCH
from orgs.access import members_of
from search.follower import SearchFollower
from tasks import commands, listing
from tasks.label_queries import labels_in_use
from tasks.listing import open_count, task_page
from tests.factories import UserFactory
from tests.followers.taking import take_all
from tests.tasks.acme import assign, carry_out, move, new_task, signed_in
from tests.tasks.acme import label as set_labels

pytestmark = [pytest.mark.django_db, pytest.mark.first]


@pytest.fixture
def tasks(acme, globex):
    """ACME-1 open, -2 in progress (Bob's), -3 done, -4 cancelled, -5 archived; and a foreign one."""
    titles = ["Fix the door", "Mend 50% of the gate", "Paint_it", "Drop it", "Forget it"]
    tasks = [new_task(acme, actor=acme.alice, title=title) for title in titles]
    for task, status in zip(tasks[1:4], ["in_progress", "done", "cancelled"], strict=True):
        move(task, status, actor=acme.alice)
    assign(tasks[1], acme.bob, actor=acme.alice)
    carry_out(commands.DescribeTask(task_id=tasks[0].pk, description="Squeaks like 12 mice"), actor=acme.bob)
    carry_out(commands.ArchiveTask(task_id=tasks[4].pk), actor=acme.alice)
    new_task(globex, actor=globex.gina, title="Fix the foreign door")
    return tasks


@pytest.fixture
def numbers(acme, tasks):
    """The numbers of the tasks that these filters show Bob."""
    membership = acme.membership(acme.bob)

    def numbers(page="1", **filters):
        return [task.number for task in task_page(membership, filters, page).page]

    return numbers


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("", [2, 1]),
        ("open", [1]),
        ("in_progress", [2]),
        ("done", [3]),
        ("cancelled", [4]),
        ("archived", [5]),
        ("all", [5, 4, 3, 2, 1]),
        ("nonsense", [2, 1]),
        ("\x00", [2, 1]),
    ],
)
def test_filter_by_status(numbers, status, shown):
    assert numbers(status=status) == shown


@pytest.mark.parametrize(
    ("assignee", "shown"),
    [("", [2, 1]), ("me", [2]), ("bob", [2]), ("none", [1]), ("alice", []), ("gina", []), ("nobody", [])],
)
def test_filter_by_assignee(numbers, assignee, shown):
    assert numbers(assignee=assignee) == shown


@pytest.mark.parametrize(
    ("label", "shown"), [("mail", [2, 1]), ("MAIL", [2, 1]), ("tür", [2]), ("mai", []), ("\x00", [])]
)
def test_filter_by_label(acme, tasks, numbers, label, shown):
    set_labels(tasks[0], "mail", actor=acme.alice)
    set_labels(tasks[1], "Mail", "Tür", actor=acme.alice)
    assert numbers(label=label) == shown
    assert labels_in_use(acme.pk) == ["mail", "tür"]
    assert numbers(q="tür") == [2]


@pytest.mark.parametrize(
    ("sort", "shown"),
    [
        ("key", [1, 2, 3, 4]),
        ("", [4, 3, 2, 1]),
        ("nonsense", [4, 3, 2, 1]),
        ("title", [4, 1, 2, 3]),
        ("-title", [3, 2, 1, 4]),
        ("status", [1, 2, 3, 4]),
        ("-status", [4, 3, 2, 1]),
        ("assignee", [3, 2, 4, 1]),
        ("-assignee", [2, 3, 4, 1]),
        ("due", [1, 4, 3, 2]),
        ("-due", [4, 1, 3, 2]),
        ("changed", [2, 3, 1, 4]),
        ("-changed", [4, 1, 3, 2]),
    ],
)
def test_sorted_by_any_heading_newest_first_where_equal(acme, tasks, numbers, sort, shown):
    carry_out(commands.RestoreTask(task_id=tasks[4].pk), actor=acme.alice)
    carry_out(commands.ArchiveTask(task_id=tasks[4].pk), actor=acme.alice)
    assign(tasks[2], acme.alice, actor=acme.alice)
    for task, day in ((tasks[0], 1), (tasks[3], 2)):
        carry_out(commands.SetDueDate(task_id=task.pk, due_date=dt.date(2026, 11, day)), actor=acme.alice)
    known = {task.number for task in tasks[:4]}
    assert [number for number in numbers(sort=sort, status="all") if number in known] == shown


@pytest.mark.parametrize("name", ["me", "none", "@me", "@", "ME"])
def test_no_name_is_a_word_of_the_filter(acme, tasks, numbers, name):
    person = acme.join(name)
    assign(tasks[0], person, actor=acme.alice)
    assert numbers(assignee=f"@{name}") == [1]
    assert numbers(assignee="me") == [2]
    assert numbers(assignee="none") == []


@pytest.mark.parametrize("kept", ["bob", "BOB", "@bob", "@Bob"])
def test_a_person_is_chosen_in_new_and_old_addresses(acme, kept):
    page = signed_in(acme.alice).get("/orgs/acme/tasks/", {"assignee": kept})
    assert page.context["person_chosen"] == acme.bob
    assert '<option value="@bob" selected>' in " ".join(page.content.decode().split())


@pytest.mark.parametrize("nasty", ["\x00", "a\x00b", "'; --", "x" * 10_000, "💥"])
def test_nonsense_in_a_filter_finds_nothing_and_breaks_nothing(numbers, nasty):
    assert numbers(assignee=nasty) == []
    numbers(q=nasty[:LONGEST_SEARCH])
    numbers(status=nasty)


def test_a_search_has_a_length(numbers, acme, tasks):
    numbers(q=" " + "a" * LONGEST_SEARCH + " ")
    with pytest.raises(Invalid, match="at most 100 characters"):
        numbers(q="a" * LONGEST_SEARCH + "b")
    bob = signed_in(acme.bob)
    page = bob.get("/orgs/acme/tasks/", {"q": "a" * 8_000 + "b"})
    assert (page.status_code, "A search has at most 100 characters. Shorten it." in page.text) == (400, True)
    assert 'maxlength="100"' in bob.get("/orgs/acme/tasks/").text


def test_a_search_asks_for_no_pattern(numbers, django_assert_num_queries):
    """LIKE costs the lengths of both texts multiplied."""
    take_all(SearchFollower())
    with django_assert_num_queries(3) as asked:
        assert numbers(q="door") == [1]
    assert not [query["sql"] for query in asked if "LIKE" in query["sql"]]


def test_a_search_takes_large_and_small_letters_of_any_language_for_equal(acme, numbers):
    new_task(acme, actor=acme.alice, title="Élan für ÖL")
    assert numbers(q="éLAN FÜR öl") == [6]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("door", [1]),
        ("DOOR", [1]),
        ("  door ", [1]),
        ("do\x00or", [1]),
        ("\x00", [5, 4, 3, 2, 1]),
        ("mice", [1]),
        ("it", [5, 4, 3]),
        ("fi", [1]),
        ("oor", []),
        ("door drop", []),
        ("squeaks door", [1]),
        ("%", []),
        ("_", []),
        ("paint_it", [3]),
        ('"like 12"', [1]),
        ("\\", []),
        ("n%", []),
        ("P_int", []),
        ("50%", [2]),
        ("foreign", []),
        ("3", [3]),
        ("ACME-3", [3]),
        ("acme-3", [3]),
        ("#3", [3]),
        ("12", [1]),
        ("999999999", []),
        ("9" * 40, []),
        ("no such words", []),
    ],
)
@pytest.mark.parametrize("is_indexed", [False, True])
def test_search_by_text_and_number(numbers, text, shown, is_indexed):
    if is_indexed:
        take_all(SearchFollower())
    assert numbers(q=text, status="all") == shown


def test_filters_add_up(numbers):
    assert numbers(q="gate", status="in_progress", assignee="me") == [2]
    assert numbers(q="door", status="in_progress", assignee="me") == []


@pytest.mark.parametrize(("page", "shown"), [("1", [2]), ("2", [1]), ("99", [1]), ("x", [2]), ("", [2])])
def test_pages_are_clamped(numbers, monkeypatch, page, shown):
    monkeypatch.setattr(listing, "PAGE", 1)
    assert numbers(page=page) == shown


def test_open_count_is_what_the_list_shows_at_first(acme, tasks):
    assert open_count(acme.pk) == 2


def test_members_come_by_the_name_people_see(acme, globex):
    acme.join("zed", role="viewer")
    UserFactory(username="stranger")
    aaron = acme.join("aaron")
    aaron.first_name = "zack"
    aaron.save()
    closed = acme.join("closed")
    closed.is_active = False
    closed.save()
    assert [user.display_name for user in members_of(acme.pk)] == [
        "Alice",
        "Bob",
        "Carol",
        "Vera",
        "zack",
        "Zed",
    ]
