"""The inbox page on the running product: nothing moves under a hand, acts show at once and are never lost, and all of
it goes by keys and by thumb."""

import datetime as dt
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from inbox import snoozed
from inbox.changes import unread_frame
from inbox.frames import Change, encode
from inbox.models import Notification
from inbox.org_inboxes import org_inboxes, revision
from inbox.states import State
from orgs.models import Membership
from tasks.commands import CommentOnTask, CreateTask
from tasks.services import execute
from tests.browser.pages.wire import until
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory

ROW = "#inbox-rows .notification[data-stream]"
BOXES = f"""() => Object.fromEntries([...document.querySelectorAll("{ROW}")].map(row => {{
  const {{x, y, width, height}} = row.getBoundingClientRect();
  return [row.dataset.stream, [x, y, width, height]];
}}))"""


@pytest.fixture
def team(server: Any) -> SimpleNamespace:
    alice, bob = UserFactory(username="alice"), UserFactory(username="bob")
    acme = OrganizationFactory(slug="acme", name="Acme")
    MembershipFactory(organization=acme, user=alice, role=Membership.Role.OWNER)
    MembershipFactory(organization=acme, user=bob)
    it = SimpleNamespace(alice=alice, bob=bob, acme=acme, tasks=[])
    for number in range(6):
        it.tasks.append(new_task(it, f"Bell {number}"))
    return it


def new_task(team: SimpleNamespace, title: str) -> Any:
    return execute(CreateTask(organization_id=team.acme.pk, title=title), actor=team.alice)[0].stream_id


def comment(team: SimpleNamespace, task: Any, text: str = "Look") -> int:
    return int(execute(CommentOnTask(task_id=task, text=text), actor=team.alice)[0].pk)


def live(page: Page, path: str) -> Page:
    page.goto(path)
    expect(page.locator("[data-state]").first).to_have_attribute("data-state", "live")
    return page


def row_of(page: Page, task: Any) -> Locator:
    return page.locator(f'{ROW}[data-stream="{task}"]')


def states(team: SimpleNamespace) -> dict[Any, set[str]]:
    """In which states what Bob was told of each task is."""
    found: dict[Any, set[str]] = {task: set() for task in team.tasks}
    mine = Notification.objects.filter(recipient=team.bob, event__stream_id__in=team.tasks)
    for stream, state in mine.values_list("event__stream_id", "state"):
        found[stream].add(State(state).word)
    return found


def newest(team: SimpleNamespace, task: Any) -> int:
    mine = Notification.objects.filter(recipient=team.bob, event__stream_id=task)
    return int(mine.order_by("-event_id").values_list("event_id", flat=True)[0])


def wake_frame(team: SimpleNamespace, task: Any) -> str:
    """What the process that keeps the time tells."""
    places = org_inboxes(team.bob.pk, by_state=True)
    change = Change("wake", revision(places), "unread", event_ids=[newest(team, task)])
    return encode(unread_frame(places, change)).decode()


