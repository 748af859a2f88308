"""Days and times of pages are the reader's: the browser tells its time zone by a cookie
(`static/js/parts/time_zone.js`). Without one, and in the administration, they are UTC."""

import zoneinfo
from collections.abc import Callable
from functools import cache

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

COOKIE = "timezone"


def reader_zone(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    def answer(request: HttpRequest) -> HttpResponseBase:
        name = request.COOKIES.get(COOKIE, "")
        if name not in _names() or request.path_info.startswith("/admin/"):
            return get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return get_response(request)

    return answer


@cache
def _names() -> set[str]:
    """List those that are looked up, and no other: a name is a path of a file."""
    return zoneinfo.available_timezones()
