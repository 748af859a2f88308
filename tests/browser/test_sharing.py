"""Several tabs of one browser: one socket between them, every frame once in each, whoever holds it."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.pages.site import Site
from tests.browser.pages.wire import ACME, USER, Wire, answer, cursor, task_event, until, welcome

pytestmark = pytest.mark.browser

Modules = Callable[..., Page]
TWIN = {USER: "/api/users/me/notifications/", ACME: "/api/orgs/acme/notifications/"}

JOIN = """([socket, twin, dense, cursor]) => {
  window.seen = [];
  window.notices = [];
  window.resets = 0;
  window.told = 0;
  const heard = {
    frame: frame => seen.push(frame.position),
    notice: frame => notices.push(frame.type),
    state: state => { window.state = state.name; told += 1 },
    reset: () => { resets += 1; window.tab.hold() },
  };
  window.tab = new stream.Stream({socket, twin, dense}, {user: 2, cursor}, heard);
  tab.join();
}"""

# A page whose long timers go off when the test says so, and tell how long they would have taken. (Playwright's clock
# is one for all tabs, and would wait for one that hangs.)
TIMERS = """
  const [start, stop] = [setTimeout, clearTimeout];
  const slow = new Map();
  const go = () => {
    const due = [...slow.values()];
    slow.clear();
    for (const {act} of due) act();
    return Math.max(...due.map(({delay}) => delay));
  };
  let ids = 1e9;
  window.setTimeout = (act, delay = 0) =>
    delay < 1000 ? start(act, delay) : (slow.set(++ids, {act, delay}), ids);
  window.clearTimeout = id => slow.delete(id) || stop(id);
  window.setInterval = (act, delay) => { window.beat = () => (act(), delay); return ++ids };
  window.strike = go;
