"""The document as JSON, and a page to read it. Both are for everybody: nothing of an installation stands in them."""

from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import URLPattern, get_script_prefix
from dmr.routing import Router, external_path

from api.document import document
from base.answers import reads


def routes(router: Callable[[], Router]) -> Sequence[URLPattern]:
    """Give their addresses, of a router that is whole by the time they are asked."""

    @reads
    def as_json(request: HttpRequest) -> HttpResponseBase:
        return JsonResponse(document(router(), get_script_prefix()))

    return [
        external_path("openapi.json", as_json, openapi=None, name="openapi"),
    ]
