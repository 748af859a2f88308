import threading

import pytest
from django.db import connection, transaction

from orgs import transactions
from orgs.transactions import FifoLock, announce, announced, org_group_name, write_transaction
from tests.waiting import LIMIT, wait_until


class TestFifoLock:
    def test_serves_threads_in_the_order_they_came(self):
        lock, served = FifoLock(), []

        def work(number):
            with lock:
                served.append(number)

        threads = [threading.Thread(target=work, args=[number]) for number in range(12)]
        with lock:
            for number, thread in enumerate(threads, start=1):
                thread.start()
                wait_until(lambda: len(lock._waiting) == number, "the thread to queue")  # noqa: B023
        for thread in threads:
            thread.join(LIMIT)
        assert served == list(range(12))

    def test_lets_one_in_at_a_time(self):
        lock, inside, most = FifoLock(), [], []
        go = threading.Barrier(8)

        def work():
            go.wait(LIMIT)
            for _ in range(200):
                with lock:
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT)
        assert len(most) == 1_600
        assert max(most) == 1

    def test_is_free_again_after_an_error(self):
        lock = FifoLock()
        for _ in range(2):
            with pytest.raises(ZeroDivisionError), lock:
                raise ZeroDivisionError
        assert not lock._held

    def test_passes_on_after_an_error(self):
        lock, served = FifoLock(), threading.Event()

        def work():
            with lock:
                served.set()

        thread = threading.Thread(target=work)
        with pytest.raises(ZeroDivisionError), lock:
            thread.start()
            wait_until(lambda: lock._waiting, "the thread to queue")
            raise ZeroDivisionError
        assert served.wait(LIMIT)
        thread.join(LIMIT)


class TestAnnouncing:
    @pytest.fixture(autouse=True)
    def database(self, transactional_db):
        pass

    def test_holds_up_no_other_writer(self):
        written = []

        def write():
            with write_transaction():
                written.append(1)
            connection.close()

        def hear(**_):
            if not written:
                writer = threading.Thread(target=write, daemon=True)
                writer.start()
                writer.join(10)
                heard.append(list(written))

        heard = []
        announced.connect(hear)
        try:
            with write_transaction():
                announce("org-7", {"type": "x"})
        finally:
            announced.disconnect(hear)
        assert heard == [[1]]

    def test_happens_after_the_commit(self, announcements):
        with write_transaction():
            announce("org-7", {"type": "x"})
            assert announcements == []
        assert announcements == [("org-7", {"type": "x"})]

    def test_outside_a_transaction_happens_at_once(self, announcements):
        announce("org-7", {"type": "x"})
        assert announcements == [("org-7", {"type": "x"})]

    def test_keeps_the_order(self, announcements):
        with write_transaction():
            for number in range(5):
                announce(org_group_name(number), {})
        assert [group for group, _ in announcements] == [f"org-{number}" for number in range(5)]

    def test_never_happens_after_a_rollback(self, announcements):
        with pytest.raises(ZeroDivisionError), write_transaction():
            announce("org-7", {})
            raise ZeroDivisionError
        assert announcements == []

    def test_never_happens_for_a_rolled_back_savepoint(self, announcements):
        with write_transaction():
            announce("org-1", {})
            with pytest.raises(ZeroDivisionError), write_transaction():
                announce("org-2", {})
                raise ZeroDivisionError
            announce("org-3", {})
        assert [group for group, _ in announcements] == ["org-1", "org-3"]

    def test_a_receiver_that_raises_stops_neither_the_others_nor_the_caller(self, announcements, caplog):
        def broken(**_):
            raise RuntimeError("The receiver fell over.")

        announced.connect(broken)
        try:
            with write_transaction():
                announce("org-1", {})
                announce("org-2", {})
        finally:
            announced.disconnect(broken)
        assert [group for group, _ in announcements] == ["org-1", "org-2"]
        assert "The receiver fell over." in caplog.text

    def test_failing_altogether_neither_fails_the_write_nor_skips_what_follows(self, monkeypatch):
        """Django runs no callback after one that raised, unless that one was robust."""
        followed = []

        def fail(**_):
            raise RuntimeError("Not even the signal works.")

        monkeypatch.setattr(announced, "send_robust", fail)
        with write_transaction():
            announce("org-1", {})
            transaction.on_commit(lambda: followed.append(True))
        assert followed == [True]

    def test_a_callback_that_raises_later_does_not_stop_it(self, announcements):
        with pytest.raises(ZeroDivisionError), write_transaction():
            announce("org-1", {})
            transaction.on_commit(lambda: 1 / 0)
        assert [group for group, _ in announcements] == ["org-1"]


class TestWriteTransaction:
    def test_is_a_savepoint_within_another(self, transactional_db):
        with transaction.atomic():
            with pytest.raises(ZeroDivisionError), write_transaction():
                raise ZeroDivisionError
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")

    def test_holds_the_writers_lock_on_sqlite_and_gives_it_back(self, transactional_db):
        queue = transactions._sqlite_writers
        sqlite = connection.vendor == "sqlite"
        with write_transaction():
            assert queue._held is sqlite
            with write_transaction():
                assert connection.in_atomic_block
            assert queue._held is sqlite
        with pytest.raises(ZeroDivisionError), write_transaction():
            raise ZeroDivisionError
        assert not queue._held
