"""One connection against a server that the test plays: resuming, holes, close codes, silence, blocking.

Time stands still and moves only where a test says so.
"""

from collections.abc import Callable
from queue import Queue
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.pages.site import Site
from tests.browser.pages.wire import ACME, USER, Wire, answer, cursor, task_event, until, welcome

pytestmark = pytest.mark.browser

Modules = Callable[..., Page]
TWINS = {USER: "/api/users/me/notifications/", ACME: "/api/orgs/acme/notifications/"}

STREAM = "/api/v1/stream"

CONNECT = """([socket, stream, twin, dense, start]) => {
  const {fetch} = window;
  window.asking = 0;
  window.fetch = (...asked) => {
    asking += 1;
    return fetch(...asked).finally(() => asking -= 1);
  };
  window.told = [];
  window.chance = 0.5;
  const told = message => window.told.push(message);
  const address = {socket, stream, twin, dense};
  window.line = new connection.Connection(address, cursor.parse(start), told, () => window.chance);
  line.open();
}"""


class Line:
    """A connection in a page, the server's end of it, and a clock that the test moves."""

    def __init__(
        self, context: BrowserContext, modules: Modules, path: str, start: str, routed: bool
    ) -> None:
        if routed:
            self.wire = Wire(context, path)
        self.page = context.new_page()
        self.page.clock.install(time=1_000_000_000)
        modules("live/connection", "live/cursor", page=self.page)
        self.page.clock.pause_at(1_000_100_000)
        self.page.evaluate(CONNECT, [path, STREAM, TWINS[path], path == ACME, start])
        if routed:
            self.wire.wait_open(self.page, 1)

    def pass_ms(self, milliseconds: int) -> None:
        self.page.clock.run_for(milliseconds)

    def pass_until(self, condition: Callable[[], object], what: str, step: int = 500) -> None:
        """Let time go by until something has happened; in between, the network has its own time: a request that is
        on its way runs into its time limit otherwise."""

        def passed() -> bool:
            until(self.page, lambda: not self.page.evaluate("asking"), "an answer")
            self.pass_ms(step)
            return bool(condition())

        if not condition():
            until(self.page, passed, what)

    def told(self, kind: str) -> list[dict[str, Any]]:
        return self.page.evaluate("kind => told.filter(message => message.kind === kind)", kind)

    @property
    def positions(self) -> list[int]:
        return [message["frame"]["position"] for message in self.told("frame")]

    @property
    def state(self) -> str:
        return self.page.evaluate("line.state.name")

    def wait_state(self, name: str) -> None:
        until(self.page, lambda: self.state == name, f"{name}, not {self.state}")

    def wait_positions(self, *positions: int) -> None:
        until(self.page, lambda: self.positions == list(positions), f"{positions}, not {self.positions}")

    def go_live(self, at: str) -> None:
        self.wire.send(welcome(at))
        self.wait_state("live")


@pytest.fixture
def line(context: BrowserContext, modules: Modules) -> Callable[..., Line]:
    def line(path: str = USER, start: str = cursor(41), routed: bool = True) -> Line:
        return Line(context, modules, path, start, routed)

    return line


def test_it_resumes_from_the_newest_cursor(line: Callable[..., Line]) -> None:
    it = line()
    it.go_live(cursor(41))
    it.wire.send(task_event(43), task_event(44))
    it.wait_positions(43, 44)
    it.wire.close(1012)
    it.pass_ms(500)
    it.wire.wait_open(it.page, 2)
    assert it.wire.after == [cursor(41), cursor(44)]


def test_the_replay_is_counted_down_and_then_it_is_live(line: Callable[..., Line]) -> None:
    it = line()
    it.wire.send(welcome(cursor(50), count=2))
    it.wire.send(task_event(43, replayed=True), task_event(46, replayed=True))
    it.wait_state("live")
    states = [(message["state"]["name"], message["state"]["left"]) for message in it.told("state")]
    assert states == [("catching", 2), ("catching", 1), ("live", 0)]
    # What lies between the last frame and the head was not addressed to this user.
    it.wire.close(4500)
    it.pass_ms(500)
    it.wire.wait_open(it.page, 2)
    assert it.wire.after[1] == cursor(50)


def test_duplicates_are_dropped(line: Callable[..., Line]) -> None:
    it = line(ACME)
    it.go_live(cursor(41))
    it.wire.send(task_event(41), task_event(42), task_event(42), task_event(40), task_event(43))
    it.wait_positions(42, 43)


