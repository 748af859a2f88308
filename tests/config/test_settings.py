"""What the environment may say, and how the start is refused when it says something else."""

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from channels_redis.utils import create_pool
from django.conf import settings
from django.contrib.messages import INFO
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection
from django.http import HttpResponse
from django.test import override_settings
from django.utils.module_loading import import_string

from base.database_errors import database_sentence
from config.cookies import _Messages
from config.routing import below_prefix
from realtime.auth import credentials_of
from tests.conftest import TRACEBACK
from tests.factories import UserFactory

KEY = "0123456789abcdefghijklmnopqrstuvwxyz"
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


def read(monkeypatch, **environment):
    """The settings that a process would have with this environment and no other."""
    for name in set(os.environ) - {"PATH"}:
        monkeypatch.delenv(name)
    for name, value in ({"SECRET_KEY": KEY} | environment).items():
        monkeypatch.setenv(name, value)
    return SimpleNamespace(**runpy.run_path(str(ROOT / "config" / "settings.py")))


REFUSED = [
    ("SECRET_KEY", "", "Set SECRET_KEY (or SECRET_KEY_FILE) to a long random text"),
    *[("SECRET_KEY", value, "write a random text of at least 32") for value in ("x", KEY[:31], "ab" * 30)],
    ("SECRET_KEY_FALLBACKS", f"{KEY},old", "write a random text of at least 32"),
    ("SECRET_KEY", f"{KEY}\n{KEY}", "cannot be printed"),
    *[("HTTPS", value, "write 1 or 0") for value in ("ture", "2", "-1", "$DEBUG")],
    *[("WEB_CONCURRENCY", value, "from 1 to 1000") for value in ("two", "0", "-1", "1.5", "1e2", "9" * 5000)],
    *[("HANDSHAKES_PER_MINUTE", value, "a whole number from 1") for value in ("0", "-5", "٣", "1_000")],
    ("HANDSHAKES_PENDING", "0", "a whole number from 1"),
    *[("POLL_SECONDS", value, "from 0.05 to 60") for value in ("0", "-1", "nan", "inf", "-inf", "1,5", "2s")],
    *[("COOKIE_PREFIX", value, "letters, digits, - and _") for value in ("a b", "a;", "é", "a=", "x" * 41)],
    *[
        ("PATH_PREFIX", value, "write a path such as")
        for value in ("carillon", "/a/", "/", "//a", "/a?b", "https://a")
    ],
    *[("LOG_LEVEL", value, "write DEBUG, INFO, WARNING or ERROR") for value in ("LOUD", "info")],
    *[
        ("ALLOWED_HOSTS", value, "write host names alone")
        for value in (
            "https://a.example",
            "a.example:443",
            "a.example/",
            "*.a.example",
            "::1",
            "a b",
            "ä.example",
        )
    ],
    *[
        ("CSRF_TRUSTED_ORIGINS", f"https://fine.example,{value}", "write scheme and host")
        for value in (
            "a.example",
            "https://a.example/",
            "https://a.example/x",
            "ftp://a.example",
            "https://*",
            "https://a.*.example",
            "https://u@a.example",
            "https://a.example:0",
            "https://a.example:99999",
            "https://a.example?",
            "null",
            "*",
        )
    ],
    *[
        ("DATABASE_URL", value, "write postgres://user:password@host/name")
        for value in (
            "nonsense",
            "mysql://u:hunter2@h/d",
            "postgres://",
            "postgres://h",
            "postgres://u:hunter2@h:port/d",
            "postgres://u:hunter2/x@h/d",
            "postgres://u:hunter2?x@h/d",
            "postgres://h:99999/d",
            "sqlite://host/file",
            "$OTHER",
        )
    ],
    *[
        ("REDIS_URL", value, "write redis://host:6379/0")
        for value in (
            "127.0.0.1:6379",
            "localhost",
            "sentinel://h:26379/service/0",
            "http://h:6379",
            "redis://h:hunter2",
            "redis://h:0/0",
            "redis://h:99999/0",
            "redis://h/cache",
            "redis://u:hunter2#x@h/0",
            "redis:///0",
            "redis://[::1/0",
            "unix://",
            "$OTHER",
            "redis+sentinel://[::1/mymaster",
        )
    ],
    *[
        ("REDIS_URL", value, words)
        for value, words in (
            ("redis+sentinel://u:hunter2@h", "name the master after the hosts"),
            ("redis+sentinel://h/0", "name the master after the hosts"),
            ("redis+sentinel://h/mymaster/cache", "name the master after the hosts"),
            ("redis+sentinel:///mymaster", "each Sentinel is host or host:port"),
            ("redis+sentinel://h:0/mymaster", "each Sentinel is host or host:port"),
            ("redis+sentinel://h:99999/mymaster", "each Sentinel is host or host:port"),
            ("redis+sentinel://:hunter2@h,,i/mymaster", "each Sentinel is host or host:port"),
            ("redis+sentinel://redis@h/mymaster", "needs a password"),
            ("redis+sentinel://:a@hunter2@h/mymaster", "write %40 for @"),
            ("redis+sentinel://h/mymaster#hunter2", "write %23 for #"),
            ("redis+sentinel://h/mymaster?password=hunter2", "after the ? only these may stand"),
            ("redis+sentinel://h/mymaster?ssl_ca_certs=/ca.pem", "options of TLS need rediss+sentinel://"),
            ("redis+sentinel://h/mymaster?sentinel_username=u", "needs sentinel_password"),
        )
    ],
    *[
        ("LISTEN_URL", value, "write postgres://user:password@host/name")
        for value in ("127.0.0.1:5432", "postgres://u:hunter2", "sqlite:////x", "redis://h")
    ],
    *[
        ("REPLICA_URL", value, "write postgres://user:password@host/name")
        for value in ("127.0.0.1:5432", "postgres://u:hunter2", "sqlite:////x", "redis://h")
    ],
    ("REPLICA_URL", "postgres://u:hunter2@h/d", "needs a DATABASE_URL of PostgreSQL"),
    *[
        ("MAIL_URL", value, "write smtp://user:password@host:587?tls=1")
        for value in (
            "mail.example.com",
            "smtp://",
            "smtp://u:hunter2",
            "smtp://u:hunter2#x@h",
            "smtp://h:0",
            "smtp://h:99999",
            "smtp://h/path",
            "smtp://h?tls=yes",
            "smtp://h?ssl=1",
            "smtps://h?tls=1",
            "smtp://[::1",
            "http://h",
            "mailbox:hunter2",
            "anymail://?api_key=hunter2",
            "anymail+mailgun://",
            "anymail+nobody://?api_key=hunter2",
            "anymail+../base://?api_key=hunter2",
        )
    ],
    *[
        ("MAIL_FROM", value, "write an address, or a name with one")
        for value in (
            "Carillon",
            "carillon@",
            "@example.com",
            "a@b@c",
            "Carillon <carillon>",
            "a@exa mple.com",
        )
    ],
    *[("MAIL_REPLY_DOMAIN", value, "write a domain") for value in ("https://h", "a@h", "h/", "a b")],
    *[
        ("SITE_URL", value, "write")
        for value in ("tasks.example.com", "https://*.example.com", "https://h/path", "ftp://h")
    ],
]


