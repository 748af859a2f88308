"""Whether an answer is for a program or for a person, and where a person goes on."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.request import MediaType
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

P = ParamSpec("P")
READING = ("GET", "HEAD", "OPTIONS")

# What Accept may name, and whether that is JSON. Who takes anything gets the page.
KINDS = {
    "application/json": True,
    "application/problem+json": True,
    "application/*": True,
    "text/html": False,
    "application/xhtml+xml": False,
    "text/*": False,
    "*/*": False,
}


def wants_json(request: HttpRequest) -> bool:
    """Say whether the answer is JSON: by the address, or by Accept, of which what is liked best counts, and of two that
    are liked alike the one that is named first."""
    if f"{request.path_info}/".startswith("/api/"):
        return True
    named = enumerate(MediaType(text) for text in request.headers.get("Accept", "").lower().split(","))
    known = [
        (-media.quality, place, KINDS[kind])
        for place, media in named
        if (kind := f"{media.main_type}/{media.sub_type}") in KINDS and media.quality
    ]
    return min(known, default=(0, 0, False))[2]


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
