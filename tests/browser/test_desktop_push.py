"""Desktop notifications from a click to a click: Chromium shows what a push brings, where no page is in view.

Its push service is out of a test's reach: what it would give is made up, and pushes come by the browser's own debugger.
"""

import json
import re
import time

import pytest
from playwright.sync_api import Page, expect

from inbox.models import Notification
from outbound.models import PushSubscription
from outbound.push import services
from tests.browser.pages.wire import until
from tests.chromium import find
from tests.outbound.push_service import Browser
from tests.tasks.acme import assign, new_task

ENDPOINT = "https://push.example/bob"
MADE_UP = """
const given = {endpoint: %s, keys: %s};
const made = {endpoint: given.endpoint, toJSON: () => given, unsubscribe: async () => localStorage.removeItem("made")};
PushManager.prototype.subscribe = async () => { localStorage.setItem("made", "1"); return made };
PushManager.prototype.getSubscription = async () => localStorage.getItem("made") ? made : null;
"""
SHOWN = """async () => {
    const here = await navigator.serviceWorker.getRegistration("/");
    return (await here.getNotifications()).map(each => each.title).sort();
}"""
CLICKED = """async () => {
    const [notification] = await registration.getNotifications();
    self.dispatchEvent(new NotificationEvent("notificationclick", {notification}));
}"""
WORKS = "async () => Boolean(await navigator.serviceWorker.getRegistration('/'))"

PUSH_IS_OFF = """async () => {
    const { keepDesktop } = await import(document.querySelector("link[href$='parts/desktop.js']").href);
    keepDesktop({push: false});
}"""


class Pushes:
    """What the browser's push service does: wakes the worker with a message."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._origin = re.match(r"https?://[^/]+", page.url)[0]  # type: ignore[index]
        self._debugger = page.context.new_cdp_session(page)
        self._registrations: list[dict] = []
        updated = "ServiceWorker.workerRegistrationUpdated"
        self._debugger.on(updated, lambda told: self._registrations.extend(told["registrations"]))
        self._debugger.send("ServiceWorker.enable")
        until(page, lambda: bool(self._registrations), "the worker is registered")

    def show(self, titles: list[str], *news: dict) -> None:
        """Bring them until these are what is shown: a worker that is just replaced by another drops a message."""
        again_at = 0.0

        def shown() -> bool:
            nonlocal again_at
            if time.monotonic() > again_at:
                again_at = time.monotonic() + 3
                for each in news:
                    self._bring(**each)
            return self._page.evaluate(SHOWN) == titles

        until(self._page, shown, f"shown: {titles}")

    def _bring(self, **news: object) -> None:
        self._debugger.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": self._origin,
                "registrationId": self._registrations[-1]["registrationId"],
                "data": json.dumps({"tag": "t", "title": "", "body": "", **news}),
            },
        )


@pytest.fixture(scope="session")
def program() -> str | None:
    """The headless shell has no pushes."""
    return find()


@pytest.fixture
def bobs(acme, sign_in) -> Page:
    page = sign_in(acme.bob, permissions=["notifications"])
    given = Browser().given(ENDPOINT)
    keys = json.dumps({"p256dh": given.p256dh, "auth": given.auth})
    page.add_init_script(MADE_UP % (json.dumps(ENDPOINT), keys))
    return page


def test_from_the_click_that_asks_to_the_click_that_opens(acme, bobs, watch):
    task = new_task(acme, actor=acme.alice)
    first = assign(task, acme.bob, actor=acme.alice)
    second = assign(new_task(acme, actor=acme.alice), acme.bob, actor=acme.alice)
    bobs.goto("/preferences/")
    bobs.get_by_role("button", name="Turn on in this browser").click()
    expect(bobs.locator("#desktop-here")).to_contain_text("On in this browser.")
    expect(bobs.locator("#desktop-browsers")).to_contain_text("(this one)")
    assert [each.endpoint for each in services.subscriptions_of(acme.bob)] == [ENDPOINT]

    watch.expect("403.*/admin/")
    pushes = Pushes(bobs)
    in_view = {"tag": "seen", "title": "In view", "event": first.pk, "events": [first.pk]}
    pushes.show(["Tried"], in_view, {"tag": "trial", "title": "Tried", "always": True})

    bobs.goto("/admin/")  # in view, but it tells of no news
    one = {"tag": "one", "title": "One", "event": first.pk, "events": [first.pk]}
    two = {"tag": "two", "title": "Two", "event": second.pk, "events": [second.pk]}
    pushes.show(["One", "Tried", "Two"], one, two)
    pushes.show(
        ["Tried", "Two again"], two | {"title": "Two again", "read": [first.pk]}
    )  # what was read is withdrawn

    bobs.goto(f"/inbox/{second.pk}/")
    until(bobs, lambda: bobs.evaluate(SHOWN) == ["Tried"], "a page withdraws what is read on it")

    worker = bobs.context.service_workers[0]
    worker.evaluate("async () => { for (const each of await registration.getNotifications()) each.close() }")
    bobs.goto("/admin/")
    pushes.show(["One"], one)
    bobs.goto("/orgs/acme/tasks/")
    worker.evaluate(CLICKED)
    bobs.wait_for_url("**/orgs/acme/tasks/1/**")
    assert not Notification.objects.filter(recipient=acme.bob, event=first, state=0).exists()

    PushSubscription.objects.all().delete()
    bobs.goto("/preferences/")
    expect(bobs.locator("#desktop-here")).to_contain_text("Off in this browser.")
    bobs.evaluate(PUSH_IS_OFF)
    until(bobs, lambda: not bobs.evaluate(WORKS), "where push is off there is no worker")