def test_events_of_another_subject_have_their_place(line: Callable[..., Line]) -> None:
    it = line(ACME)
    it.go_live(cursor(41))
    order = task_event(42, type="event", about="order", page="orders/1/")
    order["stream_id"] = order.pop("task_id")
    it.wire.send(order, task_event(43))
    it.wait_positions(42, 43)


def test_messages_that_are_no_events_pass_by(line: Callable[..., Line]) -> None:
    it = line(ACME)
    it.go_live(cursor(41))
    it.wire.send(
        {"type": "task_event", "action": "made up"}, {"type": "news"}, {"kind": "odd"}, task_event(42)
    )
    it.wait_positions(42)
    assert it.state == "live"


def test_a_hole_in_an_organizations_log_is_fetched(line: Callable[..., Line]) -> None:
    it = line(ACME)
    it.go_live(cursor(41))
    it.wire.send(task_event(42), task_event(44))
    until(it.page, lambda: not it.wire.open, "the socket is given up")
    it.pass_ms(500)
    it.wire.wait_open(it.page, 2)
    assert it.wire.after[1] == cursor(42)
    it.wire.send(welcome(cursor(44), count=2), task_event(43, replayed=True), task_event(44, replayed=True))
    it.wait_positions(42, 43, 44)
    it.wait_state("live")


def test_gaps_are_normal_on_the_users_socket(line: Callable[..., Line]) -> None:
    it = line()
    it.go_live(cursor(41))
    it.wire.send(task_event(45), task_event(3, org=2), task_event(60))
    it.wait_positions(45, 3, 60)
    assert len(it.wire.open) == 1


def test_a_reset_drops_the_cursor_and_says_so(line: Callable[..., Line]) -> None:
    it = line(ACME)
    it.wire.send(welcome(cursor(9), count=2, mode="reset"))
    it.wire.send(task_event(8, replayed=True), task_event(9, replayed=True), task_event(10))
    it.wait_positions(10)
    assert [message["cursor"] for message in it.told("reset")] == [cursor(9)]
    assert it.state == "live"


def test_waiting_grows_and_starts_again_after_half_a_minute(line: Callable[..., Line]) -> None:
    it = line()
    it.page.evaluate("chance = 0.999999")
    it.go_live(cursor(41))
    for count, wait in enumerate([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000], start=2):
        it.wire.close(4500)
        until(it.page, lambda: it.state != "live", "the loss is noticed")
        it.pass_ms(wait - 50)
        assert len(it.wire.opened) == count - 1
        it.pass_ms(50)
        it.wire.wait_open(it.page, count)
        it.go_live(cursor(41))
    it.pass_ms(30_000)
    it.wire.send({"type": "pong"})
    it.wire.close(4500)
    it.wait_state("connecting")
    it.pass_ms(500)
    it.wire.wait_open(it.page, 10)


@pytest.mark.parametrize("code", [4500, 4508, 1012, 1001, 1006])
def test_it_comes_back_after(line: Callable[..., Line], code: int) -> None:
    it = line()
    it.go_live(cursor(41))
    if code == 1006:
        it.page.evaluate("line.hurry()")
        it.pass_ms(5_000)  # no pong
    else:
        it.wire.close(code)
        it.wait_state("connecting")
        it.pass_ms(500)
    it.pass_ms(500)
    it.wire.wait_open(it.page, 2)


@pytest.mark.parametrize("code", [4403, 4404, 1009])
def test_it_stops_after(line: Callable[..., Line], code: int) -> None:
    it = line()
    it.go_live(cursor(41))
    it.wire.close(code)
    it.wait_state("stopped")
    it.page.evaluate("line.hurry()")
    it.page.evaluate("line.pause()")
    it.pass_ms(120_000)
    assert len(it.wire.opened) == 1
    assert it.state == "stopped"


def test_it_moves_at_once_from_a_server_that_goes_down(line: Callable[..., Line]) -> None:
    it = line()
    it.go_live(cursor(41))
    it.wire.close(4408)
    it.wait_state("connecting")
    it.pass_ms(499)
    assert len(it.wire.opened) == 1
    it.pass_ms(1)
    it.wire.wait_open(it.page, 2)


def test_too_many_means_a_long_wait_that_nobody_cuts_short(line: Callable[..., Line]) -> None:
    it = line()
    it.go_live(cursor(41))
    it.wire.close(4429)
    it.wait_state("offline")
    it.page.evaluate("line.hurry()")
    it.pass_ms(44_999)
    assert len(it.wire.opened) == 1
    it.pass_ms(1)
    it.wire.wait_open(it.page, 2)