class Elsewhere:
    """Bob in another browser."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.goto("/inbox/")

    def act(self, act: str, **fields: Any) -> int:
        """Returns the number of the mark."""
        token = self._page.locator("[name='csrfmiddlewaretoken']").first.input_value()
        headers = {"Accept": "application/json", "X-CSRFToken": token, "Referer": self._page.url}
        answer = self._page.request.post("/inbox/mark/", form={"act": act, **fields}, headers=headers)
        assert answer.status == 204, answer.text()
        return int(answer.headers["x-inbox-mark"])


@pytest.mark.parametrize(("words", "width"), [("", 1280), ("is:unread -from:carol", 1280), ("", 390)])
def test_no_row_moves_under_a_resting_pointer(team, sign_in, words: str, width: int) -> None:
    """Whatever frame comes; and a click then acts on the row that is under the pointer, as it was seen."""
    page = sign_in(team.bob, viewport={"width": width, "height": 800})
    sockets: list[WebSocketRoute] = []
    page.route_web_socket(
        re.compile("/ws/users/me/"), lambda it: (it.connect_to_server(), sockets.append(it))
    )
    live(page, f"/inbox/?q={words}")
    elsewhere = Elsewhere(sign_in(team.bob))
    first, second, third, fourth = [team.tasks[place] for place in (5, 4, 3, 2)]
    row_of(page, second).hover()
    before = page.evaluate(BOXES)
    assert len(before) == 6
    pill, bell = page.locator("#new-pill"), page.locator("[data-bell-count]").first

    def nothing_moved() -> None:
        after = page.evaluate(BOXES)
        assert {stream: after[stream] for stream in before} == before

    comment(team, third, "@bob, a word of " + "many words " * 40)
    expect(row_of(page, third)).to_contain_text("2 new")
    expect(pill).to_have_text("1 new ↑")
    nothing_moved()
    new_task(team, "A new bell")
    expect(pill).to_have_text("2 new ↑")
    nothing_moved()
    elsewhere.act("read", event_ids=newest(team, first))
    expect(row_of(page, first)).to_have_attribute("data-state", "read")
    nothing_moved()
    done = elsewhere.act("done", event_ids=newest(team, fourth))
    expect(row_of(page, fourth)).to_have_class(re.compile("is-out"))
    nothing_moved()
    elsewhere.act("undo-all", mark=done)
    expect(row_of(page, fourth)).not_to_have_class(re.compile("is-out"))
    nothing_moved()
    soon = timezone.now() + dt.timedelta(hours=1)
    elsewhere.act("snooze-threads", threads=f"{fourth}:{newest(team, fourth)}", q="", until=soon.isoformat())
    expect(row_of(page, fourth)).to_have_class(re.compile("is-out"))
    nothing_moved()
    snoozed.wake_snoozed(soon)
    sockets[0].send(wake_frame(team, fourth))
    expect(row_of(page, fourth)).not_to_have_class(re.compile("is-out"))
    nothing_moved()
    with page.expect_response(lambda answer: answer.request.resource_type == "fetch"):
        sockets[0].send(encode({"type": "membership", "org_id": team.acme.pk, "change": "changed"}).decode())
    elsewhere.act("unread", event_ids=newest(team, first))
    expect(row_of(page, first)).to_have_attribute("data-state", "unread")
    nothing_moved()
    expect(bell).to_have_text("8")
    if width < 500:
        return
    row_of(page, second).locator("[data-act='done']").click()
    late = comment(team, second, "After the click")
    until(page, lambda: "done" in states(team)[second], "what was seen of it is done")
    assert Notification.objects.get(recipient=team.bob, event_id=late).state == State.UNREAD
    assert all("done" not in state for task, state in states(team).items() if task != second)
    nothing_moved()
    pill.click()
    expect(pill).to_be_hidden()
    expect(page.locator(ROW)).to_have_count(7)


def test_what_the_network_swallows_is_sent_later_and_can_be_undone_from_any_page(
    team, sign_in, watch
) -> None:
    watch.expect("ERR_FAILED")
    page = live(sign_in(team.bob), "/inbox/")
    bar = page.locator(".undo-offer")
    page.context.route("**/inbox/mark/", lambda route: route.abort())
    for _ in range(2):
        page.keyboard.press("j")
    page.keyboard.press("e")
    page.keyboard.press("s")
    expect(page.locator(ROW)).to_have_count(5)
    expect(bar).to_contain_text("2 changes wait for the network")
    expect(page.locator("[data-bell-count]").first).to_have_text("4")
    live(page, "/orgs/acme/tasks/")
    expect(bar).to_contain_text("2 changes wait for the network")
    page.context.unroute("**/inbox/mark/")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(bar).to_contain_text("1 update on ACME-4 is saved")
    assert states(team)[team.tasks[4]] == {"done"}
    assert states(team)[team.tasks[3]] == {"saved"}
    page.keyboard.press("z")
    expect(bar).to_contain_text("Undone")
    live(page, "/inbox/?q=is:done")
    expect(bar).to_contain_text("1 update on ACME-5 is done")
    page.keyboard.press("z")
    expect(row_of(page, team.tasks[4])).to_have_class(re.compile("is-out"))
    expect(page).to_have_url(re.compile(r"q=is:done$"))
    until(page, lambda: states(team) == {task: {"unread"} for task in team.tasks}, "both are undone")


def test_a_refusal_is_taken_back_and_said_once(team, sign_in, watch) -> None:
    watch.expect("409")
    page = live(sign_in(team.bob), "/inbox/")
    refusal = {"error": {"code": "conflict", "message": "Nothing was changed."}}
    page.route("**/inbox/mark/", lambda route: route.fulfill(status=409, json=refusal))
    row = page.locator(ROW).first
    row.hover()
    row.locator("[data-act='done']").click()
    expect(page.locator(".toast")).to_contain_text("Nothing was changed.")
    expect(row).not_to_have_class(re.compile("is-closed"))
    expect(page.locator("[data-bell-count]").first).to_have_text("6")


def test_all_of_it_goes_by_keys(team, sign_in) -> None:
    comment(team, team.tasks[5], "One more")
    page = live(sign_in(team.bob), "/inbox/")
    press = page.keyboard.press
    press("j")
    expect(row_of(page, team.tasks[5]).locator("a[data-slot='link']")).to_be_focused()
    press("ArrowRight")
    expect(row_of(page, team.tasks[5]).locator(".notification-part")).to_have_count(2)
    expect(row_of(page, team.tasks[5]).locator(".thread-toggle")).to_have_attribute("aria-expanded", "true")
    press("ArrowLeft")
    expect(page.locator(".thread-parts")).to_have_count(0)
    press("x")
    press("j")
    press("x")
    expect(page.get_by_role("button", name="Done (2)")).to_be_visible()
    press("e")
    expect(page.locator(ROW)).to_have_count(4)
    expect(page.locator(".undo-offer")).to_contain_text("3 updates on 2 tasks are done")
    expect(page.get_by_role("status").filter(has_text="4 left.")).to_have_count(1)
    press("z")
    expect(page.locator(ROW)).to_have_count(6)
    row_of(page, team.tasks[3]).locator("a[data-slot='link']").focus()
    press("h")
    expect(page.locator(".row-menu")).to_be_visible()
    press("Escape")
    expect(page.locator(".row-menu")).to_have_count(0)
    press("h")
    press("Enter")
    expect(page.locator(ROW)).to_have_count(5)
    expect(page.locator("[data-count-of='snoozed']")).to_have_text("1")
    press("Shift+I")
    expect(page.locator(f"{ROW}.is-unread")).to_have_count(4)
    press("Shift+U")
    expect(page.locator(f"{ROW}.is-unread")).to_have_count(5)
    new_task(team, "A new bell")
    expect(page.locator("#new-pill")).to_be_visible()
    press(".")
    expect(page.locator(ROW)).to_have_count(6)
    expect(page.locator(ROW).first).to_contain_text("A new bell")
    expect(page.locator("#new-pill")).to_be_hidden()
    page.get_by_label("Select all").check()
    page.get_by_role("button", name=re.compile(r"^Done \(7\)")).click()
    expect(page.locator(".empty")).to_be_visible()
    left = Notification.objects.filter(recipient=team.bob, state__lt=State.DONE)
    until(page, lambda: not left.exists(), "all that match are done")


def test_a_thumb_draws_a_row_aside(team, sign_in) -> None:
    page = live(
        sign_in(team.bob, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 700}), "/inbox/"
    )
    finger = page.context.new_cdp_session(page)
    row = page.locator(ROW).nth(1)
    box = row.bounding_box()
    assert box

    def draw(far: int) -> None:
        y = box["y"] + box["height"] / 2
        for kind, x in [
            ("touchStart", 300),
            *(("touchMove", 300 - step) for step in range(10, far, 10)),
            ("touchEnd", 0),
        ]:
            finger.send(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}] if x else []}
            )

    draw(60)
    expect(page.locator(".swipe")).to_have_count(0)
    expect(row).not_to_have_class(re.compile("is-closed"))
    draw(150)
    expect(row).to_have_class(re.compile("is-closed"))
    expect(row).to_contain_text("Done · Undo")
    until(page, lambda: "done" in states(team)[team.tasks[4]], "it is done")
    row.get_by_role(
        "button", name="Undo"
    ).click()  # a tap that a loaded machine draws out is none to the browser
    expect(row).not_to_have_class(re.compile("is-closed"))
    until(page, lambda: "unread" in states(team)[team.tasks[4]], "it is not")
    expect(page).to_have_url(re.compile("/inbox/$"))
