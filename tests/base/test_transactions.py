import threading

import pytest
from django.db import connection, transaction

from base.announcements import announce, announced, org_group_name
from base.messages import SessionChanged
from base.transactions import write_transaction

MESSAGE = SessionChanged(user_id=1)


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
                announce("org-7", MESSAGE)
        finally:
            announced.disconnect(hear)
        assert heard == [[1]]

    def test_happens_after_the_commit(self, announcements):
        with write_transaction():
            announce("org-7", MESSAGE)
            assert announcements == []
        assert announcements == [("org-7", MESSAGE.told())]

    def test_outside_a_transaction_happens_at_once(self, announcements):
        announce("org-7", MESSAGE)
        assert announcements == [("org-7", MESSAGE.told())]

    def test_keeps_the_order(self, announcements):
        with write_transaction():
            for number in range(5):
                announce(org_group_name(number), MESSAGE)
        assert [group for group, _ in announcements] == [f"org-{number}" for number in range(5)]

    def test_never_happens_after_a_rollback(self, announcements):
        with pytest.raises(ZeroDivisionError), write_transaction():
            announce("org-7", MESSAGE)
            raise ZeroDivisionError
        assert announcements == []

    def test_never_happens_for_a_rolled_back_savepoint(self, announcements):
        with write_transaction():
            announce("org-1", MESSAGE)
            with pytest.raises(ZeroDivisionError), write_transaction():
                announce("org-2", MESSAGE)
                raise ZeroDivisionError
            announce("org-3", MESSAGE)
        assert [group for group, _ in announcements] == ["org-1", "org-3"]

    def test_a_receiver_that_raises_stops_neither_the_others_nor_the_caller(self, announcements, caplog):
        def broken(**_):
            raise RuntimeError("The receiver fell over.")

        announced.connect(broken)
        try:
            with write_transaction():
                announce("org-1", MESSAGE)
                announce("org-2", MESSAGE)
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
            announce("org-1", MESSAGE)
            transaction.on_commit(lambda: followed.append(True))
        assert followed == [True]

    def test_a_callback_that_raises_later_does_not_stop_it(self, announcements):
        with pytest.raises(ZeroDivisionError), write_transaction():
            announce("org-1", MESSAGE)
            transaction.on_commit(lambda: 1 / 0)
        assert [group for group, _ in announcements] == ["org-1"]


class TestWriteTransaction:
    def test_is_a_savepoint_within_another(self, transactional_db):
        with transaction.atomic():
            with pytest.raises(ZeroDivisionError), write_transaction():
                raise ZeroDivisionError
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
