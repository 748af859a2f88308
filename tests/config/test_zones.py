"""Days and times are the reader's, as far as the browser told; and UTC where a page says UTC."""

import datetime as dt
import re

import pytest
from django.http import HttpResponse
from django.utils import timezone

from config.zones import COOKIE, reader_zone
from tests.tasks.acme import new_task, signed_in

AUCKLAND = "Pacific/Auckland"
NOW = dt.datetime(2026, 11, 21, 12, 30, tzinfo=dt.UTC)  # the 22nd, 01:30, in Auckland


def zone_of(rf, cookie, path="/inbox/"):
    request = rf.get(path)
    request.COOKIES[COOKIE] = cookie
    answer = reader_zone(lambda _: HttpResponse(timezone.get_current_timezone_name()))(request)
    assert timezone.get_current_timezone_name() == "UTC"
    return answer.content.decode()


def test_a_page_is_made_in_the_zone_that_the_browser_told(rf):
    assert zone_of(rf, AUCKLAND) == AUCKLAND
    assert zone_of(rf, "Asia/Kathmandu") == "Asia/Kathmandu"


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "Mars/Olympus",
        "../../etc/passwd",
        "/etc/localtime",
        f"{AUCKLAND}\x00",
        "a" * 9000,
        "pacific/auckland",
    ],
)
def test_a_zone_that_nobody_lives_in_is_utc(rf, cookie):
    assert zone_of(rf, cookie) == "UTC"


def test_the_administration_says_utc_and_is_in_utc(rf):
    assert zone_of(rf, AUCKLAND, "/admin/events/taskevent/") == "UTC"


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def read(self, acme, monkeypatch):
        """What Bob reads at an address, in a zone."""
        monkeypatch.setattr(timezone, "now", lambda: NOW)
        new_task(acme, actor=acme.alice, due_date=dt.date(2026, 11, 22))
        client = signed_in(acme.bob)

        def read(path, zone):
            client.cookies[COOKIE] = zone
            return client.get(path).content.decode()

        return read

    def test_name_the_reader_s_day(self, read, monkeypatch):
        monkeypatch.setattr(timezone, "now", lambda: NOW + dt.timedelta(hours=12))
        for zone, day, clock in [(AUCKLAND, "Today", "01:30"), ("UTC", "Yesterday", "12:30")]:
            page = read("/inbox/", zone)
            assert re.search(rf'data-day="{day}">\s*<\w', page), zone
            assert f">{clock}</time>" in page

    @pytest.mark.parametrize("path", ["/orgs/acme/tasks/", "/orgs/acme/tasks/1/"])
    def test_say_today_when_it_is_today_there(self, read, path):
        notes = [re.findall(r'data-note="(\w+)"', read(path, zone))[0] for zone in (AUCKLAND, "UTC")]
        assert notes == ["today", "tomorrow"]

    def test_say_utc_of_what_is_utc(self, read):
        (value,) = re.findall(
            r'type="datetime-local".*?value="([^"]+)"',
            read("/orgs/acme/tasks/1/?version=1", AUCKLAND),
            re.DOTALL,
        )
        assert value == "2026-11-21T12:30"
        page = read("/orgs/acme/tasks/1/?at=2026-11-21T13:00", AUCKLAND)
        assert re.search(r"You asked for 21 Nov 2026, 13:00\s+UTC", page)
        assert "created it on 21 Nov 2026, 12:30:00 UTC" in read(
            "/orgs/acme/tasks/1/?at=2026-01-01", AUCKLAND
        )
