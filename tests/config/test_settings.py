"""What the environment may say, and how the start is refused when it says something else."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from tests.conftest import TRACEBACK

ROOT = Path(__file__).parent.parent.parent


def run(*arguments, **environment):
    """A process of its own, which knows of no other environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={"PATH": os.environ["PATH"]} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


REFUSED = {
    "no secret": ({"SECRET_KEY": ""}, "Set SECRET_KEY (or SECRET_KEY_FILE) to a long random text"),
    "secret in a missing file": ({"SECRET_KEY_FILE": "/nowhere/key"}, "SECRET_KEY cannot be read"),
    "no yes and no no": ({"HTTPS": "ture"}, "HTTPS cannot be read: write 1 or 0"),
    "no number": ({"WEB_CONCURRENCY": "two"}, "WEB_CONCURRENCY cannot be read"),
    "no database": ({"DATABASE_URL": "nonsense"}, "DATABASE_URL cannot be read"),
    "no level": ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL cannot be read: write DEBUG, INFO"),
}


@pytest.fixture(scope="module")
def refusals():
    def start(case):
        environment, _ = REFUSED[case]
        return case, run("-W", "ignore", "manage.py", "check", **{"SECRET_KEY": "x"} | environment)

    with ThreadPoolExecutor(2) as pool:
        return dict(pool.map(start, REFUSED))


@pytest.mark.parametrize("case", REFUSED)
def test_the_start_is_refused_with_one_sentence(refusals, case):
    ended = refusals[case]
    assert ended.returncode == 1
    assert ended.stderr.startswith("Not configured: ")
    assert REFUSED[case][1] in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert TRACEBACK not in ended.stderr + ended.stdout


ANSWERS = """
import django, json, sys
django.setup()
from django.conf import settings
from django.test import Client
names = sys.argv[1].split(",")
page, plain = Client().get("/accounts/login/", secure=settings.HTTPS), Client().get("/orgs/")
print(json.dumps({
    "settings": {name: getattr(settings, name) for name in names},
    "secure cookies": [bool(cookie["secure"]) for cookie in page.cookies.values()],
    "headers": dict(page.headers),
    "plain": [plain.status_code, plain.headers.get("Location")],
    "health": Client().get("/healthz").status_code,
}, default=str))
"""
NAMES = (
    "DEBUG,HTTPS,SESSION_COOKIE_SECURE,CSRF_COOKIE_SECURE,SECURE_SSL_REDIRECT,SECURE_HSTS_SECONDS,"
    "ALLOWED_HOSTS,SECRET_KEY,REDIS_URL,WORKERS,CHANNEL_LAYERS,DATABASES"
)