@pytest.mark.parametrize(("name", "value", "words"), REFUSED)
def test_what_cannot_be_meant_is_refused_in_one_sentence(monkeypatch, name, value, words):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(monkeypatch, OTHER="1", **{name: value})
    sentence = str(refused.value)
    assert words in sentence
    assert name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "hunter2" not in sentence
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


TAKEN = [
    ("SECRET_KEY", f"$x{KEY}", f"$x{KEY}"),  # no reference to a variable named x...
    ("SECRET_KEY_FALLBACKS", f" {KEY}1 ,, {KEY}2", [f"{KEY}1", f"{KEY}2"]),
    ("ALLOWED_HOSTS", "Tasks.example.com, .example.org ,[::1],127.0.0.1,*", None),
    ("ALLOWED_HOSTS", " ", ["localhost", "127.0.0.1", "[::1]"]),
    (
        "CSRF_TRUSTED_ORIGINS",
        "https://A.example:443, http://b.example:80",
        ["https://a.example", "http://b.example"],
    ),
    (
        "CSRF_TRUSTED_ORIGINS",
        "https://*.a.example:8443,http://[::1]:80",
        ["https://*.a.example:8443", "http://[::1]"],
    ),
    ("HTTPS", "", True),
    ("HTTPS", "Off", False),
    ("HANDSHAKES_PENDING", "", 1000),
    ("HANDSHAKES_PENDING", " 4 ", 4),
    ("POLL_SECONDS", "0.2", 0.2),
    ("LOG_LEVEL", "", "INFO"),
    ("COOKIE_PREFIX", "__Host-", "__Host-"),
    *[
        ("REDIS_URL", value, value)
        for value in (
            "",
            "redis://h",
            "redis://:p%40@h:6379/1",
            "rediss://u:p@h:6379/0?ssl_cert_reqs=none",
            "unix:///run/redis.sock?db=1",
            "redis://[::1]:6379/0",
            "redis+sentinel://h,i:26380,[::1]/mymaster/0",
            "rediss+sentinel://u:p%40@h/my-master?sentinel_password=s&ssl_ca_certs=/ca.pem",
        )
    ],
    ("MAIL_FROM", "Carillon <carillon@example.com>", "Carillon <carillon@example.com>"),
    ("MAIL_REPLY_DOMAIN", "Reply.Example.com", "reply.example.com"),
    ("SITE_URL", "https://Tasks.example.com/", "https://tasks.example.com"),
    ("SITE_URL", "", "https://localhost"),
]


