import pytest

from bench import rebuild
from bench.history import fill
from tasks.models import Task


@pytest.mark.django_db(transaction=True)
def test_the_fast_way_gives_what_the_slow_way_gives(transactional_db, monkeypatch, capsys):
    monkeypatch.setattr(rebuild, "SAMPLE", 40)  # all of them
    fill(40, 300)
    assert rebuild.compare(runs=1)
    assert "equal, byte by byte" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_a_difference_is_seen(transactional_db, monkeypatch, capsys):
    fill(40, 300)
    monkeypatch.setattr(rebuild, "SAMPLE", 20)
    monkeypatch.setattr(rebuild, "slow", lambda _: Task.objects.update(title="Tampered"))
    assert not rebuild.compare(runs=1)
    assert "DIFFER" in capsys.readouterr().out
