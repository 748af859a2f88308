"""The receiver of docs/webhooks.md is run as it stands there."""

import io
import json
import re
import threading
from http.server import ThreadingHTTPServer

import pytest

from tests.docs.documents import text_of
from tests.tasks.acme import move, new_task, rename
from tests.webhooks.conftest import again, work
from webhooks import services
from webhooks.models import Webhook
from webhooks.wishes import Wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(acme, tmp_path, monkeypatch, settings):
    """The receiver in a thread, with an API that answers from `log`, frames by their position."""
    settings.OUTBOUND_LOOPBACK = True
    monkeypatch.chdir(tmp_path)
    for name in ("CARILLON_URL", "CARILLON_ORG", "CARILLON_TOKEN", "WEBHOOK_SECRET"):
        monkeypatch.setenv(name, "http://never.asked.example")
    names = {"__name__": "archive", "log": {}}
    (code,) = (
        block
        for block in re.findall(r"```python\n(.*?)```", text_of("docs/webhooks.md"), re.DOTALL)
        if "keep(" in block
    )
    exec(compile(code, "archive", "exec"), names)

    def urlopen(request, timeout):
        after = re.search(r"after=\d+\.(\d+)\.", request.full_url)
        beyond = sorted(position for position in names["log"] if position > int(after[1] if after else 0))
        page = {"items": [names["log"][position] for position in beyond[:2]], "more": len(beyond) > 2}
        return io.BytesIO(json.dumps(page).encode())

    names["urlopen"] = urlopen
    names["Receiver"].log_message = lambda *_: None
    server = ThreadingHTTPServer(("127.0.0.1", 0), names["Receiver"])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    wish = Wish("Archive", f"http://127.0.0.1:{server.server_port}/")
    made = services.make(acme.membership(acme.alice), wish, from_start=True)
    names["SECRET"], names["hook"] = made.key.secret, made.webhook
    yield names
    server.shutdown()
    server.server_close()
    thread.join()
    names["db"].close()


def kept(archive):
    return [row[0] for row in archive["db"].execute("SELECT position FROM event ORDER BY position")]


def test_it_keeps_everything_and_fills_holes_and_begins_anew_after_a_reset(acme, archive):
    task = new_task(acme, actor=acme.alice)
    rename(task, "Other", actor=acme.alice)
    work()
    work()
    assert kept(archive) == [1, 2, 3]
    archive["log"] = {
        position: json.loads(frame)
        for position, frame in archive["db"].execute("SELECT position, frame FROM event")
    }
    archive["db"].execute("DELETE FROM event WHERE position > 1")  # it lost some
    move(task, "done", actor=acme.alice)
    work()
    assert kept(archive) == [1, 2, 3, 4]
    services.resume(acme.membership(acme.alice), archive["hook"].number)
    services.pause(acme.membership(acme.alice), archive["hook"].number)
    services.resume(acme.membership(acme.alice), archive["hook"].number, skip=True)
    archive["log"] |= {5: archive["log"][1] | {"position": 5, "cursor": "1.5.abcdef01"}}
    work()
    assert kept(archive) == [1, 2, 3, 5, 6]  # what the API has, and what came since


def test_what_is_not_signed_is_not_kept_and_comes_again(acme, archive, capfd):
    secret, archive["SECRET"] = archive["SECRET"], "whsec_c29tZXRoaW5nIGVsc2U="
    work()
    assert kept(archive) == []
    archive["SECRET"] = secret
    again(Webhook.objects.get())
    assert kept(archive) == [1]
