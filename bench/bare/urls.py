"""The product's addresses, and the bare view's."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls
from config.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", headers={"Content-Length": "2"})  # a middleware's part, elsewhere


urlpatterns = [*urls.urlpatterns, path("bare/", bare), path("bare/alone/", bare)]
