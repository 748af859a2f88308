"""The pure modules: where a client stands, how long it waits, what it counts, and how it says so."""

import datetime as dt
import json
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page

from base.markdown import plain_excerpt
from base.templatetags.times import ago, clock_ago, day, moment
from inbox.listing import shortened
from inbox.row_events import EXCERPT
from orgs.names import short_name_of
from tasks.labels import tint
from tasks.templatetags.due import due_note
from tests.browser.pages.wire import task_event

pytestmark = pytest.mark.browser

Modules = Callable[..., Page]
NOW = dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC)


def test_cursors_are_read_and_written(modules: Modules) -> None:
    page = modules("live/cursor")
    again = page.evaluate("texts => texts.map(text => cursor.format(cursor.parse(text)))", [
        "1.41.ab12cd34", "1.41.ab12cd34,2.7.99aa00ff", "", "nonsense", "1.x.ab,2.7.99aa00ff", "1.41",
    ])  # fmt: skip
    assert again == ["1.41.ab12cd34", "1.41.ab12cd34,2.7.99aa00ff", "", "", "2.7.99aa00ff", ""]


def test_the_newer_place_of_each_organization_wins(modules: Modules) -> None:
    page = modules("live/cursor")
    newest = "([one, other]) => cursor.format(cursor.newest(cursor.parse(one), cursor.parse(other)))"
    assert page.evaluate(newest, ["1.9.aa,2.10.bb", "1.10.cc,2.9.dd,3.1.ee"]) == "1.10.cc,2.10.bb,3.1.ee"
    completed = "([one, other]) => cursor.format(cursor.completed(cursor.parse(one), cursor.parse(other)))"
    assert page.evaluate(completed, ["1.9.aa", "1.10.cc,3.1.ee"]) == "1.9.aa,3.1.ee"


@pytest.mark.parametrize(
    ("one", "other", "behind"),
    [
        ("1.5.aa", "1.5.aa", False),
        ("1.5.aa", "1.6.bb", True),
        ("1.6.bb", "1.5.aa", False),
        ("1.6.bb,2.1.cc", "1.5.aa,2.2.dd", True),
        ("1.6.bb", "2.1.cc", True),
        ("1.6.bb", "", False),
    ],
)
def test_being_behind_is_seen(modules: Modules, one: str, other: str, behind: bool) -> None:
    page = modules("live/cursor")
    is_behind = "([one, other]) => cursor.isBehind(cursor.parse(one), cursor.parse(other))"
    assert page.evaluate(is_behind, [one, other]) is behind


def test_a_frame_is_applied_dropped_or_shows_a_hole(modules: Modules) -> None:
    judged = modules("live/cursor").evaluate(
        "cases => cases.map(case_ => cursor.judge(...case_.map(position => position ?? undefined)))",
        [
            [41, 42, 41],
            [41, 41, 40],
            [41, 7, 6],
            [41, 43, 42],
            [41, 50, 41],
            [41, 50, None],
            [None, 9, 8],
            [45, 50, 41],
        ],
    )
    assert judged == ["apply", "drop", "drop", "hole", "apply", "apply", "apply", "apply"]


def test_waits_grow_within_their_bounds(modules: Modules) -> None:
    waits = modules("live/backoff").evaluate(
        "chances => chances.map(chance => [...Array(12).keys()].map(n => backoff.backoff(n, () => chance)))",
        [0, 0.5, 0.999999],
    )
    limits = [min(30_000, 500 * 2**n) for n in range(12)]
    assert waits[0] == [0] * 12
    assert waits[1] == [limit / 2 for limit in limits]
    assert all(wait < limit for wait, limit in zip(waits[2], limits, strict=True))
    assert max(waits[2]) > 29_999


def test_counts_are_the_same_in_whatever_order_frames_arrive(modules: Modules) -> None:
    cases = [history(random.Random(seed)) for seed in range(150)]
    counted = modules("live/unread").evaluate(
        """cases => JSON.parse(cases).map(({boot, frames}) => {
          let state = unread.rebase(unread.NOTHING, unread.countsOf(boot));
          for (const frame of frames) {
            const counts = unread.countsOf(frame);
            state = frame.type === "unread" ? unread.rebase(state, counts) : unread.count(state, frame);
          }
          return unread.totals(state);
        })""",
        json.dumps([{"boot": boot, "frames": frames} for boot, frames, _ in cases]),
    )
    for (_, _, truth), totals in zip(cases, counted, strict=True):
        assert totals == {"total": sum(truth.values()), "orgs": truth}


