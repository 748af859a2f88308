import datetime as dt
import uuid

import pytest

from base.as_written import AsWritten
from base.bulk import fill, stream
from tests.orders.models import EveryKind

pytestmark = pytest.mark.django_db

COLUMNS = [field.attname for field in EveryKind._meta.concrete_fields]
VALUES = [
    {
        "id": uuid.UUID(int=2**127 + 5),
        "number": 7,
        "ratio": 0.5,
        "title": "Tür “A”",
        "text": "two\nlines",
        "done": True,
        "day": dt.date(2026, 11, 30),
        "hour": dt.time(9, 30),
        "stream": uuid.UUID(int=9),
        "numbers": [3, 1, 2],
        "words": ["rot", "grün", "a 'quote'", 'and "two"', "back\\slash"],
        "labels": {"long key": [1, None, True], "b": {"zz": 1, "a": "é"}, "a": 1.5},
    },
    {
        "id": uuid.UUID(int=6),
        "number": -1,
        "ratio": 0.0,
        "title": "",
        "text": "",
        "done": False,
        "day": None,
        "hour": dt.time(23, 59, 59),
        "stream": uuid.UUID(int=0),
        "numbers": [],
        "words": [],
        "labels": {},
    },
]


@pytest.mark.parametrize("values", VALUES, ids=["with something", "empty"])
class TestARow:
    def test_written_by_django_is_the_same(self, values):
        EveryKind.objects.create(**values)
        written = AsWritten(EveryKind, COLUMNS)
        (row,) = stream(EveryKind.objects.values_list(*written.selected))
        assert row == written.row(values[name] for name in COLUMNS)

    def test_filled_past_django_is_read_as_it_was(self, values):
        written = AsWritten(EveryKind, COLUMNS)
        fill(EveryKind._meta.db_table, COLUMNS, [written.row(values[name] for name in COLUMNS)])
        assert EveryKind.objects.values().get() == values
