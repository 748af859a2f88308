"""Whether an answer is for a program or for a person, and where a person goes on."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.request import MediaType
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

P = ParamSpec("P")
READING = ("GET", "HEAD", "OPTIONS")

# Of each, the most specific that Accept names counts.
JSON = (("application/json", "application/problem+json"), ("application/*",), ("*/*",))
PAGE = (("text/html", "application/xhtml+xml"), ("text/*",), ("*/*",))


def is_for_programs(path: str) -> bool:
    """Say whether an address, without PATH_PREFIX, is one that programs ask: then every answer is JSON."""
    return f"{path}/".startswith("/api/")


def wants_json(request: HttpRequest) -> bool:
    """Say whether the answer is JSON: by the address, or by Accept, of which what is liked best counts, and of two that
    are liked alike the one that is named first."""
    if is_for_programs(request.path_info):
        return True
    named = _accepted(request)
    return _liked(named, JSON) > _liked(named, PAGE)


def takes_json(request: HttpRequest) -> bool:
    """Say whether Accept, where there is one, leaves room for JSON: a browser's does too, which asks for pages."""
    named = _accepted(request)
    return not request.headers.get("Accept", "").strip() or any(
        _liked(named, kind)[0] for kind in (JSON, PAGE)
    )


def _accepted(request: HttpRequest) -> dict[str, tuple[float, int]]:
    """Read how well each type is liked, and how early it is named; of its parameters, q alone is read."""
    named: dict[str, tuple[float, int]] = {}
    for place, text in enumerate(request.headers.get("Accept", "").lower().split(",")):
        media = MediaType(text)
        named.setdefault(f"{media.main_type}/{media.sub_type}", (media.quality, -place))
    return named


def _liked(named: dict[str, tuple[float, int]], kinds: Sequence[Sequence[str]]) -> tuple[float, int]:
    """Say how well one is liked, and how early it is named; nothing at all for what is not named."""
    for alike in kinds:
        if found := [named[kind] for kind in alike if kind in named]:
            return max(found)
    return (0, 0)


def way_on(request: HttpRequest, otherwise: str) -> str:
    """Find where a form leads: the path that it names as `next`, never another site."""
    url = request.POST.get("next", "")
    is_ours = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if is_ours else otherwise


def reads(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let an address be read only. OPTIONS says so, to whoever asks; every other method is 405."""

    @wraps(view)
    def reading(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": ", ".join(READING)})
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        return view(request, *args, **kwargs)

    return reading
