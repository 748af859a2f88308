import datetime as dt

import pytest

from base.errors import Invalid
from tasks.csv_import.columns import chosen, guessed
from tasks.csv_import.dates import DAY_FIRST, MONTH_FIRST, YEAR_FIRST, day_of, guessed_order
from tasks.csv_import.reading import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, decoded, table_of
from tasks.csv_import.rows import Person, read_tasks

WORDS = "Title,Who\nTür,bob\n"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_the_usual_encodings_are_read_and_named(encoding, name):
    assert decoded(WORDS.encode(encoding)) == (WORDS, name)


@pytest.mark.parametrize(
    "raw",
    [b"\xff\xfe\x00", b"Title\x00\x00\xe9\n", b"\x81\x8d\n", b"x" * (MOST_BYTES + 1), b"\xe9" * MOST_BYTES],
)
def test_what_is_no_text_or_too_much_is_refused(raw):
    with pytest.raises(Invalid):
        decoded(raw)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(separator):
    text = f"Title{separator}Notes\n\nCall, please; now{separator}x\n".replace(
        "Call, please; now", '"Call, please; now"'
    )
    table = table_of(text)
    assert (table.separator, table.header) == (separator, ["Title", "Notes"])
    assert table.rows == [(3, ["Call, please; now", "x"])]


def test_one_column_needs_no_separator():
    assert table_of("Title\nCall the bank\n").rows == [(2, ["Call the bank"])]


def test_a_cell_of_several_lines_is_one_row():
    table = table_of('Title,Notes\r\n"A\r\nB",x\r\nC,y\r\n')
    assert [row.line for row in table.rows] == [2, 4]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing in it"),
        (" \n,,\n", "nothing in it|no rows"),
        ("Title\n", "no rows below the first"),
        ("Title\n" + "x\n" * (MOST_ROWS + 1), "more than 1,000 rows"),
        (",".join("x" * (MOST_COLUMNS + 1)) + "\n", "51 columns"),
        ('Title\n"Call\n', "line 2 cannot be read"),
        ("Title\nA\0\n", "NUL"),
        ("Title\n" + "x" * 200_000, "cannot be read"),
    ],
    ids=["empty", "blank", "no row", "rows", "columns", "quotation mark", "NUL", "a long cell"],
)
def test_a_table_that_is_none_is_refused(text, words):
    with pytest.raises(Invalid, match=words):
        table_of(text)


def test_columns_are_guessed_by_their_names():
    found = guessed(["Notes", "Task name", "Assigned to", "Due Date", "Tags", "State"])
    assert found == {"description": 0, "title": 1, "assignee": 2, "due_date": 3, "labels": 4, "status": 5}
    assert guessed(["Was", "Due"]) == {"due_date": 1, "title": 0}


def test_only_columns_that_are_there_can_be_chosen():
    said = {"column_title": "1", "column_status": "2", "column_labels": "-1", "column_assignee": "٣"}
    assert chosen(said, 2) == {"title": 1}


@pytest.mark.parametrize(
    ("said", "order", "day"),
    [
        ("2026-12-31", DAY_FIRST, (2026, 12, 31)),
        ("2026-12-31T10:00:00Z", MONTH_FIRST, (2026, 12, 31)),
        ("3/4/2026", DAY_FIRST, (2026, 4, 3)),
        ("3/4/2026", MONTH_FIRST, (2026, 3, 4)),
        ("31.12.26", DAY_FIRST, (2026, 12, 31)),
        ("26-12-31", YEAR_FIRST, (2026, 12, 31)),
        ("3 April 2026", DAY_FIRST, (2026, 4, 3)),
        ("Apr 3, 2026", DAY_FIRST, (2026, 4, 3)),
    ],
)
def test_days_are_read_as_tables_write_them(said, order, day):
    assert day_of(said, order) == dt.date(*day)


@pytest.mark.parametrize("said", ["31/31/2026", "2026-02-30", "tomorrow", "0026-01-01", "1/1/1", "46356"])
def test_what_is_no_day_is_refused(said):
    with pytest.raises(Invalid, match="is no day"):
        day_of(said, DAY_FIRST)


@pytest.mark.parametrize(
    ("days", "order"),
    [(["1/2/2026", "1/31/2026"], MONTH_FIRST), (["1/2/2026", "31/1/2026"], DAY_FIRST), ([], DAY_FIRST)],
)
def test_the_order_is_guessed_by_days_that_can_be_read_in_one(days, order):
    assert guessed_order(days) == order


BOB = Person(2, "bob", "Bob Meyer", "bob@example.com")
MEMBERS = [BOB, Person(3, "carol", "Sam Lee", ""), Person(4, "dave", "Sam Lee", "")]


def read(row, header="title,description,status,assignee,due_date,labels"):
    (found,) = read_tasks(table_of(f"{header}\n{row}\n"), guessed(header.split(",")), DAY_FIRST, MEMBERS)
    return found


def test_a_row_is_a_task():
    found = read('=1+1,"Ask @bob",In Progress,@BOB,1/2/2026,"web; mail"')
    assert found.problems == []
    assert (found.title, found.status, found.assignee, found.labels) == (
        "=1+1",
        "in_progress",
        BOB,
        ["mail", "web"],
    )
    assert read("x,,,bob@EXAMPLE.com,,").assignee == read("x,,,bob meyer,,").assignee == BOB


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (",text,,,,", "Title", "needs a title"),
        ("x" * 201 + ",,,,,", "Title", "201 characters"),
        ("x," + "y" * 20_001 + ",,,,", "Description", "20,001 characters"),
        ("x,,later,,,", "Status", "“later” is no status"),
        ("x,,,eve,,", "Assignee", "“eve” is no member here"),
        ("x,,,sam lee,,", "Assignee", "Several members"),
        ("x,,,,soon,", "Due", "“soon” is no day"),
        ("x,,,,,a;b;c;d;e;f;g;h;i;j;k", "Labels", "11 labels"),
        ("x,,,,,,more", "Row", "7 cells"),
    ],
)
def test_what_is_wrong_in_a_row_is_named_by_its_column(row, column, words):
    (problem,) = read(row).problems
    assert problem.column == column and words in problem.says
