"""The same id stands in the answer, in the log lines, and on the events of a request, and on no other's."""

import asyncio
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import AsyncClient, Client

from base.correlation import current_request_id, request_context
from config.logs import RequestId
from config.requests import HEADER
from events.models import TaskEvent
from tasks import list_views
from tests.tasks.acme import found, new_task, signed_in
from tests.waiting import LIMIT, wait_until

ID = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def lines():
    """The lines as the console shows them."""
    shown = []

    class Lines(logging.Handler):
        def emit(self, record):
            shown.append(self.format(record))

    handler = Lines()
    handler.addFilter(RequestId())
    handler.setFormatter(logging.Formatter(settings.LOGGING["formatters"]["lines"]["format"], style="{"))
    logging.getLogger().addHandler(handler)
    yield shown
    logging.getLogger().removeHandler(handler)


def commented(acme, count=1):
    new_task(acme, actor=acme.alice)
    client = signed_in(acme.alice)
    answers = [
        client.post(f"/orgs/{acme.slug}/tasks/1/comment/", {"text": f"{number}"}) for number in range(count)
    ]
    return [answer[HEADER] for answer in answers]


@pytest.mark.django_db
class TestOneRequest:
    def test_leaves_its_id_on_its_events(self, acme):
        (first, second) = commented(acme, 2)
        assert ID.fullmatch(first)
        assert first != second
        ids = TaskEvent.objects.order_by("position").values_list("request_id", flat=True)
        assert list(ids) == ["", first, second]  # the task was made by no request

    def test_leaves_one_id_on_all_events_of_a_form(self, acme):
        new_task(acme, actor=acme.alice)
        form = {"title": "Other", "description": "New", "due_date": "2027-01-02", "expected_version": "1"}
        answer = signed_in(acme.alice).post("/orgs/acme/tasks/1/edit/", form)
        assert answer.status_code == 302
        assert list(TaskEvent.objects.filter(version__gt=1).values_list("request_id", flat=True)) == [
            answer[HEADER]
        ] * (TaskEvent.objects.count() - 1)
        assert TaskEvent.objects.count() > 2

    def test_does_not_take_an_id_from_the_client(self, acme):
        answer = signed_in(acme.alice).get("/orgs/", headers={HEADER: "f" * 32})
        assert answer[HEADER] != "f" * 32

    def test_leaves_nothing_behind(self, acme):
        commented(acme)
        assert current_request_id() == ""

    @pytest.mark.parametrize("address", ["/nowhere/", "/healthz", "/orgs", "/accounts/login/", "/api/x/"])
    def test_has_an_id_whatever_comes_of_it(self, address):
        assert ID.fullmatch(Client().get(address)[HEADER])

    def test_has_a_dash_in_lines_of_no_request(self, lines):
        logging.getLogger("carillon").warning("By hand")
        assert lines[-1].endswith(" WARNING carillon [-] By hand")


@pytest.mark.django_db
class TestAFailure:
    @pytest.fixture
    def broken(self, monkeypatch):
        def fail(*_):
            raise RuntimeError("Broken")

        monkeypatch.setattr(list_views, "task_page", fail)

    def test_shows_its_id_so_that_it_can_be_reported(self, acme, broken, lines):
        client = signed_in(acme.alice)
        client.raise_request_exception = False
        page = client.get("/orgs/acme/tasks/")
        assert page.status_code == 500
        assert f"quote request <code>{page[HEADER]}</code>" in page.content.decode()
        assert any(f"[{page[HEADER]}]" in line and "RuntimeError: Broken" in line for line in lines)

    def test_shows_it_under_asgi_too(self, acme, broken):
        client = AsyncClient(raise_request_exception=False)
        client.cookies = signed_in(acme.alice).cookies
        page = async_to_sync(client.get)("/orgs/acme/tasks/")
        assert f"<code>{page[HEADER]}</code>" in page.content.decode()

    def test_a_refusal_shows_none(self, acme):
        page = signed_in(acme.alice).get("/orgs/acme/tasks/999/")
        assert page[HEADER] not in page.content.decode()


async def test_contexts_of_tasks_do_not_mix():
    async def one(request_id):
        with request_context(request_id):
            for _ in range(3):
                await asyncio.sleep(0)
                assert await asyncio.to_thread(current_request_id) == request_id

    await asyncio.gather(*map(one, "abcdef"))
    assert current_request_id() == ""


class TestTheServer:
    """Real uvicorn: synchronous views run in threads, many at once."""

    @pytest.fixture
    def team(self, server):
        return found("acme", alice="owner", bob="member", carol="member")

    def post(self, server, client, path, data):
        connection = HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)
        token = client.cookies[settings.CSRF_COOKIE_NAME].value
        headers = {
            "Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": token,
            HEADER: "e" * 32,
        }
        connection.request("POST", path, urlencode(data), headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status == 302
        return answer.headers[HEADER]

    def test_names_the_request_in_lines_that_come_after_the_middleware(self, server):
        with urlopen(f"{server.base_url}/accounts/login/") as answer:
            request_id = answer.headers[HEADER]
        with pytest.raises(HTTPError) as error:
            urlopen(f"{server.base_url}/nowhere/")
        with error.value as answer:
            missing = answer.headers[HEADER]
        wait_until(lambda: f"uvicorn.access [{request_id}]" in server.log, "the access log's line")
        wait_until(lambda: f"django.request [{missing}] Not Found: /nowhere/" in server.log, "Django's line")

    def test_ids_of_requests_at_the_same_time_do_not_mix(self, server, team):
        clients = {}
        for number, username in enumerate(("alice", "bob", "carol"), start=1):
            new_task(team, actor=team.alice)
            clients[number] = signed_in(getattr(team, username))
            clients[number].get(f"/orgs/acme/tasks/{number}/")  # for the form's token
        said = [(number, f"{number}-{turn}") for turn in range(4) for number in clients]
        with ThreadPoolExecutor(len(said)) as pool:
            jobs = {
                text: pool.submit(
                    self.post, server, clients[number], f"/orgs/acme/tasks/{number}/comment/", {"text": text}
                )
                for number, text in said
            }
        answered = {text: job.result() for text, job in jobs.items()}
        events = TaskEvent.objects.filter(action="commented").readable()
        assert {event.body: event.request_id for event in events} == answered
        assert len(set(answered.values())) == 12
        for request_id in answered.values():  # the server's own line about each request, too
            line = re.compile(rf"uvicorn.access \[{request_id}\] .*/comment/")
            wait_until(lambda line=line: line.search(server.log), line.pattern)
