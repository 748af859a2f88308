"""The tables that grow, partitioned by organization and by recipient: the product works as ever, and knows nothing.

`python -m servers --partitioned 16 -- pytest ...` runs any other tests so.
"""

import os
import subprocess
import sys

import pytest
from django.db import connection

from events import append_only
from servers.partitions import BY, PARTITIONED, parts_wanted

SELECTION = (
    "tests/test_partitioned.py::test_the_tables_are_split",
    "tests/tasks/test_services.py::TestOneCommand",
    "tests/tasks/test_sequences.py",
    "tests/tasks/test_concurrency.py::TestOneOfManyWins::test_a_form_sent_by_many_hands_creates_once",
    "tests/tasks/test_concurrency.py::TestOneOfManyWins::test_a_task_that_two_organizations_begin_at_once_is_one_organizations",
    "tests/tasks/test_erasure.py::test_the_history_still_holds",
    "tests/tasks/test_erasure.py::TestWithoutAnErasure",
    "tests/tasks/test_rebuild.py::test_writers_and_a_rebuild_do_not_hinder_each_other",
    "tests/tasks/test_rebuild.py::TestTheTable::test_comes_back_from_another_organization",
    "tests/inbox/test_deliver.py",
    "tests/inbox/test_services.py",
    "tests/events/test_append_only.py",
    "tests/events/test_verification.py",
)


@pytest.mark.services
def test_a_selection_of_the_flows_on_split_tables():
    """In a process and on a database of its own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-x", "-k", "not migrat", *SELECTION]
    run = subprocess.run(command, env=own | {PARTITIONED: "4"}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-5000:]


@pytest.mark.skipif(not parts_wanted(), reason="of the selection above")
@pytest.mark.django_db
def test_the_tables_are_split():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname::text, count(inhrelid) FROM pg_class JOIN pg_inherits ON inhparent = pg_class.oid "
            "WHERE relkind = 'p' GROUP BY 1"
        )
        assert dict(cursor.fetchall()) == dict.fromkeys(BY, parts_wanted())
    assert append_only.missing_triggers(connection) == []