def test_a_mail_server_s_address_becomes_django_s_settings(monkeypatch):
    chosen = read(monkeypatch, MAIL_URL="smtp://u%40h:p%2Fw@mail.example.com?tls=1")
    assert chosen.MAIL_IS_ON
    assert (chosen.EMAIL_HOST, chosen.EMAIL_PORT, chosen.EMAIL_USE_TLS) == ("mail.example.com", 587, True)
    assert (chosen.EMAIL_HOST_USER, chosen.EMAIL_HOST_PASSWORD) == ("u@h", "p/w")
    assert read(monkeypatch, MAIL_URL="smtps://h").EMAIL_PORT == 465
    assert read(monkeypatch, MAIL_URL="smtp://[::1]:2525").EMAIL_HOST == "::1"
    chosen = read(monkeypatch, MAIL_URL="anymail+mailgun://?api_key=secret&webhook_secret=a:b")
    assert chosen.EMAIL_BACKEND == "anymail.backends.mailgun.EmailBackend"
    assert chosen.ANYMAIL["MAILGUN_API_KEY"] == "secret"
    assert not read(monkeypatch).MAIL_IS_ON


@pytest.mark.parametrize(("name", "value", "expected"), TAKEN)
def test_what_can_be_meant_is_taken(monkeypatch, name, value, expected):
    chosen = getattr(read(monkeypatch, **{name: value}), name)
    if expected is None:
        expected = ["tasks.example.com", ".example.org", "[::1]", "127.0.0.1", "*"]
    assert chosen == expected


