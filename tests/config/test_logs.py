"""Nothing secret is logged, however much of the log is asked for."""

import json
import logging
import re
import sys
from http.client import HTTPConnection
from pathlib import Path
from unittest.mock import ANY
from urllib.parse import urlencode

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from websockets.exceptions import InvalidStatus

from accounts.models import AccessRecord
from config.logs import JsonFormatter, NoCapability, RequestId
from orgs.models import User
from tests.factories import PASSWORD
from tests.realtime.sockets import dial, event_frames, user_path
from tests.tasks.acme import found
from tests.tokens.making import new_token
from tests.waiting import LIMIT, wait_until
from tokens.text import new_text

NEW = "much-longer-4711"


class Visitor:
    """A browser's cookies and forms, by hand."""

    def __init__(self, server):
        self.server = server
        self.cookies = {}
        self.secrets = set()

    @property
    def cookie(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def ask(self, method, path, **fields):
        token = self.cookies.get(settings.CSRF_COOKIE_NAME, "")
        headers = {"Cookie": self.cookie, "X-CSRFToken": token, "Origin": self.server.base_url}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=LIMIT)
        connection.request(method, path, urlencode(fields), headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        for name, value in re.findall(r"(\w+)=(\w+);", ";".join(answer.headers.get_all("Set-Cookie", []))):
            if name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
                self.cookies[name] = value
        self.secrets |= {
            *self.cookies.values(),
            *re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page),
        }
        return answer.status


async def test_no_cookie_token_password_or_probe_is_logged_at_debug(start_server):
    await sync_to_async(found)("acme", alice="owner", bob="member")
    before = await User.objects.aget(username="bob")
    server = await sync_to_async(start_server)(LOG_LEVEL="DEBUG")
    visitor = Visitor(server)
    ask = sync_to_async(visitor.ask)
    assert await ask("GET", "/accounts/login/") == 200
    assert await ask("POST", "/accounts/login/", username="bob", password="wrong-4711") == 200
    assert await ask("POST", "/accounts/login/", username="bob", password=PASSWORD) == 302
    async with dial(server.ws_url, user_path(), visitor.cookie) as connection:
        await event_frames(connection, 0)
    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert await ask("POST", "/accounts/password_change/", **fields) == 302
    assert await ask("GET", "/accounts/oidc/sso/login/callback/?code=a/code-4711&state=state-4711") in (
        404,
        502,
    )
    assert await ask("GET", "/mail/off/capability-4711/") == 404
    for probe in ("/livez", "/readyz", "/healthz"):
        assert await ask("GET", probe) == 200
    assert await ask("GET", "/orgs/") == 200
    after = await User.objects.aget(username="bob")
    addresses = {"code-4711", "state-4711", "capability-4711"}
    secrets = visitor.secrets | addresses | {NEW, "wrong-4711", before.password, after.password}
    assert len(secrets) > 8
    wait_until(lambda: "/orgs/ HTTP" in server.log, "the access log's line")
    assert [secret for secret in secrets if secret in server.log] == []
    assert "livez" not in server.log and "readyz" not in server.log and "healthz" not in server.log


