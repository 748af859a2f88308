"""Compresses pages and JSON where their length tells nobody anything (decision 44).

Whoever watches the network sees how long an answer is. A text of their choice that is shown beside somebody's secrets
makes it shorter where both are alike; so no answer is compressed that another site may have chosen a text for.
"""

from collections.abc import Callable
from gzip import GzipFile
from io import BytesIO
from secrets import randbelow

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from config.static_answers import accepts_gzip

KINDS = ("text/html", "application/json")
LEAST = 1024  # bytes
LEVEL = 3
PADDING = 100  # bytes at most


class CompressionMiddleware:
    """Stands outside all that makes or changes an answer, in the thread that made it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and _is_worth_it(response) and is_chosen_by_us(request):
            patch_vary_headers(response, ["Accept-Encoding"])
            if accepts_gzip(request):
                _compress(response)
        return response


def is_chosen_by_us(request: HttpRequest) -> bool:
    """Say whether nobody else can have put a text into the answer: it has none from a form or an address, or a browser
    says that one of our own pages asked, or it came with a token, which no site can make a browser send."""
    return request.method in ("GET", "HEAD") and (
        not request.META.get("QUERY_STRING")
        or request.headers.get("Sec-Fetch-Site") == "same-origin"
        or getattr(request, "token", None) is not None
    )


def _is_worth_it(response: HttpResponse) -> bool:
    kind = response.get("Content-Type", "").partition(";")[0]
    return kind in KINDS and len(response.content) >= LEAST and not response.has_header("Content-Encoding")


def _compress(response: HttpResponse) -> None:
    packed = BytesIO()
    # A name of random length in the head of it: what is alike in two answers is not seen in their lengths at once.
    with GzipFile("a" * randbelow(PADDING), "wb", LEVEL, packed, mtime=0) as file:
        file.write(response.content)
    response.content = packed.getvalue()
    response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(response.content))