def test_every_cookie_has_the_installation_s_prefix(monkeypatch, rf, client, db):
    chosen = read(monkeypatch, COOKIE_PREFIX="two-")
    assert (chosen.SESSION_COOKIE_NAME, chosen.CSRF_COOKIE_NAME) == ("two-sessionid", "two-csrftoken")
    names = {
        name: getattr(chosen, name) for name in ("COOKIE_PREFIX", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
    }
    with override_settings(**names):
        client.force_login(UserFactory())
        assert credentials_of({"headers": [(b"cookie", client.cookies.output(header="").encode())]})
        answer, storage = HttpResponse(), _Messages(rf.get("/"))
        storage.add(INFO, "Hello")
        storage.update(answer)
    assert {*client.cookies, *answer.cookies} == {"two-sessionid", "two-messages"}


@pytest.mark.parametrize(
    ("asked", "seen"),
    [("/carillon/ws/x/", "/carillon/ws/x/"), ("/ws/x/", "/carillon/ws/x/"), ("/carillon", "/carillon")],
)
async def test_a_proxy_may_take_the_path_off_or_leave_it_on(settings, asked, seen):
    settings.PATH_PREFIX = "/carillon"
    scopes = []

    async def application(scope, *_):
        scopes.append(scope)

    await below_prefix(application)({"path": asked}, None, None)
    assert scopes == [{"path": seen, "root_path": "/carillon"}]


def test_pages_and_files_begin_with_the_path_that_people_use(monkeypatch):
    chosen = read(monkeypatch, PATH_PREFIX="/carillon")
    assert (chosen.FORCE_SCRIPT_NAME, chosen.STATIC_URL) == ("/carillon", "/carillon/static/")


def test_a_prefix_that_browsers_refuse_in_the_clear_is_refused(monkeypatch):
    with pytest.raises(ImproperlyConfigured, match="over https only"):
        read(monkeypatch, COOKIE_PREFIX="__Host-", HTTPS="0")


@pytest.mark.parametrize(
    "address",
    [
        "redis://h",
        "rediss://u:p@h:6379/0",
        "unix:///run/redis.sock",
        "redis+sentinel://h,i:26380/mymaster/0",
        "rediss+sentinel://u:p@h/mymaster/1?sentinel_password=s",
    ],
)
async def test_the_layer_takes_every_kind_of_address(monkeypatch, address):
    """As far as a connection that is not yet opened: an option that its kind does not know would be refused here."""
    hosts = read(monkeypatch, REDIS_URL=address).CHANNEL_LAYERS["default"]["CONFIG"]["hosts"]
    assert create_pool(hosts[0]).make_connection()


@pytest.mark.parametrize(
    ("database", "redis", "layer"),
    [
        ("sqlite:////x", "", "InMemoryChannelLayer"),
        ("postgres://h/d", "", "NotifyLayer"),
        ("postgres://h/d", "redis://h", "RedisPubSubChannelLayer"),
        ("sqlite:////x", "redis://h", "RedisPubSubChannelLayer"),
    ],
)
def test_the_layer_is_redis_or_the_database_itself(monkeypatch, database, redis, layer):
    chosen = read(monkeypatch, DATABASE_URL=database, REDIS_URL=redis).CHANNEL_LAYERS["default"]["BACKEND"]
    assert import_string(chosen).__name__ == layer


def test_listening_has_an_address_of_its_own(monkeypatch):
    assert read(monkeypatch).LISTEN_URL == {}
    chosen = read(monkeypatch, LISTEN_URL="postgres://u:p%40@direct:5433/d").LISTEN_URL
    assert (chosen["HOST"], chosen["PORT"], chosen["PASSWORD"]) == ("direct", 5433, "p@")


def test_without_a_replica_nothing_of_it_is_there(monkeypatch):
    chosen = read(monkeypatch, DATABASE_URL="postgres://h/d")
    assert chosen.REPLICA_URL == {}
    assert list(chosen.DATABASES) == ["default"]
    assert "LastWrites" not in str(chosen.MIDDLEWARE)


def test_a_replica_is_never_written_and_has_limits_of_its_own(monkeypatch):
    address = (
        "postgres://r:p%40@one,two:5433/d?sslmode=require&statement_timeout=900&target_session_attrs=standby"
    )
    chosen = read(monkeypatch, DATABASE_URL="postgres://u:x@h/d", REPLICA_URL=address)
    replica, primary = chosen.DATABASES["replica"], chosen.DATABASES["default"]
    assert (replica["USER"], replica["PASSWORD"], replica["NAME"]) == ("r", "p@", "d")
    assert "one" in replica["HOST"] and "two" in replica["HOST"]
    options = replica["OPTIONS"]
    assert "-c default_transaction_read_only=on" in options["options"]
    assert "-c statement_timeout=900" in options["options"]
    assert (options["sslmode"], options["target_session_attrs"]) == ("require", "standby")
    assert options["pool"]["max_size"] < primary["OPTIONS"]["pool"]["max_size"]
    assert options["pool"]["connection_class"] is not primary["OPTIONS"]["pool"]["connection_class"]
    (router,) = [import_string(name)() for name in chosen.DATABASE_ROUTERS]
    assert router.allow_migrate("replica", "inbox") is False
    assert router.allow_migrate("default", "inbox") is None


@pytest.mark.parametrize("password", ["$x", "p%23w", "p%40%2F%3F"])
def test_a_password_is_taken_as_it_is_written(monkeypatch, password):
    chosen = read(monkeypatch, DATABASE_URL=f"postgres://u:{password}@[::1]:5433/d?sslmode=require")
    default = chosen.DATABASES["default"]
    assert (default["PASSWORD"], default["HOST"], default["PORT"]) == (unquote(password), "::1", 5433)
    assert default["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff" * 40, "is no UTF-8 text"),
        (b"one\ntwo" * 40, "cannot be printed"),
        (b"short\n", "at least 32"),
    ],
)
def test_a_file_that_cannot_be_meant_is_named(monkeypatch, tmp_path, content, words):
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY cannot be read") as refused:
        read(monkeypatch, SECRET_KEY="", SECRET_KEY_FILE=str(file))
    assert words in str(refused.value)