async def test_no_token_is_kept_or_logged_wherever_it_was_sent(start_server):
    await sync_to_async(found)("acme", alice="owner", bob="member")
    bob = await User.objects.aget(username="bob")
    texts = [(await sync_to_async(new_token)(bob)).text for _ in range(2)]
    good, unknown = texts[0], new_text()
    server = await sync_to_async(start_server)(LOG_LEVEL="DEBUG")

    @sync_to_async
    def ask(method, path, body=None, **headers):
        connection = HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)
        connection.request(
            method, path, body and json.dumps(body), {"Content-Type": "application/json", **headers}
        )
        answer = connection.getresponse()
        said = answer.read().decode() if answer.status != 200 else ""  # a stream has no end
        connection.close()
        return answer.status, said

    said, bearer = [], {"Authorization": f"Bearer {good}"}
    wish = {"name": "One more", "scopes": ["read"], "days": 1}
    for expected, method, path, body, headers in (
        (200, "GET", "/api/v1/me", None, bearer),
        (200, "GET", "/api/v1/stream", None, bearer | {"Accept": "text/event-stream"}),
        (200, "PUT", "/api/v1/orgs/acme/level", {"level": "all"}, bearer),
        (401, "GET", "/api/v1/me", None, {"Authorization": f"Bearer {unknown}"}),
        (401, "GET", "/api/v1/me", None, {"Authorization": f"Token {unknown}"}),
        (401, "GET", "/api/v1/me", None, {"Authorization": unknown}),
        (422, "PUT", "/api/v1/orgs/acme/level", {"level": "some"}, bearer),
        (401, "GET", f"/api/v1/me?token={good}", None, {}),
        (401, "GET", f"/api/v1/stream?access_token={good}", None, bearer),
        (404, "GET", f"/api/v1/tokens/{unknown}", None, bearer),
        (404, "GET", f"/{unknown}", None, {}),
    ):
        status, words = await ask(method, path, body, **headers)
        assert (path.replace(good, "…"), status) == (path.replace(good, "…"), expected)
        said.append(words)
    status, words = await ask("POST", "/api/v1/tokens", wish, **bearer)
    assert status == 201
    texts += [unknown, json.loads(words)["token"]]
    offered = ["carillon", f"carillon.bearer.{good}"]
    async with dial(server.ws_url, user_path(), subprotocols=offered) as connection:
        await event_frames(connection, 0)
    for refused in (f"{user_path()}?token={good}", f"{user_path()}?after={unknown}"):
        with pytest.raises(InvalidStatus):
            async with dial(server.ws_url, refused):
                pass
    assert await ask("GET", "/nowhere") == (404, ANY)
    wait_until(lambda: "/nowhere HTTP" in server.log, "the access log's last line")
    kept = [str(values) async for values in AccessRecord.objects.values()]
    assert any("CI bot" in each for each in kept)
    commands = await sync_to_async(Path(f"/proc/{server.pid}/cmdline").read_text)()
    places = [*server.log.splitlines(), commands, *kept, *said]
    assert [place for place in places if any(text[-20:] in place for text in texts)] == []


def test_the_access_log_hides_capabilities_whoever_handles_it():
    record = record_of('%s - "%s %s HTTP/%s" %d', "10.0.0.5:1", "GET", "/mail/off/secret-4711/", "1.1", 404)
    assert logging.getLogger("uvicorn.access").filter(record)
    assert "secret-4711" not in record.getMessage()


def record_of(message, *args, exc_info=None, name="config"):
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, exc_info)


def test_as_json_a_record_is_one_line_with_what_a_collector_asks_for():
    try:
        int("two\nlines")
    except ValueError:
        record = record_of("It said %s", '\u2028 "quoted"\nand more', exc_info=sys.exc_info())
    assert RequestId().filter(record)
    line = JsonFormatter().format(record)
    assert len(line.splitlines()) == 1
    told = json.loads(line)
    assert told.pop("time").endswith("+00:00")
    assert told.pop("exception").endswith("'two\\nlines'")
    assert told == {
        "level": "ERROR",
        "logger": "config",
        "message": 'It said \u2028 "quoted"\nand more',
        "request_id": "-",
    }


def test_as_json_nothing_is_said_that_a_filter_took_out():
    record = record_of("GET %s", "/mail/off/secret-4711/")
    NoCapability().filter(record)
    RequestId().filter(record)
    assert "secret-4711" not in JsonFormatter().format(record)


def test_as_json_the_trace_stands_there_where_there_is_one():
    record = record_of("x")
    record.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    assert json.loads(JsonFormatter().format(record))["trace_id"] == record.trace_id


@pytest.mark.parametrize("name", ["token", "access_token", "after", "Token"])
def test_a_token_in_an_address_is_left_out(name):
    text = new_text()
    for query in (f"{name}={text}", f"x=1&{name}={text}&y=2", f"{name}={text.replace('_', '%5F')}"):
        record = logging.makeLogRecord({"msg": '%s - "%s %s"', "args": ("ip", "GET", f"/api/v1/me?{query}")})
        NoCapability().filter(record)
        assert text[-20:] not in record.getMessage()
