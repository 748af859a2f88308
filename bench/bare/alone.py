"""Answers `/bare/alone/` before the product's middleware, as a Django without any would."""

from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings


class AloneMiddleware:
    sync_capable = False
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponse]]) -> None:
        self.get_response = get_response
        self.alone = BaseHandler()
        with override_settings(MIDDLEWARE=[]):
            self.alone.load_middleware(is_async=True)
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/bare/alone/":
            return await self.alone.get_response_async(request)
        return await self.get_response(request)