def test_a_folder_is_no_file_and_two_ways_are_one_too_many(monkeypatch, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="Is a directory"):
        read(monkeypatch, SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path))
    with pytest.raises(ImproperlyConfigured, match="Set SECRET_KEY or SECRET_KEY_FILE, not both"):
        read(monkeypatch, SECRET_KEY_FILE=str(tmp_path))


@pytest.mark.parametrize("starts", [("manage.py", "check"), ("-m", "uvicorn", "config.asgi:application")])
def test_the_start_is_refused_with_one_sentence(starts):
    ended = run(*starts, SECRET_KEY=KEY, REDIS_URL="127.0.0.1:6379")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"Not configured: REDIS_URL cannot be read: .*\n", ended.stderr)


UNUSABLE = [
    ("migrate", "sqlite:////etc/passwd/db", "unable to open database file"),
    ("createsuperuser", "{file}", "file is not a database"),
    ("serve", "postgres://u:hunter2@127.0.0.1:1/x", "port 1 failed: Connection refused"),
    ("demo", "postgres://u:hunter2@nowhere.invalid/x", "failed to resolve host 'nowhere.invalid'"),
    ("seed_demo", "{missing}", "The database is not up to date. Run: python manage.py migrate"),
]


@pytest.mark.parametrize(("command", "address", "words"), UNUSABLE)
def test_a_database_that_cannot_be_used_is_told_in_one_sentence(tmp_path, command, address, words):
    (tmp_path / "text").write_text("no database " * 100)
    files = {"file": f"sqlite:///{tmp_path}/text", "missing": f"sqlite:///{tmp_path}/new/db"}
    ended = run("manage.py", command, SECRET_KEY=KEY, DATABASE_URL=address.format_map(files))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("The database ")
    assert words in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "hunter2" not in ended.stderr


@pytest.mark.services
def test_postgresql_s_refusal_is_told_in_one_sentence(db):
    address = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}-missing".format_map(connection.settings_dict)
    ended = run("manage.py", "migrate", SECRET_KEY=KEY, DATABASE_URL=address)
    assert ended.returncode == 1
    assert re.fullmatch(
        r"The database cannot be used: .*-missing\" does not exist. See DATABASE_URL.\n", ended.stderr
    )