def test_the_end_of_a_session_leads_to_the_login_page(line: Callable[..., Line], site: Site) -> None:
    site.twins[TWINS[USER]] = lambda after: (401, {})
    it = line()
    it.go_live(cursor(41))
    it.wire.close(4401)
    it.wait_state("signed-out")


def test_a_changed_password_does_not_sign_out_this_browser(line: Callable[..., Line], site: Site) -> None:
    site.twins[TWINS[USER]] = lambda after: (200, answer(cursor(42), task_event(42)))
    it = line()
    it.go_live(cursor(41))
    it.wire.close(4401)
    it.wait_positions(42)
    it.wait_state("connecting")
    it.pass_ms(500)
    it.wire.wait_open(it.page, 2)
    assert it.wire.after[1] == cursor(42)


def test_a_hurry_tries_at_once(line: Callable[..., Line]) -> None:
    it = line()
    it.go_live(cursor(41))
    it.page.evaluate("line.pause()")
    assert it.state == "offline"
    assert not it.wire.open
    it.page.evaluate("line.hurry()")
    it.wire.wait_open(it.page, 2)


def test_the_time_of_the_loss_is_kept_until_it_is_mended(line: Callable[..., Line]) -> None:
    it = line()
    it.go_live(cursor(41))
    lost = it.page.evaluate("Date.now()")
    it.page.evaluate("line.pause()")
    it.pass_ms(45_000)
    it.wire.wait_open(it.page, 2)
    it.wire.close(4500)
    it.wait_state("offline")
    assert it.page.evaluate("line.state.since") == lost


# Silence


def test_a_silent_socket_is_asked_and_given_up(line: Callable[..., Line]) -> None:
    it = line()
    it.go_live(cursor(41))
    it.pass_ms(24_000)
    assert it.wire.heard == []
    it.pass_ms(1_000)
    until(it.page, lambda: it.wire.heard == [{"type": "ping"}], "a ping")
    it.pass_ms(14_900)
    assert it.state == "live"
    it.pass_ms(100)
    assert it.state == "connecting"


def test_any_frame_is_a_sign_of_life(line: Callable[..., Line]) -> None:
    it = line()
    it.go_live(cursor(41))
    for position in range(42, 47):
        it.pass_ms(20_000)
        it.wire.send(task_event(position))
        it.wait_positions(*range(42, position + 1))
    assert it.wire.heard == []
    assert it.state == "live"


def test_it_never_says_more_than_the_server_allows(line: Callable[..., Line]) -> None:
    """More than 5 messages in any 60 seconds would end the socket."""
    it = line()
    it.go_live(cursor(41))
    asked: list[int] = []
    for second in range(0, 180, 3):
        it.page.evaluate("line.hurry()")
        it.pass_ms(3_000)
        if len(it.wire.heard) > len(asked):
            asked.append(second)
            it.wire.send({"type": "unread"})
            until(it.page, lambda: len(it.told("notice")) == len(asked) + 1, "the answer")
    assert len(it.wire.opened) == 1
    assert len(asked) > 5
    assert all(later - sooner > 60 for sooner, later in zip(asked, asked[5:], strict=False))


def test_a_machine_that_slept_asks_at_once(line: Callable[..., Line]) -> None:
    it = line()
    it.go_live(cursor(41))
    it.page.evaluate("{ const now = Date.now; Date.now = () => now() + 3_600_000; }")
    it.pass_ms(5_000)
    until(it.page, lambda: it.wire.heard == [{"type": "ping"}], "a ping")
    it.pass_ms(5_000)
    assert it.state == "connecting"


# Refused handshakes: the site serves no sockets


def test_a_refused_handshake_with_401_means_sign_in(line: Callable[..., Line], site: Site) -> None:
    site.twins[TWINS[USER]] = lambda after: (401, {})
    line(routed=False).wait_state("signed-out")


def test_a_refused_handshake_with_404_means_stop(line: Callable[..., Line]) -> None:
    line(ACME, routed=False).wait_state("stopped")


def test_a_refused_handshake_with_anything_else_means_again(line: Callable[..., Line], site: Site) -> None:
    site.twins[TWINS[USER]] = lambda after: (503, {})
    it = line(routed=False)
    it.pass_until(lambda: len(site.asked_for(TWINS[USER])) >= 5, "it keeps asking")
    it.pass_until(lambda: it.state == "offline", "it says that it is offline")