def answers(**environment):
    ended = run(
        "-c",
        ANSWERS,
        NAMES,
        DJANGO_SETTINGS_MODULE="config.settings",
        ALLOWED_HOSTS="testserver",
        DATABASE_URL="sqlite://:memory:",
        LOG_LEVEL="ERROR",
        **environment,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def bare():
    return answers(SECRET_KEY="x")


def test_a_bare_start_is_a_safe_one(bare):
    """A secret and nothing else: https, secure cookies, one worker, no debugging."""
    told, chosen = bare, bare["settings"]
    assert (chosen["DEBUG"], chosen["HTTPS"], chosen["WORKERS"], chosen["REDIS_URL"]) == (False, True, 1, "")
    assert chosen["SESSION_COOKIE_SECURE"] is chosen["CSRF_COOKIE_SECURE"] is True
    assert told["secure cookies"] == [True]
    assert told["headers"]["Strict-Transport-Security"].startswith("max-age=31536000")
    assert told["plain"] == [301, "https://testserver/orgs/"]
    assert told["health"] == 200  # whoever looks after the process asks over plain http
    assert chosen["CHANNEL_LAYERS"]["default"]["BACKEND"].endswith("InMemoryChannelLayer")


def test_at_home_it_starts_without_anything():
    told = answers(DEBUG="1")
    chosen = told["settings"]
    assert (chosen["DEBUG"], chosen["HTTPS"], told["secure cookies"]) == (True, False, [False])
    assert "Strict-Transport-Security" not in told["headers"]
    assert told["plain"] == [302, "/accounts/login/?next=/orgs/"]


def test_secrets_may_lie_in_files(tmp_path):
    key = tmp_path / "key"
    key.write_text("from-a-file")
    told = answers(SECRET_KEY_FILE=str(key), REDIS_URL="redis://127.0.0.1:1/0")
    assert told["settings"]["SECRET_KEY"] == "from-a-file"
    layer = told["settings"]["CHANNEL_LAYERS"]["default"]
    assert layer["BACKEND"].endswith("RedisPubSubChannelLayer")


class TestWorkers:
    """The in-memory layer does not cross processes: with two workers half of the live updates would be lost."""

    @pytest.mark.parametrize(
        ("workers", "redis", "refused"),
        [(1, "", False), (2, "", True), (8, "", True), (2, "redis://127.0.0.1:6379/0", False)],
    )
    def test_need_a_shared_layer(self, monkeypatch, workers, redis, refused):
        monkeypatch.setattr(settings, "WORKERS", workers)
        monkeypatch.setattr(settings, "REDIS_URL", redis)
        if not refused:
            return call_command("check")
        with pytest.raises(SystemCheckError, match=f"{workers} workers need a channel layer") as error:
            call_command("check")
        assert "Set REDIS_URL, or serve with one worker." in str(error.value)
        return None

    def test_are_checked_before_serving(self, tmp_path):
        ended = run(
            "manage.py",
            "serve",
            "--workers=2",
            "--port=0",
            SECRET_KEY="x",
            DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3",
        )
        assert ended.returncode == 1
        assert "2 workers need a channel layer that crosses processes" in ended.stderr
        assert TRACEBACK not in ended.stderr


@pytest.mark.parametrize("workers", ["0", "-1"])
def test_serving_by_nobody_is_refused(workers):
    ended = run(
        "manage.py", "serve", f"--workers={workers}", SECRET_KEY="x", DATABASE_URL="sqlite://:memory:"
    )
    assert ended.returncode == 1
    assert ended.stderr == "CommandError: --workers must be at least 1.\n"


def test_a_database_that_is_not_up_to_date_is_named(tmp_path):
    ended = run(
        "manage.py",
        "serve",
        "--port=0",
        SECRET_KEY="x",
        DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3",
    )
    assert ended.returncode == 1
    assert "The database is not up to date. Run: python manage.py migrate" in ended.stderr
    assert TRACEBACK not in ended.stderr


def test_sqlite_is_set_up_for_many_at_once(bare):
    """Waiting instead of failing: without these, 8 threads gave 2,769 'database is locked' in 5 s."""
    chosen = bare["settings"]["DATABASES"]["default"]
    assert chosen["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert chosen["OPTIONS"]["timeout"] == 20
    assert "journal_mode=WAL" in chosen["OPTIONS"]["init_command"]
    assert chosen["CONN_MAX_AGE"] == 0


def test_postgresql_has_time_limits_which_the_address_may_change():
    script = (
        "from config import settings as s; import json; print(json.dumps([s.DATABASES, s.SERVING_TIMEOUTS]))"
    )
    address = "postgres://u@host/name?connect_timeout=10&lock_timeout=0&sslmode=require"
    databases, serving = json.loads(run("-c", script, SECRET_KEY="x" * 50, DATABASE_URL=address).stdout)
    options = databases["default"]["OPTIONS"]
    assert options.pop("pool")["max_size"] == 10
    assert options == {
        "connect_timeout": 10,
        "tcp_user_timeout": 6_000,
        "keepalives": 1,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "sslmode": "require",
    }
    assert serving == {
        "statement_timeout": 5_000,
        "lock_timeout": 0,
        "idle_in_transaction_session_timeout": 15_000,
    }


def test_a_file_s_last_line_break_is_no_part_of_its_value(tmp_path):
    values = {"SECRET_KEY": "k" * 50, "DATABASE_URL": f"sqlite:///{tmp_path / 'data.sqlite3'}"}
    files = {name: tmp_path / name for name in values}
    for name, file in files.items():
        file.write_text(f"{values[name]}\n")
    script = "from config import settings as s; print([s.SECRET_KEY, s.DATABASES['default']['NAME']])"
    told = run("-c", script, **{f"{name}_FILE": str(file) for name, file in files.items()})
    assert told.stdout.strip() == str([values["SECRET_KEY"], str(tmp_path / "data.sqlite3")]), told.stderr