def test_our_own_mistake_keeps_its_traceback():
    assert database_sentence(IntegrityError("UNIQUE constraint failed")) is None
    assert database_sentence(ValueError("no")) is None


ANSWERS = """
import django, json, sys
django.setup()
from django.conf import settings
from django.contrib.messages import INFO
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
    return answers(SECRET_KEY=KEY)


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
    key.write_text(f"from-a-file-{KEY}\n")
    told = answers(SECRET_KEY_FILE=str(key), REDIS_URL="redis://127.0.0.1:1/0")
    assert told["settings"]["SECRET_KEY"] == f"from-a-file-{KEY}"
    layer = told["settings"]["CHANNEL_LAYERS"]["default"]
    assert layer["BACKEND"].endswith("RedisPubSubChannelLayer")


class TestWorkers:
    """The in-memory layer does not cross processes: with two workers half of the live updates would be lost."""

    @pytest.mark.parametrize(
        ("workers", "redis", "vendor", "refused"),
        [
            (1, "", "sqlite", False),
            (2, "", "sqlite", True),
            (8, "", "sqlite", True),
            (2, "redis://127.0.0.1:6379/0", "sqlite", False),
            (2, "", "postgresql", False),
        ],
    )
    def test_need_a_shared_layer(self, monkeypatch, workers, redis, vendor, refused):
        monkeypatch.setattr(connection, "vendor", vendor)
        monkeypatch.setattr(settings, "WORKERS", workers)
        monkeypatch.setattr(settings, "REDIS_URL", redis)
        if not refused:
            return call_command("check")
        with pytest.raises(SystemCheckError, match=f"{workers} workers need a channel layer") as error:
            call_command("check")
        assert "Set REDIS_URL or use PostgreSQL, or serve with one worker." in str(error.value)
        return None

    def test_are_checked_before_serving(self, tmp_path):
        ended = run(
            "manage.py",
            "serve",
            "--workers=2",
            "--port=0",
            SECRET_KEY=KEY,
            DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3",
        )
        assert ended.returncode == 1
        assert "2 workers need a channel layer that crosses processes" in ended.stderr
        assert TRACEBACK not in ended.stderr


@pytest.mark.parametrize("workers", ["0", "-1"])
def test_serving_by_nobody_is_refused(workers):
    ended = run(
        "manage.py", "serve", f"--workers={workers}", SECRET_KEY=KEY, DATABASE_URL="sqlite://:memory:"
    )
    assert ended.returncode == 1
    assert ended.stderr == "CommandError: --workers must be at least 1.\n"


def test_a_database_that_is_not_up_to_date_is_named(tmp_path):
    ended = run(
        "manage.py",
        "serve",
        "--port=0",
        SECRET_KEY=KEY,
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
        "from config import settings as s; import json;"
        "print(json.dumps([s.DATABASES, s.SERVING_TIMEOUTS], default=str))"
    )
    address = "postgres://u@host/name?connect_timeout=10&lock_timeout=0&sslmode=require"
    databases, serving = json.loads(run("-c", script, SECRET_KEY=KEY, DATABASE_URL=address).stdout)
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
    values = {"SECRET_KEY": KEY, "DATABASE_URL": f"sqlite:///{tmp_path / 'data.sqlite3'}"}
    files = {name: tmp_path / name for name in values}
    for name, file in files.items():
        file.write_text(f"{values[name]}\n")
    script = "from config import settings as s; print([s.SECRET_KEY, s.DATABASES['default']['NAME']])"
    told = run("-c", script, **{f"{name}_FILE": str(file) for name, file in files.items()})
    assert told.stdout.strip() == str([values["SECRET_KEY"], str(tmp_path / "data.sqlite3")]), told.stderr