"""


class Tab:
    def __init__(self, page: Page, path: str, start: str) -> None:
        self.page = page
        page.evaluate(JOIN, [path, TWIN[path], path == ACME, start])

    @property
    def seen(self) -> list[int]:
        return self.page.evaluate("seen")

    def wait_seen(self, *positions: int) -> None:
        until(self.page, lambda: self.seen == list(positions), f"{positions}, not {self.seen}")

    def wait_state(self, name: str) -> None:
        until(self.page, lambda: self.page.evaluate("window.state") == name, name)


@pytest.fixture
def new_tab(modules: Modules) -> Callable[..., Tab]:
    def new_tab(path: str = USER, start: str = cursor(41), page: Page | None = None) -> Tab:
        return Tab(modules("live/stream", page=page), path, start)

    return new_tab


@pytest.fixture
def wire(context: BrowserContext) -> Wire:
    wire = Wire(context, USER)
    wire.greeting = welcome(cursor(41))
    return wire


def test_two_tabs_share_one_socket(wire: Wire, new_tab: Callable[..., Tab]) -> None:
    one, other = new_tab(), new_tab()
    one.wait_state("live")
    other.wait_state("live")
    wire.send(task_event(42), {"type": "unread"}, task_event(45))
    one.wait_seen(42, 45)
    other.wait_seen(42, 45)
    assert other.page.evaluate("notices") == ["counts", "unread"]
    assert len(wire.opened) == 1


def test_two_addresses_are_two_sockets(
    context: BrowserContext, wire: Wire, new_tab: Callable[..., Tab]
) -> None:
    acme = Wire(context, ACME)
    acme.greeting = welcome(cursor(41))
    one, other = new_tab(USER), new_tab(ACME)
    one.wait_state("live")
    other.wait_state("live")
    assert (len(wire.opened), len(acme.opened)) == (1, 1)


def test_another_tab_takes_over_where_it_stands(wire: Wire, new_tab: Callable[..., Tab]) -> None:
    one, other = new_tab(), new_tab()
    one.wait_state("live")
    wire.send(task_event(42))
    other.wait_seen(42)
    wire.greeting = None
    one.page.close()
    wire.wait_open(other.page, 2)
    assert wire.after[1] == cursor(42)
    # What came while nobody listened, and a frame that the old socket had delivered already.
    wire.send(welcome(cursor(44), count=2), task_event(43, replayed=True), task_event(44, replayed=True))
    wire.send(task_event(44), task_event(46))
    other.wait_seen(42, 43, 44, 46)
    assert len(wire.open) == 1


def test_nobody_sees_a_frame_twice_when_a_tab_that_stands_back_takes_over(
    wire: Wire, new_tab: Callable[..., Tab], site: Site
) -> None:
    """The page of the third tab was made later than those of the others."""
    site.twins[TWIN[USER]] = lambda after: (200, answer(cursor(44)))
    wire.greeting = None
    first, behind, ahead = new_tab(), new_tab(), new_tab(start=cursor(44))
    wire.wait_open(first.page, 1)
    first.page.close()
    wire.wait_open(behind.page, 2)
    assert wire.after[1] == cursor(41)
    wire.send(welcome(cursor(44), count=2), task_event(42, replayed=True), task_event(44, replayed=True))
    wire.send(task_event(45))
    behind.wait_seen(42, 44, 45)
    ahead.wait_seen(45)


def test_a_tab_that_comes_later_reads_what_it_missed(
    wire: Wire, new_tab: Callable[..., Tab], site: Site
) -> None:
    site.twins[TWIN[USER]] = lambda after: (200, answer(cursor(43), task_event(42), task_event(43)))
    one = new_tab()
    one.wait_state("live")
    wire.send(task_event(42), task_event(43))
    one.wait_seen(42, 43)
    late = new_tab(start=cursor(41))
    late.wait_seen(42, 43)
    wire.send(task_event(44))
    late.wait_seen(42, 43, 44)
    assert site.asked_for(TWIN[USER]) == [cursor(41)]


def test_a_tab_that_missed_a_message_reads_what_was_in_it(modules: Modules, site: Site) -> None:
    """In several answers, where it is much."""
    parts = {
        cursor(41): answer(cursor(42), task_event(42), more=True),
        cursor(42): answer(cursor(43), task_event(43), more=True),
        cursor(43): answer(cursor(44), task_event(44), more=False),
    }
    site.twins[TWIN[USER]] = lambda after: (200, parts[after])
    page = modules("live/feed", "live/http_twin")
    page.evaluate(
        """([path, start, later, latest]) => {
          window.seen = [];
          const read = after => http_twin.readTwin(path, after);
          const apply = frame => seen.push(frame.position);
          const it = new feed.Feed(start, {read, apply, notice: () => {}});
          it.take({kind: "frame", frame: later, before: 44});
          it.take({kind: "frame", frame: latest, before: 45});
        }""",
        [TWIN[USER], cursor(41), task_event(45), task_event(46)],
    )
    until(page, lambda: page.evaluate("seen") == [42, 43, 44, 45, 46], "all of it, in order")
    assert site.asked_for(TWIN[USER]) == [*parts]


def test_a_head_without_news_is_shared_too(wire: Wire, new_tab: Callable[..., Tab], site: Site) -> None:
    one, other = new_tab(), new_tab()
    one.wait_state("live")
    other.wait_state("live")
    wire.greeting = welcome(cursor(50))
    wire.close(4408)
    wire.wait_open(one.page, 2)
    one.wait_state("live")
    wire.send(task_event(51))
    other.wait_seen(51)
    assert site.asked_for(TWIN[USER]) == []


def test_a_tab_in_step_asks_for_nothing(wire: Wire, new_tab: Callable[..., Tab], site: Site) -> None:
    one = new_tab()
    one.wait_state("live")
    wire.send(task_event(42))
    one.wait_seen(42)
    late = new_tab(start=cursor(42))
    late.wait_state("live")
    wire.send(task_event(47))
    late.wait_seen(47)
    assert site.asked_for(TWIN[USER]) == []


def test_frames_wait_while_a_tab_catches_up(wire: Wire, new_tab: Callable[..., Tab], site: Site) -> None:
    answers: list[tuple[int, Any]] = [(503, {}), (200, answer(cursor(44), task_event(43), task_event(44)))]
    site.twins[TWIN[USER]] = lambda after: answers.pop(0)
    one = new_tab()
    one.wait_state("live")
    wire.send(task_event(43))
    one.wait_seen(43)
    late = new_tab(start=cursor(41))
    until(late.page, lambda: site.asked_for(TWIN[USER]), "it asks")
    wire.send(task_event(44), task_event(45))
    one.wait_seen(43, 44, 45)
    late.wait_seen(43, 44, 45)


def test_a_tab_too_far_behind_reads_its_page_again(
    wire: Wire, new_tab: Callable[..., Tab], site: Site
) -> None:
    site.twins[TWIN[USER]] = lambda after: (200, answer(cursor(900), mode="reset"))
    wire.greeting = welcome(cursor(900))
    new_tab(start=cursor(900)).wait_state("live")
    late = new_tab(start=cursor(41))
    until(late.page, lambda: late.page.evaluate("resets") == 1, "a reset")
    wire.send(task_event(901), task_event(902))
    late.page.evaluate("cursor => tab.release(cursor)", cursor(901))
    late.wait_seen(902)


def test_a_tab_without_a_page_to_read_goes_on_from_the_head(wire: Wire, new_tab: Callable[..., Tab]) -> None:
    wire.greeting = welcome(cursor(7), mode="reset", count=1)
    one = new_tab()
    until(one.page, lambda: one.page.evaluate("resets") == 1, "a reset")
    wire.send(task_event(7, replayed=True), task_event(8))
    one.page.evaluate("tab.release(null)")
    one.wait_seen(8)


def test_a_hidden_page_lets_go_and_comes_back(wire: Wire, new_tab: Callable[..., Tab]) -> None:
    one, other = new_tab(), new_tab()
    one.wait_state("live")
    wire.send(task_event(42))
    one.wait_seen(42)
    one.page.evaluate("tab.leave()")
    wire.wait_open(other.page, 2)
    wire.send(task_event(43))
    other.wait_seen(42, 43)
    wire.greeting = welcome(cursor(44), count=2)
    other.page.close()
    until(one.page, lambda: not wire.open, "no socket is open")
    one.page.evaluate("tab.join()")
    wire.wait_open(one.page, 3)
    assert wire.after[2] == cursor(42)
    wire.send(task_event(43, replayed=True), task_event(44, replayed=True))
    one.wait_seen(42, 43, 44)


def test_a_tab_that_is_stuck_is_replaced(context: BrowserContext, wire: Wire, modules: Modules) -> None:
    stuck = modules()
    stuck.evaluate(
        """path => {
          const forever = () => new Promise(() => {});
          navigator.locks.request(`carillon:2:${path}`, forever).catch(() => {});
        }""",
        USER,
    )
    page = context.new_page()
    page.clock.install()
    tab = Tab(modules("live/stream", page=page), USER, cursor(41))
    until(
        page,
        lambda: page.evaluate("navigator.locks.query().then(found => found.pending.length)") == 1,
        "queued",
    )
    assert wire.opened == []
    page.clock.fast_forward(60_000)  # a machine that slept: the answer may lie behind the timer that woke up
    assert wire.opened == []
    page.clock.run_for(10_000)
    wire.wait_open(page, 1)
    tab.wait_state("live")


def test_a_tab_that_hangs_is_replaced_by_one_that_is_looked_at(
    context: BrowserContext, wire: Wire, new_tab: Callable[..., Tab], site: Site
) -> None:
    """Nothing tells the other that it hangs: no visit, no wish, no frame."""
    freed = Event()
    site.twins["/hang/"] = lambda after: (freed.wait(60) and 200, {})
    hung = new_tab()
    hung.wait_state("live")
    page = context.new_page()
    page.add_init_script(TIMERS)
    other = new_tab(page=page)
    other.wait_state("live")
    # As in an `alert`: its thread stands still until the answer comes.
    hung.page.evaluate(
        "void setTimeout(() => { const wait = new XMLHttpRequest();"
        " wait.open('GET', '/hang/', false); wait.send() })"
    )
    until(page, lambda: site.asked_for("/hang/"), "it hangs")
    waited = page.evaluate("beat()")
    waited += page.evaluate("strike()")
    assert page.evaluate("window.state") == "connecting"
    waited += page.evaluate("strike()")
    wire.wait_open(page, 2)
    other.wait_state("live")
    assert waited < 30_000
    freed.set()
    until(page, lambda: len(wire.open) == 1, "the other lets go of its own socket")
    wire.send(task_event(42))
    other.wait_seen(42)
    hung.wait_seen(42)


def test_a_leader_that_answers_is_left_alone(
    context: BrowserContext, wire: Wire, new_tab: Callable[..., Tab]
) -> None:
    new_tab().wait_state("live")
    page = context.new_page()
    page.clock.install()
    other = new_tab(page=page)
    other.wait_state("live")
    for _ in range(3):
        told = page.evaluate("told")
        page.clock.run_for(10_000)
        until(page, lambda told=told: page.evaluate("told") > told, "an answer")
    assert page.evaluate("window.state") == "live"
    assert len(wire.opened) == 1


def test_a_tab_that_lost_its_lock_follows(wire: Wire, new_tab: Callable[..., Tab], modules: Modules) -> None:
    robbed, thief = new_tab(), modules()
    robbed.wait_state("live")
    thief.evaluate(
        """path => {
          const options = {steal: true};
          const hold = () => new Promise(done => { window.done = done });
          navigator.locks.request(`carillon:2:${path}`, options, hold);
        }""",
        USER,
    )
    until(robbed.page, lambda: not wire.open, "it closes its socket")
    thief.evaluate("done()")
    wire.wait_open(robbed.page, 2)


def test_without_locks_every_tab_has_its_own(
    context: BrowserContext, wire: Wire, new_tab: Callable[..., Tab]
) -> None:
    context.add_init_script("Object.defineProperty(navigator, 'locks', {value: undefined})")
    one, other = new_tab(), new_tab()
    one.wait_state("live")
    other.wait_state("live")
    assert len(wire.opened) == 2
    wire.send(task_event(42))
    other.wait_seen(42)
    assert one.seen == []


def test_locks_that_cannot_be_had_are_done_without(
    context: BrowserContext, wire: Wire, new_tab: Callable[..., Tab]
) -> None:
    context.add_init_script(
        "if (navigator.locks) navigator.locks.request = async () => { throw new DOMException('', 'SecurityError') }"
    )
    new_tab().wait_state("live")
    new_tab().wait_state("live")
    assert len(wire.opened) == 2


def test_an_organization_joined_meanwhile_is_resumed_too(wire: Wire, new_tab: Callable[..., Tab]) -> None:
    one = new_tab()
    one.wait_state("live")
    one.page.evaluate("cursor => { tab.hold(); tab.release(cursor) }", f"{cursor(41)},{cursor(7, org=2)}")
    wire.close(4408)
    wire.wait_open(one.page, 2)
    assert wire.after[1] == f"{cursor(41)},{cursor(7, org=2)}"


def test_an_organization_that_was_left_is_not_resumed(wire: Wire, new_tab: Callable[..., Tab]) -> None:
    both = f"{cursor(41)},{cursor(7, org=2)}"
    wire.greeting = welcome(both)
    one = new_tab(start=both)
    one.wait_state("live")
    wire.send({"type": "membership", "org_id": 2, "change": "left"})
    until(one.page, lambda: "membership" in one.page.evaluate("notices"), "the news")
    wire.close(4408)
    wire.wait_open(one.page, 2)
    assert wire.after[1] == cursor(41)


def test_every_tab_knows_of_the_end_of_the_session(
    wire: Wire, new_tab: Callable[..., Tab], site: Site
) -> None:
    site.twins[TWIN[USER]] = lambda after: (401, {})
    one, other = new_tab(), new_tab()
    one.wait_state("live")
    other.wait_state("live")
    wire.close(4401)
    one.wait_state("signed-out")
    other.wait_state("signed-out")


def test_dense_logs_are_mended_by_followers_too(
    context: BrowserContext, new_tab: Callable[..., Tab], site: Site
) -> None:
    """A follower of an organization's log whose page is older than the last frame."""
    site.twins[TWIN[ACME]] = lambda after: (200, answer(cursor(43), task_event(42), task_event(43)))
    acme = Wire(context, ACME)
    acme.greeting = welcome(cursor(43))
    new_tab(ACME, start=cursor(43)).wait_state("live")
    late = new_tab(ACME, start=cursor(41))
    late.wait_seen(42, 43)
    acme.send(task_event(44))
    late.wait_seen(42, 43, 44)
