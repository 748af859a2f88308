"""What we post to strangers, and what leads back to us by whatever name, number or proxy, is refused before anything
else is looked at. No address can tell all the ways in which it may lead here; what arrives can."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from base.problems import told_early
from outbound.to_strangers import MARK

WORDS = (
    "This address leads to Carillon itself, which takes no webhooks and no pushes. Choose another server's."
)


def refused(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    def answer(request: HttpRequest) -> HttpResponseBase:
        if MARK not in request.headers:
            return get_response(request)
        content_type, body = told_early(request.path, 403, "own_post", WORDS)
        return HttpResponse(body, status=403, content_type=content_type.decode())

    return answer
