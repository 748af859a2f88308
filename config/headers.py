"""The headers that guard a browser, on every answer."""

from collections.abc import Awaitable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware


class GuardMiddleware(SecurityMiddleware):
    """Django's own, which asks nothing that could block: it needs no threads, of which Django would give it two for
    each request."""

    async def __acall__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse | None = self.process_request(request)
        if response is None:
            response = await cast("Awaitable[HttpResponse]", self.get_response(request))
        return self.process_response(request, response)