def test_a_handshake_that_hangs_is_given_up(line: Callable[..., Line], site: Site) -> None:
    site.twins[TWINS[USER]] = lambda after: (200, answer(cursor(41)))
    site.silent = True
    it = line(routed=False)
    until(it.page, lambda: len(site.asked_for(USER)) == 1, "it knocks")
    it.pass_ms(9_900)
    assert (site.hung_up, site.asked_for(TWINS[USER])) == (0, [])
    it.pass_ms(100)
    until(it.page, lambda: site.hung_up == 1, "the browser lets go")
    until(it.page, lambda: site.asked_for(TWINS[USER]) == [cursor(41)], "it asks why")


def test_blocked_sockets_are_replaced_by_a_stream_and_blocked_streams_by_polling(
    line: Callable[..., Line], site: Site
) -> None:
    news = {cursor(41): [task_event(42)], cursor(42): [], cursor(43): []}
    site.twins[TWINS[USER]] = lambda after: (200, answer(cursor(42 + (after != cursor(41))), *news[after]))
    frames = site.streams[STREAM] = Queue()
    it = line(routed=False)
    it.pass_until(lambda: site.asked_for(STREAM), "it asks for a stream")
    assert (len(site.asked_for(TWINS[USER])), site.asked_for(STREAM)) == (3, [cursor(43)])
    frames.put(welcome(cursor(43)))
    frames.put(task_event(44))
    it.wait_positions(42, 44)
    assert it.state == "live"
    del site.streams[STREAM]
    frames.put({"type": "close", "code": 1012, "message": "Come back with the last id."})
    frames.put(None)
    news[cursor(44)] = []
    site.twins[TWINS[USER]] = lambda after: (200, answer(after, *news[after]))
    it.pass_until(lambda: it.state == "polling", "it polls")
    news[cursor(44)] = [task_event(46)]
    start = it.page.evaluate("Date.now()")
    it.pass_until(lambda: it.positions == [42, 44, 46], "the news of the next poll")
    assert 14_000 <= it.page.evaluate("Date.now()") - start <= 20_000
    assert it.state == "polling"
    assert site.asked_for(TWINS[USER])[0] == cursor(41)


def test_polling_reads_on_where_an_answer_ended_early(line: Callable[..., Line], site: Site) -> None:
    parts = {
        cursor(41): answer(cursor(42), task_event(42), more=True),
        cursor(42): answer(cursor(43), task_event(43), more=False),
    }
    site.twins[TWINS[USER]] = lambda after: (200, parts.get(after, answer(cursor(43))))
    it = line(routed=False)
    until(it.page, lambda: it.positions == [42, 43], "both parts, and no timer between them")
    assert site.asked_for(TWINS[USER]) == [*parts]


def test_polling_says_when_nobody_answers(line: Callable[..., Line], site: Site) -> None:
    site.twins[TWINS[USER]] = lambda after: (200, answer(cursor(41)))
    it = line(routed=False)
    it.pass_until(lambda: it.state == "polling", "it polls")
    site.twins[TWINS[USER]] = lambda after: (503, {})
    it.pass_until(lambda: it.state == "offline", "nobody answers")
    site.twins[TWINS[USER]] = lambda after: (200, answer(cursor(41)))
    it.pass_until(lambda: it.state == "polling", "somebody answers again")


def test_polling_tries_a_socket_now_and_then(line: Callable[..., Line], site: Site) -> None:
    site.twins[TWINS[USER]] = lambda after: (200, answer(cursor(41)))
    it = line(routed=False)
    it.pass_until(lambda: it.state == "polling", "it polls")
    # The network lets sockets through again. Playwright plays sockets of pages loaded later only.
    it.page.evaluate(
        """welcome => {
          window.tried = [];
          window.WebSocket = class {
            readyState = 1;
            constructor(url) {
              tried.push(url);
              // At once: a step of the clock is longer than the patience for a handshake.
              queueMicrotask(() => this.onmessage({data: JSON.stringify(welcome)}));
            }
            close() {}
          };
        }""",
        welcome(cursor(41)),
    )
    asked = len(site.asked_for(TWINS[USER]))
    it.pass_until(lambda: it.page.evaluate("tried.length"), "it tries a socket", step=15_000)
    assert 15 <= len(site.asked_for(TWINS[USER])) - asked <= 20
    assert it.state == "live"