def history(chance: random.Random) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, int]]:
    """What a page starts with, all frames after it (shuffled, some twice), and what is unread in the end."""
    heads, unread = {"1": 0, "2": 0}, {"1": set[int](), "2": set[int]()}

    def counts(kind: str) -> dict[str, Any]:
        sizes = {org: len(positions) for org, positions in unread.items()}
        return {"type": kind, "unread": {"total": sum(sizes.values()), "orgs": sizes}, "at": dict(heads)}

    def append(org: str) -> dict[str, Any]:
        heads[org] += 1
        mine = chance.random() < 0.6
        if mine:
            unread[org].add(heads[org])
        mark = {"id": heads[org], "reason": "org", "unread": True, "state": "unread"} if mine else None
        return task_event(heads[org], int(org), notification=mark)

    for _ in range(chance.randint(0, 5)):
        append(chance.choice("12"))
    boot, frames = counts("boot"), []
    for _ in range(chance.randint(0, 12)):
        org = chance.choice("12")
        frames.append(append(org))
        if unread[org] and chance.random() < 0.4:
            unread[org] -= set(chance.sample(sorted(unread[org]), chance.randint(1, len(unread[org]))))
            frames.append(counts("unread"))
    frames += chance.sample(frames, len(frames) // 3)
    chance.shuffle(frames)
    return boot, frames, {org: len(positions) for org, positions in unread.items()}


def test_an_act_counts_at_once_and_only_once(modules: Modules) -> None:
    shown = modules("live/unread").evaluate(
        """() => {
          const counts = (n, revision) => unread.countsOf({unread: {orgs: {1: n}}, at: {1: 10}, revision});
          const shown = [];
          let state = unread.rebase(unread.NOTHING, counts(9, 5));
          const show = next => shown.push(unread.totals(state = next).total);
          show(unread.guess(state, "a 1", "1", -3));
          show(unread.settle(state, "a 1", 6));
          show(unread.rebase(state, counts(9, 5)));
          show(unread.rebase(state, counts(6, 6)));
          show(unread.guess(state, "b 1", "1", -1));
          show(unread.settle(state, "b 1", null));
          show(unread.guess(state, "c 1", "1", 2));
          show(unread.settle(state, "c 1", 7));
          show(unread.rebase(state, counts(8, 7)));
          return shown;
        }"""
    )
    assert shown == [6, 6, 6, 6, 5, 6, 8, 8, 8]


def test_two_marks_at_one_instant_leave_the_counts_of_the_newer(modules: Modules) -> None:
    totals = modules("live/unread").evaluate(
        """() => {
          const counts = (n, revision) => unread.countsOf({unread: {orgs: {1: n}}, at: {1: 10}, revision});
          const told = [counts(4, 6), counts(3, 7), counts(9, undefined)];
          const after = order => order.reduce((state, i) => unread.rebase(state, told[i]),
                                              unread.rebase(unread.NOTHING, counts(5, 5)));
          return [[0, 1], [1, 0], [1, 0, 1], [1, 2]].map(order => unread.totals(after(order)).total);
        }"""
    )
    assert totals == [3, 3, 3, 9]  # a server of before an update tells no revision


def test_more_than_999_stay_so_until_the_server_counts_fewer(modules: Modules) -> None:
    totals = modules("live/unread").evaluate(
        """() => {
          const counts = (n, revision) => unread.countsOf({unread: {orgs: {1: n, 2: 4}}, at: {1: 10, 2: 1}, revision});
          const shown = [];
          let state = unread.rebase(unread.NOTHING, counts(1000, 5));
          const show = next => {
            const { total, orgs } = unread.totals(state = next);
            shown.push([total > 999, orgs[1]]);
          };
          show(state);
          show(unread.guess(state, "7", "1", -1));
          show(unread.guess(state, "8", "2", -1));
          show(unread.count(state, {org_id: 1, position: 11, notification: {unread: true}}));
          show(unread.settle(unread.settle(unread.rebase(state, counts(998, 6)), "7", 6), "8", 6));
          return shown;
        }"""
    )
    assert totals == [[True, 1000]] * 4 + [[True, 999]]


def test_an_organization_that_was_left_no_longer_counts(modules: Modules) -> None:
    totals = modules("live/unread").evaluate(
        """() => {
          const boot = {unread: {orgs: {1: 3, 2: 4}}, at: {1: 10, 2: 5}};
          return unread.totals(unread.only(unread.rebase(unread.NOTHING, unread.countsOf(boot)), ["1"]));
        }"""
    )
    assert totals == {"total": 3, "orgs": {"1": 3}}


def test_counts_are_read_from_every_frame_that_has_them(modules: Modules) -> None:
    counts = modules("live/unread").evaluate(
        "frames => frames.map(unread.countsOf)",
        [
            {"unread": {"total": 3, "orgs": {"1": 3}}, "at": {"1": 9}, "revision": 5},
            {
                "unread": 3,
                "orgs": [{"id": 1, "slug": "acme", "name": "Acme", "unread": 3}],
                "at": {"1": 9},
                "revision": 5,
            },
            {"unread": 3, "orgs": {"1": 3}, "at": {"1": 9}, "revision": 5},
        ],
    )
    assert counts == [{"orgs": {"1": 3}, "at": {"1": 9}, "revision": 5}] * 3


def test_the_chip_says_how_live_the_page_is(modules: Modules) -> None:
    since = int(dt.datetime(2026, 11, 22, 10, 2, tzinfo=dt.UTC).timestamp() * 1000)
    names = ["live", "polling", "catching", "offline", "connecting", "stopped", "signed-out"]
    words = modules("parts/connection_chip").evaluate(
        "([names, since]) => names.map(name => connection_chip.words({name, left: 7, since}))", [names, since]
    )
    assert words == [
        "Live",
        "Live, by polling",
        "Catching up (7)",
        "Offline since 10:02",
        "Connecting",
        "Not live: reload the page",
        "Signed out",
    ]


def test_the_chip_shows_the_worse_of_two_addresses(modules: Modules) -> None:
    worst = modules("parts/connection_chip").evaluate(
        "pairs => pairs.map(names => connection_chip.worst(names.map(name => ({name, left: 2, since: 0}))))",
        [["live", "catching"], ["offline", "live"], ["connecting", "polling"], ["catching", "catching"]],
    )
    assert [(state["name"], state["left"]) for state in worst] == [
        ("catching", 4), ("offline", 4), ("connecting", 4), ("catching", 4),
    ]  # fmt: skip


def test_counts_stop_at_999(modules: Modules) -> None:
    page = modules("parts/bell")
    assert page.evaluate("[0, 7, 999, 1000, 5000].map(bell.capped)") == ["0", "7", "999", "999+", "999+"]
    titles = [["(3) Inbox", 4], ["Inbox", 1], ["(999+) Inbox", 0], ["(3) Inbox", 1200], ["(draft) Plan", 2]]
    assert page.evaluate("titles => titles.map(([title, n]) => bell.titled(title, n))", titles) == [
        "(4) Inbox", "(1) Inbox", "Inbox", "(999+) Inbox", "(2) (draft) Plan",
    ]  # fmt: skip


def test_times_read_as_the_server_writes_them(modules: Modules) -> None:
    steps = [30, 60, 150, 3540, 3600, 7200, 18 * 3600, 19 * 3600, 86400 * 5, 86400 * 330]
    moments = [NOW - dt.timedelta(seconds=seconds) for seconds in steps]
    page = modules("parts/times")
    for name, words in [("ago", ago), ("clockAgo", clock_ago)]:
        said = page.evaluate(
            "([name, now, moments]) => moments.map(text => times[name](new Date(text), new Date(now)))",
            [name, NOW.isoformat(), [moment.isoformat() for moment in moments]],
        )
        assert said == [words(moment, NOW) for moment in moments]
    this_year = dt.datetime.now(dt.UTC).replace(month=3, day=1, hour=9, minute=5)
    assert page.evaluate("text => times.moment(new Date(text))", this_year.isoformat()) == moment(this_year)


@pytest.mark.parametrize("status", ["open", "in_progress", "done"])
def test_due_dates_read_as_the_server_writes_them(modules: Modules, status: str) -> None:
    today = dt.datetime.now(dt.UTC).date()
    dates = [today + dt.timedelta(days=days) for days in (-400, -1, 0, 1, 2, 400)]
    said = modules("parts/times").evaluate(
        "([dates, status]) => dates.map(iso => [times.day(times.dateOf(iso)), times.dueNote(iso, status)])",
        [[date.isoformat() for date in dates], status],
    )
    assert said == [[day(date), due_note(date, status)] for date in dates]


def test_a_clock_that_is_behind_says_just_now(modules: Modules) -> None:
    later = (NOW + dt.timedelta(minutes=5)).isoformat()
    said = modules("parts/times").evaluate(
        "([a, b]) => times.ago(new Date(a), new Date(b))", [later, NOW.isoformat()]
    )
    assert said == "just now"


def test_random_histories_are_worth_testing() -> None:
    """They do contain late counts: an older `unread` frame after a newer one."""
    late = [
        older
        for seed in range(150)
        for older, newer in pairwise(
            [frame["at"]["1"] for frame in history(random.Random(seed))[1] if frame["type"] == "unread"]
        )
        if older > newer
    ]
    assert len(late) > 20


def test_a_label_has_the_colour_that_the_server_gives_it(modules: Modules) -> None:
    labels = ["mail", "security", "tür", "🚪", "a b", "x" * 30]
    assert modules("parts/labels").evaluate("words => words.map(labels.tint)", labels) == [*map(tint, labels)]


def test_a_short_name_is_the_one_that_the_server_derives(modules: Modules) -> None:
    names = ["Acme", "Bell & Söhne", "  Old__Mill  ", "鐘", "-- x --", "É" * 60, "A.B.C. 1999", ""]
    derived = modules("parts/short_name").evaluate("names => names.map(short_name.shortName)", names)
    assert derived == [*map(short_name_of, names)]


@pytest.mark.parametrize(
    "text",
    [
        "**Look** at [this](http://a.b) `x`",
        "- a\n- b\n\n> c\n\n```\nd\n```\n1. e",
        "> > deep\n> more\n\ncut **off",
        "`a_b_c`, `**kw`, snake_case_name, 2 * 3 * 4, <b>bold</b>",
        "_a_ *b* ~~c~~ **_d_** ***e*** **[f](http://x.y)** <https://a.b/c> \\*no\\* (*g*)",
        "[x](javascript:alert) one\n\ntwo @bob ACME-1",
        "𝒳" * 141,
        "",
    ],
)
def test_a_comment_begins_as_the_server_says_it(modules: Modules, text: str) -> None:
    said = modules("parts/excerpt").evaluate("text => excerpt.excerptOf(text)", text)
    assert said == shortened(plain_excerpt(text[: EXCERPT + 1]))


def test_an_act_can_be_undone_after_the_page_was_read_again(modules: Modules) -> None:
    """The thread is there again at once, and its list knows where it stood."""
    found = modules("live/thread_list").evaluate("""() => {
      const query = {states: ["unread", "read"], orgs: [], not_orgs: [], text: false};
      const row = (stream, event) => ({stream, org: 1, event, unread: 1, count: 1, woken: 0});
      const page = (revision, ...rows) => ({query, revision, whole: true, rows});
      let list = thread_list.listed(page(1, row("b", 8), row("a", 7)));
      list = thread_list.pressed(list, {id: "x", act: "done", threads: {b: 8}});
      list = thread_list.answered(list, "x", {revision: 2, mark: 2});
      list = thread_list.closed(list, ["b"]);
      list = thread_list.taken(list, page(2, row("a", 7)));
      const left = thread_list.wanted(list);
      const streams = [...list.acts.find(act => act.mark === 2)?.before.keys() ?? []];
      return [left, streams, thread_list.wanted(thread_list.undone(list, 2))];
    }""")
    assert found == [["a"], ["b"], ["b", "a"]]


def test_a_form_is_posted_with_today_s_token_and_without_its_own(modules: Modules) -> None:
    page = modules("parts/posting")
    sent = page.evaluate(
        """() => {
            document.cookie = "csrftoken=today";
            const form = new FormData();
            form.append("csrfmiddlewaretoken", "of an older sign-in");
            form.append("text", "x");
            window.fetch = (url, options) => ({ token: options.headers["X-CSRFToken"], body: [...options.body] });
            return posting.post("/", form);
        }"""
    )
    assert sent == {"token": "today", "body": [["text", "x"]]}
