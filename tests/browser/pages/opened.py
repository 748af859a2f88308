"""An open page of the product, and the server's end of its sockets."""

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.pages.site import Site
from tests.browser.pages.wire import ACME, USER, Wire, cursor, task_event, welcome


class Open:
    def __init__(self, context: BrowserContext, site: Site, html: str, at: int = 41) -> None:
        self.user, self.acme = Wire(context, USER), Wire(context, ACME)
        self.user.greeting = self.acme.greeting = welcome(cursor(at))
        site.pages["/page/"] = html
        self.page = context.new_page()

    def go(self) -> Page:
        self.page.goto("/page/")
        self.page.evaluate(
            """() => {
              window.wished = [];
              navigation.onnavigate = event => { wished.push(event.destination.url) };
            }"""
        )
        expect(self.page.locator(".state")).to_have_attribute("data-state", "live")
        return self.page

    @property
    def wished(self) -> list[str]:
        """Where the page asked to go, at the moment it asked."""
        return [urlsplit(url).path for url in self.page.evaluate("wished")]


def now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()


def note(position: int, org: int = 1, **changes: Any) -> dict[str, Any]:
    """A frame of a moment ago with a sentence of its own."""
    frame = task_event(position, org, created_at=now(), sentence=f"Alice did number {position}")
    return frame | changes


def unread_frame(count: int, at: int, **change: Any) -> dict[str, Any]:
    counts = {"unread": {"total": count, "orgs": {"1": count}}, "at": {"1": at}}
    return {"type": "unread", "read": None} | counts | change
