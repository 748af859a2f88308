"""Lines for people: what Slack and Matrix would take, and what neither would take for a command or a link."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from base.errors import Unprocessable
from servers.receiver import Said
from tests.tasks.acme import comment, new_task
from tests.webhooks.conftest import again, work
from webhooks import asked, services
from webhooks.models import Webhook
from webhooks.wishes import Wish

pytestmark = pytest.mark.django_db

TITLE = "<!channel> a & b | <https://evil.example|here>"


def as_slack(got):
    """Slack's rules: JSON with a text; in it < > only around links, and & only of its three entities."""
    payload = json.loads(got.body)
    if set(payload) != {"text"} or got.headers["Content-Type"] != "application/json":
        return Said(400, body=b"invalid_payload")
    bare = re.sub(r"<http://[^<>|]+\|[^<>|]+>", "", payload["text"])
    if re.search(r"[<>]|&(?!amp;|lt;|gt;)", bare):
        return Said(400, body=b"invalid_payload")
    return Said(200, body=b"ok")


def test_slack_gets_a_line_with_one_link_and_people_s_words_do_nothing(acme, receiver, settings):
    settings.SITE_URL = "http://tasks.example.com"
    receiver.says = as_slack
    services.make(acme.membership(acme.alice), Wish("Chat", receiver.address, Webhook.Format.SLACK))
    comment(new_task(acme, actor=acme.alice, title=TITLE), "Hm.", actor=acme.carol)
    work()
    _, commented = (json.loads(got.body)["text"] for got in receiver.taken)
    link = "<http://tasks.example.com/orgs/acme/tasks/1/|ACME-1 &lt;!channel&gt; a &amp; b"
    assert commented.startswith(link)
    assert commented.endswith("Carol commented on ACME-1")
    assert "webhook-signature" not in receiver.taken[0].headers


class Homeserver:
    """Matrix' rules: PUT with an access token, and a transaction's id that is known is answered and not said again."""

    def __init__(self):
        self.said = {}
        self.fails_after = False

    def answer(self, got):
        match = re.fullmatch(r"/_matrix/client/v3/rooms/([^/]+)/send/m\.room\.message/([^/?]+)", got.path)
        if got.method != "PUT" or not match or unquote(match[1]) != "!abc:example.org":
            return Said(404, body=b'{"errcode":"M_UNRECOGNIZED"}')
        if got.headers.get("Authorization") != "Bearer syt_secret":
            return Said(401, body=b'{"errcode":"M_UNKNOWN_TOKEN"}')
        self.said.setdefault(match[2], json.loads(got.body))
        return Said(502) if self.fails_after else Said(200, body=b'{"event_id":"$1"}')


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_matrix_gets_each_message_once_whatever_is_repeated(acme, receiver, settings):
    settings.SITE_URL = "http://tasks.example.com"
    homeserver = Homeserver()
    receiver.says, homeserver.fails_after = homeserver.answer, True
    address = f"http://127.0.0.1:{receiver.port}/!abc:example.org"
    wish = Wish("Room", address, Webhook.Format.MATRIX, token="syt_secret")
    hook = services.make(acme.membership(acme.alice), wish).webhook
    assert "syt_secret" not in hook.token
    new_task(acme, actor=acme.alice, title=TITLE)
    work()
    homeserver.fails_after = False
    again(hook)
    asked.ask_test(hook, acme.alice)
    work()
    assert len(receiver.got) == 3
    created, test = homeserver.said.values()
    assert created["msgtype"] == "m.notice"
    assert created["body"].startswith(f"ACME-1 {TITLE}: Alice created ACME-1")
    parser = Links()
    parser.feed(created["formatted_body"])
    assert parser.tags == [("a", {"href": "http://tasks.example.com/orgs/acme/tasks/1/"})]
    assert "test" in test["body"]


@pytest.mark.parametrize("path", ["", "hook", "room:example.org", "!abc:example.org?x=1"])
def test_matrix_wants_a_room(acme, receiver, path):
    wish = Wish("Room", f"http://127.0.0.1:{receiver.port}/{path}", Webhook.Format.MATRIX, token="t")
    with pytest.raises(Unprocessable, match="the room's id behind it"):
        services.make(acme.membership(acme.alice), wish)
